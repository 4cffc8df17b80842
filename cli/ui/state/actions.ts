// What each action of the key table does: a new state of the screen, and commands for others to carry out.
// Which actions make sense right now is decided here too, for the bar and the palette.

import type { JobSummary } from '../../model/cluster-model.ts';
import type { JobCommand, Outcome, Page } from '../commands.ts';
import type { ActionName } from '../keys.ts';
import { PANES, type PaneId } from '../layout.ts';
import { matchingRows } from '../views/output.ts';
import { jobRefusal, questionOf } from './job-actions.ts';
import { EMPTY_LINE, lineOf } from './line-edit.ts';
import { move } from './movement.ts';
import { parallelismQuestion } from './rescaling.ts';
import {
  type Context,
  currentDetails,
  currentJob,
  hasPane,
  isRunning,
  selectedCell,
  selectedJobId,
  shownOutput,
} from './selection.ts';
import { type Dialog, focusOf, focusOn, type UiState } from './ui-state.ts';

export interface Result {
  readonly ui: UiState;
  readonly out: Outcome;
}

const NOTHING: Outcome = [];
/** Panes whose rows a filter narrows. */
export const FILTERED: readonly PaneId[] = ['output', 'jobs'];
const SECOND_INTERRUPT_MS = 2_000;
/** Terminals refuse more in one OSC 52. */
const COPY_MAX = 70_000;

export function perform(context: Context, action: ActionName): Result {
  const { ui } = context;
  if (!isAvailable(context, action)) return notice(context, refusalOf(context, action));
  switch (action) {
    case 'run-cell':
      return { ui, out: [{ kind: 'run-cell', cell: selectedCell(context)?.index ?? 0 }] };
    case 'run-all':
    case 'toggle-watch':
      return { ui, out: [{ kind: action }] };
    case 'edit':
      return edit(context);
    case 'cancel-job':
    case 'savepoint':
    case 'stop-job':
      return forJob(context, (job) => ask(context, job, { kind: action, jobId: job.id }));
    case 'rescale':
      return askForParallelism(context);
    case 'trigger-checkpoint':
      return forJob(context, ({ id }) => ({ ui, out: [{ kind: action, jobId: id }] }));
    case 'enter-job':
      return enterJob(context);
    case 'back':
      return back(context);
    case 'freeze':
      return freeze(context);
    case 'copy':
      return copy(context);
    case 'filter':
      return filter(context);
    case 'next-log':
      return nextLog(context);
    case 'zoom':
      return same({ ...ui, isZoomed: !ui.isZoomed });
    case 'jobs':
    case 'notebook':
      return showPage(ui, action);
    case 'next-pane':
    case 'previous-pane':
      return same(turn(ui, action === 'next-pane' ? 1 : -1));
    case 'up':
    case 'down':
    case 'page-up':
    case 'page-down':
    case 'first':
    case 'last':
      return same(move(context, action));
    case 'palette':
      return open(ui, { kind: 'palette', line: EMPTY_LINE, selected: 0 });
    case 'command':
      return open(ui, { kind: 'command', line: EMPTY_LINE, back: 0 });
    case 'help':
      return open(ui, { kind: 'help', scroll: 0 });
    case 'mouse':
      return setMouse(context, !ui.hasMouse);
    case 'repaint':
    case 'stop':
      return { ui, out: [{ kind: action }] };
    case 'interrupt':
      return interrupt(context);
    case 'quit':
      return quit(context);
  }
}

export function isAvailable(context: Context, action: ActionName): boolean {
  const { ui, model } = context;
  switch (action) {
    case 'run-cell': {
      const kind = selectedCell(context)?.kind ?? 'markdown';
      return ui.page === 'notebook' && kind !== 'markdown';
    }
    case 'run-all':
    case 'toggle-watch':
    case 'edit':
      return ui.page === 'notebook' && model.notebook !== undefined;
    case 'cancel-job':
    case 'trigger-checkpoint':
    case 'savepoint':
    case 'stop-job':
    case 'rescale':
      return jobRefusal(context, action) === undefined;
    case 'enter-job':
      return ui.page === 'jobs' && selectedJobId(context) !== undefined;
    case 'freeze':
      return hasPane(ui, 'output');
    case 'filter':
      return FILTERED.includes(focusOf(ui));
    case 'next-log':
      return hasPane(ui, 'logs');
    case 'copy':
      return textToCopy(context) !== '';
    case 'jobs':
      return ui.page !== 'jobs';
    case 'notebook':
      return ui.page !== 'notebook' && model.notebook !== undefined;
    default:
      return true;
  }
}

export function same(ui: UiState): Result {
  return { ui, out: NOTHING };
}

export function notice({ ui, nowMs }: Context, text: string): Result {
  return same({ ...ui, notice: { text, severity: 'info', atMs: nowMs } });
}

export function setMouse({ ui, nowMs }: Context, isOn: boolean): Result {
  const text = isOn ? 'mouse on' : 'mouse left to the terminal: select text as usual';
  return {
    ui: { ...ui, hasMouse: isOn, notice: { text, severity: 'info', atMs: nowMs } },
    out: [{ kind: 'mouse', isOn }],
  };
}

function open(ui: UiState, dialog: Dialog): Result {
  return same({ ...ui, dialog });
}

type NamedJob = Pick<JobSummary, 'id' | 'name'>;

function forJob(context: Context, use: (job: NamedJob) => Result): Result {
  const job = currentJob(context);
  return job === undefined ? same(context.ui) : use(job);
}

/** Done at once where nothing is to be asked. */
export function ask({ ui, model }: Context, job: NamedJob, command: JobCommand): Result {
  const dialog = questionOf({ model }, job, command);
  return dialog === undefined ? { ui, out: [command] } : open(ui, dialog);
}

function askForParallelism(context: Context): Result {
  const job = currentDetails(context);
  return job === undefined ? same(context.ui) : open(context.ui, parallelismQuestion(context, job));
}

const JOB_ACTIONS: readonly ActionName[] = [
  'cancel-job',
  'trigger-checkpoint',
  'savepoint',
  'stop-job',
  'rescale',
];

function refusalOf(context: Context, action: ActionName): string {
  const why = JOB_ACTIONS.includes(action) ? jobRefusal(context, action) : undefined;
  return why ?? 'not possible here and now';
}

/** At the operator of the selected vertex while the plan has the focus, else at the selected cell. */
function edit(context: Context): Result {
  const { ui, model } = context;
  const vertex = currentDetails(context)?.vertices.find(({ id }) => id === ui.vertex);
  const operator = vertex?.operators.find(({ line }) => line !== undefined);
  const atOperator = focusOf(ui) === 'plan' ? operator?.line : undefined;
  const line = atOperator ?? selectedCell(context)?.firstLine ?? 1;
  return { ui, out: [{ kind: 'open-editor', path: model.notebook?.path ?? '', line }] };
}

function enterJob(context: Context): Result {
  const jobId = selectedJobId(context);
  if (jobId === undefined) return same(context.ui);
  const ui = focusOn({ ...context.ui, page: 'job', jobId, vertex: undefined }, 'plan');
  return { ui: { ...ui, scroll: {} }, out: [{ kind: 'enter-job', jobId }] };
}

export function showPage(ui: UiState, page: Exclude<Page, 'job'>): Result {
  const left = ui.jobId;
  const next = { ...ui, page, jobId: undefined, isZoomed: false };
  const shown = focusOn(next, PANES[page][0] ?? 'plan');
  const show = { kind: 'show-page', page } as const;
  return {
    ui: shown,
    out: left === undefined ? [show] : [{ kind: 'leave-job', jobId: left }, show],
  };
}

/** One step at a time. */
function back(context: Context): Result {
  const { ui, model } = context;
  const focus = focusOf(ui);
  if ((ui.filters[focus] ?? '') !== '') {
    return same({ ...ui, filters: { ...ui.filters, [focus]: '' } });
  }
  if (focus === 'output' && ui.outputRow !== undefined) {
    return same({ ...ui, outputRow: undefined });
  }
  if (focus === 'plan' && ui.vertex !== undefined) return same({ ...ui, vertex: undefined });
  if (ui.isZoomed) return same({ ...ui, isZoomed: false });
  if (ui.page === 'job') return showPage(ui, 'jobs');
  if (ui.page === 'jobs' && model.notebook !== undefined) return showPage(ui, 'notebook');
  return same(ui);
}

function freeze({ ui, model }: Context): Result {
  const isFrozen = ui.frozen === undefined;
  const frozen = isFrozen ? model.outputs : undefined;
  const outputRow = isFrozen ? ui.outputRow : undefined;
  return { ui: { ...ui, frozen, outputRow }, out: [] };
}

function copy(context: Context): Result {
  const text = textToCopy(context).slice(0, COPY_MAX);
  const lines = text.split('\n').length;
  const what = lines === 1 ? 'copied' : `copied ${lines} lines`;
  return { ui: notice(context, what).ui, out: [{ kind: 'copy', text }] };
}

function textToCopy(context: Context): string {
  const { ui } = context;
  switch (focusOf(ui)) {
    case 'cells':
      return selectedCell(context)?.lines.join('\n') ?? '';
    case 'jobs':
      return selectedJobId(context) ?? '';
    case 'exceptions':
      return currentDetails(context)?.exceptions[0]?.text ?? '';
    case 'output': {
      const output = shownOutput(context);
      const filter = ui.filters.output ?? '';
      const rows = matchingRows({ output, row: undefined, isFrozen: false, missed: 0, filter });
      return (rows.find(({ number }) => number === ui.outputRow) ?? rows.at(-1))?.row.text ?? '';
    }
    case 'logs':
      return context.model.log?.lines.join('\n') ?? '';
    case 'plan':
    case 'slots':
    case 'checkpoints':
    case 'subtasks':
      return currentJob(context)?.id ?? '';
  }
}

/** The JobManager's, then each TaskManager's. */
function nextLog({ ui, model }: Context): Result {
  const ids = (model.cluster?.taskManagers ?? []).map(({ id }) => id);
  const log = ids[ids.indexOf(ui.log ?? '') + 1];
  return same({ ...focusOn(ui, 'logs'), log, scroll: { ...ui.scroll, logs: 0 } });
}

function filter({ ui }: Context): Result {
  const pane = focusOf(ui);
  return open(ui, { kind: 'filter', pane, line: lineOf(ui.filters[pane] ?? '') });
}

function turn(ui: UiState, step: number): UiState {
  const panes = PANES[ui.page];
  const now = panes.indexOf(focusOf(ui));
  const next = panes[(now + step + panes.length) % panes.length];
  return next === undefined ? ui : focusOn(ui, next);
}

function interrupt(context: Context): Result {
  const { ui, nowMs } = context;
  if (nowMs - ui.interruptedAtMs <= SECOND_INTERRUPT_MS) return { ui, out: [{ kind: 'quit' }] };
  const told = notice(context, 'interrupted; ctrl+c again quits').ui;
  return { ui: { ...told, interruptedAtMs: nowMs }, out: [{ kind: 'interrupt' }] };
}

function quit({ ui, model }: Context): Result {
  const running = model.cluster?.jobs.filter(isRunning).length ?? 0;
  if (!model.isEmbedded || running === 0) return { ui, out: [{ kind: 'quit' }] };
  const jobs = running === 1 ? 'the running job' : `${running} running jobs`;
  return open(ui, {
    kind: 'confirm',
    question: `Quit and stop ${jobs}?`,
    detail: 'The embedded cluster ends with this screen.',
    onYes: { kind: 'quit' },
  });
}
