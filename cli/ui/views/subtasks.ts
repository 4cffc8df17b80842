// One vertex from near by: how it went lately as sparklines, and below them its subtasks, each with state,
// place, load, figures and watermark. Only the rows in the pane are made.

import type { JobModel, SubtaskModel, VertexModel } from '../../model/cluster-model.ts';
import { shortName } from '../plan/plan-vertex.ts';
import { count, eventTime, percent, rate, sparkline } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import {
  alignLeft,
  alignRight,
  compose,
  EMPTY_ROW,
  type Row,
  row,
  type Span,
  span,
} from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { loadBar } from './load-bar.ts';
import { emptyRows, taskMark } from './marks.ts';

export interface SubtasksInput {
  readonly job: JobModel | undefined;
  /** Id of the selected vertex; the first without. */
  readonly vertex: string | undefined;
  /** Subtasks above the pane. */
  readonly scroll: number;
  readonly nowMs: number;
  readonly empty: string;
}

export function subtasksView(
  input: SubtasksInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { job, scroll, nowMs } = input;
  if (job === undefined) return compose(look, width, height, emptyRows(input.empty));
  const vertex = shownVertex(job, input.vertex);
  if (vertex === undefined)
    return compose(look, width, height, emptyRows('the job has no vertices yet'));
  const head = [...historyRows(vertex, width, look.glyphs), headingRow(width)];
  const first = Math.min(scroll, Math.max(0, vertex.subtasks.length - 1));
  const rows = vertex.subtasks
    .slice(first, first + Math.max(0, height - head.length))
    .map((subtask) => subtaskRow(subtask, width, nowMs, look.glyphs));
  return compose(look, width, height, [...head, ...rows]);
}

export function subtasksCaption(
  job: JobModel | undefined,
  id: string | undefined,
): readonly Span[] {
  const vertex = job === undefined ? undefined : shownVertex(job, id);
  if (vertex === undefined) return [];
  return [span('dim', `${vertex.parallelism} of ${shortName(vertex)}`)];
}

export function shownVertex(job: JobModel, id: string | undefined): VertexModel | undefined {
  return job.vertices.find((vertex) => vertex.id === id) ?? job.vertices[0];
}

const SHARES: ReadonlySet<string> = new Set(['busy', 'back']);
const LABEL = 5;
const FIGURE = 9;

/** Two to a row where there is room. */
function historyRows(vertex: VertexModel, width: number, glyphs: Glyphs): readonly Row[] {
  const { history, busy, backPressured } = vertex;
  const lines: readonly (readonly [string, string, readonly number[] | undefined, StyleName])[] = [
    ['in', rate(vertex.recordsInPerSecond), history?.recordsInPerSecond, 'number'],
    ['out', rate(vertex.recordsOutPerSecond), history?.recordsOutPerSecond, 'number'],
    ['busy', percent(busy), history?.busy, 'accent'],
    ['back', percent(backPressured), history?.backPressured, 'pressure'],
  ];
  const perRow = width >= 72 ? 2 : 1;
  const room = Math.floor((width - 2) / perRow) - LABEL - FIGURE - 3;
  const spans = lines.map(([label, figure, values = [], style]) => [
    span('dim', ` ${alignLeft(label, LABEL)}`),
    span('text', `${alignRight(figure, FIGURE)} `),
    span(style, sparkline(values, room, glyphs, SHARES.has(label) ? 1 : undefined).padEnd(room)),
  ]);
  const rows = Array.from({ length: lines.length / perRow }, (_, i) =>
    row(...spans.slice(i * perRow, (i + 1) * perRow).flat()),
  );
  return [...rows, EMPTY_ROW];
}

const PLACE_LEAST = 12;
const COLUMNS = { number: 6, state: 13, attempt: 4, load: 17, in: 8, out: 8, watermark: 18 };

const placeWidth = (width: number): number =>
  Math.max(PLACE_LEAST, width - Object.values(COLUMNS).reduce((a, b) => a + b, 0) - 2);

function headingRow(width: number): Row {
  const text = [
    alignRight('#', COLUMNS.number - 1),
    `   ${alignLeft('state', COLUMNS.state - 2)}`,
    alignLeft('try', COLUMNS.attempt),
    alignLeft('busy, back-press.', COLUMNS.load),
    alignRight('in', COLUMNS.in),
    alignRight('out', COLUMNS.out),
    alignRight('watermark', COLUMNS.watermark),
    `  ${alignLeft('TaskManager', placeWidth(width))}`,
  ];
  return row(span('dim', text.join('')));
}

function subtaskRow(subtask: SubtaskModel, width: number, nowMs: number, glyphs: Glyphs): Row {
  const { index, state, attempt, taskManager = '–', slot, watermarkMs } = subtask;
  const place = slot === undefined ? taskManager : `${taskManager} / ${slot}`;
  return row(
    span('text', `${alignRight(String(index + 1), COLUMNS.number - 1)} `),
    taskMark(state, glyphs),
    span('dim', ` ${alignLeft(state.toLowerCase(), COLUMNS.state - 2)}`),
    span(attempt > 0 ? 'warn' : 'dim', alignLeft(String(attempt + 1), COLUMNS.attempt)),
    ...loadBar(subtask, 10, glyphs),
    span('dim', alignLeft(` ${percent(subtask.busy)}`, COLUMNS.load - 10)),
    span('number', alignRight(count(subtask.recordsIn), COLUMNS.in)),
    span('number', alignRight(count(subtask.recordsOut), COLUMNS.out)),
    span('text', alignRight(eventTime(watermarkMs, nowMs), COLUMNS.watermark)),
    span('dim', `  ${alignLeft(place, placeWidth(width), glyphs.ellipsis)}`),
  );
}
