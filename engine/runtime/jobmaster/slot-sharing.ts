// Which subtasks share a slot. Every slot sharing group takes as many slots as its widest vertex has
// subtasks; a slot holds at most one subtask of each vertex. A subtask goes where the one that feeds it
// over a one-to-one edge is, so that records need not leave the slot; else by its number.

import { must } from '../../core/assert.ts';
import type { VertexId } from '../../core/ids.ts';
import { isPointwise, upstreamSubtasks } from '../../graph/edge-connections.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';

export interface SharedSlot {
  /** Unique in the job. */
  readonly index: number;
  readonly group: string;
  readonly subtasks: readonly SubtaskId[];
}

export function sharedSlots(job: JobGraph): readonly SharedSlot[] {
  const groups = Map.groupBy(job.vertices, ({ slotSharingGroup }) => slotSharingGroup);
  let first = 0;
  return [...groups].flatMap(([group, vertices]) => {
    const slots = fillGroup(job, vertices).map((subtasks, i) => ({
      index: first + i,
      group,
      subtasks,
    }));
    first += slots.length;
    return slots;
  });
}

function fillGroup(job: JobGraph, vertices: readonly JobVertex[]): SubtaskId[][] {
  const width = Math.max(...vertices.map(({ parallelism }) => parallelism));
  const slots: SubtaskId[][] = Array.from({ length: width }, () => []);
  const placed = new Map<VertexId, number[]>();
  // Vertices come inputs first, so whatever feeds a vertex is placed before it.
  for (const vertex of vertices) {
    const places = placesOf(job, vertex, width, placed);
    placed.set(vertex.id, places);
    for (const [subtask, slot] of places.entries()) {
      must(slots[slot], `slot ${slot}`).push({ vertex: vertex.id, subtask });
    }
  }
  return slots;
}

/** The slot of each subtask: near its input where that is one to one, spread evenly else. */
function placesOf(
  job: JobGraph,
  vertex: JobVertex,
  width: number,
  placed: ReadonlyMap<VertexId, number[]>,
): number[] {
  const taken = new Set<number>();
  const wish = (subtask: number): number | undefined => {
    for (const edge of job.edges) {
      const sources = edge.target === vertex.id ? placed.get(edge.source) : undefined;
      if (sources === undefined || !isPointwise(edge.partitioner)) continue;
      const { start } = upstreamSubtasks(
        edge.partitioner,
        subtask,
        sources.length,
        vertex.parallelism,
      );
      return sources[start];
    }
    return undefined;
  };
  return Array.from({ length: vertex.parallelism }, (_, subtask) => {
    const even = Math.floor((subtask * width) / vertex.parallelism);
    let slot = wish(subtask) ?? even;
    while (taken.has(slot)) slot = (slot + 1) % width;
    taken.add(slot);
    return slot;
  });
}
