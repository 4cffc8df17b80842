// The rows that the sinks print, oldest first, each with its sink and subtask. Rows that no checkpoint covers
// yet carry a dot and stand back. What the job says beside its rows stands where it was said. The view
// follows the newest row, or stays where the selection is.

import type { OutputModel, OutputRow } from '../../model/notebook-model.ts';
import { total } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, compose, type Row, type Span, span } from '../text/spans.ts';
import { displayWidth } from '../text/width.ts';
import { emptyRows } from './marks.ts';

export interface OutputInput {
  readonly output: OutputModel;
  /** Number of the selected row since the beginning, from 0; undefined follows the newest. */
  readonly row: number | undefined;
  readonly isFrozen: boolean;
  /** Rows that came since the view was frozen. */
  readonly missed: number;
  readonly filter: string;
  /** Why there can be none; undefined where rows may come. */
  readonly refusal?: string | undefined;
}

const LABEL_MAX = 14;

export function outputView(
  input: OutputInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const rows = matchingRows(input);
  if (rows.length === 0) {
    const text = input.filter === '' ? 'no rows yet' : `no row has "${input.filter}"`;
    const { refusal } = input;
    const said = refusal === undefined ? emptyRows(text) : emptyRows('no rows here', refusal);
    return compose(look, width, height, said);
  }
  const first = firstShown(rows, input, height);
  const shown = rows.slice(first, first + height);
  const label = Math.min(LABEL_MAX, Math.max(...shown.map(({ row }) => displayWidth(row.sink))));
  const prefix = Math.max(...shown.map(({ row }) => prefixOf(row).length));
  const draw = ({ row, number }: NumberedRow): Row =>
    outputRow(row, label, prefix, number === input.row, look.glyphs);
  return compose(look, width, height, shown.map(draw));
}

export interface NumberedRow {
  readonly row: OutputRow;
  readonly number: number;
}

/** Those that the filter lets through, with their numbers since the beginning. */
export function matchingRows({ output, filter }: OutputInput): readonly NumberedRow[] {
  const base = output.total - output.rows.length;
  const numbered = output.rows.map((row, i) => ({ row, number: base + i }));
  if (filter === '') return numbered;
  const wanted = filter.toLowerCase();
  return numbered.filter(({ row }) => `${row.sink} ${row.text}`.toLowerCase().includes(wanted));
}

/** `1.2k rows · 200 dropped · following`, for the pane's border. */
export function outputCaption(input: OutputInput, glyphs: Glyphs): readonly Span[] {
  const { output, isFrozen, missed, filter } = input;
  const count = output.total - output.messages;
  const parts = [span('dim', `${total(count)} ${count === 1 ? 'row' : 'rows'}`)];
  const add = (part: Span): void => {
    parts.push(span('faint', ` ${glyphs.separator} `), part);
  };
  if (filter !== '') add(span('accent', `/${filter}`));
  if (output.dropped > 0) add(span('dim', `${total(output.dropped)} dropped`));
  if (isFrozen) add(span('warn', `frozen, ${total(missed)} new`));
  else add(span('dim', input.row === undefined ? 'following' : 'selected'));
  return parts;
}

/** Number of the row that is drawn on a row of the pane, for the mouse. */
export function outputRowAt(input: OutputInput, height: number, y: number): number | undefined {
  const rows = matchingRows(input);
  return rows[firstShown(rows, input, height) + y]?.number;
}

function firstShown(rows: readonly NumberedRow[], { row }: OutputInput, height: number): number {
  const newest = Math.max(0, rows.length - height);
  if (row === undefined) return newest;
  const selected = rows.findIndex(({ number }) => number >= row);
  if (selected < 0) return newest;
  return Math.max(0, Math.min(newest, selected - (height >> 1)));
}

function outputRow(
  row: OutputRow,
  label: number,
  prefix: number,
  isSelected: boolean,
  glyphs: Glyphs,
): Row {
  const { text, tentative, message } = row;
  const tone = message === 'warn' ? 'warn' : tentative || message === 'info' ? 'dim' : 'text';
  return {
    isSelected,
    spans: [
      span('accent', isSelected ? glyphs.selected : ' '),
      span('faint', tentative ? glyphs.separator : ' '),
      ...(message === undefined ? placeSpans(row, label, prefix, glyphs) : [span('text', ' ')]),
      span(tone, text),
    ],
  };
}

/** Sink and subtask, in columns; what the job says has the whole row. */
function placeSpans(row: OutputRow, label: number, prefix: number, glyphs: Glyphs): Span[] {
  const subtask = span('faint', ` ${prefixOf(row).padStart(prefix)}`);
  if (label === 0) return [subtask];
  return [span('number', ` ${alignLeft(row.sink, label, glyphs.ellipsis)}`), subtask];
}

/** As `print` marks the rows of one subtask among several. */
const prefixOf = ({ subtask }: OutputRow): string =>
  subtask === undefined ? '' : `${subtask + 1}> `;
