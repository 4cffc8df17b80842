// What the screen shows of a notebook: its cells, what became of each, and what they print. Plain
// immutable data, made by the session (cli/session).

export interface NotebookModel {
  /** As the user would write it. */
  readonly path: string;
  readonly cells: readonly CellModel[];
  readonly watching: boolean;
  /** Of the notebook as a whole: it cannot be read, or does not parse. */
  readonly problem: DiagnosticModel | undefined;
}

export interface CellModel {
  readonly index: number;
  readonly title: string;
  /** `markdown` cells are text; `library` cells have no sink; `job` cells have one. Unknown before the first run. */
  readonly kind: 'markdown' | 'library' | 'job' | 'unknown';
  /** Lines of the cell, without the marker. */
  readonly lines: readonly string[];
  /** Line of the notebook on which `lines` begins, from 1. */
  readonly firstLine: number;
  readonly run: CellRun;
  /** The job that was submitted last: also while its successor is compiled, or has failed to. */
  readonly jobId: string | undefined;
  /** The source has changed since the run that is shown. */
  readonly stale: boolean;
  readonly diagnostics: readonly DiagnosticModel[];
  /** Counts the runs: `v3` is the third. */
  readonly version: number;
}

export type CellRun =
  | { readonly status: 'idle' }
  | { readonly status: 'compiling' }
  | { readonly status: 'submitting' }
  | {
      readonly status: 'job';
      readonly compileMs: number;
      readonly firstRowMs: number | undefined;
    }
  | {
      readonly status: 'failed';
      readonly stage: 'compile' | 'program' | 'submit';
      readonly problem: DiagnosticModel;
    };

export interface DiagnosticModel {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly file: string;
  /** From 1; undefined when the problem has no place. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The source line, for a picture with a caret below it. */
  readonly text: string | undefined;
}

/** What a job of the notebook has printed. */
export interface OutputModel {
  /** Oldest first; bounded. */
  readonly rows: readonly OutputRow[];
  /** Rows that are no longer kept. */
  readonly dropped: number;
  readonly total: number;
  /** Of these, messages. */
  readonly messages: number;
}

export interface OutputRow {
  /** What the user calls it; empty where that would say nothing. */
  readonly sink: string;
  /** Undefined where there is only one. */
  readonly subtask: number | undefined;
  /** As printed; may hold anything: views escape it. */
  readonly text: string;
  /** Not yet covered by a checkpoint: a restore would withdraw and repeat it. */
  readonly tentative: boolean;
  /** No row of a sink but something that the job says; undefined for rows. */
  readonly message: 'info' | 'warn' | undefined;
}
