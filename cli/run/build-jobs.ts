// From the cells of a run to its jobs. A cell that does not compile stops the run before anything has
// happened. What a cell's program then does is its own affair: one that throws, hangs or exits is told, and
// the jobs of the other cells run.

import { SluiceError } from '../../engine/core/errors.ts';
import { type Diagnostic, problemAt } from '../compiler/diagnostics.ts';
import type { Cell, Notebook } from '../compiler/notebook.ts';
import { CommandFailure, EXIT } from '../exit-codes.ts';
import type { Built, BuiltJob, CompiledCell, JobBuilder } from './job-builder.ts';
import { printDiagnostic } from './print-diagnostic.ts';

export interface JobsBuilt {
  readonly jobs: readonly BuiltJob[];
  /** Of programs that built none, each once. */
  readonly failures: readonly Diagnostic[];
}

/** @param wasAsked The user named the cells. @throws CommandFailure when a cell does not compile, or nothing is to be run. */
export async function buildJobs(
  builder: JobBuilder,
  notebook: Notebook,
  cells: readonly Cell[],
  wasAsked: boolean,
  signal: AbortSignal,
): Promise<JobsBuilt> {
  const jobs: BuiltJob[] = [];
  const failures = new Map<string, Diagnostic>();
  for (const compiled of await compileAll(builder, notebook, cells)) {
    const built = await plan(builder, compiled, signal);
    const cell = notebook.cells[compiled.index];
    if (built.status === 'built') jobs.push(built.job);
    else if (built.status === 'failed') {
      for (const error of built.errors) failures.set(printDiagnostic(error), error);
    } else if (wasAsked && cell !== undefined)
      throw new CommandFailure(EXIT.compile, noSink(notebook, cell));
  }
  if (jobs.length === 0 && failures.size === 0) throw noJobs(notebook, wasAsked);
  return { jobs, failures: [...failures.values()] };
}

/** @throws CommandFailure with all that is wrong with them. */
export const compileFailure = (errors: readonly Diagnostic[]): CommandFailure =>
  new CommandFailure(EXIT.compile, [...new Set(errors.map(printDiagnostic))].join('\n'));

async function compileAll(
  builder: JobBuilder,
  notebook: Notebook,
  cells: readonly Cell[],
): Promise<readonly CompiledCell[]> {
  const all: CompiledCell[] = [];
  const errors: Diagnostic[] = [];
  for (const { index } of cells) {
    const compiled = await builder.compile(notebook, index);
    if (compiled.status === 'compiled') all.push(compiled.cell);
    else errors.push(...compiled.errors);
  }
  if (errors.length > 0) throw compileFailure(errors);
  return all;
}

/** A program that does not come to an end has failed, too. */
async function plan(
  builder: JobBuilder,
  compiled: CompiledCell,
  signal: AbortSignal,
): Promise<Built> {
  try {
    return await builder.plan(compiled, signal);
  } catch (error) {
    const { notebook, index } = compiled;
    const cell = notebook.cells[index];
    if (!(error instanceof SluiceError) || cell === undefined) throw error;
    const { title, firstLine } = cell;
    const place = { line: firstLine, column: 1 };
    const problem = problemAt(notebook.name, `cell "${title}": ${error.message}`, place, [], 0);
    return { status: 'failed', errors: [{ ...problem, column: undefined }] };
  }
}

function noJobs({ name, cells }: Notebook, wasAsked: boolean): CommandFailure {
  const what = wasAsked
    ? 'the cells that were asked for have'
    : cells.length === 1
      ? 'it has'
      : 'its cells have';
  return new CommandFailure(
    EXIT.compile,
    `${name}: nothing to run: ${what} no sink (.print(), .sinkTo(…)) and end in no stream`,
  );
}

const noSink = ({ name }: Notebook, { title, firstLine }: Cell): string =>
  `${name}:${firstLine}: cell "${title}" has no sink: add .print() or .sinkTo(…) to a stream, or let the cell end in one`;
