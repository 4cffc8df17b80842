// The plan of a job: vertices as boxes, edges as wires between them, coloured by load; the barriers of a
// checkpoint in flight as ◆ on the edges that they travel; and, for the selected vertex, its figures and
// the reason why each of its edges is not chained.

import type { CheckpointModel, EdgeModel, JobModel } from '../../model/cluster-model.ts';
import { rate } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { Grid, type Rect } from '../text/grid.ts';
import type { Look } from '../text/look.ts';
import { compose } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { displayWidth } from '../text/width.ts';
import { emptyRows } from '../views/marks.ts';
import type { Wire } from './layout.ts';
import { detailRows } from './plan-details.ts';
import { type PlanLayout, planLayout } from './plan-layout.ts';
import { drawVertex } from './plan-vertex.ts';

export interface PlanInput {
  readonly job: JobModel | undefined;
  /** Id of the selected vertex. */
  readonly vertex: string | undefined;
  readonly nowMs: number;
  /** Said while there is no job. */
  readonly empty: string;
}

export function planView(
  input: PlanInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const { job } = input;
  if (job === undefined) return compose(look, width, height, emptyRows(input.empty));
  if (job.vertices.length === 0) {
    return compose(look, width, height, emptyRows('the job has no vertices yet'));
  }
  const details = detailRows(job, input.vertex, input.nowMs, width, height, look.glyphs);
  const room = height - details.length;
  const layout = planLayout(job, Math.max(0, width - 2), Math.max(0, room));
  const grid = windowOn(layout, job, input.vertex, width, room, look);
  drawWires(grid, layout, job, input.vertex, look);
  const checkpoint = inFlight(job);
  layout.boxes.forEach((box, i) => {
    const vertex = job.vertices[i];
    if (vertex === undefined) return;
    drawVertex(grid, box, vertex, {
      mode: layout.mode,
      glyphs: look.glyphs,
      nowMs: input.nowMs,
      isSelected: vertex.id === input.vertex,
      checkpoint,
    });
  });
  return compose(look, width, height, [...grid.rows(), ...details]);
}

/** The vertex that is drawn at a cell of the pane, for the mouse. */
export function vertexAt(
  input: PlanInput,
  width: number,
  height: number,
  glyphs: Glyphs,
  x: number,
  y: number,
): string | undefined {
  if (input.job === undefined) return undefined;
  const details = detailRows(input.job, input.vertex, input.nowMs, width, height, glyphs);
  const room = height - details.length;
  const layout = planLayout(input.job, Math.max(0, width - 2), Math.max(0, room));
  const { left, top } = origin(layout, input.job, input.vertex, width, room);
  const index = layout.boxes.findIndex((box) => contains(box, x + left, y + top));
  return input.job.vertices[index]?.id;
}

function inFlight(job: JobModel): CheckpointModel | undefined {
  return job.checkpoints.history.find(({ status }) => status === 'IN_PROGRESS');
}

function windowOn(
  layout: PlanLayout,
  job: JobModel,
  vertex: string | undefined,
  width: number,
  height: number,
  look: Look,
): Grid {
  const { left, top } = origin(layout, job, vertex, width, height);
  return new Grid(width, Math.max(0, height), look.glyphs, left, top);
}

/** Centred when it fits; else the window is moved so that the selected vertex is in its middle. */
function origin(
  layout: PlanLayout,
  job: JobModel,
  vertex: string | undefined,
  width: number,
  height: number,
): { readonly left: number; readonly top: number } {
  const selected = job.vertices.findIndex(({ id }) => id === vertex);
  const box = layout.boxes[Math.max(0, selected)];
  const middleX = (box?.x ?? 0) + (box?.width ?? 0) / 2;
  const middleY = (box?.y ?? 0) + (box?.height ?? 0) / 2;
  return {
    left: offset(layout.width, width, middleX),
    top: offset(layout.height, height, middleY),
  };
}

function offset(size: number, room: number, middle: number): number {
  if (size <= room) return -Math.floor((room - size) / 2);
  return Math.max(-1, Math.min(size - room + 1, Math.round(middle - room / 2)));
}

function drawWires(
  grid: Grid,
  layout: PlanLayout,
  job: JobModel,
  vertex: string | undefined,
  look: Look,
): void {
  const isChosen = (wire: Wire): boolean => wire.edges.some((i) => touches(job.edges[i], vertex));
  // The selected vertex's edges last, so that they lie on top where wires cross.
  const wires = [...layout.wires].sort((a, b) => Number(isChosen(a)) - Number(isChosen(b)));
  for (const wire of wires) drawWire(grid, wire, wireStyle(job, wire, isChosen(wire)));
  for (const wire of wires) finishWire(grid, layout, job, wire, isChosen(wire), look);
}

function drawWire(grid: Grid, { points }: Wire, style: StyleName): void {
  for (let i = 0; i + 1 < points.length; i++) {
    const [a, b] = points.slice(i, i + 2);
    if (a === undefined || b === undefined) return;
    if (a.y === b.y) grid.horizontal(a.x, b.x, a.y, style);
    else grid.vertical(a.x, a.y, b.y, style);
  }
}

function finishWire(
  grid: Grid,
  layout: PlanLayout,
  job: JobModel,
  wire: Wire,
  isChosen: boolean,
  look: Look,
): void {
  const end = wire.points.at(-1);
  const edge = job.edges[wire.edges[0] ?? -1];
  if (end === undefined || edge === undefined || !wire.isLast) return;
  const { glyphs } = look;
  const isRight = layout.direction === 'right';
  const style = wireStyle(job, wire, isChosen);
  grid.put(end.x, end.y, style, isRight ? glyphs.arrow : glyphs.arrowDown);
  if (barrierTravels(job, edge)) {
    if (isRight) grid.put(end.x - 1, end.y, 'warn', glyphs.barrier);
    else grid.put(end.x, end.y, 'warn', glyphs.barrier);
  }
  drawLabel(grid, layout, job, wire, edge);
}

function drawLabel(
  grid: Grid,
  layout: PlanLayout,
  job: JobModel,
  wire: Wire,
  edge: EdgeModel,
): void {
  const end = wire.points.at(-1);
  const turn = wire.points.at(-2);
  if (end === undefined || turn === undefined) return;
  const strategy = edge.shipStrategy.toLowerCase();
  const figure = rate(sourceRate(job, edge));
  if (layout.direction === 'down') {
    const text = `${strategy} ${figure}`;
    if (grid.isFree(end.x + 1, end.y, displayWidth(text) + 2)) {
      grid.put(end.x + 2, end.y, 'dim', text);
    }
    return;
  }
  // On the line itself: between the turn (or the box) and the arrow.
  const room = end.x - turn.x - 3;
  const long = `${strategy} ${figure.padStart(7)}`;
  const text = displayWidth(long) + 2 <= room ? long : strategy;
  if (displayWidth(text) + 2 > room) return;
  grid.put(turn.x + 2, end.y, 'dim', ` ${text} `);
}

function sourceRate(job: JobModel, edge: EdgeModel): number | undefined {
  return job.vertices.find(({ id }) => id === edge.source)?.recordsOutPerSecond;
}

/** The front of the checkpoint in flight: its source has acknowledged in part or whole, its target not wholly. */
function barrierTravels(job: JobModel, { source, target }: EdgeModel): boolean {
  const byVertex = inFlight(job)?.byVertex;
  const from = byVertex?.[source];
  const to = byVertex?.[target];
  if (from === undefined || to === undefined) return false;
  return from.acknowledged > 0 && to.acknowledged < to.total;
}

function wireStyle(job: JobModel, wire: Wire, isChosen: boolean): StyleName {
  if (isChosen) return 'accent';
  const source = job.edges[wire.edges[0] ?? -1]?.source;
  const pressure = job.vertices.find(({ id }) => id === source)?.backPressured ?? 0;
  return pressure >= 0.5 ? 'pressure' : 'dim';
}

function touches(edge: EdgeModel | undefined, vertex: string | undefined): boolean {
  if (edge === undefined || vertex === undefined) return false;
  return edge.source === vertex || edge.target === vertex;
}

function contains({ x, y, width, height }: Rect, column: number, line: number): boolean {
  return column >= x && column < x + width && line >= y && line < y + height;
}
