// From the cells and what became of them to what the screen shows of the notebook. Pure.

import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Notebook } from '../compiler/notebook.ts';
import type { CellModel, NotebookModel } from '../model/notebook-model.ts';
import { runOptions } from '../run/cell-options.ts';
import type { CellState } from './cell-state.ts';
import { failureOf } from './job-failure.ts';

export interface NotebookParts {
  /** As the user would write it. */
  readonly path: string;
  readonly watching: boolean;
  readonly problem: Diagnostic | undefined;
  /** Undefined before it was read. */
  readonly notebook: Notebook | undefined;
  /** One for each cell. */
  readonly states: readonly CellState[];
  /** Of the type service, on this version of the notebook. */
  readonly types: readonly Diagnostic[];
  /** By job: what those that have failed say of it. */
  readonly failures: ReadonlyMap<string, string>;
}

export function notebookModel(parts: NotebookParts): NotebookModel {
  const { path, watching, problem, notebook, states } = parts;
  const cells =
    notebook === undefined ? [] : states.map((state) => cellModel(state, notebook, parts));
  return { path, watching, problem, cells };
}

function cellModel(state: CellState, notebook: Notebook, parts: NotebookParts): CellModel {
  const { cell, version, run, job, isStale, errors, kind } = state;
  return {
    index: cell.index,
    title: cell.title,
    kind,
    lines: cell.lines,
    firstLine: cell.firstLine,
    run,
    jobId: job?.id,
    stale: isStale,
    version,
    diagnostics: distinct([
      ...cell.problems,
      ...errors,
      ...failed(state, notebook, parts),
      ...ofCell(parts.types, state, notebook),
      ...runOptions(notebook, cell).problems,
    ]),
  };
}

function failed(
  state: CellState,
  notebook: Notebook,
  { failures }: NotebookParts,
): readonly Diagnostic[] {
  const text = failures.get(state.job?.id ?? '');
  return text === undefined ? [] : failureOf(text, state, notebook);
}

function ofCell(
  diagnostics: readonly Diagnostic[],
  { cell }: CellState,
  { name }: Notebook,
): readonly Diagnostic[] {
  const end = cell.firstLine + cell.lines.length;
  return diagnostics.filter(
    ({ file, line = 0 }) => file === name && line >= cell.firstLine && line < end,
  );
}

/** What two have found is said once: where it is, and then what it is. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ file, line, column, message }) => {
    const key = JSON.stringify([file, line, column, message]);
    return seen.size < seen.add(key).size;
  });
}
