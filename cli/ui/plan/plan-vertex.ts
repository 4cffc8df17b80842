// One vertex of the plan: its box with the chain of operators inside, its load, rate and watermark; smaller
// and smaller forms of the same. Every figure has its place and keeps its width.

import type { CheckpointModel, OperatorModel, VertexModel } from '../../model/cluster-model.ts';
import { bytes, eventTime, percent, rate } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Grid, Rect } from '../text/grid.ts';
import { alignLeft, alignRight, type Span, span, spansWidth } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { displayWidth } from '../text/width.ts';
import { loadBar, loadStyle } from '../views/load-bar.ts';
import { taskMark } from '../views/marks.ts';
import type { PlanMode } from './plan-layout.ts';

export interface VertexContext {
  readonly mode: PlanMode;
  readonly glyphs: Glyphs;
  readonly nowMs: number;
  readonly isSelected: boolean;
  /** In flight, if any. */
  readonly checkpoint: CheckpointModel | undefined;
}

export function drawVertex(grid: Grid, box: Rect, vertex: VertexModel, how: VertexContext): void {
  if (how.mode === 'chips') return drawChip(grid, box, vertex, how);
  const style = borderStyle(vertex, how.isSelected);
  grid.box(box, style);
  drawTitle(grid, box, vertex, how, style);
  const inner = { x: box.x + 2, width: box.width - 4 };
  if (how.mode === 'small') {
    grid.putSpans(inner.x, box.y + 1, loadSpans(vertex, inner.width, how.glyphs));
  } else {
    // A single operator is what the title says already.
    const chain = vertex.operators.length > 1 ? chainText(vertex.operators, how.glyphs) : '';
    grid.put(inner.x, box.y + 1, 'text', alignLeft(chain, inner.width, how.glyphs.ellipsis));
    grid.putSpans(inner.x, box.y + 2, loadSpans(vertex, inner.width, how.glyphs));
    grid.putSpans(inner.x, box.y + 3, factSpans(vertex, inner.width, how));
  }
  drawBarrier(grid, box, vertex, how);
}

/** What a person would call it: its head's name, without Flink's `Source: ` and without the chain. */
export function shortName(vertex: VertexModel): string {
  const head = vertex.operators[0]?.name ?? vertex.name.split(' -> ')[0] ?? vertex.name;
  return head.replace(/^(Source|Sink): /, '');
}

/** `flights → parse → (late, window)`: what follows one operator together stands in parentheses. */
function chainText(operators: readonly OperatorModel[], glyphs: Glyphs): string {
  const followers = new Map<number, number[]>();
  operators.forEach(({ after }, i) => {
    if (after < i) followers.set(after, [...(followers.get(after) ?? []), i]);
  });
  const seen = new Set<number>();
  const from = (index: number): string => {
    if (seen.has(index)) return '';
    seen.add(index);
    const name = operators[index]?.name.replace(/^(Source|Sink): /, '') ?? '';
    const next = (followers.get(index) ?? []).map(from);
    if (next.length === 0) return name;
    const rest = next.length === 1 ? (next[0] ?? '') : `(${next.join(', ')})`;
    return `${name} ${glyphs.chain} ${rest}`;
  };
  return (followers.get(-1) ?? []).map(from).join(', ');
}

function borderStyle(vertex: VertexModel, isSelected: boolean): StyleName {
  if (vertex.state === 'FAILED') return 'bad';
  if (isSelected) return 'accent';
  if (vertex.state === 'FINISHED' || vertex.state === 'CANCELED') return 'faint';
  return loadStyle(vertex);
}

function drawTitle(
  grid: Grid,
  box: Rect,
  vertex: VertexModel,
  { glyphs, isSelected }: VertexContext,
  style: StyleName,
): void {
  const parallelism = ` ×${vertex.parallelism} `;
  const room = box.width - 8 - displayWidth(parallelism);
  const name = alignLeft(shortName(vertex), room, glyphs.ellipsis).trimEnd();
  const mark = taskMark(vertex.state, glyphs);
  grid.putSpans(box.x + 2, box.y, [
    span(style, ' '),
    mark,
    span(isSelected ? 'title' : 'strong', ` ${name} `),
  ]);
  grid.put(box.x + box.width - 2 - displayWidth(parallelism), box.y, 'dim', parallelism);
}

function loadSpans(vertex: VertexModel, width: number, glyphs: Glyphs): readonly Span[] {
  // What was measured last is no load of a vertex that does not run.
  const isRunning = vertex.state === 'RUNNING';
  const measured = isRunning ? vertex : { busy: undefined, backPressured: undefined };
  const figure = (isRunning ? rate(paceOf(vertex)) : '').padStart(8);
  const bar = Math.max(4, Math.min(10, width - 14));
  const load = [...loadBar(measured, bar, glyphs), span('dim', ` ${percent(measured.busy)}`)];
  const gap = Math.max(1, width - spansWidth(load) - displayWidth(figure));
  return [...load, span('number', ' '.repeat(gap) + figure)];
}

/** Records a second. A sink emits nothing; a source may hand on few of those that it reads. */
export function paceOf({ recordsInPerSecond, recordsOutPerSecond }: VertexModel): number {
  return Math.max(recordsOutPerSecond, recordsInPerSecond);
}

function factSpans(
  { watermarkMs, stateBytes }: VertexModel,
  width: number,
  { nowMs }: VertexContext,
): readonly Span[] {
  const state = stateBytes === undefined || stateBytes === 0 ? '' : bytes(stateBytes);
  const room = width - displayWidth(state) - (state === '' ? 0 : 1);
  const long = watermarkMs === undefined ? '' : `wm ${eventTime(watermarkMs, nowMs)}`;
  // Without the date where it does not fit: the figures below the plan have it.
  const watermark = displayWidth(long) > room ? long.replace(/ \d{4}-\d\d-\d\d/, '') : long;
  return [span('dim', alignLeft(watermark, room)), span('dim', alignRight(state, width - room))];
}

function drawBarrier(
  grid: Grid,
  box: Rect,
  vertex: VertexModel,
  { checkpoint, glyphs }: VertexContext,
): void {
  const acks = checkpoint?.byVertex?.[vertex.id];
  if (acks === undefined) return;
  const text = ` ${glyphs.barrier} ${acks.acknowledged}/${acks.total} `;
  const isDone = acks.acknowledged >= acks.total;
  grid.put(
    box.x + box.width - 2 - displayWidth(text),
    box.y + box.height - 1,
    isDone ? 'good' : 'warn',
    text,
  );
}

function drawChip(
  grid: Grid,
  { x, y, width }: Rect,
  vertex: VertexModel,
  how: VertexContext,
): void {
  const tail = ` ×${vertex.parallelism} ${percent(vertex.busy)}`;
  const room = width - 3 - displayWidth(tail);
  const name = alignLeft(shortName(vertex), room, how.glyphs.ellipsis);
  grid.putSpans(x, y, [
    span('accent', how.isSelected ? how.glyphs.selected : ' '),
    taskMark(vertex.state, how.glyphs),
    span(how.isSelected ? 'title' : 'text', ` ${name}`),
    span(loadStyle(vertex), tail),
  ]);
}
