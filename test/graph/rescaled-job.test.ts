// Which parallelism each vertex gets, within bounds and slots.

import { expect, test } from 'vitest';
import type { VertexId } from '../../engine/core/ids.ts';
import type { JobEdge, JobGraph, JobVertex } from '../../engine/graph/job-graph.ts';
import { requirementProblems, rescaledJob } from '../../engine/graph/rescaled-job.ts';

const vertex = (id: string, group = 'default'): JobVertex => ({
  id: id as VertexId,
  name: id,
  description: id,
  parallelism: 2,
  maxParallelism: 16,
  slotSharingGroup: group,
  operators: [],
});

const edge = (source: string, target: string, kind: 'hash' | 'forward'): JobEdge => ({
  id: 0,
  source: source as VertexId,
  from: 0,
  target: target as VertexId,
  input: 0,
  partitioner: { kind },
  unchained: '',
});

const job: JobGraph = {
  name: 'job',
  vertices: [vertex('a'), vertex('b'), vertex('c', 'own')],
  edges: [edge('a', 'b', 'forward'), edge('b', 'c', 'hash')],
};

type Bounds = Readonly<Record<string, readonly [lower: number, upper: number]>>;

const wanted = (bounds: Bounds): Parameters<typeof requirementProblems>[1] =>
  new Map(Object.entries(bounds).map(([id, [lower, upper]]) => [id as VertexId, { lower, upper }]));

const parallelisms = (bounds: Bounds, slots: number): readonly number[] | undefined =>
  rescaledJob(job, wanted(bounds), slots)?.vertices.map(({ parallelism }) => parallelism);

test('with slots enough every vertex has its upper bound; a group needs as many as its widest', () => {
  const bounds = { a: [1, 5], b: [1, 5], c: [1, 3] } as const;
  expect(parallelisms(bounds, 8)).toEqual([5, 5, 3]);
  expect(parallelisms(bounds, Number.POSITIVE_INFINITY)).toEqual([5, 5, 3]);
});

test('with fewer, the groups share what is left beyond their lower bounds', () => {
  const bounds = { a: [2, 5], b: [2, 5], c: [1, 5] } as const;
  expect(parallelisms(bounds, 9)).toEqual([5, 5, 4]);
  expect(parallelisms(bounds, 6)).toEqual([4, 4, 2]);
  expect(parallelisms(bounds, 3)).toEqual([2, 2, 1]);
  expect(parallelisms(bounds, 2)).toBeUndefined();
});

test.each([
  [{ a: [0, 2] }, 'Both, the requested lower bound [0] and upper bound [2] for job vertex [a]'],
  [
    { a: [3, 2] },
    'The requested lower bound [3] for job vertex [a] is higher than the upper bound',
  ],
  [
    { c: [1, 17] },
    'The newly requested parallelism 17 for the job vertex c exceeds its maximum parallelism 16.',
  ],
  [{ d: [1, 1] }, 'Job vertex [d] was not found in the JobGraph.'],
  [{ a: [1, 3] }, 'Job vertices [a] and [b] are joined one to one and need one upper bound'],
] as const)('%j is refused', (bounds: Bounds, problem) => {
  const all = { a: [1, 2], b: [1, 2], c: [1, 2], ...bounds } as const;
  expect(requirementProblems(job, wanted(all)).join('\n')).toContain(problem);
});

test('all vertices are to be named', () => {
  expect(requirementProblems(job, wanted({ a: [1, 2], b: [1, 2] }))).toEqual([
    'The request is incomplete, missing job vertex [c] resource requirements.',
  ]);
  expect(requirementProblems(job, wanted({ a: [1, 2], b: [1, 2], c: [16, 16] }))).toEqual([]);
});
