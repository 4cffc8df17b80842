// What the user has chosen to look at: page, focus, selections, scrolling, an open dialog. Immutable, and
// apart from the data: keys change this, the cluster changes that.

import type { OutputModel } from '../../model/notebook-model.ts';
import type { JobCommand, Page } from '../commands.ts';
import type { PaneId } from '../layout.ts';
import type { Notice } from '../store.ts';
import type { Line } from './line-edit.ts';

export type Dialog =
  | { readonly kind: 'palette'; readonly line: Line; readonly selected: number }
  | {
      readonly kind: 'command';
      readonly line: Line;
      /** Steps back in the history; 0 is what is being typed. */
      readonly back: number;
    }
  | { readonly kind: 'filter'; readonly line: Line; readonly pane: PaneId }
  | {
      readonly kind: 'confirm';
      readonly question: string;
      /** What follows from a yes. */
      readonly detail: string;
      readonly onYes: Confirmed;
    }
  | {
      /** A yes is the word, typed. */
      readonly kind: 'typed';
      readonly question: string;
      readonly detail: string;
      readonly word: string;
      readonly line: Line;
      readonly onYes: JobCommand;
    }
  | {
      readonly kind: 'parallelism';
      readonly job: { readonly id: string; readonly name: string };
      readonly now: number;
      readonly max: number;
      readonly line: Line;
    }
  | { readonly kind: 'help'; readonly scroll: number };

export type Confirmed = { readonly kind: 'quit' } | JobCommand;

export interface UiState {
  readonly columns: number;
  readonly rows: number;
  readonly page: Page;
  /** The job that was entered, on page `job`. */
  readonly jobId: string | undefined;
  /** Panes by last focus; the first has it now. */
  readonly recent: readonly PaneId[];
  readonly isZoomed: boolean;
  /** Index of the selected cell; undefined, the first that can run. */
  readonly cell: number | undefined;
  /** Id of the selected vertex. */
  readonly vertex: string | undefined;
  /** Id of the selected job of the list. */
  readonly job: string | undefined;
  /** TaskManager whose log is shown; undefined, the JobManager. */
  readonly log: string | undefined;
  /** Number of the selected output row; undefined follows the newest. */
  readonly outputRow: number | undefined;
  /** What is shown in the output's place while it is frozen. */
  readonly frozen: Readonly<Record<string, OutputModel>> | undefined;
  readonly scroll: Readonly<Partial<Record<PaneId, number>>>;
  readonly filters: Readonly<Partial<Record<PaneId, string>>>;
  readonly dialog: Dialog | undefined;
  /** Of the command line, oldest first. */
  readonly history: readonly string[];
  readonly hasMouse: boolean;
  /** The screen's own; the model has the session's. */
  readonly notice: Notice | undefined;
  readonly interruptedAtMs: number;
}

export function initialUi(columns: number, rows: number, hasMouse: boolean): UiState {
  return {
    columns,
    rows,
    page: 'notebook',
    jobId: undefined,
    recent: ['cells'],
    isZoomed: false,
    cell: undefined,
    vertex: undefined,
    job: undefined,
    log: undefined,
    outputRow: undefined,
    frozen: undefined,
    scroll: {},
    filters: {},
    dialog: undefined,
    history: [],
    hasMouse,
    notice: undefined,
    interruptedAtMs: Number.NEGATIVE_INFINITY,
  };
}

export function focusOf({ recent }: UiState): PaneId {
  return recent[0] ?? 'plan';
}

export function focusOn(ui: UiState, pane: PaneId): UiState {
  if (focusOf(ui) === pane) return ui;
  return { ...ui, recent: [pane, ...ui.recent.filter((other) => other !== pane)] };
}
