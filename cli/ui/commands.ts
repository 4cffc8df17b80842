// What the screen asks of the session (it carries nothing of it out itself), and what it asks of the
// terminal. Both are plain data, so that what a key does can be tested without either.

export type Page = 'notebook' | 'jobs' | 'job';

export type Command =
  | { readonly kind: 'run-cell'; readonly cell: number }
  | { readonly kind: 'run-all' }
  | JobCommand
  | { readonly kind: 'trigger-checkpoint'; readonly jobId: string }
  | { readonly kind: 'toggle-watch' }
  /** The job's details are wanted from now on. */
  | { readonly kind: 'enter-job'; readonly jobId: string }
  | { readonly kind: 'leave-job'; readonly jobId: string }
  /** That log is shown from now on, until another is or it is hidden; undefined: the JobManager's. */
  | { readonly kind: 'show-log'; readonly taskManager: string | undefined }
  | { readonly kind: 'hide-log' }
  | { readonly kind: 'show-page'; readonly page: Page }
  /** The terminal is free until the promise that `dispatch` returns settles. */
  | { readonly kind: 'open-editor'; readonly path: string; readonly line: number }
  /** Ends what is under way: a compilation, a submission. */
  | { readonly kind: 'interrupt' }
  /** The screen closes itself after it. */
  | { readonly kind: 'quit' };

/** Changes a job that runs: asked for before it is done. */
export type JobCommand =
  | { readonly kind: 'cancel-job'; readonly jobId: string }
  | { readonly kind: 'savepoint'; readonly jobId: string }
  /** With a savepoint. */
  | { readonly kind: 'stop-job'; readonly jobId: string }
  | {
      readonly kind: 'rescale';
      readonly jobId: string;
      /** The job's name, or a vertex's. */
      readonly what: string;
      readonly parallelism: number;
      /** By vertex; the others stay as they are. */
      readonly parallelisms: Readonly<Record<string, number>>;
    };

/** Carried out by the screen. */
export type Effect =
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'repaint' }
  | { readonly kind: 'mouse'; readonly isOn: boolean }
  | { readonly kind: 'theme'; readonly theme: 'dark' | 'light' };

export type Outcome = readonly (Command | Effect)[];
