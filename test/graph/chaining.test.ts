import { describe, expect, test } from 'vitest';
import type { Partitioner } from '../../engine/graph/stream-graph.ts';
import { GraphBuilder, hash, names } from './graph-builder.ts';

const reasons = (g: GraphBuilder, configuration = {}): readonly string[] =>
  g.job(configuration).edges.map(({ unchained }) => unchained);

describe('operators are chained', () => {
  test('when records stay in their subtask', () => {
    const g = new GraphBuilder();
    const filter = g.after(g.source('Source: a'), 'filter', 'Filter');
    g.after(filter, 'map', 'Map');
    expect(names(g.job())).toEqual(['Source: a -> Filter -> Map']);
  });

  test('over an explicit forward edge', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map', {}, { partitioner: { kind: 'forward' } });
    expect(names(g.job())).toEqual(['Source: a -> Map']);
  });

  test('over a side output', () => {
    const g = new GraphBuilder();
    const process = g.after(g.source('Source: a'), 'process', 'Process');
    g.after(process, 'map', 'Map', {}, { sideOutput: 'late' });
    const [vertex] = g.job().vertices;
    expect(vertex?.name).toBe('Source: a -> Process -> Map');
    expect(vertex?.operators.map(({ sideOutput }) => sideOutput)).toEqual([
      undefined,
      undefined,
      'late',
    ]);
  });

  test('whatever their max parallelism, as in Flink; the head has the say', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a', { maxParallelism: 64 }), 'map', 'Map', { maxParallelism: 32 });
    expect(g.job().vertices.map(({ name, maxParallelism }) => [name, maxParallelism])).toEqual([
      ['Source: a -> Map', 64],
    ]);
  });

  test('behind the head of a chain that was started anew', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a'), 'map', 'Map', { chaining: 'head' });
    g.after(map, 'filter', 'Filter');
    expect(names(g.job())).toEqual(['Source: a', 'Map -> Filter']);
  });
});

describe('an edge says why it is not chained', () => {
  const partitioned: readonly [Partitioner['kind'], string][] = [
    ['hash', 'keyBy changes partitioning'],
    ['rebalance', 'rebalance changes partitioning'],
    ['rescale', 'rescale changes partitioning'],
    ['shuffle', 'shuffle changes partitioning'],
    ['custom', 'partitionCustom changes partitioning'],
    ['broadcast', 'broadcast sends every record to all subtasks'],
    ['global', 'global sends all records to one subtask'],
  ];
  test.each(partitioned)('%s', (kind, reason) => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map', {}, { partitioner: { kind } });
    expect(reasons(g)).toEqual([reason]);
  });

  test('windowAll', () => {
    const g = new GraphBuilder();
    const params = { keyed: false };
    const partitioner = { kind: 'global' } as const;
    g.after(g.source('Source: a'), 'window', 'Window', { params }, { partitioner });
    expect(reasons(g)).toEqual(['windowAll gathers all records in one subtask']);
  });

  test('parallelism', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { parallelism: 2 }), 'map', 'A', { parallelism: 4 });
    g.after(map, 'map', 'B', { parallelism: 4 });
    expect(g.job().edges).toMatchObject([
      { unchained: 'parallelism 2 → 4', partitioner: { kind: 'rebalance' } },
    ]);
  });

  test('startNewChain', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map', { chaining: 'head' });
    expect(reasons(g)).toEqual(['startNewChain()']);
  });

  test('disableChaining, on both sides', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a'), 'map', 'Map', { chaining: 'never' });
    g.after(map, 'filter', 'Filter');
    expect(reasons(g)).toEqual(['disableChaining() on Map', 'disableChaining() on Map']);
  });

  test('slot sharing groups', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map', { slotSharingGroup: 'heavy' });
    expect(reasons(g)).toEqual(['slot sharing group default → heavy']);
  });

  test('two inputs', () => {
    const g = new GraphBuilder();
    const left = g.source('Source: a');
    const both = g.after(left, 'co-map', 'Co-Map');
    g.edge(g.source('Source: b'), both, { input: 1 });
    expect(reasons(g)).toEqual(['two inputs', 'two inputs']);
  });

  test('a union', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a'), 'map', 'Map');
    g.edge(g.source('Source: b'), map);
    expect(reasons(g)).toEqual(['union of 2 streams', 'union of 2 streams']);
  });

  test('chaining that is switched off', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map');
    expect(reasons(g, { 'pipeline.operator-chaining.enabled': false })).toEqual([
      'chaining is switched off (pipeline.operator-chaining.enabled)',
    ]);
  });

  test('a keyed edge stays one at parallelism 1', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'keyed-reduce', 'Keyed Reduce', {}, hash);
    expect(g.job({ 'parallelism.default': 1 }).edges).toHaveLength(1);
  });
});
