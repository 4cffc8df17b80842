// What a notebook and its cells say about how they run: `parallelism="4"` in a marker, `speed="600"` in the
// comments that open the file. A name with a dot is a key of the configuration.

import { nearestOf } from '../../engine/core/options.ts';
import { type Diagnostic, problemAt } from '../compiler/diagnostics.ts';
import type { Cell, Notebook } from '../compiler/notebook.ts';

export interface RunOptions {
  /** What the cell says wins over what the notebook says. */
  readonly configuration: Readonly<Record<string, string>>;
  /** `run="manual"`: it runs when it is asked for by itself. */
  readonly isManual: boolean;
  /** `speed="600"` of the notebook: the pace of a replay that somebody watches. */
  readonly speed: string | undefined;
  /** Options that mean nothing. */
  readonly warnings: readonly Diagnostic[];
}

const CELL_OPTIONS = ['parallelism', 'run'] as const;
const NOTEBOOK_OPTIONS = ['parallelism', 'speed'] as const;

export function runOptions(notebook: Notebook, cell: Cell): RunOptions {
  const opening = notebook.cells[0];
  const ofNotebook = opening?.kind === 'markdown' ? {} : (opening?.options ?? {});
  const ofCell = cell === opening ? {} : cell.options;
  const known = cell === opening ? NOTEBOOK_OPTIONS : CELL_OPTIONS;
  return {
    configuration: { ...configurationOf(ofNotebook), ...configurationOf(ofCell) },
    isManual: ofCell['run'] === 'manual',
    speed: ofNotebook['speed'],
    warnings: Object.keys(cell.options)
      .filter((name) => !name.includes('.') && !known.some((option) => option === name))
      .map((name) => unknownOption(name, known, cell, notebook)),
  };
}

/** It is not known before its program has run whether it has a sink, but some cells cannot have one. */
export const canRun = ({ kind, isLibrary }: Cell): boolean => kind !== 'markdown' && !isLibrary;

function configurationOf(options: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(options).flatMap(([name, value]) => {
    if (name === 'parallelism') return [['parallelism.default', value]];
    return name.includes('.') ? [[name, value]] : [];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

function unknownOption(
  name: string,
  known: readonly string[],
  cell: Cell,
  notebook: Notebook,
): Diagnostic {
  const nearest = nearestOf(name, known);
  const hint = nearest === undefined ? `there are ${known.join(', ')}` : `did you mean ${nearest}?`;
  const place = { line: cell.firstLine, column: 1 };
  const message = `"${cell.title}" has an option ${name} that means nothing: ${hint}`;
  return {
    ...problemAt(notebook.name, message, place, cell.lines, cell.firstLine),
    severity: 'warning',
    text: undefined,
  };
}
