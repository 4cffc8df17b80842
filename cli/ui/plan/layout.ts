// The plan's layout on a grid of characters: ranks, order, places, routes, and from them rectangles and
// polylines. It works along one axis (`along` a rank) and across the other; the direction only says which
// of the two is horizontal. Deterministic, without a dependency, and computed anew only when the topology
// or the space changes.

import type { Rect } from '../text/grid.ts';
import { orderLayers } from './order.ts';
import { type Placed, placeNodes } from './place.ts';
import { type Link, type Ranked, rankGraph } from './ranks.ts';
import { type Routes, routeSegments } from './route.ts';

export type Direction = 'right' | 'down';

export interface NodeSize {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line over grid cells, from the border of a box (or a dummy) to the cell before the next. */
export interface Wire {
  readonly points: readonly Point[];
  /** Positions of the edges that run through it. */
  readonly edges: readonly number[];
  /** Ends at a node, with an arrow at its last point. */
  readonly isLast: boolean;
  readonly isFirst: boolean;
}

export interface Layout {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  /** By node, in the order given. */
  readonly boxes: readonly Rect[];
  readonly wires: readonly Wire[];
}

/** What does not depend on the space: done once for a topology. */
export interface Topology {
  readonly ranked: Ranked;
}

export function analyse(nodes: number, links: readonly Link[]): Topology {
  const ranked = rankGraph(nodes, links);
  return { ranked: { ...ranked, layers: orderLayers(ranked) } };
}

/** `channel` is the least distance between two ranks. */
export function layOut(
  { ranked }: Topology,
  direction: Direction,
  size: NodeSize,
  channel: number,
): Layout {
  const isRight = direction === 'right';
  const extent = isRight ? size.height : size.width;
  const depth = isRight ? size.width : size.height;
  const gap = isRight && size.height > 1 ? 1 : isRight ? 0 : 2;
  const placed = placeNodes(ranked.layers, ranked.segments, ranked.realNodes, {
    node: extent,
    gap,
  });
  const routes = routeSegments(ranked, placed);
  const rankStarts = startsOfRanks(routes, depth, channel);
  const along = placed.starts.reduce(
    (end, start, node) => Math.max(end, start + (placed.extents[node] ?? 1)),
    0,
  );
  const across = (rankStarts.at(-1) ?? 0) + (ranked.layers.length === 0 ? 0 : depth);
  const geometry: Geometry = { ranked, placed, routes, rankStarts, depth, isRight };
  return {
    direction,
    width: isRight ? across : along,
    height: isRight ? along : across,
    boxes: Array.from({ length: ranked.realNodes }, (_, node) => boxOf(geometry, node)),
    wires: ranked.segments.map((_, segment) => wireOf(geometry, segment)),
  };
}

interface Geometry {
  readonly ranked: Ranked;
  readonly placed: Placed;
  readonly routes: Routes;
  /** Where each rank begins, across. */
  readonly rankStarts: readonly number[];
  readonly depth: number;
  readonly isRight: boolean;
}

function startsOfRanks({ channels }: Routes, depth: number, channel: number): readonly number[] {
  const starts: number[] = [];
  let next = 0;
  for (const tracks of channels) {
    starts.push(next);
    // A track needs room for the arrow behind it.
    next += depth + Math.max(channel, tracks + 1);
  }
  return starts;
}

function boxOf({ ranked, placed, rankStarts, depth, isRight }: Geometry, node: number): Rect {
  const along = placed.starts[node] ?? 0;
  const extent = placed.extents[node] ?? 1;
  const across = rankStarts[ranked.ranks[node] ?? 0] ?? 0;
  return isRight
    ? { x: across, y: along, width: depth, height: extent }
    : { x: along, y: across, width: extent, height: depth };
}

function wireOf(geometry: Geometry, index: number): Wire {
  const { ranked, placed, routes, rankStarts, depth, isRight } = geometry;
  const segment = ranked.segments[index] ?? { from: 0, to: 0, edges: [] };
  const rank = ranked.ranks[segment.from] ?? 0;
  const isFirst = segment.from < ranked.realNodes;
  const isLast = segment.to < ranked.realNodes;
  const rankStart = rankStarts[rank] ?? 0;
  const nextStart = rankStarts[rank + 1] ?? rankStart;
  const start = isFirst ? rankStart + depth - 1 : rankStart;
  // It stops before a box, and meets the next segment at a dummy.
  const end = isLast ? nextStart - 1 : nextStart;
  const out = placed.outPorts[index] ?? 0;
  const into = placed.inPorts[index] ?? 0;
  const track = routes.tracks[index] ?? -1;
  const turn = turnOf(geometry, rank, track);
  const path =
    out === into
      ? [at(start, out), at(end, into)]
      : [at(start, out), at(turn, out), at(turn, into), at(end, into)];
  return { points: path, edges: segment.edges, isFirst, isLast };

  function at(across: number, along: number): Point {
    return isRight ? { x: across, y: along } : { x: along, y: across };
  }
}

/** Rightward, tracks lie next to the source and leave the rest for labels; downward, next to the target. */
function turnOf(geometry: Geometry, rank: number, track: number): number {
  const { rankStarts, routes, depth, isRight } = geometry;
  const rankStart = rankStarts[rank] ?? 0;
  if (isRight) return rankStart + depth + track + (freeColumns(geometry, rank) > 2 ? 1 : 0);
  const next = rankStarts[rank + 1] ?? rankStart;
  return next - 1 - (routes.channels[rank] ?? 0) + track;
}

function freeColumns({ rankStarts, routes, depth }: Geometry, rank: number): number {
  const start = (rankStarts[rank] ?? 0) + depth;
  return (rankStarts[rank + 1] ?? start) - start - 1 - (routes.channels[rank] ?? 0);
}
