// The checkpoints of a job: how many and how long, a sparkline of the last durations, and the newest ones
// row by row, with a bar of the acknowledgements by vertex and, for a failed one, why.

import type {
  CheckpointModel,
  CheckpointsModel,
  JobModel,
  VertexModel,
} from '../../model/cluster-model.ts';
import { shortName } from '../plan/plan-vertex.ts';
import { age, barColumns, bytes, duration, sparkline, total } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, alignRight, compose, type Row, row, type Span, span } from '../text/spans.ts';
import { emptyRows } from './marks.ts';

export interface CheckpointsInput {
  readonly job: JobModel | undefined;
  /** Rows of the history above the pane. */
  readonly scroll: number;
  readonly nowMs: number;
  readonly empty: string;
}

/** Fewer columns than this show no bar of acknowledgements. */
const BAR_FROM_WIDTH = 48;
const BAR_MAX = 28;

export function checkpointsView(
  input: CheckpointsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { job } = input;
  if (job === undefined) return compose(look, width, height, emptyRows(input.empty));
  const { checkpoints } = job;
  const top = summaryRows(checkpoints, width, height, look.glyphs);
  const history = checkpoints.history.slice(input.scroll, input.scroll + height);
  const rows = history.map((one) => historyRow(one, job.vertices, input.nowMs, width, look.glyphs));
  if (checkpoints.history.length === 0) {
    const text =
      checkpoints.intervalMs === undefined ? 'checkpointing is off' : 'no checkpoint yet';
    return compose(look, width, height, [...top, ...emptyRows(text)]);
  }
  return compose(look, width, height, [...top, ...rows]);
}

function summaryRows(
  model: CheckpointsModel,
  width: number,
  height: number,
  glyphs: Glyphs,
): readonly Row[] {
  if (height < 4) return [];
  const interval = duration(model.intervalMs).replace(/\.?0+ s$/, ' s');
  const every = model.intervalMs === undefined ? '' : ` ${glyphs.separator} every ${interval}`;
  const counts = row(
    span('text', ` ${total(model.completed)}`),
    span('dim', ' completed'),
    span('faint', ` ${glyphs.separator} `),
    span(model.failed > 0 ? 'bad' : 'text', total(model.failed)),
    span('dim', ' failed'),
    span('dim', model.restored > 0 ? ` ${glyphs.separator} ${total(model.restored)} restored` : ''),
    span('dim', every),
  );
  if (height < 6) return [counts];
  const figures = ` p50 ${duration(model.durationP50Ms)}  p95 ${duration(model.durationP95Ms)}`;
  const times = model.history
    .filter(({ status }) => status === 'COMPLETED')
    .map(({ durationMs }) => durationMs)
    .reverse();
  const room = Math.min(40, Math.max(0, width - figures.length - 2));
  const line = row(span('accent', ` ${sparkline(times, room, glyphs)}`), span('dim', figures));
  return [counts, line];
}

function historyRow(
  one: CheckpointModel,
  vertices: readonly VertexModel[],
  nowMs: number,
  width: number,
  glyphs: Glyphs,
): Row {
  const spans = [
    statusMark(one, glyphs),
    span(one.isSavepoint ? 'accent' : 'dim', ` #${alignLeft(String(one.id), 4)} `),
    span('text', alignRight(duration(one.durationMs), 7)),
    span('dim', alignRight(bytes(one.sizeBytes), 9)),
  ];
  if (one.status === 'FAILED') {
    spans.push(span('bad', `  ${one.failure ?? 'failed'}`));
    return { spans };
  }
  if (width >= BAR_FROM_WIDTH) spans.push(...ackSpans(one, vertices, width, glyphs));
  const kind = one.isSavepoint && width >= BAR_FROM_WIDTH + 12 ? 'savepoint ' : '';
  const since =
    one.status === 'IN_PROGRESS' ? 'now' : `${age(nowMs - one.triggerMs - one.durationMs)} ago`;
  return { spans, right: [span('dim', `${kind}${since} `)] };
}

function statusMark({ status }: CheckpointModel, glyphs: Glyphs): Span {
  switch (status) {
    case 'IN_PROGRESS':
      return span('warn', ` ${glyphs.barrier}`);
    case 'COMPLETED':
      return span('good', ` ${glyphs.finished}`);
    case 'FAILED':
      return span('bad', ` ${glyphs.failed}`);
  }
}

/** One part per vertex, as long as it has subtasks, filled by those that acknowledged. */
function ackSpans(
  one: CheckpointModel,
  vertices: readonly VertexModel[],
  width: number,
  glyphs: Glyphs,
): readonly Span[] {
  const acks = span('dim', `${alignRight(`${one.acknowledged}/${one.subtasks}`, 7)}  `);
  const { byVertex } = one;
  if (one.status === 'COMPLETED' && byVertex === undefined) return [acks];
  const room = Math.max(2, Math.min(BAR_MAX, width - BAR_FROM_WIDTH));
  if (byVertex === undefined || room < 2 * vertices.length) {
    const [done = 0] = barColumns([one.acknowledged / Math.max(1, one.subtasks)], room);
    return [acks, ...barSpans(done, room - done, glyphs)];
  }
  const shares = vertices.map(({ parallelism }) => parallelism / Math.max(1, one.subtasks));
  const parts = barColumns(shares, room - vertices.length + 1);
  const bars = vertices.flatMap(({ id }, i) => {
    const part = parts[i] ?? 0;
    const share = (byVertex[id]?.acknowledged ?? 0) / Math.max(1, byVertex[id]?.total ?? 1);
    const done = Math.min(part, Math.floor(share * part + 0.001));
    return [
      ...barSpans(done, part - done, glyphs),
      span('text', i + 1 < vertices.length ? ' ' : ''),
    ];
  });
  return [acks, ...bars, waitingFor(one, vertices)];
}

function barSpans(done: number, left: number, glyphs: Glyphs): readonly Span[] {
  return [
    span('accent', glyphs.busy.repeat(Math.max(0, done))),
    span('faint', glyphs.free.repeat(Math.max(0, left))),
  ];
}

function waitingFor({ byVertex }: CheckpointModel, vertices: readonly VertexModel[]): Span {
  const late = vertices.find(({ id }) => {
    const acks = byVertex?.[id];
    return acks !== undefined && acks.acknowledged < acks.total;
  });
  return span('dim', late === undefined ? '' : `  waits for ${shortName(late)}`);
}
