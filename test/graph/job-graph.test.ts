import { describe, expect, test } from 'vitest';
import { Configuration } from '../../engine/core/configuration.ts';
import { vertexIdOf } from '../../engine/core/ids.ts';
import { jobGraphOf } from '../../engine/graph/job-graph.ts';
import { InvalidStreamGraph, type StreamGraph } from '../../engine/graph/stream-graph.ts';
import { GraphBuilder, hash, names, vertexWith } from './graph-builder.ts';

describe('a vertex', () => {
  const branching = (): GraphBuilder => {
    const g = new GraphBuilder();
    const source = g.source('Source: a');
    const filter = g.after(source, 'filter', 'Filter', { description: 'only late ones' });
    g.after(filter, 'map', 'A');
    g.after(filter, 'map', 'B');
    g.after(source, 'sink', 'Sink: print');
    return g;
  };

  test('is named as Flink names it, branches in parentheses', () => {
    expect(names(branching().job())).toEqual(['Source: a -> (Filter -> (A, B), Sink: print)']);
  });

  test("is described as a tree, by the operators' descriptions", () => {
    expect(branching().job().vertices[0]?.description.split('\n')).toEqual([
      'Source: a',
      ':- only late ones',
      ':  :- A',
      ':  +- B',
      '+- Sink: print',
      '',
    ]);
  });

  test('lists its operators each after the one it follows', () => {
    const operators = branching().job().vertices[0]?.operators ?? [];
    expect(operators.map(({ node, after }) => [node.name, after])).toEqual([
      ['Source: a', -1],
      ['Filter', 0],
      ['A', 1],
      ['B', 1],
      ['Sink: print', 0],
    ]);
  });

  test("has the id of its head's uid", () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a', { uid: 'flights' }), 'map', 'Map');
    expect(g.job().vertices.map(({ id }) => id)).toEqual([vertexIdOf('flights')]);
  });
});

test('an edge knows the operator in the chain whose output it is, and its buffer timeout', () => {
  const g = new GraphBuilder();
  const map = g.after(g.source('Source: a'), 'map', 'Map', { bufferTimeoutMs: 7 });
  g.after(map, 'keyed-reduce', 'Reduce', {}, { ...hash, sideOutput: 'late' });
  const job = g.job();
  expect(job.edges).toEqual([
    {
      id: 2,
      source: vertexWith(job, 'Source: a').id,
      from: 1,
      target: vertexWith(job, 'Reduce').id,
      input: 0,
      partitioner: { kind: 'hash' },
      sideOutput: 'late',
      bufferTimeoutMs: 7,
      unchained: 'keyBy changes partitioning',
    },
  ]);
});

test('vertices come after what feeds them', () => {
  const g = new GraphBuilder();
  const sink = g.node('sink', 'Sink: print');
  const reduce = g.node('keyed-reduce', 'Reduce');
  g.edge(g.source('Source: a'), reduce, hash);
  g.edge(reduce, sink, { partitioner: { kind: 'rebalance' } });
  expect(names(g.job())).toEqual(['Source: a', 'Reduce', 'Sink: print']);
});

describe('parallelism', () => {
  const parallelisms = (g: GraphBuilder): readonly (readonly [string, number])[] =>
    g.job({ 'parallelism.default': 4 }).vertices.map((v) => [v.name, v.parallelism]);

  test("is the job's default where nothing is set", () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'keyed-reduce', 'Reduce', {}, hash);
    expect(parallelisms(g)).toEqual([
      ['Source: a', 4],
      ['Reduce', 4],
    ]);
  });

  test("up to the first exchange is the source's", () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { parallelism: 1 }), 'map', 'Map');
    const reduce = g.after(map, 'keyed-reduce', 'Reduce', {}, hash);
    g.after(reduce, 'sink', 'Sink: print');
    expect(parallelisms(g)).toEqual([
      ['Source: a -> Map', 1],
      ['Reduce -> Sink: print', 4],
    ]);
  });

  test('ends with the first explicit one, which is an exchange', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { parallelism: 1 }), 'map', 'A', { parallelism: 2 });
    g.after(map, 'map', 'B');
    expect(parallelisms(g)).toEqual([
      ['Source: a', 1],
      ['A', 2],
      ['B', 4],
    ]);
  });

  test('of a union of sources is theirs when they have one', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { parallelism: 1 }), 'map', 'Map');
    g.edge(g.source('Source: b', { parallelism: 1 }), map);
    expect(parallelisms(g)).toContainEqual(['Map', 1]);
  });

  test('of a union of sources is the default when theirs differ', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { parallelism: 1 }), 'map', 'Map');
    g.edge(g.source('Source: b', { parallelism: 2 }), map);
    expect(parallelisms(g)).toContainEqual(['Map', 4]);
  });

  test('decides on the number of key groups, by the formula of Flink', () => {
    const g = new GraphBuilder();
    g.source('Source: a', { parallelism: 4 });
    g.source('Source: b', { parallelism: 100 });
    g.source('Source: c', { parallelism: 4, maxParallelism: 16 });
    expect(g.job().vertices.map((v) => v.maxParallelism)).toEqual([128, 256, 16]);
    expect(
      g.job({ 'pipeline.max-parallelism': 512 }).vertices.map((v) => v.maxParallelism),
    ).toEqual([512, 512, 16]);
  });
});

describe('a slot sharing group', () => {
  const groupOf = (g: GraphBuilder, operator: string): string =>
    vertexWith(g.job(), operator).slotSharingGroup;

  test('is inherited from the input', () => {
    const g = new GraphBuilder();
    const source = g.source('Source: a', { slotSharingGroup: 'heavy' });
    g.after(source, 'keyed-reduce', 'Reduce', {}, hash);
    expect(groupOf(g, 'Reduce')).toBe('heavy');
  });

  test('is the default one when the inputs have different ones', () => {
    const g = new GraphBuilder();
    const map = g.after(g.source('Source: a', { slotSharingGroup: 'heavy' }), 'map', 'Map');
    g.edge(g.source('Source: b', { slotSharingGroup: 'light' }), map);
    expect(groupOf(g, 'Map')).toBe('default');
  });

  test('is the one that is set', () => {
    const g = new GraphBuilder();
    const source = g.source('Source: a', { slotSharingGroup: 'heavy' });
    g.after(source, 'map', 'Map', { slotSharingGroup: 'default' });
    expect(groupOf(g, 'Map')).toBe('default');
  });
});

describe('refused, naming the operator and its place', () => {
  const origin = { cell: 'late', variable: 'late', line: 12, column: 3 };
  const refused = (build: (g: GraphBuilder) => void): InvalidStreamGraph => {
    const g = new GraphBuilder();
    build(g);
    try {
      g.job();
    } catch (error) {
      if (error instanceof InvalidStreamGraph) return error;
      throw error;
    }
    throw new Error('was accepted');
  };

  test('a parallelism above the max parallelism', () => {
    const error = refused((g) => {
      g.source('Source: a', { parallelism: 200, maxParallelism: 128, origin });
    });
    expect(error).toMatchObject({
      reason: 'parallelism',
      message: expect.stringContaining(
        '"Source: a" (cell "late", line 12): parallelism 200 must be from 1 to the max parallelism, 128',
      ),
    });
  });

  test('a parallelism of 0', () => {
    expect(refused((g) => g.source('Source: a', { parallelism: 0 })).reason).toBe('parallelism');
  });

  test('a max parallelism beyond what key groups can have', () => {
    expect(refused((g) => g.source('Source: a', { maxParallelism: 40_000 })).reason).toBe(
      'max-parallelism',
    );
  });

  test('a forward edge between two parallelisms', () => {
    const error = refused((g) => {
      const source = g.source('Source: a', { parallelism: 2 });
      const partitioner = { kind: 'forward' } as const;
      g.after(source, 'map', 'Map', { parallelism: 4, origin }, { partitioner });
    });
    expect(error).toMatchObject({
      reason: 'forward',
      message: expect.stringMatching(
        /forward\(\) from "Source: a" to "Map" \(cell "late", line 12\).* have 2 and 4/,
      ),
    });
  });

  test('a keyed operator without a key', () => {
    const error = refused((g) => {
      g.after(g.source('Source: a'), 'keyed-reduce', 'Reduce', { origin });
    });
    expect(error).toMatchObject({
      reason: 'missing-key',
      message: expect.stringMatching(/^"Reduce" \(cell "late", line 12\) .*its input 1 .*keyBy/),
    });
  });

  test('a keyed window without a key', () => {
    const params = { keyed: true };
    expect(
      refused((g) => g.after(g.source('Source: a'), 'window', 'Window', { params })).reason,
    ).toBe('missing-key');
  });

  test('a keyed join with a key on one side only', () => {
    const error = refused((g) => {
      const join = g.after(g.source('Source: a'), 'interval-join', 'Join', {}, hash);
      g.edge(g.source('Source: b'), join, { input: 1 });
    });
    expect(error.message).toContain('its input 2 has none');
  });

  test('a second input that is not broadcast where broadcast state is read', () => {
    const error = refused((g) => {
      const both = g.after(g.source('Source: a'), 'broadcast-process', 'Process', {
        params: { keyed: false },
      });
      g.edge(g.source('Source: b'), both, { input: 1 });
    });
    expect(error).toMatchObject({ reason: 'inputs', message: expect.stringContaining('input 2') });
  });

  test('an operator without its input', () => {
    expect(refused((g) => g.node('map', 'Map')).message).toBe('"Map" lacks input 1');
  });

  test('an input too many', () => {
    const error = refused((g) => {
      const map = g.after(g.source('Source: a'), 'map', 'Map');
      g.edge(g.source('Source: b'), map, { input: 1 });
    });
    expect(error.message).toContain('map operators have 1 inputs, and edge 2 is to be input 2');
  });

  test('a source that is fed', () => {
    const error = refused((g) => g.edge(g.source('Source: a'), g.source('Source: b')));
    expect(error.reason).toBe('inputs');
  });

  test('a kind of operator that this version does not know', () => {
    const error = refused((g) => g.node('teleport' as 'map', 'Teleport'));
    expect(error).toMatchObject({
      reason: 'kind',
      message: expect.stringContaining('"teleport"'),
    });
  });

  test('a cycle', () => {
    const error = refused((g) => {
      const map = g.after(g.source('Source: a'), 'map', 'A');
      g.edge(g.after(map, 'map', 'B'), map);
    });
    expect(error).toMatchObject({ reason: 'cycle', message: '"A" is fed by its own output' });
  });

  test('an edge to nowhere', () => {
    expect(refused((g) => g.edge(g.source('Source: a'), 9)).message).toContain('no operator 9');
  });

  test('one uid for two operators, naming both', () => {
    const error = refused((g) => {
      g.source('Source: a', { uid: 'x', origin });
      g.source('Source: b', { uid: 'x' });
    });
    expect(error.message).toContain(
      '"Source: a" (cell "late", line 12) and "Source: b" have one uid, "x"',
    );
  });

  test('one id for two operators, or for two edges', () => {
    const g = new GraphBuilder();
    g.after(g.source('Source: a'), 'map', 'Map');
    const { nodes, edges, ...graph } = g.build();
    const job = (doubled: Partial<StreamGraph>): unknown =>
      jobGraphOf({ ...graph, nodes, edges, ...doubled }, new Configuration());
    expect(() => job({ nodes: [...nodes, ...nodes] })).toThrow('have one id, 1');
    expect(() => job({ edges: [...edges, ...edges] })).toThrow('two edges have one id, 1');
  });

  test('a graph without operators', () => {
    expect(refused(() => undefined).reason).toBe('empty');
  });
});
