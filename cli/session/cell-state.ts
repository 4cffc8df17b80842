// What has become of a cell since the session began: its last run, the job that came of it, what is wrong
// with it. It goes along with the cell through all versions of the notebook.

import type { Diagnostic } from '../compiler/diagnostics.ts';
import type { Cell } from '../compiler/notebook.ts';
import type { CellModel, CellRun } from '../model/notebook-model.ts';
import type { OutputLog } from './output-log.ts';

/** A job that was submitted for a cell. */
export interface CellJob {
  readonly id: string;
  /** Of the code that it runs. */
  readonly fingerprint: string;
  /** Of the cell when it was compiled. */
  readonly firstLine: number;
  readonly compileMs: number;
  firstRowMs: number | undefined;
  readonly log: OutputLog;
  /** Ends the taking of its rows. */
  readonly abort: AbortController;
}

export class CellState {
  /** As the notebook has it now. */
  cell: Cell;
  /** Counts the submissions. */
  version = 0;
  run: CellRun = { status: 'idle' };
  job: CellJob | undefined;
  isStale = false;
  /** Of its last compilation or program run. */
  errors: readonly Diagnostic[] = [];
  /** Whether a program run has found a sink; undefined before the first. */
  hasSink: boolean | undefined;
  /** Of the code whose program failed: it would fail again. */
  failedFingerprint: string | undefined;

  constructor(cell: Cell) {
    this.cell = cell;
  }

  get kind(): CellModel['kind'] {
    const { kind, isLibrary } = this.cell;
    if (kind === 'markdown') return 'markdown';
    if (isLibrary || this.hasSink === false) return 'library';
    return this.hasSink === undefined ? 'unknown' : 'job';
  }

  /** Back to what its job says, after a run that came to nothing or was called off. */
  settle(): void {
    this.run = runOf(this.job);
  }

  fail(stage: 'compile' | 'program' | 'submit', errors: readonly Diagnostic[]): void {
    const [problem] = errors;
    if (problem === undefined) return this.settle();
    this.errors = errors;
    this.run = { status: 'failed', stage, problem };
    this.isStale = this.job !== undefined;
  }

  submitted(job: CellJob): void {
    this.job = job;
    this.version++;
    this.hasSink = true;
    this.isStale = false;
    this.errors = [];
    this.failedFingerprint = undefined;
    this.settle();
  }
}

function runOf(job: CellJob | undefined): CellRun {
  if (job === undefined) return { status: 'idle' };
  return { status: 'job', compileMs: job.compileMs, firstRowMs: job.firstRowMs };
}
