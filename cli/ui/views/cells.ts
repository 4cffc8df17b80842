// The notebook: its cells with what became of each, source and problems. Where all of it does not fit, only
// the selected cell is shown whole; of the others the title, and what is wrong with them. Where each cell
// begins is computed here for the view, for the scrolling and for the mouse alike.

import type { ClusterModel, JobSummary } from '../../model/cluster-model.ts';
import type { CellModel, NotebookModel } from '../../model/notebook-model.ts';
import { age, duration } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { compose, EMPTY_ROW, type Row, type Span, span, spansWidth } from '../text/spans.ts';
import { cellBody } from './cell-body.ts';
import { cellMark, emptyRows, findJob, hasEnded, jobStyle } from './marks.ts';

export interface CellsInput {
  readonly notebook: NotebookModel | undefined;
  readonly cluster: ClusterModel | undefined;
  /** Index of the selected cell. */
  readonly cell: number;
  /** Rows above the pane. */
  readonly scroll: number;
  readonly nowMs: number;
}

export function cellsView(
  input: CellsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { notebook } = input;
  if (notebook === undefined)
    return compose(look, width, height, emptyRows('reading the notebook'));
  const problem = problemRows(notebook, look.glyphs);
  if (notebook.cells.length === 0 && problem.length === 0) {
    const empty = emptyRows('the notebook is empty', 'e opens it in your editor');
    return compose(look, width, height, empty);
  }
  const layout = cellsLayout(notebook, input.cell, width, height, look.glyphs);
  const scroll = Math.min(input.scroll, Math.max(0, layout.rows - height));
  const rows: Row[] = [...problem];
  notebook.cells.forEach((cell, i) => {
    const { top = 0, isFolded = false } = layout.cells[i] ?? {};
    // Rows above and below the pane are not made, but keep their places.
    const next = layout.cells[i + 1]?.top ?? Number.POSITIVE_INFINITY;
    if (top - scroll >= height || next <= scroll) return;
    rows[top] = titleRow(cell, input, isFolded, width, look.glyphs);
    bodyRows(cell, input, isFolded, width, look.glyphs).forEach((body, line) => {
      rows[top + 1 + line] = body;
    });
  });
  const shown = Array.from({ length: height }, (_, y) => rows[y + scroll] ?? EMPTY_ROW);
  return compose(look, width, height, shown);
}

export interface CellsLayout {
  /** The row on which each cell's title stands, and whether its source is left out. */
  readonly cells: readonly { readonly top: number; readonly isFolded: boolean }[];
  readonly rows: number;
}

/** @param selected Index of the cell that is never folded. */
export function cellsLayout(
  notebook: NotebookModel,
  selected: number,
  width: number,
  height: number,
  glyphs: Glyphs,
): CellsLayout {
  const whole = place(notebook, () => false, width, glyphs);
  if (whole.rows <= height) return whole;
  return place(notebook, ({ index }) => index !== selected, width, glyphs);
}

function place(
  notebook: NotebookModel,
  isFolded: (cell: CellModel) => boolean,
  width: number,
  glyphs: Glyphs,
): CellsLayout {
  let next = problemRows(notebook, glyphs).length;
  let last = next;
  const cells = notebook.cells.map((cell) => {
    const placed = { top: next, isFolded: isFolded(cell) };
    last = next + 1 + cellBody(cell, placed.isFolded, width, glyphs).length;
    // What is whole stands apart from what follows.
    next = placed.isFolded ? last : last + 1;
    return placed;
  });
  return { cells, rows: last };
}

/** The cell that is drawn on a row of the pane, for the mouse. */
export function cellAt(
  { notebook, cell, scroll }: CellsInput,
  width: number,
  height: number,
  glyphs: Glyphs,
  y: number,
): number | undefined {
  if (notebook === undefined) return undefined;
  const { cells, rows } = cellsLayout(notebook, cell, width, height, glyphs);
  const first = Math.min(scroll, Math.max(0, rows - height));
  const index = cells.findLastIndex(({ top }) => top <= y + first);
  return index < 0 ? undefined : index;
}

function problemRows({ problem }: NotebookModel, glyphs: Glyphs): readonly Row[] {
  if (problem === undefined) return [];
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
  return [
    { spans: [span('bad', ` ${glyphs.failed} `), span('text', problem.message)] },
    { spans: [span('dim', `   ${place}`)] },
    EMPTY_ROW,
  ];
}

function titleRow(
  cell: CellModel,
  input: CellsInput,
  isFolded: boolean,
  width: number,
  glyphs: Glyphs,
): Row {
  const isSelected = cell.index === input.cell;
  const job = findJob(input.cluster, cell.jobId);
  const right = statusSpans(cell, input, glyphs);
  const left = [
    bar(isSelected, glyphs),
    span('dim', `${String(cell.index + 1).padStart(2)} `),
    cellMark(cell, job, glyphs),
    span('text', ' '),
    span(isSelected ? 'title' : 'strong', cell.title),
    ...(isFolded ? [span('faint', ` ${glyphs.ellipsis}`)] : []),
  ];
  // The title gives way only beyond half of the row.
  const room = Math.max(width >> 1, width - spansWidth(left) - 2);
  return { spans: left, right: firstThatFit(right, room), isSelected };
}

function firstThatFit(parts: readonly Span[], room: number): readonly Span[] {
  let used = 1;
  const kept = parts.filter((part) => {
    used += spansWidth([part]);
    return used <= room;
  });
  return kept.length === 0 ? [] : [...kept, span('text', ' ')];
}

function bodyRows(
  cell: CellModel,
  input: CellsInput,
  isFolded: boolean,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  const body = cellBody(cell, isFolded, width, glyphs);
  if (cell.index !== input.cell) return body;
  return body.map(({ spans }) => {
    const [first, ...rest] = spans;
    if (first === undefined) return { spans: [bar(true, glyphs)] };
    return { spans: [bar(true, glyphs), span(first.style, first.text.slice(1)), ...rest] };
  });
}

function bar(isSelected: boolean, glyphs: Glyphs): Span {
  return isSelected ? span('accent', glyphs.selected) : span('text', ' ');
}

/** Most important first: the rest is dropped where the row is narrow. */
function statusSpans(cell: CellModel, { cluster, nowMs }: CellsInput, glyphs: Glyphs): Span[] {
  const { run } = cell;
  switch (run.status) {
    case 'idle':
      return cell.kind === 'library' ? [span('faint', 'library')] : [];
    case 'compiling':
    case 'submitting':
      return [span('warn', `${run.status}${glyphs.ellipsis}`)];
    case 'failed':
      return [span('bad', `${run.stage} failed`)];
    case 'job': {
      const job = findJob(cluster, cell.jobId);
      if (job === undefined) return [span('warn', `submitted v${cell.version}`)];
      const parts = [`v${cell.version}`, `compiled in ${duration(run.compileMs)}`];
      if (run.firstRowMs !== undefined) parts.push(`first row in ${duration(run.firstRowMs)}`);
      return [
        stateSpan(cell, job, nowMs),
        ...parts.map((part) => span('dim', ` ${glyphs.separator} ${part}`)),
      ];
    }
  }
}

function stateSpan(cell: CellModel, job: JobSummary, nowMs: number): Span {
  const ran = age((job.endMs ?? nowMs) - job.startMs);
  if (!cell.stale || hasEnded(job.state)) {
    return span(jobStyle(job.state), `${job.state.toLowerCase()} ${ran}`);
  }
  return span('warn', `source changed, v${cell.version} runs ${ran}`);
}
