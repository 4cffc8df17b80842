// What a dialog looks like: rows that fill its rectangle, border included, and where its cursor stands.

import { keyLabel } from '../keys.ts';
import { completions } from '../state/command-line.ts';
import type { Line } from '../state/line-edit.ts';
import { type PaletteEntry, paletteEntries } from '../state/palette.ts';
import type { Context } from '../state/selection.ts';
import type { Dialog } from '../state/ui-state.ts';
import { Grid, type Rect } from '../text/grid.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, compose, type Row, row, type Span, span } from '../text/spans.ts';
import { displayWidth, takeColumns } from '../text/width.ts';
import { helpRows } from './help.ts';

const PALETTE = { width: 76, height: 20 };
const HELP = { width: 96, height: 40 };
const CONFIRM_WIDTH = 64;

/** Command line and filter take the key bar's row; the others stand in the upper middle. */
export function dialogRect(dialog: Dialog, columns: number, rows: number): Rect {
  switch (dialog.kind) {
    case 'command':
    case 'filter':
      return { x: 0, y: rows - 1, width: columns, height: 1 };
    case 'palette':
      return centred(PALETTE.width, PALETTE.height, columns, rows);
    case 'help':
      return centred(HELP.width, HELP.height, columns, rows);
    case 'confirm':
    case 'typed':
    case 'parallelism':
      return centred(CONFIRM_WIDTH, 6, columns, rows);
  }
}

export function dialogView(
  dialog: Dialog,
  context: Context,
  { width, height }: Rect,
  look: Look,
): readonly string[] {
  switch (dialog.kind) {
    case 'command':
      return lineRow(':', dialog.line, commandHint(dialog.line, context), width, look);
    case 'filter':
      return lineRow('/', dialog.line, 'enter keeps the filter, esc clears it', width, look);
    case 'palette': {
      const entries = paletteEntries(context, dialog.line.text);
      const rows = paletteRows(entries, dialog, width - 2, height - 2);
      return boxed('what can be done', rows, width, height, look);
    }
    case 'help': {
      const all = helpRows(width - 2, look.glyphs);
      const most = Math.max(0, all.length - height + 2);
      return boxed('keys and signs', all.slice(Math.min(dialog.scroll, most)), width, height, look);
    }
    case 'confirm':
      return boxed('', confirmRows(dialog), width, height, look);
    case 'typed':
      return boxed('', typedRows(dialog), width, height, look);
    case 'parallelism':
      return boxed('', parallelismRows(dialog), width, height, look);
  }
}

/** On the screen; undefined for a dialog without a line. */
export function dialogCursor(
  dialog: Dialog,
  rect: Rect,
): { readonly x: number; readonly y: number } | undefined {
  if (!('line' in dialog)) return undefined;
  const before = displayWidth(dialog.line.text.slice(0, dialog.line.cursor));
  const [x, y] = cursorHome(dialog.kind, rect);
  return { x: Math.min(x + before, rect.x + rect.width - 1), y };
}

/** Where the line of a dialog begins. */
function cursorHome(kind: Dialog['kind'], { x, y }: Rect): readonly [number, number] {
  if (kind === 'palette') return [x + 4, y + 1];
  return kind === 'typed' || kind === 'parallelism' ? [x + 4, y + 4] : [x + 2, y];
}

function centred(width: number, height: number, columns: number, rows: number): Rect {
  const w = Math.max(4, Math.min(width, columns - 4));
  const h = Math.max(3, Math.min(height, rows - 2));
  return {
    x: Math.max(0, (columns - w) >> 1),
    y: Math.max(0, (rows - h) / 3) | 0,
    width: w,
    height: h,
  };
}

function boxed(
  title: string,
  rows: readonly Row[],
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const grid = new Grid(width, height, look.glyphs);
  grid.box({ x: 0, y: 0, width, height }, 'accent');
  if (title !== '') grid.put(2, 0, 'title', ` ${title} `);
  const frame = compose(look, width, height, grid.rows());
  const inside = rows.slice(0, height - 2).map((one) => padded(one, width - 2, look));
  const side = look.paint('accent', look.glyphs.rounded[5] ?? '|');
  return frame.map((line, y) => {
    const content = inside[y - 1];
    return content === undefined || y === height - 1 ? line : side + content + side;
  });
}

/** Exactly `width`: what lies below a dialog must not show through. */
function padded(one: Row, width: number, look: Look): string {
  return (
    compose(look, width, 1, [
      { right: [], ...one, spans: [...one.spans, filler(one, width)] },
    ])[0] ?? ''
  );
}

function filler({ spans, right = [] }: Row, width: number): Span {
  const used = [...spans, ...right].reduce((sum, { text }) => sum + displayWidth(text), 0);
  return span('text', ' '.repeat(Math.max(0, width - used - (right.length > 0 ? 1 : 0))));
}

function lineRow(
  sign: string,
  line: Line,
  hint: string,
  width: number,
  look: Look,
): readonly string[] {
  const text = alignLeft(line.text, Math.max(0, width - 3));
  const shown = line.text === '' ? '' : takeColumns(text, displayWidth(line.text) + 1);
  const spans = [span('key', ` ${sign}`), span('text', shown), span('dim', `   ${hint}`)];
  return [padded(row(...spans), width, look)];
}

function commandHint(line: Line, context: Context): string {
  const lines = completions(context, line.text);
  if (lines.length === 1 && lines[0] === line.text) return 'enter';
  const shown = lines.slice(0, 12).map((whole) => whole.slice(whole.indexOf(' ') + 1));
  return shown.length === 0 ? 'no such command' : shown.join('  ');
}

function paletteRows(
  entries: readonly PaletteEntry[],
  { line, selected }: Extract<Dialog, { kind: 'palette' }>,
  width: number,
  height: number,
): readonly Row[] {
  const room = Math.max(1, height - 2);
  const first = Math.max(0, Math.min(entries.length - room, selected - (room >> 1)));
  const list = entries.slice(first, first + room).map((entry, i) => {
    return paletteRow(entry, first + i === selected, width);
  });
  const empty = entries.length === 0 ? [row(span('dim', '   nothing with these words'))] : list;
  return [row(span('key', ' > '), span('text', line.text)), row(), ...empty];
}

function paletteRow(
  { binding, isPossible }: PaletteEntry,
  isSelected: boolean,
  width: number,
): Row {
  const keys = binding.keys.slice(0, 2).map(keyLabel).join(' ');
  const command = binding.command === undefined ? '' : `:${binding.command}`;
  const aboutWidth = Math.max(0, width - 11 - 13 - 1);
  return {
    isSelected,
    spans: [
      span(isPossible ? 'key' : 'faint', ` ${alignLeft(keys, 9)} `),
      span(isPossible ? 'text' : 'faint', alignLeft(binding.about, aboutWidth)),
      span('dim', ` ${alignLeft(command, 12)}`),
    ],
  };
}

function confirmRows({ question, detail }: Extract<Dialog, { kind: 'confirm' }>): readonly Row[] {
  return [
    row(span('strong', ` ${question}`)),
    row(span('dim', ` ${detail}`)),
    row(),
    row(
      span('key', ' y'),
      span('text', ' yes   '),
      span('key', 'n'),
      span('text', ' no, go on as before'),
    ),
  ];
}

function typedRows(dialog: Extract<Dialog, { kind: 'typed' }>): readonly Row[] {
  const { question, detail, word, line } = dialog;
  const ask = [span('dim', '   type '), span('key', word), span('dim', ' for yes')];
  return [
    row(span('strong', ` ${question}`)),
    row(span('dim', ` ${detail}`)),
    row(),
    row(span('key', ' > '), span('text', line.text), ...(line.text === '' ? ask : [])),
  ];
}

function parallelismRows(dialog: Extract<Dialog, { kind: 'parallelism' }>): readonly Row[] {
  const { job, now, max, line } = dialog;
  return [
    row(span('strong', ` Parallelism of "${job.name}"`)),
    row(span('dim', ` now ${now}, at most ${max}`)),
    row(),
    row(span('key', ' > '), span('text', line.text)),
  ];
}
