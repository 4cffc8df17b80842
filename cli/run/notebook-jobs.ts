// From a notebook to the jobs that its cells build: what `run` submits and `info` shows.

import { systemClock } from '../../engine/core/system-clock.ts';
import { ProgramRunner } from '../../engine/entrypoint/program-runner.ts';
import { CellBundler } from '../compiler/bundle-cell.ts';
import type { Cell, Notebook } from '../compiler/notebook.ts';
import { usageError } from '../exit-codes.ts';
import { buildJobs, type JobsBuilt } from './build-jobs.ts';
import { canRun, runOptions } from './cell-options.ts';
import { JobBuilder, ownEnvironment } from './job-builder.ts';

export interface JobsWanted {
  /** Titles or numbers (from 1); empty: every cell that is a job. */
  readonly cells: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
  readonly programTimeoutMs: number;
}

/** @throws CommandFailure when a cell does not compile, or nothing is to be run. */
export async function notebookJobs(
  notebook: Notebook,
  cells: readonly Cell[],
  wanted: JobsWanted,
  onOutput: (text: string) => void,
  signal: AbortSignal,
): Promise<JobsBuilt> {
  const { parameters, configuration, programTimeoutMs } = wanted;
  const bundler = new CellBundler();
  const programs = new ProgramRunner({ clock: systemClock, timeoutMs: programTimeoutMs, onOutput });
  const environment = ownEnvironment();
  const settings = { parameters, configuration, environment, isShown: false };
  const builder = new JobBuilder(bundler, programs, settings);
  try {
    return await buildJobs(builder, notebook, cells, wanted.cells.length > 0, signal);
  } finally {
    programs.close();
    await bundler.stop();
  }
}

/** @throws CommandFailure when the notebook has no such cell. */
export function selectCells(notebook: Notebook, wanted: readonly string[]): readonly Cell[] {
  const { cells, name } = notebook;
  if (wanted.length === 0)
    return cells.filter((cell) => canRun(cell) && !runOptions(notebook, cell).isManual);
  return wanted.map((text) => {
    const found = cells.find(({ title }) => title === text) ?? cells[Number(text) - 1];
    if (found !== undefined) return found;
    const titles = cells.map(({ title }, i) => `  ${i + 1}  ${title}`).join('\n');
    throw usageError(`${name} has no cell ${JSON.stringify(text)}; there are:\n${titles}`);
  });
}
