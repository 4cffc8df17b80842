// The notebook: its cells with what became of each, source and problems. The list scrolls by rows; where
// each cell begins is computed here for the view, for the scrolling and for the mouse alike.

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
  const rows: Row[] = [...problem];
  const { tops } = cellTops(notebook, width, look.glyphs);
  notebook.cells.forEach((cell, i) => {
    const top = (tops[i] ?? 0) - input.scroll;
    // Rows above and below the pane are not made, but keep their places.
    if (top < height && (tops[i + 1] ?? Number.POSITIVE_INFINITY) > input.scroll) {
      rows[tops[i] ?? 0] = titleRow(cell, input, width, look.glyphs);
      bodyRows(cell, input, width, look.glyphs).forEach((body, line) => {
        rows[(tops[i] ?? 0) + 1 + line] = body;
      });
    }
  });
  if (notebook.cells.length === 0 && problem.length === 0) {
    return compose(
      look,
      width,
      height,
      emptyRows('the notebook is empty', 'e opens it in your editor'),
    );
  }
  const shown = Array.from({ length: height }, (_, y) => rows[y + input.scroll] ?? EMPTY_ROW);
  return compose(look, width, height, shown);
}

/** The row on which each cell's title stands, and all rows there are. */
export function cellTops(
  notebook: NotebookModel,
  width: number,
  glyphs: Glyphs,
): { readonly tops: readonly number[]; readonly rows: number } {
  const tops: number[] = [];
  let next = problemRows(notebook, glyphs).length;
  for (const cell of notebook.cells) {
    tops.push(next);
    next += 2 + cellBody(cell, width, glyphs).length;
  }
  return { tops, rows: Math.max(0, next - 1) };
}

/** The cell that is drawn on a row of the pane, for the mouse. */
export function cellAt(
  { notebook, scroll }: CellsInput,
  width: number,
  glyphs: Glyphs,
  y: number,
): number | undefined {
  if (notebook === undefined) return undefined;
  const { tops } = cellTops(notebook, width, glyphs);
  const index = tops.findLastIndex((top) => top <= y + scroll);
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

function titleRow(cell: CellModel, input: CellsInput, width: number, glyphs: Glyphs): Row {
  const isSelected = cell.index === input.cell;
  const job = findJob(input.cluster, cell.jobId);
  const right = statusSpans(cell, input, glyphs);
  const left = [
    bar(isSelected, glyphs),
    span('dim', `${String(cell.index + 1).padStart(2)} `),
    cellMark(cell, job, glyphs),
    span('text', ' '),
    span(isSelected ? 'title' : 'strong', cell.title),
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
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  const body = cellBody(cell, width, glyphs);
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
