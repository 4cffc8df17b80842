// Second step of the plan's layout: the order of the nodes within each rank, so that few segments cross.
// Sweeps put each node at the mean position of its neighbours in the rank before (then after), swap
// neighbours where that removes crossings, and keep the best order seen.

import type { Ranked, Segment } from './ranks.ts';

/** Work is bounded by this many visits of a segment: a plan of 30 vertices gets all sweeps, one of 1,000 few. */
const VISITS_MAX = 40_000;
const SWEEPS_MAX = 24;

export function orderLayers({ ranks, layers, segments }: Ranked): readonly (readonly number[])[] {
  const work = new LayerOrder(layers, segments, ranks.length);
  const sweeps = Math.min(SWEEPS_MAX, Math.ceil(VISITS_MAX / (segments.length + 1)));
  let best = work.layers.map((layer) => [...layer]);
  let fewest = work.crossings();
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    work.sweep(sweep % 2 === 0);
    work.swap();
    const crossings = work.crossings();
    if (crossings < fewest) {
      fewest = crossings;
      best = work.layers.map((layer) => [...layer]);
    }
  }
  return best;
}

/** For tests and for the choice between orders: how often segments between neighbouring ranks cross. */
export function countCrossings(
  layers: readonly (readonly number[])[],
  segments: readonly Segment[],
): number {
  const nodes = layers.reduce((sum, layer) => sum + layer.length, 0);
  return new LayerOrder(layers, segments, nodes).crossings();
}

class LayerOrder {
  readonly layers: number[][];
  readonly #before: number[][];
  readonly #after: number[][];
  readonly #position: Int32Array;

  constructor(layers: readonly (readonly number[])[], segments: readonly Segment[], nodes: number) {
    this.layers = layers.map((layer) => [...layer]);
    this.#before = Array.from({ length: nodes }, () => []);
    this.#after = Array.from({ length: nodes }, () => []);
    this.#position = new Int32Array(nodes);
    for (const { from, to } of segments) {
      this.#after[from]?.push(to);
      this.#before[to]?.push(from);
    }
    for (const layer of this.layers) this.#number(layer);
  }

  sweep(isForward: boolean): void {
    const layers = isForward ? this.layers : [...this.layers].reverse();
    const neighbours = isForward ? this.#before : this.#after;
    for (const layer of layers) {
      const wanted = new Map(layer.map((node) => [node, this.#mean(node, neighbours)]));
      layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      this.#number(layer);
    }
  }

  swap(): void {
    for (const layer of this.layers) {
      for (let i = 0; i + 1 < layer.length; i++) {
        const [a = 0, b = 0] = layer.slice(i, i + 2);
        if (this.#pairCrossings(b, a) >= this.#pairCrossings(a, b)) continue;
        layer[i] = b;
        layer[i + 1] = a;
        this.#number(layer);
      }
    }
  }

  crossings(): number {
    let sum = 0;
    this.layers.forEach((layer, rank) => {
      const next = this.layers[rank + 1];
      if (next !== undefined) sum += this.#inversions(layer, next.length);
    });
    return sum;
  }

  /** With a Fenwick tree over the positions of the next rank: O(E log V). */
  #inversions(layer: readonly number[], width: number): number {
    const tree = new Int32Array(width + 1);
    let seen = 0;
    let sum = 0;
    for (const node of layer) {
      const targets = (this.#after[node] ?? []).map((to) => this.#position[to] ?? 0);
      for (const position of targets) sum += seen - countUpTo(tree, position + 1);
      for (const position of targets) {
        for (let i = position + 1; i <= width; i += i & -i) tree[i] = (tree[i] ?? 0) + 1;
        seen++;
      }
    }
    return sum;
  }

  #pairCrossings(upper: number, lower: number): number {
    return (
      this.#crossingsTo(this.#before, upper, lower) + this.#crossingsTo(this.#after, upper, lower)
    );
  }

  #crossingsTo(neighbours: readonly (readonly number[])[], upper: number, lower: number): number {
    let sum = 0;
    for (const a of neighbours[upper] ?? []) {
      for (const b of neighbours[lower] ?? []) {
        if ((this.#position[a] ?? 0) > (this.#position[b] ?? 0)) sum++;
      }
    }
    return sum;
  }

  #mean(node: number, neighbours: readonly (readonly number[])[]): number {
    const list = neighbours[node] ?? [];
    if (list.length === 0) return this.#position[node] ?? 0;
    return list.reduce((sum, other) => sum + (this.#position[other] ?? 0), 0) / list.length;
  }

  #number(layer: readonly number[]): void {
    layer.forEach((node, position) => {
      this.#position[node] = position;
    });
  }
}

function countUpTo(tree: Int32Array, position: number): number {
  let sum = 0;
  for (let i = position; i > 0; i -= i & -i) sum += tree[i] ?? 0;
  return sum;
}
