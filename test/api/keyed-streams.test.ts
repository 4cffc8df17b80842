import { describe, expect, test } from 'vitest';
import type { DataStream, KeyedStream } from '../../engine/index.ts';
import { graphOf, inputsOf, nodeOf, refusal } from './program.ts';

type Keyed = KeyedStream<number, string, 'no event time'>;

const program =
  (call: (s: Keyed) => DataStream<unknown>) =>
  ({ env }: { readonly env: typeof import('../../engine/index.ts').env }): void => {
    call(env.from([1]).keyBy((n) => String(n % 2))).print();
  };

describe('a keyed stream', () => {
  const process = { process: () => undefined };
  const calls: readonly [string, string, (s: Keyed) => DataStream<unknown>, object][] = [
    [
      'reduce',
      'Keyed Reduce',
      (s) => s.reduce((a) => a),
      { kind: 'keyed-reduce', functions: ['reduce'] },
    ],
    [
      'count',
      'Keyed Count',
      (s) => s.count(),
      { kind: 'keyed-fold', params: { aggregate: { kind: 'count' } }, functions: ['output'] },
    ],
    [
      'sum',
      'Keyed Sum',
      (s) => s.sum((n) => n),
      { params: { aggregate: { kind: 'sum' } }, functions: ['of', 'output'] },
    ],
    [
      'min',
      'Keyed Min',
      (s) => s.min((n) => n),
      { params: { aggregate: { kind: 'min' } }, functions: ['of', 'output'] },
    ],
    [
      'max',
      'Keyed Max',
      (s) => s.max((n) => n),
      { params: { aggregate: { kind: 'max' } }, functions: ['of', 'output'] },
    ],
    [
      'minBy',
      'Keyed MinBy',
      (s) => s.minBy((n) => n),
      { params: { aggregate: { kind: 'min-by' } }, functions: ['of'] },
    ],
    [
      'maxBy',
      'Keyed MaxBy',
      (s) => s.maxBy((n) => n),
      { params: { aggregate: { kind: 'max-by' } }, functions: ['of'] },
    ],
    [
      'aggregate',
      'Keyed Aggregate',
      (s) => s.aggregate({ create: () => 0, add: (a, n) => a + n }),
      { params: { aggregate: { kind: 'own' } }, functions: ['add', 'create'] },
    ],
    [
      'distinct',
      'Distinct',
      (s) => s.distinct(),
      { kind: 'keyed-process', functions: ['process'] },
    ],
    [
      'process',
      'KeyedProcess',
      (s) => s.process(process),
      { kind: 'keyed-process', functions: ['process'] },
    ],
    ['map', 'Map', (s) => s.map((n) => n), { kind: 'map' }],
  ];
  test.each(calls)('is fed by key to %s', (_, name, call, expected) => {
    const graph = graphOf(program(call));
    expect(nodeOf(graph, name)).toMatchObject(expected);
    expect(inputsOf(graph, name)).toMatchObject([{ partitioner: { kind: 'hash' } }]);
  });

  test.each<[string, (s: Keyed) => unknown, string]>([
    [
      'no reduce',
      (s) => s.reduce(undefined as never),
      'reduce (cell "late", line 12): reduce is undefined',
    ],
    [
      'a sum of no function',
      (s) => s.sum('n' as never),
      'sum (cell "late", line 12): of is "n"; give a function',
    ],
    [
      'an async output',
      (s) => s.aggregate({ create: () => 0, add: (a) => a }, async (k) => k),
      'output is an async function',
    ],
    ['a ttl of 0', (s) => s.distinct({ ttl: 0 }), 'distinct (cell "late", line 12): the ttl is 0'],
    [
      'an async method',
      (s) => s.process({ process: async () => undefined }),
      'process of the function is an async function',
    ],
    [
      'a stream without a key beside it',
      (s) => s.connect(s.map((n) => n) as never),
      'one side has a key and the other has none; key both',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(refusal(({ env }) => call(env.from([1]).keyBy((n) => String(n))))).toContain(message);
  });
});
