// One cell below its title: the source with line numbers and colours, and under a line what is wrong with
// it, a caret below the place. Folded, only lines with something wrong are left. Made once for a cell and a
// width: cells are immutable.

import type { CellModel, DiagnosticModel } from '../../model/notebook-model.ts';
import { escapeUntrusted, expandTabs } from '../text/escape.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { type Row, row, type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { displayWidth, wrapText } from '../text/width.ts';
import { highlight } from './highlight.ts';

/** Marker, line number, blank. */
const GUTTER = 6;

const MESSAGE_ROWS_MAX = 6;

interface Body {
  readonly width: number;
  readonly whole: readonly Row[];
  readonly folded: readonly Row[];
}

const bodies = new WeakMap<CellModel, Body>();

export function cellBody(
  cell: CellModel,
  isFolded: boolean,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  let body = bodies.get(cell);
  if (body?.width !== width) {
    body = build(cell, width, glyphs);
    bodies.set(cell, body);
  }
  return isFolded ? body.folded : body.whole;
}

/** What is wrong with the cell, the failure of its run included, each once. */
function cellProblems(cell: CellModel): readonly DiagnosticModel[] {
  if (cell.run.status !== 'failed') return cell.diagnostics;
  const { problem } = cell.run;
  const isKnown = cell.diagnostics.some(
    ({ message, line }) => message === problem.message && line === problem.line,
  );
  return isKnown ? cell.diagnostics : [problem, ...cell.diagnostics];
}

function build(cell: CellModel, width: number, glyphs: Glyphs): Body {
  const problems = cellProblems(cell);
  const inLine = (line: number): readonly DiagnosticModel[] =>
    problems.filter((problem) => problem.line === line);
  const lines = cell.lines.map((line) => expandTabs(line));
  const sources = cell.kind === 'markdown' ? lines.map(markdownSpans) : highlight(lines);
  const isOutside = ({ line }: DiagnosticModel): boolean =>
    line === undefined || line < cell.firstLine || line >= cell.firstLine + lines.length;
  const outside = problems
    .filter(isOutside)
    .flatMap((problem) => messageRows(problem, width, glyphs));
  const inside = sources.map((spans, i) => {
    const wrong = inLine(cell.firstLine + i).flatMap((problem) =>
      caretRows(problem, cell.lines[i] ?? '', width, glyphs),
    );
    return [row(gutter(cell.firstLine + i), ...spans), ...wrong];
  });
  return {
    width,
    whole: [...outside, ...inside.flat()],
    folded: [...outside, ...inside.filter(({ length }) => length > 1).flat()],
  };
}

function gutter(line: number): Span {
  return span('faint', `${String(line).padStart(GUTTER - 2)}  `);
}

function markdownSpans(line: string): readonly Span[] {
  const text = line.replace(/^\/\/ ?/, '');
  return [span(/^#{1,6} /.test(text) ? 'strong' : 'dim', text)];
}

function messageRows(
  { severity, message, line }: DiagnosticModel,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  const place = line === undefined ? '' : `line ${line}: `;
  return wrapped(place + message, width).map((text, i) =>
    row(
      span(styleOf(severity), `${' '.repeat(GUTTER - 2)}${i === 0 ? glyphs.failed : ' '} `),
      span('text', text),
    ),
  );
}

/** Below the source's beginning; what does not end in a few rows is cut. */
function wrapped(message: string, width: number): readonly string[] {
  const rows = wrapText(escapeLines(message), width - GUTTER);
  return rows.length <= MESSAGE_ROWS_MAX
    ? rows
    : [...rows.slice(0, MESSAGE_ROWS_MAX - 1), rows.slice(MESSAGE_ROWS_MAX - 1).join(' ')];
}

const escapeLines = (text: string): string => text.split('\n').map(escapeUntrusted).join('\n');

/** The message stands right of the caret where it fits, else on a row of its own below. */
function caretRows(
  problem: DiagnosticModel,
  source: string,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  if (problem.column === undefined) return messageBelow(problem, width);
  const at = Math.max(0, problem.column - 1);
  const before = expandTabs(source.slice(0, at));
  const word = /^[\p{L}\p{N}_$]+/u.exec(source.slice(at))?.[0] ?? '';
  const column = GUTTER + displayWidth(before);
  const caret = glyphs.caret.repeat(Math.max(1, displayWidth(word)));
  const style = styleOf(problem.severity);
  const pointer = span(style, ' '.repeat(column) + caret);
  const { message } = problem;
  const room = width - column - caret.length - 1;
  if (displayWidth(message) <= room && !message.includes('\n'))
    return [row(pointer, span(style, ` ${message}`))];
  return [row(pointer), ...messageBelow(problem, width)];
}

function messageBelow({ severity, message }: DiagnosticModel, width: number): readonly Row[] {
  const indent = span('text', ' '.repeat(GUTTER));
  return wrapped(message, width).map((text) => row(indent, span(styleOf(severity), text)));
}

function styleOf(severity: DiagnosticModel['severity']): StyleName {
  return severity === 'error' ? 'bad' : 'warn';
}
