// Which subtasks must be restarted together. All our edges are pipelined: a subtask that fails has been fed
// by, and has fed, everything that it is connected with, directly or not. So a region is a connected
// component of subtasks: one for the whole job as soon as a keyBy joins it up, several where edges stay
// one to one.

import { must } from '../core/assert.ts';
import type { VertexId } from '../core/ids.ts';
import { downstreamSubtasks } from './edge-connections.ts';
import type { JobEdge, JobGraph } from './job-graph.ts';

export interface SubtaskId {
  readonly vertex: VertexId;
  /** From 0. */
  readonly subtask: number;
}

export type PipelinedRegion = readonly SubtaskId[];

/** Every subtask is in exactly one region. In the order of the vertices, then of the subtasks. */
export function pipelinedRegions(graph: JobGraph): readonly PipelinedRegion[] {
  const ids: SubtaskId[] = [];
  const vertices = new Map<VertexId, { first: number; parallelism: number }>();
  for (const { id, parallelism } of graph.vertices) {
    vertices.set(id, { first: ids.length, parallelism });
    for (let subtask = 0; subtask < parallelism; subtask++) ids.push({ vertex: id, subtask });
  }
  const groups = new DisjointSets(ids.length);
  for (const edge of graph.edges) connect(edge);
  return collect(ids, groups);

  function connect({ source, target, partitioner }: JobEdge): void {
    const from = must(vertices.get(source), `vertex ${source}`);
    const to = must(vertices.get(target), `vertex ${target}`);
    for (let subtask = 0; subtask < from.parallelism; subtask++) {
      const fed = downstreamSubtasks(partitioner, subtask, from.parallelism, to.parallelism);
      for (let i = fed.start; i <= fed.end; i++) groups.join(from.first + subtask, to.first + i);
    }
  }
}

/** What is restarted when these subtasks fail: all of their regions. */
export function subtasksToRestart(
  regions: readonly PipelinedRegion[],
  failed: readonly SubtaskId[],
): readonly SubtaskId[] {
  const isFailed = ({ vertex, subtask }: SubtaskId): boolean =>
    failed.some((id) => id.vertex === vertex && id.subtask === subtask);
  return regions.filter((region) => region.some(isFailed)).flat();
}

function collect(ids: readonly SubtaskId[], groups: DisjointSets): readonly PipelinedRegion[] {
  const regions = new Map<number, SubtaskId[]>();
  for (const [i, id] of ids.entries()) {
    const root = groups.find(i);
    const region = regions.get(root);
    if (region === undefined) regions.set(root, [id]);
    else region.push(id);
  }
  return [...regions.values()];
}

class DisjointSets {
  readonly #parents: Int32Array;

  constructor(size: number) {
    this.#parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  find(i: number): number {
    let at = i;
    for (;;) {
      const parent = this.#parents[at] ?? at;
      if (parent === at) return at;
      this.#parents[at] = this.#parents[parent] ?? parent;
      at = parent;
    }
  }

  join(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].toSorted((x, y) => x - y);
    if (low !== undefined && high !== undefined) this.#parents[high] = low;
  }
}
