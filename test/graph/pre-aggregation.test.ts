// Which windows are given partial aggregates, and what of that shows in the plan.

import { describe, expect, test } from 'vitest';
import { operatorIdOf, vertexIdOf } from '../../engine/core/ids.ts';
import type { JobGraph } from '../../engine/graph/job-graph.ts';
import type {
  AggregateSpec,
  WindowParams,
  WindowSpec,
} from '../../engine/graph/operator-params.ts';
import { GraphBuilder, hash, names } from './graph-builder.ts';

const plain: WindowSpec = {
  assigner: { kind: 'tumbling', time: 'event', sizeMs: 10, offsetMs: 0 },
  trigger: null,
  evictor: null,
  allowedLatenessMs: 0,
  lateTag: null,
};

interface Case {
  readonly window?: Partial<WindowSpec>;
  readonly aggregate?: AggregateSpec['kind'];
  readonly functions?: readonly string[];
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly chaining?: 'never' | 'always';
}

function graphOf({ window, aggregate = 'count', functions = [], chaining = 'always' }: Case) {
  const g = new GraphBuilder();
  const map = g.after(g.source('Source: a'), 'map', 'Map', { chaining });
  const params: WindowParams = {
    window: { ...plain, ...window },
    aggregate: { kind: aggregate },
    keyed: true,
  };
  g.after(
    map,
    'window',
    'Window',
    { params: params as never, functions },
    { ...hash, fields: ['k'] },
  );
  return g;
}

const jobOf = (given: Case): JobGraph =>
  graphOf(given).job({ 'parallelism.default': 2, ...given.settings });

const isJoined = (given: Case): boolean =>
  jobOf(given).vertices.some(({ operators }) =>
    operators.some(({ node }) => node.kind === 'local-window'),
  );

test('the chain in front of the exchange ends in an operator that joins, and has the place of its window', () => {
  const job = jobOf({});
  expect(names(job)).toEqual(['Source: a -> Map -> LocalWindowAggregate', 'Window']);
  expect(job.edges).toEqual([
    {
      id: 2 ** 30 + 2,
      source: vertexIdOf('uid of Source: a'),
      from: 2,
      target: vertexIdOf('uid of Window'),
      input: 0,
      partitioner: { kind: 'hash' },
      unchained: 'keyBy changes partitioning',
    },
  ]);
  expect(job.vertices[1]?.operators[0]?.node.params).toMatchObject({ takesPartials: true });
});

test('operators, whose state savepoints hold, are the same without it', () => {
  const ids = (settings: Case['settings']) =>
    jobOf({ ...(settings && { settings }) }).vertices.flatMap(({ operators }) =>
      operators.map(({ node }) => node.operatorId),
    );
  const without = ids({ 'pipeline.pre-aggregation': 'off' });
  expect(without).toEqual(['Source: a', 'Map', 'Window'].map((n) => operatorIdOf(`uid of ${n}`)));
  expect(ids({})).toEqual(expect.arrayContaining(without));
});

const atTheEnd = { assigner: { kind: 'global' }, trigger: { kind: 'event-time' } } as const;
const sliding = (sizeMs: number, slideMs: number) =>
  ({ kind: 'sliding', time: 'event', sizeMs, slideMs, offsetMs: 0 }) as const;

describe('joined in front of the exchange', () => {
  test.each<[string, Case]>([
    ['sums', { aggregate: 'sum' }],
    ['the record with the largest value', { aggregate: 'max-by' }],
    ['slices of sliding windows', { window: { assigner: sliding(10, 5) } }],
    ['the trigger by its name', { window: { trigger: { kind: 'event-time' } } }],
    ['the largest few', { aggregate: 'top' }],
    ['one window that fires at the end of the input', { window: atTheEnd }],
    [
      'reduce, when all is asked for',
      { aggregate: 'reduce', settings: { 'pipeline.pre-aggregation': 'all' } },
    ],
    [
      'at any parallelism, where records on their way are in checkpoints',
      {
        settings: {
          'parallelism.default': 1,
          'execution.checkpointing.unaligned.enabled': true,
        },
      },
    ],
    [
      'an own aggregate that merges, when all is asked for',
      {
        aggregate: 'own',
        functions: ['add', 'create', 'merge'],
        settings: { 'pipeline.pre-aggregation': 'all' },
      },
    ],
  ])('%s', (_, given) => {
    expect(isJoined(given)).toBe(true);
  });
});

describe('not joined', () => {
  test.each<[string, Case]>([
    ['when it is switched off', { settings: { 'pipeline.pre-aggregation': 'off' } }],
    ['inside one slot', { settings: { 'parallelism.default': 1 } }],
    ['reduce', { aggregate: 'reduce' }],
    ['an own aggregate', { aggregate: 'own', functions: ['add', 'create', 'merge'] }],
    [
      'an own aggregate that does not merge',
      {
        aggregate: 'own',
        functions: ['add', 'create'],
        settings: { 'pipeline.pre-aggregation': 'all' },
      },
    ],
    ['lists', { aggregate: 'list', settings: { 'pipeline.pre-aggregation': 'all' } }],
    ['by processing time', { window: { assigner: { ...sliding(10, 5), time: 'processing' } } }],
    ['sessions', { window: { assigner: { kind: 'session', time: 'event', gapMs: 5 } } }],
    ['with allowed lateness', { window: { allowedLatenessMs: 1 } }],
    ['with a late side output', { window: { lateTag: 'late' } }],
    ['with an evictor', { window: { evictor: { kind: 'count', keep: 1 } } }],
    ['with another trigger', { window: { trigger: { kind: 'count', size: 3 } } }],
    ['one window that never fires', { window: { ...atTheEnd, trigger: null } }],
    [
      'one window that fires by count',
      { window: { ...atTheEnd, trigger: { kind: 'count', size: 3 } } },
    ],
    [
      'the largest few of overlapping windows',
      { aggregate: 'top', window: { assigner: sliding(10, 5) } },
    ],
    ['windows that are no whole number of slides', { window: { assigner: sliding(10, 4) } }],
    [
      'records of overlapping windows',
      { aggregate: 'max-by', window: { assigner: sliding(10, 5) } },
    ],
    ['behind an operator that is not to be chained', { chaining: 'never' }],
    ['without chaining', { settings: { 'pipeline.operator-chaining.enabled': false } }],
  ])('%s', (_, given) => {
    expect(isJoined(given)).toBe(false);
  });
});

test('of a union all inputs are, and a side output is joined as such', () => {
  const g = new GraphBuilder();
  const params = { window: plain, aggregate: { kind: 'count' }, keyed: true };
  const window = g.node('window', 'Window', { params: params as never });
  const source = g.source('Source: a');
  g.edge(source, window, { ...hash, sideOutput: 'more' });
  g.edge(g.source('Source: b'), window, hash);
  const job = g.job({ 'parallelism.default': 2 });
  expect(names(job).slice(0, 2)).toEqual([
    'Source: a -> LocalWindowAggregate',
    'Source: b -> LocalWindowAggregate',
  ]);
  expect(job.vertices[0]?.operators[1]).toMatchObject({ after: 0, sideOutput: 'more' });
  expect(job.edges.map(({ from, sideOutput }) => [from, sideOutput])).toEqual([
    [1, undefined],
    [1, undefined],
  ]);
});

test('the setting is one of three', () => {
  expect(() => graphOf({}).job({ 'pipeline.pre-aggregation': 'some' })).toThrow(
    'is not one of auto, all, off',
  );
});
