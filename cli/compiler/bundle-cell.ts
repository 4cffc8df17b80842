// From a cell to its bundle: the cell, and what it needs of those above, as modules that esbuild links into
// one script. Contract of the result: engine/program/bundle.ts. The text of a module is made by cell-module.ts,
// what it holds is decided by select-statements.ts.

import * as esbuild from 'esbuild';
import type { Bundle, BundledCell } from '../../engine/program/bundle.ts';
import { type Diagnostic, fromEsbuild, problemAt } from './diagnostics.ts';
import { mergeSources } from './merge-sources.ts';
import type { Cell, Notebook } from './notebook.ts';
import { type Built, runEsbuild } from './run-esbuild.ts';
import { type SelectedCell, type Selection, selectStatements } from './select-statements.ts';

export type Compilation =
  | {
      readonly status: 'compiled';
      readonly bundle: Bundle;
      readonly warnings: readonly Diagnostic[];
      /** The files beside the notebook that went into it, absolute: those to watch. */
      readonly files: readonly string[];
    }
  | { readonly status: 'failed'; readonly errors: readonly Diagnostic[] };

/** Compiles cells, also several at once. Whoever makes a bundler stops it. */
export class CellBundler {
  readonly #running = new Set<Promise<Compilation>>();
  /** Files that ask where they are (bundle-plugin.ts): found out once. */
  readonly #asking = new Set<string>();

  /** @param index Of a cell of the notebook. Rejects only when esbuild itself breaks down. */
  async bundle(notebook: Notebook, index: number): Promise<Compilation> {
    const running = this.#bundle(notebook, index);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends esbuild's process, once what is under way is done; bundling again would start it anew. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#running);
    await esbuild.stop();
  }

  async #bundle(notebook: Notebook, index: number): Promise<Compilation> {
    const target = notebook.cells[index];
    if (target === undefined) throw new RangeError(`cell ${index} of ${notebook.cells.length}`);
    const selection = selectStatements(notebook, target);
    const errors = errorsOf(selection, target, notebook);
    if (errors.length > 0) return { status: 'failed', errors };
    try {
      const built = await runEsbuild({ notebook, selection }, this.#asking);
      return compiled(built, notebook, selection, target);
    } catch (error) {
      if (!isBuildFailure(error)) throw error;
      const said = error.errors.map((message) => fromEsbuild(message, 'error', notebook));
      return { status: 'failed', errors: said };
    }
  }
}

function errorsOf(selection: Selection, target: Cell, notebook: Notebook): readonly Diagnostic[] {
  if (target.kind === 'markdown') {
    const place = { line: target.firstLine, column: 1 };
    const message = 'a [markdown] cell holds text: there is nothing in it to run';
    return [problemAt(notebook.name, message, place, target.lines, target.firstLine)];
  }
  return [...selection.suspects, ...selection.cells.map(({ cell }) => cell)]
    .flatMap((cell) => cell.problems)
    .filter((problem) => problem.severity === 'error');
}

function compiled(
  { code, map, warnings, files }: Built,
  notebook: Notebook,
  selection: Selection,
  target: Cell,
): Compilation {
  const bundle: Bundle = {
    version: 1,
    notebook: notebook.name,
    cell: { index: target.index, title: target.title },
    code,
    map: mergeSources(map, (source) => (source.startsWith('cell:') ? notebook.name : source)),
    source: notebook.name,
    cells: selection.cells.map(bundledCell),
  };
  return {
    status: 'compiled',
    bundle,
    warnings: warnings.map((message) => fromEsbuild(message, 'warning', notebook)),
    files,
  };
}

function bundledCell({ cell, statements }: SelectedCell): BundledCell {
  const declarations = [...statements]
    .filter((statement) => statement.kind !== 'import')
    .flatMap((statement) => statement.declarations)
    .map(({ names, ...range }) => ({
      names: names.filter(({ isType }) => !isType).map(({ name }) => name),
      ...range,
    }))
    .filter(({ names }) => names.length > 0)
    .toSorted((a, b) => a.from - b.from || a.column - b.column);
  return {
    index: cell.index,
    title: cell.title,
    declarations,
    options: cell.options,
    from: cell.firstLine,
    to: cell.firstLine + cell.lines.length - 1,
  };
}

const isBuildFailure = (error: unknown): error is esbuild.BuildFailure =>
  error instanceof Error && 'errors' in error && 'warnings' in error;
