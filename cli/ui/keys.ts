// Every key, once: the bar at the bottom, the palette, the help and the command line all read this table, so
// that none of them can say something else than what a key does. Keys arrive in every terminal: no Alt, no
// control letters that are Tab, Enter or Esc. A binding for certain panes wins over one for all.

import type { PaneId } from './layout.ts';

export type ActionName =
  | 'run-cell'
  | 'run-all'
  | 'edit'
  | 'cancel-job'
  | 'trigger-checkpoint'
  | 'savepoint'
  | 'stop-job'
  | 'rescale'
  | 'toggle-watch'
  | 'enter-job'
  | 'back'
  | 'freeze'
  | 'copy'
  | 'filter'
  | 'zoom'
  | 'next-log'
  | 'jobs'
  | 'notebook'
  | 'next-pane'
  | 'previous-pane'
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'first'
  | 'last'
  | 'palette'
  | 'command'
  | 'help'
  | 'mouse'
  | 'repaint'
  | 'stop'
  | 'interrupt'
  | 'quit';

export interface KeyBinding {
  readonly action: ActionName;
  /** As `keyName` (key-names.ts) spells them; the first is the one that is shown. */
  readonly keys: readonly string[];
  /** In the bar. */
  readonly label: string;
  readonly about: string;
  readonly group: 'Run' | 'Look' | 'Move' | 'Screen';
  /** Where the binding holds; everywhere without. */
  readonly panes?: readonly PaneId[];
  /** How much it matters in the bar, 1 most; not there without. Shown in the table's order. */
  readonly bar?: number;
  /** After `:`. */
  readonly command?: string;
}

const SCROLLED: readonly PaneId[] = [
  'plan',
  'slots',
  'checkpoints',
  'output',
  'exceptions',
  'subtasks',
  'logs',
];

export const KEYS: readonly KeyBinding[] = [
  {
    action: 'run-cell',
    keys: ['ctrl+j', 'f5'],
    label: 'run',
    about: 'run the selected cell; its running job is replaced',
    group: 'Run',
    bar: 1,
    command: 'run',
  },
  {
    action: 'run-cell',
    keys: ['enter'],
    label: 'run',
    about: 'run the selected cell',
    group: 'Run',
    panes: ['cells'],
  },
  {
    action: 'run-all',
    keys: ['R'],
    label: 'run all',
    about: 'run every cell that has a sink',
    group: 'Run',
    bar: 14,
    command: 'run-all',
  },
  {
    action: 'edit',
    keys: ['e'],
    label: 'edit',
    about: 'open the selected cell in $VISUAL or $EDITOR',
    group: 'Run',
    bar: 3,
    command: 'edit',
  },
  {
    action: 'cancel-job',
    keys: ['x'],
    label: 'cancel',
    about: 'cancel the job that is shown, after a question',
    group: 'Run',
    bar: 8,
    command: 'cancel',
  },
  {
    action: 'trigger-checkpoint',
    keys: ['c'],
    label: 'checkpoint',
    about: 'trigger a checkpoint of the job that is shown',
    group: 'Run',
    bar: 12,
    command: 'checkpoint',
  },
  {
    action: 'savepoint',
    keys: ['s'],
    label: 'savepoint',
    about: 'take a savepoint of the job that is shown; it goes on',
    group: 'Run',
    bar: 15,
    command: 'savepoint',
  },
  {
    action: 'stop-job',
    keys: ['S'],
    label: 'stop',
    about: 'stop the job that is shown with a savepoint, after a question',
    group: 'Run',
    bar: 16,
    command: 'stop',
  },
  {
    action: 'rescale',
    keys: ['p'],
    label: 'rescale',
    about: 'run the job that is shown with another parallelism',
    group: 'Run',
    bar: 17,
    command: 'rescale',
  },
  {
    action: 'toggle-watch',
    keys: ['W'],
    label: 'watch',
    about: 'run stale cells when the file is saved, or not',
    group: 'Run',
    command: 'watch',
  },
  {
    action: 'enter-job',
    keys: ['enter'],
    label: 'look into',
    about: 'look into the selected job',
    group: 'Look',
    panes: ['jobs'],
    bar: 1,
  },
  {
    action: 'back',
    keys: ['escape'],
    label: 'back',
    about: 'one step back',
    group: 'Look',
  },
  {
    action: 'freeze',
    keys: ['space'],
    label: 'freeze',
    about: 'freeze the output or follow it; the job goes on',
    group: 'Look',
    bar: 5,
    command: 'freeze',
  },
  {
    action: 'copy',
    keys: ['y'],
    label: 'copy',
    about: 'copy the selected row, cell or exception',
    group: 'Look',
    bar: 6,
    command: 'copy',
  },
  {
    action: 'filter',
    keys: ['/'],
    label: 'filter',
    about: 'show only the rows or jobs that have a text',
    group: 'Look',
    panes: ['output', 'jobs'],
    bar: 4,
  },
  {
    action: 'zoom',
    keys: ['z', '+'],
    label: 'zoom',
    about: 'give the pane the whole screen, and back',
    group: 'Look',
    bar: 10,
    command: 'zoom',
  },
  {
    action: 'zoom',
    keys: ['enter'],
    label: 'zoom',
    about: 'give the pane the whole screen, and back',
    group: 'Look',
    panes: SCROLLED,
  },
  {
    action: 'next-log',
    keys: ['n'],
    label: 'next log',
    about: 'the log of the JobManager, then of each TaskManager',
    group: 'Look',
    panes: ['logs'],
    bar: 2,
    command: 'log',
  },
  {
    action: 'jobs',
    keys: ['J'],
    label: 'jobs',
    about: 'all jobs of the cluster',
    group: 'Look',
    bar: 11,
    command: 'jobs',
  },
  {
    action: 'notebook',
    keys: ['N'],
    label: 'notebook',
    about: 'the notebook and its jobs',
    group: 'Look',
    bar: 11,
    command: 'notebook',
  },
  {
    action: 'next-pane',
    keys: ['tab', 'l', 'right'],
    label: 'pane',
    about: 'focus the next pane',
    group: 'Move',
    bar: 7,
  },
  {
    action: 'previous-pane',
    keys: ['shift+tab', 'h', 'left'],
    label: 'pane',
    about: 'focus the pane before',
    group: 'Move',
  },
  { action: 'down', keys: ['j', 'down'], label: 'down', about: 'select the next', group: 'Move' },
  { action: 'up', keys: ['k', 'up'], label: 'up', about: 'select the one before', group: 'Move' },
  {
    action: 'page-down',
    keys: ['pagedown', 'ctrl+d'],
    label: 'page',
    about: 'half a page down',
    group: 'Move',
  },
  {
    action: 'page-up',
    keys: ['pageup', 'ctrl+u'],
    label: 'page',
    about: 'half a page up',
    group: 'Move',
  },
  {
    action: 'first',
    keys: ['g', 'home'],
    label: 'first',
    about: 'to the beginning',
    group: 'Move',
  },
  { action: 'last', keys: ['G', 'end'], label: 'last', about: 'to the end', group: 'Move' },
  {
    action: 'command',
    keys: [':'],
    label: 'command',
    about: 'type a command; tab completes, up repeats',
    group: 'Screen',
    bar: 13,
  },
  {
    action: 'palette',
    keys: ['?', 'ctrl+p'],
    label: 'all keys',
    about: 'search everything that can be done, and do it',
    group: 'Screen',
    bar: 2,
  },
  {
    action: 'help',
    keys: ['f1'],
    label: 'help',
    about: 'keys and signs on one page',
    group: 'Screen',
    command: 'help',
  },
  {
    action: 'mouse',
    keys: ['m'],
    label: 'mouse',
    about: 'leave the mouse to the terminal, and back',
    group: 'Screen',
    command: 'mouse',
  },
  {
    action: 'repaint',
    keys: ['ctrl+l'],
    label: 'redraw',
    about: 'draw everything again',
    group: 'Screen',
  },
  {
    action: 'stop',
    keys: ['ctrl+z'],
    label: 'suspend',
    about: 'back to the shell; fg returns',
    group: 'Screen',
  },
  {
    action: 'interrupt',
    keys: ['ctrl+c'],
    label: 'interrupt',
    about: 'end what is under way; twice quits',
    group: 'Screen',
  },
  {
    action: 'quit',
    keys: ['q'],
    label: 'quit',
    about: 'quit; asks first where that ends a running job',
    group: 'Screen',
    bar: 9,
    command: 'quit',
  },
];

/** What a key does while `pane` has the focus. */
export function bindingOf(key: string, pane: PaneId): KeyBinding | undefined {
  const matching = KEYS.filter(({ keys }) => keys.includes(key));
  return (
    matching.find(({ panes }) => panes?.includes(pane)) ??
    matching.find(({ panes }) => panes === undefined)
  );
}

/** `ctrl+j` as `^J`, `space` as it is. */
export function keyLabel(key: string): string {
  const control = /^ctrl\+(.)$/.exec(key)?.[1];
  if (control !== undefined) return `^${control.toUpperCase()}`;
  return SHORT[key] ?? key;
}

const SHORT: Readonly<Record<string, string>> = {
  escape: 'esc',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  'shift+tab': 'S-tab',
  f1: 'F1',
  f5: 'F5',
};
