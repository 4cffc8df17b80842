// Third step of the plan's layout: where along its rank each node stands. Every node is pulled towards its
// neighbours' ports, long edges hardest, so that chains and buses become straight lines; within a rank the
// order and the distances hold. That is a least-squares problem with order constraints, solved rank by rank
// by merging blocks (pool adjacent violators), a few sweeps to and fro.

import type { Segment } from './ranks.ts';

export interface Sizes {
  /** Extent of a real node along its rank; a dummy takes one. */
  readonly node: number;
  /** Between two neighbours of a rank. */
  readonly gap: number;
}

export interface Placed {
  /** First cell along the rank, by node; the smallest is 0. */
  readonly starts: readonly number[];
  readonly extents: readonly number[];
  /** By segment: where it leaves its source and enters its target. */
  readonly outPorts: readonly number[];
  readonly inPorts: readonly number[];
}

const SWEEPS = 14;
const WEIGHT_REAL = 1;
const WEIGHT_MIXED = 2;
const WEIGHT_DUMMY = 8;

interface Pull {
  readonly other: number;
  readonly weight: number;
  /** Own start = the other's start + this, for a straight segment. */
  readonly offset: number;
}

export function placeNodes(
  layers: readonly (readonly number[])[],
  segments: readonly Segment[],
  realNodes: number,
  sizes: Sizes,
): Placed {
  const nodes = layers.reduce((sum, layer) => sum + layer.length, 0);
  const extents = Array.from({ length: nodes }, (_, node) => (node < realNodes ? sizes.node : 1));
  const offsets = portOffsets(layers, segments, extents);
  const { before, after } = pulls(segments, offsets, nodes, realNodes);
  const starts = new Array<number>(nodes).fill(0);
  for (const layer of layers) pack(layer, starts, extents, sizes.gap);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0;
    const isLast = sweep >= SWEEPS - 2;
    for (const layer of isForward ? layers : [...layers].reverse()) {
      const wanted = layer.map((node) => {
        const one = (isForward ? before : after)[node] ?? [];
        const both = [...(before[node] ?? []), ...(after[node] ?? [])];
        return target(isLast && one.length > 0 ? one : both, starts, starts[node] ?? 0);
      });
      settle(layer, wanted, starts, extents, sizes.gap);
    }
  }
  const first = starts.length === 0 ? 0 : Math.min(...starts);
  const shifted = starts.map((start) => start - first);
  return {
    starts: shifted,
    extents,
    outPorts: segments.map(({ from }, i) => (shifted[from] ?? 0) + (offsets.out[i] ?? 0)),
    inPorts: segments.map(({ to }, i) => (shifted[to] ?? 0) + (offsets.in[i] ?? 0)),
  };
}

interface PortOffsets {
  readonly out: readonly number[];
  readonly in: readonly number[];
}

/** All edges leave a node in its middle, as one bus; those that enter it spread, in their sources' order. */
function portOffsets(
  layers: readonly (readonly number[])[],
  segments: readonly Segment[],
  extents: readonly number[],
): PortOffsets {
  const position = new Map<number, number>();
  for (const layer of layers) layer.forEach((node, i) => void position.set(node, i));
  const entering = new Map<number, number[]>();
  segments.forEach(({ to }, i) => void entering.set(to, [...(entering.get(to) ?? []), i]));
  const into = new Array<number>(segments.length).fill(0);
  for (const [node, list] of entering) {
    list.sort((a, b) => orderOf(segments[a], position) - orderOf(segments[b], position));
    const ports = spread(list.length, extents[node] ?? 1);
    list.forEach((segment, i) => {
      into[segment] = ports[i] ?? 0;
    });
  }
  return { out: segments.map(({ from }) => middle(extents[from] ?? 1)), in: into };
}

function orderOf(segment: Segment | undefined, position: ReadonlyMap<number, number>): number {
  return position.get(segment?.from ?? -1) ?? 0;
}

/** `ports` places on a side of `extent` cells, around its middle and never on a corner. */
function spread(ports: number, extent: number): readonly number[] {
  const centre = middle(extent);
  const usable = Math.max(1, extent - 2);
  const step = ports < 2 ? 0 : Math.min(4, Math.max(1, Math.floor((usable - 1) / (ports - 1))));
  const first = centre - Math.floor((step * (ports - 1)) / 2);
  const low = extent < 3 ? 0 : 1;
  const high = extent < 3 ? 0 : extent - 2;
  return Array.from({ length: ports }, (_, i) => Math.min(high, Math.max(low, first + i * step)));
}

function middle(extent: number): number {
  return extent >> 1;
}

function pulls(
  segments: readonly Segment[],
  offsets: PortOffsets,
  nodes: number,
  realNodes: number,
): { readonly before: readonly Pull[][]; readonly after: readonly Pull[][] } {
  const before: Pull[][] = Array.from({ length: nodes }, () => []);
  const after: Pull[][] = Array.from({ length: nodes }, () => []);
  segments.forEach(({ from, to }, i) => {
    const dummies = Number(from >= realNodes) + Number(to >= realNodes);
    const weight = [WEIGHT_REAL, WEIGHT_MIXED, WEIGHT_DUMMY][dummies] ?? WEIGHT_REAL;
    const offset = (offsets.out[i] ?? 0) - (offsets.in[i] ?? 0);
    before[to]?.push({ other: from, weight, offset });
    after[from]?.push({ other: to, weight, offset: -offset });
  });
  return { before, after };
}

interface Target {
  readonly start: number;
  readonly weight: number;
}

function target(list: readonly Pull[], starts: readonly number[], now: number): Target {
  if (list.length === 0) return { start: now, weight: 0.01 };
  let weight = 0;
  let sum = 0;
  for (const pull of list) {
    weight += pull.weight;
    sum += pull.weight * ((starts[pull.other] ?? 0) + pull.offset);
  }
  return { start: sum / weight, weight };
}

function pack(
  layer: readonly number[],
  starts: number[],
  extents: readonly number[],
  gap: number,
): void {
  let next = 0;
  for (const node of layer) {
    starts[node] = next;
    next += (extents[node] ?? 1) + gap;
  }
}

interface Block {
  weight: number;
  /** Weighted sum of the starts that its nodes want for the block's first. */
  sum: number;
  from: number;
  to: number;
}

/** The starts nearest to the wanted ones that keep order and distances. */
function settle(
  layer: readonly number[],
  wanted: readonly Target[],
  starts: number[],
  extents: readonly number[],
  gap: number,
): void {
  const shifts: number[] = [];
  layer.reduce((shift, node) => {
    shifts.push(shift);
    return shift + (extents[node] ?? 1) + gap;
  }, 0);
  const blocks: Block[] = [];
  wanted.forEach(({ start, weight }, i) => {
    blocks.push({ weight, sum: weight * (start - (shifts[i] ?? 0)), from: i, to: i });
    mergeLast(blocks);
  });
  for (const { sum, weight, from, to } of blocks) {
    const base = Math.round(sum / weight);
    for (let i = from; i <= to; i++) starts[layer[i] ?? 0] = base + (shifts[i] ?? 0);
  }
}

function mergeLast(blocks: Block[]): void {
  for (;;) {
    const last = blocks.at(-1);
    const previous = blocks.at(-2);
    if (last === undefined || previous === undefined) return;
    if (previous.sum / previous.weight <= last.sum / last.weight) return;
    blocks.pop();
    previous.sum += last.sum;
    previous.weight += last.weight;
    previous.to = last.to;
  }
}
