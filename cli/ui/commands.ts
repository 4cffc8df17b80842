// What the screen asks of the session (it carries nothing of it out itself), and what it asks of the
// terminal. Both are plain data, so that what a key does can be tested without either.

export type Page = 'notebook' | 'jobs' | 'job';

export type Command =
  | { readonly kind: 'run-cell'; readonly cell: number }
  | { readonly kind: 'run-all' }
  | { readonly kind: 'cancel-job'; readonly jobId: string }
  | { readonly kind: 'trigger-checkpoint'; readonly jobId: string }
  /** By vertex; the others stay as they are. */
  | {
      readonly kind: 'rescale-job';
      readonly jobId: string;
      readonly parallelisms: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'toggle-watch' }
  /** The job's details are wanted from now on. */
  | { readonly kind: 'enter-job'; readonly jobId: string }
  | { readonly kind: 'leave-job'; readonly jobId: string }
  | { readonly kind: 'show-page'; readonly page: Page }
  /** The terminal is free until the promise that `dispatch` returns settles. */
  | { readonly kind: 'open-editor'; readonly path: string; readonly line: number }
  /** Ends what is under way: a compilation, a submission. */
  | { readonly kind: 'interrupt' }
  /** The screen closes itself after it. */
  | { readonly kind: 'quit' };

/** Carried out by the screen. */
export type Effect =
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'stop' }
  | { readonly kind: 'repaint' }
  | { readonly kind: 'mouse'; readonly isOn: boolean }
  | { readonly kind: 'theme'; readonly theme: 'dark' | 'light' };

export type Outcome = readonly (Command | Effect)[];
