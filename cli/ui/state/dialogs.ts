// Keys while a dialog is open. They go to the dialog alone; Esc closes it, and so does ctrl-c.

import { ask, notice, perform, type Result, same } from './actions.ts';
import { commonCompletion, completions, runLine } from './command-line.ts';
import { EMPTY_LINE, editLine, insertText, type Line, lineOf } from './line-edit.ts';
import { paletteEntries } from './palette.ts';
import { rescaleCommand } from './rescaling.ts';
import { type Context, currentDetails } from './selection.ts';
import type { Confirmed, Dialog, UiState } from './ui-state.ts';

const HISTORY_MAX = 100;

export function dialogKey(context: Context, dialog: Dialog, key: string): Result {
  if (key === 'escape' || key === 'ctrl+c') return closed(context, dialog);
  switch (dialog.kind) {
    case 'palette':
      return paletteKey(context, dialog, key);
    case 'command':
      return commandKey(context, dialog, key);
    case 'filter':
      return filterKey(context, dialog, key);
    case 'confirm':
      return confirmKey(context, dialog.onYes, key);
    case 'typed':
      return typedKey(context, dialog, key);
    case 'parallelism':
      return parallelismKey(context, dialog, key);
    case 'help':
      return helpKey(context, dialog.scroll, key);
  }
}

/** Pasted text goes where typed text would; elsewhere it is ignored, so that it cannot press keys. */
export function dialogPaste(context: Context, dialog: Dialog, text: string): Result {
  if (!('line' in dialog)) return same(context.ui);
  return withLine(context, dialog, insertText(dialog.line, text));
}

type LineDialog = Extract<Dialog, { readonly line: Line }>;

function closed({ ui }: Context, dialog: Dialog): Result {
  const next = { ...ui, dialog: undefined };
  if (dialog.kind !== 'filter') return same(next);
  return same({ ...next, filters: { ...ui.filters, [dialog.pane]: '' } });
}

function withLine({ ui }: Context, dialog: LineDialog, line: Line): Result {
  switch (dialog.kind) {
    case 'palette':
      return same({ ...ui, dialog: { ...dialog, line, selected: 0 } });
    case 'command':
      return same({ ...ui, dialog: { ...dialog, line, back: 0 } });
    case 'typed':
    case 'parallelism':
      return same({ ...ui, dialog: { ...dialog, line } });
    case 'filter': {
      const filters = { ...ui.filters, [dialog.pane]: line.text };
      return same({ ...ui, filters, dialog: { ...dialog, line } });
    }
  }
}

/** Editing keys and characters; other keys do nothing. */
function typed(context: Context, dialog: LineDialog, key: string): Result {
  const edited = editLine(dialog.line, key);
  if (edited !== undefined) return withLine(context, dialog, edited);
  const character = key === 'space' ? ' ' : key;
  if ([...character].length !== 1) return same(context.ui);
  return withLine(context, dialog, insertText(dialog.line, character));
}

function paletteKey(
  context: Context,
  dialog: Extract<Dialog, { kind: 'palette' }>,
  key: string,
): Result {
  const entries = paletteEntries(context, dialog.line.text);
  const step = STEPS[key];
  if (step !== undefined) {
    const selected = (dialog.selected + step + entries.length) % Math.max(1, entries.length);
    return same({ ...context.ui, dialog: { ...dialog, selected } });
  }
  if (key !== 'enter') return typed(context, dialog, key);
  const entry = entries[dialog.selected];
  const ui = { ...context.ui, dialog: undefined };
  return entry === undefined ? same(ui) : perform({ ...context, ui }, entry.binding.action);
}

const STEPS: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  'ctrl+p': -1,
  'ctrl+n': 1,
  tab: 1,
  'shift+tab': -1,
};

function commandKey(
  context: Context,
  dialog: Extract<Dialog, { kind: 'command' }>,
  key: string,
): Result {
  const { ui } = context;
  if (key === 'enter' || key === 'ctrl+j') {
    const text = dialog.line.text.trim();
    const kept = ui.history.filter((line) => line !== text);
    const history = text === '' ? ui.history : [...kept, text].slice(-HISTORY_MAX);
    return runLine({ ...context, ui: { ...ui, dialog: undefined, history } }, text);
  }
  if (key === 'up' || key === 'down') return recall(ui, dialog.back + (key === 'up' ? 1 : -1));
  if (key === 'tab') return complete(context, dialog);
  // As in every editor with such a line: deleting beyond its beginning leaves it.
  if (key === 'backspace' && dialog.line.text === '') return closed(context, dialog);
  return typed(context, dialog, key);
}

function recall(ui: UiState, wanted: number): Result {
  const back = Math.max(0, Math.min(ui.history.length, wanted));
  const line = back === 0 ? EMPTY_LINE : lineOf(ui.history.at(-back) ?? '');
  return same({ ...ui, dialog: { kind: 'command', line, back } });
}

function complete(context: Context, dialog: Extract<Dialog, { kind: 'command' }>): Result {
  const lines = completions(context, dialog.line.text);
  if (lines.length === 0) return same(context.ui);
  const common = commonCompletion(lines);
  const isWhole = lines.length === 1 && !common.includes(' ');
  return withLine(context, dialog, lineOf(isWhole ? `${common} ` : common));
}

function filterKey(
  context: Context,
  dialog: Extract<Dialog, { kind: 'filter' }>,
  key: string,
): Result {
  if (key === 'enter' || key === 'ctrl+j') return same({ ...context.ui, dialog: undefined });
  return typed(context, dialog, key);
}

/** Only `y` says yes: Enter is pressed too easily. */
function confirmKey(context: Context, onYes: Confirmed, key: string): Result {
  const ui = { ...context.ui, dialog: undefined };
  if (key === 'y' || key === 'Y') return { ui, out: [onYes] };
  if (key === 'n' || key === 'N' || key === 'enter' || key === 'q') return same(ui);
  return notice(context, 'y for yes, n for no');
}

function typedKey(
  context: Context,
  dialog: Extract<Dialog, { kind: 'typed' }>,
  key: string,
): Result {
  if (key !== 'enter' && key !== 'ctrl+j') return typed(context, dialog, key);
  if (dialog.line.text.trim() !== dialog.word)
    return notice(context, `type ${dialog.word}, or esc for no`);
  return { ui: { ...context.ui, dialog: undefined }, out: [dialog.onYes] };
}

function parallelismKey(
  context: Context,
  dialog: Extract<Dialog, { kind: 'parallelism' }>,
  key: string,
): Result {
  if (key !== 'enter' && key !== 'ctrl+j') return typed(context, dialog, key);
  const { max, line } = dialog;
  const parallelism = Number(line.text.trim());
  if (!Number.isInteger(parallelism) || parallelism < 1 || parallelism > max)
    return notice(context, `a number from 1 to ${max}, or esc`);
  const answered = { ...context, ui: { ...context.ui, dialog: undefined } };
  const job = currentDetails(answered);
  const command = job && rescaleCommand(answered, job, parallelism);
  if (job === undefined || command === undefined)
    return notice(answered, 'its parallelism stays what it is');
  return ask(answered, job, command);
}

function helpKey({ ui }: Context, scroll: number, key: string): Result {
  const step = HELP_STEPS[key];
  if (step === undefined) return same({ ...ui, dialog: undefined });
  return same({ ...ui, dialog: { kind: 'help', scroll: Math.max(0, scroll + step) } });
}

const HELP_STEPS: Readonly<Record<string, number>> = {
  j: 1,
  down: 1,
  k: -1,
  up: -1,
  pagedown: 10,
  pageup: -10,
  space: 10,
};
