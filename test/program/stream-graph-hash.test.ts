import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { operatorIdOf } from '../../engine/core/ids.ts';
import type { Json } from '../../engine/core/json.ts';
import type { UserFunction } from '../../engine/core/user-function.ts';
import type { StreamEdge, StreamGraph, StreamNode } from '../../engine/graph/stream-graph.ts';
import { firstDifference } from '../../engine/program/stream-graph-difference.ts';
import { streamGraphHash } from '../../engine/program/stream-graph-hash.ts';

const node = (
  id: number,
  kind: StreamNode['kind'],
  more: Partial<StreamNode> = {},
): StreamNode => ({
  ...{
    id,
    kind,
    name: kind,
    uid: `late/${kind}-${id}`,
    params: {},
    functions: [],
    chaining: 'always',
  },
  operatorId: operatorIdOf(`late/${kind}-${id}`),
  origin: { cell: 'late', variable: 'late', line: id, column: 1 },
  ...more,
});

const NODES = [
  node(1, 'source', { params: { connector: { name: 'csv', options: { path: 'a', n: [1, 2] } } } }),
  node(2, 'map', { functions: ['map'] }),
  node(3, 'filter', { functions: ['filter'] }),
  node(4, 'sink'),
];
const EDGES: readonly StreamEdge[] = [
  { id: 1, source: 1, target: 2, input: 0 },
  { id: 2, source: 2, target: 3, input: 0, partitioner: { kind: 'hash' } },
  { id: 3, source: 3, target: 4, input: 0 },
];
const GRAPH: StreamGraph = {
  ...{ name: 'late', nodes: NODES, edges: EDGES, configuration: {}, parameters: { speed: 1 } },
};
const changed = (index: number, more: Partial<StreamNode>): StreamGraph => ({
  ...GRAPH,
  nodes: NODES.map((one, i) => (i === index ? { ...one, ...more } : one)),
});
const hashOf = (
  graph: StreamGraph,
  functions: Record<string, UserFunction | object> = {},
): string => streamGraphHash({ graph, functions: new Map(Object.entries(functions)) });

const DIFFERENT: [string, StreamGraph, string][] = [
  [
    'kind',
    changed(2, { kind: 'map' }),
    'operator 3 of cell "late" is map(...) now and was filter(...)',
  ],
  [
    'name',
    changed(1, { name: 'x' }),
    'operator 2 of cell "late", map(...), has the name "x" now and had "map"',
  ],
  [
    'uid',
    changed(1, { uid: 'x' }),
    'operator 2 of cell "late", map(...), has the uid "x" now and had "late/map-2"',
  ],
  [
    'slots',
    changed(1, { functions: [] }),
    'operator 2 of cell "late", map(...), has the functions [] now and had ["map"]',
  ],
  [
    'parameter',
    changed(0, { params: { connector: { name: 'csv', options: { path: 'a', n: [1, 3] } } } }),
    'operator 1 of cell "late", source(...), parameter connector.options.n.1 is 3 now and was 2',
  ],
  [
    'an operator more',
    {
      ...GRAPH,
      nodes: [
        ...NODES,
        node(5, 'sink', { origin: { cell: 'new', variable: '', line: 1, column: 1 } }),
      ],
    },
    'operator 1 of cell "new" is sink(...) now and was not there',
  ],
  [
    'an operator less',
    { ...GRAPH, nodes: NODES.slice(0, 3) },
    'operator 4 of cell "late" was sink(...) and is gone now',
  ],
  [
    'edge',
    { ...GRAPH, edges: EDGES.with(1, { id: 2, source: 1, target: 3, input: 0 }) },
    'operator 3 of cell "late", filter(...), reads source(...) of operator 1 of cell "late" now; edge 2 was map(...) of operator 2 of cell "late" (hash)',
  ],
  [
    'an edge less',
    { ...GRAPH, edges: EDGES.slice(0, 2) },
    'operator 4 of cell "late", sink(...), read filter(...) of operator 3 of cell "late" and does not now',
  ],
  [
    'parameters',
    { ...GRAPH, parameters: { speed: 1, size: 2 } },
    'parameter size is 2 now and was absent',
  ],
  ['job name', { ...GRAPH, name: 'x' }, 'the job is named "x" now and was "late"'],
];

test.each(DIFFERENT)('another %s is another hash, and a sentence', (_what, other, sentence) => {
  expect(hashOf(other)).not.toBe(hashOf(GRAPH));
  expect(firstDifference(GRAPH, other)).toBe(sentence);
});

test.each([
  ['parallelism', changed(1, { parallelism: 4, maxParallelism: 8 })],
  [
    'chaining',
    changed(1, { chaining: 'never', slotSharingGroup: 'x', bufferTimeoutMs: 1, description: 'x' }),
  ],
  [
    'places in the notebook',
    changed(1, { origin: { cell: 'late', variable: 'x', line: 99, column: 9 } }),
  ],
  ['configuration', { ...GRAPH, configuration: { a: 'b' } }],
])('%s are no part of the hash', (_what, other) => {
  expect(hashOf(other)).toBe(hashOf(GRAPH));
  expect(firstDifference(GRAPH, other)).toBeUndefined();
});

describe('the hash', () => {
  test('is stable', () => {
    // A golden value: plans in flight and savepoints are compared by it.
    expect(hashOf(GRAPH, { '2.map': (x: number) => x })).toMatchInlineSnapshot(
      `"8c5a498e78ec7d75090115e780fbffeaf1833325092841698468ace6ddc01129"`,
    );
  });

  test('does not depend on the order of fields', () => {
    const reversed = (value: Json): Json => {
      if (typeof value !== 'object' || value === null) return value;
      if (Array.isArray(value)) return value.map(reversed);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, one]) => [key, reversed(one)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (params, parameter) => {
        const graph = {
          ...changed(0, { params: params as Json }),
          parameters: { p: parameter as Json },
        };
        const turned = {
          ...changed(0, { params: reversed(params as Json) }),
          parameters: { p: reversed(parameter as Json) },
        };
        expect(hashOf(turned)).toBe(hashOf(graph));
      }),
    );
  });

  test('covers the text of functions, of classes, and of objects with methods', () => {
    class Counter {
      add(n: number): number {
        return n + 1;
      }
    }
    class Other {
      add(n: number): number {
        return n + 2;
      }
    }
    const all = [
      ...[(x: number) => x, (x: number) => x + 1, new Counter(), new Other()],
      ...[{ open: () => 1 }, { open: () => 2 }, { close: () => 1 }, {}],
    ].map((one) => hashOf(GRAPH, { '2.map': one }));
    expect(new Set(all).size).toBe(all.length);
    expect(hashOf(GRAPH, { '2.map': new Counter() })).toBe(
      hashOf(GRAPH, { '2.map': new Counter() }),
    );
  });

  test('does not depend on the order of functions', () => {
    const [a, b] = [() => 1, () => 2];
    expect(hashOf(GRAPH, { a, b })).toBe(hashOf(GRAPH, { b, a }));
    expect(hashOf(GRAPH, { a, b })).not.toBe(hashOf(GRAPH, { a: b, b: a }));
  });
});

test('a difference is found exactly where graphs differ', () => {
  const graphs = fc.array(fc.tuple(fc.constantFrom('map', 'filter', 'sink'), fc.jsonValue()), {
    maxLength: 4,
  });
  const graphOf = (
    list: readonly (readonly ['map' | 'filter' | 'sink', unknown])[],
  ): StreamGraph => ({
    ...GRAPH,
    nodes: list.map(([kind, params], i) => node(i + 1, kind, { params: params as Json })),
    edges: list
      .slice(1)
      .map((_, i) => ({ id: i + 1, source: i + 1, target: i + 2, input: 0 as const })),
  });
  fc.assert(
    fc.property(graphs, graphs, (first, second) => {
      const [was, now] = [graphOf(first as never), graphOf(second as never)];
      expect(firstDifference(was, now) === undefined).toBe(hashOf(was) === hashOf(now));
    }),
  );
});
