import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { downstreamSubtasks, upstreamSubtasks } from '../../engine/graph/edge-connections.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import { pipelinedRegions, subtasksToRestart } from '../../engine/graph/pipelined-regions.ts';
import type { Partitioner } from '../../engine/graph/stream-graph.ts';
import { GraphBuilder, hash } from './graph-builder.ts';

describe('the two ends of an edge agree on who is connected with whom', () => {
  const kinds: readonly Partitioner['kind'][] = ['rescale', 'rebalance', 'hash', 'broadcast'];
  test('whatever the parallelisms, and nobody is left alone', () => {
    const parallelism = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(fc.constantFrom(...kinds), parallelism, parallelism, (kind, sources, targets) => {
        const pairs = new Set<string>();
        for (let source = 0; source < sources; source++) {
          const { start, end } = downstreamSubtasks({ kind }, source, sources, targets);
          expect(end).toBeGreaterThanOrEqual(start);
          for (let target = start; target <= end; target++) pairs.add(`${source}-${target}`);
        }
        const seen = new Set<string>();
        for (let target = 0; target < targets; target++) {
          const { start, end } = upstreamSubtasks({ kind }, target, sources, targets);
          expect(end).toBeGreaterThanOrEqual(start);
          for (let source = start; source <= end; source++) seen.add(`${source}-${target}`);
        }
        expect(seen).toEqual(pairs);
      }),
    );
  });

  test('rescale deals out evenly, in order', () => {
    const fed = (sources: number, targets: number): readonly string[] =>
      Array.from({ length: sources }, (_, source) => {
        const { start, end } = downstreamSubtasks({ kind: 'rescale' }, source, sources, targets);
        return `${start}..${end}`;
      });
    expect(fed(2, 4)).toEqual(['0..1', '2..3']);
    expect(fed(2, 3)).toEqual(['0..1', '2..2']);
    expect(fed(4, 2)).toEqual(['0..0', '0..0', '1..1', '1..1']);
    expect(fed(3, 2)).toEqual(['0..0', '1..1', '1..1']);
    expect(fed(3, 3)).toEqual(['0..0', '1..1', '2..2']);
  });
});

describe('a region', () => {
  /** `a0 b0 | a1 b1`: regions of subtasks, vertices named by the first letter of their head. */
  const drawn = (job: JobGraph): string => {
    const letters = new Map(job.vertices.map(({ id, name }) => [id, name.charAt(0)]));
    const region = (subtasks: readonly { vertex: string; subtask: number }[]): string =>
      subtasks.map(({ vertex, subtask }) => `${letters.get(vertex as never)}${subtask}`).join(' ');
    return pipelinedRegions(job).map(region).join(' | ');
  };

  test('is the whole job where a keyBy joins it up', () => {
    const g = new GraphBuilder();
    g.after(g.source('a', { parallelism: 2 }), 'keyed-reduce', 'b', { parallelism: 2 }, hash);
    expect(drawn(g.job())).toBe('a0 a1 b0 b1');
  });

  test('is one subtask of each vertex where edges stay one to one', () => {
    const g = new GraphBuilder();
    g.after(g.source('a', { parallelism: 2 }), 'map', 'b', { chaining: 'head' });
    expect(drawn(g.job())).toBe('a0 b0 | a1 b1');
  });

  test('follows the groups of rescale', () => {
    const g = new GraphBuilder();
    const partitioner = { kind: 'rescale' } as const;
    g.after(g.source('a', { parallelism: 2 }), 'map', 'b', { parallelism: 4 }, { partitioner });
    expect(drawn(g.job())).toBe('a0 b0 b1 | a1 b2 b3');
  });

  test('does not reach into an independent part of the job', () => {
    const g = new GraphBuilder();
    g.source('a');
    g.source('b');
    expect(drawn(g.job())).toBe('a0 | b0');
  });

  test('is restarted whole, and no other', () => {
    const g = new GraphBuilder();
    g.after(g.source('a', { parallelism: 3 }), 'map', 'b', { chaining: 'head' });
    const job = g.job();
    const regions = pipelinedRegions(job);
    const [a, b] = job.vertices.map(({ id }) => id);
    if (a === undefined || b === undefined) throw new Error('two vertices');
    expect(subtasksToRestart(regions, [{ vertex: b, subtask: 1 }])).toEqual([
      { vertex: a, subtask: 1 },
      { vertex: b, subtask: 1 },
    ]);
    expect(
      subtasksToRestart(regions, [
        { vertex: a, subtask: 0 },
        { vertex: b, subtask: 0 },
      ]),
    ).toHaveLength(2);
  });
});
