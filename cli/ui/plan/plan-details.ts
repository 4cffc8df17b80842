// The lines under the plan: the selected vertex in figures, why each of its edges is not chained, and a
// subtask that has not come back from one call. They take their rows from the plan only where it can spare
// them.

import type { EdgeModel, JobModel, VertexModel } from '../../model/cluster-model.ts';
import { bytes, duration, eventTime, rate, total } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { EMPTY_ROW, type Row, row, type Span, span, spansWidth } from '../text/spans.ts';
import { shortName } from './plan-vertex.ts';

const REASONS_MAX = 3;
/** Below this height every row belongs to the drawing. */
const HEIGHT_LEAST = 9;

export function detailRows(
  job: JobModel,
  id: string | undefined,
  nowMs: number,
  width: number,
  height: number,
  glyphs: Glyphs,
): readonly Row[] {
  const vertex = job.vertices.find((candidate) => candidate.id === id);
  if (vertex === undefined || height < HEIGHT_LEAST) return [];
  const room = Math.min(REASONS_MAX + 1, Math.floor(height / 6));
  const lines = [...stuckRows(vertex, glyphs), ...reasonRows(job, vertex)].slice(0, room);
  return [EMPTY_ROW, figuresRow(vertex, nowMs, width, glyphs), ...lines];
}

/** Most important first: what has no room is left out. */
function figuresRow(vertex: VertexModel, nowMs: number, width: number, glyphs: Glyphs): Row {
  const running = vertex.subtasks.filter(({ state }) => state === 'RUNNING').length;
  const { watermarkMs, stateBytes = 0, lateRecords } = vertex;
  const facts: (readonly [string, string])[] = [
    ['in', rate(vertex.recordsInPerSecond)],
    ['out', rate(vertex.recordsOutPerSecond)],
  ];
  if (watermarkMs !== undefined) facts.push(['watermark', eventTime(watermarkMs, nowMs)]);
  if (stateBytes > 0) facts.push(['state', bytes(stateBytes)]);
  if (lateRecords > 0) facts.push(['late', total(lateRecords)]);
  facts.push(['running', `${running}/${vertex.parallelism}`]);
  const spans: Span[] = [
    span('accent', ` ${glyphs.selected}`),
    span('strong', shortName(vertex)),
    span('dim', ` ×${vertex.parallelism} of ${vertex.maxParallelism}`),
  ];
  for (const [label, value] of facts) {
    const fact = [
      span('faint', ` ${glyphs.separator} `),
      span('dim', `${label} `),
      span('text', value),
    ];
    if (spansWidth([...spans, ...fact]) <= width) spans.push(...fact);
  }
  return row(...spans);
}

function stuckRows({ subtasks }: VertexModel, glyphs: Glyphs): readonly Row[] {
  const stuck = subtasks.find(({ stuckMs }) => stuckMs !== undefined);
  if (stuck === undefined) return [];
  const text = `subtask ${stuck.index + 1} has been in one call for ${duration(stuck.stuckMs)}`;
  return [row(span('bad', `  ${glyphs.blocked} `), span('text', text))];
}

function reasonRows(job: JobModel, { id }: VertexModel): readonly Row[] {
  const nameOf = (vertex: string): string => {
    const found = job.vertices.find((candidate) => candidate.id === vertex);
    return found === undefined ? vertex : shortName(found);
  };
  const reasons = (edge: EdgeModel): readonly Row[] => {
    if (edge.notChained === undefined || (edge.source !== id && edge.target !== id)) return [];
    const ends = edge.source === id ? `with ${nameOf(edge.target)}` : `with ${nameOf(edge.source)}`;
    return [row(span('dim', `  not chained ${ends}: `), span('text', edge.notChained))];
  };
  return job.edges.flatMap(reasons);
}
