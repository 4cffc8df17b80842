// The same job at another parallelism: which parallelism each vertex gets, within the bounds that were asked for
// and the slots that there are. Chains, edges and key groups stay what they are, so that state and records
// find their way.

import { must } from '../core/assert.ts';
import type { VertexId } from '../core/ids.ts';
import type { JobGraph, JobVertex } from './job-graph.ts';

export interface ParallelismBounds {
  readonly lower: number;
  readonly upper: number;
}

/** Of every vertex of the job. */
export type ResourceRequirements = ReadonlyMap<VertexId, ParallelismBounds>;

/** What speaks against such requirements, in Flink's words where it has them; none: they can be met. */
export function requirementProblems(job: JobGraph, wanted: ResourceRequirements): string[] {
  const known = new Map(job.vertices.map((vertex) => [vertex.id, vertex]));
  const missing = job.vertices.filter(({ id }) => !wanted.has(id));
  return [
    ...[...wanted].flatMap(([id, bounds]) => {
      const vertex = known.get(id);
      return vertex === undefined
        ? [`Job vertex [${id}] was not found in the JobGraph.`]
        : boundsProblems(vertex, bounds);
    }),
    ...missing.map(
      ({ id }) => `The request is incomplete, missing job vertex [${id}] resource requirements.`,
    ),
    ...forwardProblems(job, wanted),
  ];
}

/**
 * The job with as much parallelism as the bounds and the slots allow; undefined when there are not enough slots
 * for the lower bounds.
 */
export function rescaledJob(
  job: JobGraph,
  wanted: ResourceRequirements,
  slots: number,
): JobGraph | undefined {
  const shares = slotsOfGroups(job, wanted, slots);
  if (shares === undefined) return undefined;
  const parallelisms = new Map(
    job.vertices.map(({ id, slotSharingGroup }) => {
      const { upper } = boundsOf(wanted, id);
      return [id, Math.min(upper, shares.get(slotSharingGroup) ?? upper)];
    }),
  );
  alignForwardEnds(job, parallelisms);
  const vertices = job.vertices.map((vertex) => ({
    ...vertex,
    parallelism: must(parallelisms.get(vertex.id), `parallelism of ${vertex.id}`),
  }));
  const isEnough = vertices.every(
    ({ id, parallelism }) => parallelism >= boundsOf(wanted, id).lower,
  );
  return isEnough ? { ...job, vertices } : undefined;
}

export const isSameParallelism = (one: JobGraph, other: JobGraph): boolean =>
  one.vertices.every(({ parallelism }, i) => parallelism === other.vertices[i]?.parallelism);

function boundsProblems(
  { id, maxParallelism }: JobVertex,
  { lower, upper }: ParallelismBounds,
): string[] {
  if (lower < 1 || upper < 1)
    return [
      `Both, the requested lower bound [${lower}] and upper bound [${upper}] for job vertex [${id}] must be >= 1.`,
    ];
  if (lower > upper)
    return [
      `The requested lower bound [${lower}] for job vertex [${id}] is higher than the upper bound [${upper}].`,
    ];
  if (upper > maxParallelism)
    return [
      `The newly requested parallelism ${upper} for the job vertex ${id} exceeds its maximum parallelism ${maxParallelism}.`,
    ];
  return [];
}

/** A forward edge keeps the order of its records, which only two ends of one parallelism can do. */
function forwardProblems(job: JobGraph, wanted: ResourceRequirements): string[] {
  return job.edges.flatMap(({ source, target, partitioner }) => {
    const [from, to] = [wanted.get(source)?.upper, wanted.get(target)?.upper];
    if (partitioner.kind !== 'forward' || from === to || from === undefined || to === undefined)
      return [];
    return [
      `Job vertices [${source}] and [${target}] are joined one to one and need one upper bound, not [${from}] and [${to}].`,
    ];
  });
}

/** A group takes as many slots as its widest vertex has subtasks. Beyond the lower bounds they are shared evenly. */
function slotsOfGroups(
  job: JobGraph,
  wanted: ResourceRequirements,
  slots: number,
): ReadonlyMap<string, number> | undefined {
  const groups = Map.groupBy(job.vertices, ({ slotSharingGroup }) => slotSharingGroup);
  const widest = (side: 'lower' | 'upper'): Map<string, number> =>
    new Map(
      [...groups].map(([group, vertices]) => [
        group,
        Math.max(...vertices.map(({ id }) => boundsOf(wanted, id)[side])),
      ]),
    );
  const [shares, most] = [widest('lower'), widest('upper')];
  let left = slots - sum(shares.values());
  if (left < 0) return undefined;
  if (slots >= sum(most.values())) return most;
  while (left > 0) {
    for (const [group, share] of shares) {
      if (left === 0 || share === most.get(group)) continue;
      shares.set(group, share + 1);
      left--;
    }
  }
  return shares;
}

function alignForwardEnds(job: JobGraph, parallelisms: Map<VertexId, number>): void {
  const forward = job.edges.filter(({ partitioner }) => partitioner.kind === 'forward');
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const { source, target } of forward) {
      const [from = 0, to = 0] = [parallelisms.get(source), parallelisms.get(target)];
      if (from === to) continue;
      parallelisms.set(source, Math.min(from, to)).set(target, Math.min(from, to));
      hasChanged = true;
    }
  }
}

const boundsOf = (wanted: ResourceRequirements, id: VertexId): ParallelismBounds =>
  must(wanted.get(id), `bounds of vertex ${id}`);

const sum = (values: Iterable<number>): number =>
  [...values].reduce((total, value) => total + value, 0);
