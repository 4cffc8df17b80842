// What a notebook and its cells say about how they run: `parallelism="4"` in a marker, `speed="600"` in the
// comments that open the file. A name with a dot is a key of the configuration.

import { Configuration } from '../../engine/core/configuration.ts';
import { badValues, nearestOf, unknownKeys } from '../../engine/core/option-checks.ts';
import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Cell, Notebook } from '../compiler/notebook.ts';

export interface RunOptions {
  /** What the cell says wins over what the notebook says. */
  readonly configuration: Readonly<Record<string, string>>;
  /** `run="manual"`: it runs when it is asked for by itself. */
  readonly isManual: boolean;
  /** `speed="600"` of the notebook: the pace of a replay that somebody watches. */
  readonly speed: string | undefined;
  /** Options that mean nothing are warnings, values that do not fit are errors. */
  readonly problems: readonly Diagnostic[];
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
    problems: [
      ...Object.keys(cell.options)
        .filter((name) => !name.includes('.') && !known.some((option) => option === name))
        .map((name) => unknownOption(name, known, cell, notebook)),
      ...configurationProblems(cell, notebook),
    ],
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
  const message = `"${cell.title}" has an option ${name} that means nothing: ${hint}`;
  return problemOf(cell, notebook, 'warning', message);
}

function configurationProblems(cell: Cell, notebook: Notebook): readonly Diagnostic[] {
  const configuration = new Configuration(configurationOf(cell.options));
  const unknown = unknownKeys(configuration).map((text) => ['warning', text] as const);
  const bad = badValues(configuration).map((text) => ['error', text] as const);
  return [...unknown, ...bad].map(([severity, text]) =>
    problemOf(cell, notebook, severity, `"${cell.title}": ${text}`),
  );
}

/** At the cell's marker. */
function problemOf(
  { firstLine }: Cell,
  { name }: Notebook,
  severity: Diagnostic['severity'],
  message: string,
): Diagnostic {
  return { severity, message, file: name, line: firstLine, column: 1, text: undefined };
}
