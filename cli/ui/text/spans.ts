// Rows as views build them: spans of text, each in a style. `compose` turns them into exactly `height`
// strings of at most `width` columns and is the only place that cuts, escapes and paints; so no view can
// draw outside its pane, whatever it was given.

import { escapeUntrusted } from './escape.ts';
import type { Look } from './look.ts';
import type { StyleName } from './theme.ts';
import { displayWidth, takeColumns, truncate } from './width.ts';

export interface Span {
  readonly style: StyleName;
  readonly text: string;
}

export interface Row {
  readonly spans: readonly Span[];
  /** Stands at the right edge; what is left of it gives way. */
  readonly right?: readonly Span[];
  /** Lies on the selection's background. */
  readonly isSelected?: boolean;
}

export function span(style: StyleName, text: string): Span {
  return { style, text };
}

export function row(...spans: readonly Span[]): Row {
  return { spans };
}

/** At the beginning of a pane's row: what lies below shows. A noncharacter, which the gate lets nobody else use. */
export const SEE_THROUGH = '\uffff';

export const EMPTY_ROW: Row = { spans: [] };

/** Escaped and exactly `columns` wide: cut with an ellipsis, or filled with blanks at its end. */
export function alignLeft(text: string, columns: number, ellipsis = '…'): string {
  const cut = truncate(escapeUntrusted(text), columns, ellipsis);
  return cut + ' '.repeat(Math.max(0, columns - displayWidth(cut)));
}

/** As `alignLeft`, filled at its beginning: for numbers. */
export function alignRight(text: string, columns: number, ellipsis = '…'): string {
  const cut = truncate(escapeUntrusted(text), columns, ellipsis);
  return ' '.repeat(Math.max(0, columns - displayWidth(cut))) + cut;
}

export function spansWidth(spans: readonly Span[]): number {
  let width = 0;
  for (const { text } of spans) width += displayWidth(escapeUntrusted(text));
  return width;
}

/** Exactly `height` strings of at most `width` columns; what is missing is blank, what is over is cut. */
export function compose(
  look: Look,
  width: number,
  height: number,
  rows: readonly Row[],
): readonly string[] {
  const out: string[] = [];
  for (let y = 0; y < height; y++) out.push(paintRow(look, width, rows[y] ?? EMPTY_ROW));
  return out;
}

export function paintRow(look: Look, width: number, { spans, right, isSelected }: Row): string {
  const rightSpans = right === undefined ? NONE : clip(measure(right), width, look);
  const rightWidth = widthOf(rightSpans);
  const room = width - rightWidth - (rightWidth > 0 && rightWidth < width ? 1 : 0);
  const left = clip(measure(spans), room, look);
  const gap = width - widthOf(left) - rightWidth;
  let out = '';
  for (const { style, text } of left) out += look.paint(style, text, isSelected);
  if (gap > 0 && (rightWidth > 0 || isSelected === true)) {
    out += look.paint('text', ' '.repeat(gap), isSelected);
  }
  for (const { style, text } of rightSpans) out += look.paint(style, text, isSelected);
  return out;
}

interface Measured extends Span {
  readonly width: number;
}

const NONE: readonly Measured[] = [];

/** Escaped, so that their widths are what the terminal will show. */
function measure(spans: readonly Span[]): readonly Measured[] {
  return spans.map(({ style, text }) => {
    const safe = escapeUntrusted(text);
    return { style, text: safe, width: displayWidth(safe) };
  });
}

function widthOf(spans: readonly Measured[]): number {
  let width = 0;
  for (const span of spans) width += span.width;
  return width;
}

/** Cut to `width` with an ellipsis in the last column. */
function clip(spans: readonly Measured[], width: number, look: Look): readonly Measured[] {
  if (widthOf(spans) <= width) return spans;
  const out: Measured[] = [];
  let room = width - 1;
  for (const one of spans) {
    if (one.width <= room) {
      out.push(one);
      room -= one.width;
      continue;
    }
    const text = takeColumns(one.text, room) + look.glyphs.ellipsis;
    if (width > 0) out.push({ style: one.style, text, width: displayWidth(text) });
    break;
  }
  return out;
}
