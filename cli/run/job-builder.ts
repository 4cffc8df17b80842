// From a notebook's cell to a job that can be submitted, in two steps: the cell is compiled, which tells
// whether there is anything new to run, and its program is run, which makes the plan.

import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { systemClock } from '../../engine/core/system-clock.ts';
import { systemRandom } from '../../engine/core/system-random.ts';
import type { ProgramRunner } from '../../engine/entrypoint/program-runner.ts';
import type { StreamGraph } from '../../engine/graph/stream-graph.ts';
import { type Bundle, encodeBundle } from '../../engine/program/bundle.ts';
import { encodePlan } from '../../engine/program/plan.ts';
import type { CellBundler } from '../compiler/bundle-cell.ts';
import { type Diagnostic, withText } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import { runOptions } from './cell-options.ts';

export interface CompiledCell {
  readonly notebook: Notebook;
  readonly index: number;
  readonly bundle: Bundle;
  /** Equal where the same code would run in the same way, wherever it stands in the file. */
  readonly fingerprint: string;
  /** Files beside the notebook that went into it, absolute. */
  readonly files: readonly string[];
  readonly compileMs: number;
}

export interface BuiltJob {
  readonly cell: number;
  readonly graph: StreamGraph;
  readonly bundle: Uint8Array;
  readonly plan: Uint8Array;
  readonly blobs: readonly Uint8Array[];
  /** For this run, over what the program sets. */
  readonly configuration: Readonly<Record<string, string>>;
}

interface Failed {
  readonly status: 'failed';
  readonly errors: readonly Diagnostic[];
}

export type Compiled = { readonly status: 'compiled'; readonly cell: CompiledCell } | Failed;

export type Built =
  | { readonly status: 'built'; readonly job: BuiltJob }
  /** No sink, no stream to show: what others refer to. */
  | { readonly status: 'library' }
  | Failed;

export interface BuildSettings {
  readonly parameters: Readonly<Record<string, string>>;
  /** What the command line says: it wins over the options of notebook and cell. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Somebody looks on: a replay goes at the pace that the notebook says. */
  readonly isShown: boolean;
}

export class JobBuilder {
  readonly #bundler: CellBundler;
  readonly #programs: ProgramRunner;
  readonly #settings: BuildSettings;

  constructor(bundler: CellBundler, programs: ProgramRunner, settings: BuildSettings) {
    this.#bundler = bundler;
    this.#programs = programs;
    this.#settings = settings;
  }

  /** Rejects only when the compiler itself breaks down. */
  async compile(notebook: Notebook, index: number): Promise<Compiled> {
    const started = systemClock.monotonic();
    const compilation = await this.#bundler.bundle(notebook, index);
    if (compilation.status === 'failed') return compilation;
    const { bundle, files } = compilation;
    const compileMs = systemClock.monotonic() - started;
    const fingerprint = fingerprintOf(bundle);
    return {
      status: 'compiled',
      cell: { notebook, index, bundle, fingerprint, files, compileMs },
    };
  }

  /** Rejects when the program does not come to an end, or with the signal's reason. */
  async plan({ notebook, index, bundle }: CompiledCell, signal?: AbortSignal): Promise<Built> {
    const surroundings = {
      ...this.#said(notebook, index),
      environment: this.#settings.environment,
      nowMs: systemClock.now(),
      seed: systemRandom.u32(),
    };
    const directory = dirname(notebook.path);
    const result = await this.#programs.run({ bundle, surroundings, directory }, signal);
    if (result.status === 'failed')
      return { status: 'failed', errors: [placed(result.diagnostic, notebook, index)] };
    const { graph, hash, blobs } = result;
    if (graph.nodes.length === 0) return { status: 'library' };
    const job = {
      cell: index,
      graph,
      bundle: encodeBundle(bundle),
      plan: encodePlan({ graph, hash, surroundings }),
      blobs: [...blobs.values()],
      configuration: surroundings.configuration,
    };
    return { status: 'built', job };
  }

  /** The command line wins over what notebook and cell say. */
  #said(notebook: Notebook, index: number): Pick<BuildSettings, 'parameters' | 'configuration'> {
    const { parameters, configuration, isShown } = this.#settings;
    const cell = notebook.cells[index];
    if (cell === undefined) return { parameters, configuration };
    const options = runOptions(notebook, cell);
    const pace = isShown && options.speed !== undefined ? { speed: options.speed } : {};
    return {
      parameters: { ...pace, ...parameters },
      configuration: { ...options.configuration, ...configuration },
    };
  }
}

/** What has no place of its own, because it was no Error that was thrown, is told of its cell. */
function placed(diagnostic: Diagnostic, notebook: Notebook, index: number): Diagnostic {
  const cell = notebook.cells[index];
  if (diagnostic.line !== undefined || cell === undefined) return withText(diagnostic, notebook);
  const message = `cell "${cell.title}": ${diagnostic.message}`;
  return { ...diagnostic, message, line: cell.firstLine };
}

/** Code that has only moved, or whose cell has another number now, is the same. */
function fingerprintOf({ code, cell, cells }: Bundle): string {
  const options = cells.map((one) => [one.title, one.options]);
  const text = code.replace(/__cell\(\d+\)/g, '__cell()');
  return createHash('sha256')
    .update(JSON.stringify([cell.title, options, text]))
    .digest('hex');
}

/** This process's own, as programs see it. */
export function ownEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
