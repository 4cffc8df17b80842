// Notebooks as text, compiled and evaluated: what tests of programs begin with.

import { afterAll } from 'vitest';
import { CellBundler } from '../../cli/compiler/bundle-cell.ts';
import type { Diagnostic } from '../../cli/compiler/diagnostics.ts';
import { NotebookParser } from '../../cli/compiler/parse-notebook.ts';
import type { Surroundings } from '../../engine/core/surroundings.ts';
import type { Bundle } from '../../engine/program/bundle.ts';
import { evaluate } from '../../engine/program/evaluate.ts';
import type { EvaluationMode, Program } from '../../engine/program/program.ts';
import { surroundings } from './surroundings.ts';
import { tinyModules } from './tiny-api.ts';

export { surroundings };

const bundler = new CellBundler();

/** Ends the bundler of a test file when its tests are done. */
export const stopBundlerAfterTests = (): void => afterAll(() => bundler.stop());

export interface Compiled {
  readonly bundle: Bundle;
  readonly warnings: readonly Diagnostic[];
  readonly files: readonly string[];
}

/** The cell of this title, or the last one. */
export async function compile(
  text: string,
  title?: string,
  path = '/books/flights.ts',
): Promise<Compiled> {
  const result = await tryToCompile(text, title, path);
  if (result.status === 'failed') throw new Error(JSON.stringify(result.errors, undefined, 1));
  return result;
}

export async function tryToCompile(text: string, title?: string, path = '/books/flights.ts') {
  const notebook = new NotebookParser().parse(path, text);
  const index = notebook.cells.findLastIndex((cell) => title === undefined || cell.title === title);
  return bundler.bundle(notebook, index);
}

export async function errorsOf(
  text: string,
  title?: string,
  path?: string,
): Promise<readonly Diagnostic[]> {
  const result = await tryToCompile(text, title, path);
  return result.status === 'failed' ? result.errors : [];
}

export async function programOf(
  text: string,
  options: { title?: string; mode?: EvaluationMode; path?: string } & Partial<Surroundings> = {},
): Promise<Program> {
  const { title, mode = 'program', path, ...given } = options;
  const { bundle } = await compile(text, title, path);
  return evaluate(bundle, mode, { ...surroundings, ...given }, tinyModules);
}

/** What the last expression of the cell comes to. */
export async function resultOf(
  text: string,
  options: Parameters<typeof programOf>[1] = {},
): Promise<unknown> {
  return (await programOf(text, options)).result;
}
