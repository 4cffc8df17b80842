// Every operator with state, stopped at one parallelism and gone on with at another: it emits what one that was
// never stopped does, and has state of the same keys.

import { expect, test } from 'vitest';
import { SeededRandom, unit } from '../../engine/core/random.ts';
import type { AssignerSpec, WindowSpec } from '../../engine/graph/operator-params.ts';
import type { KeyedProcessFunction, Window } from '../../engine/operators/functions.ts';
import { aggregating, list, map, reducing, value } from '../../engine/state/descriptors.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  endOfInput,
  type InputItem,
  processingTime,
  record,
  record2,
  watermark,
} from '../harness/operator-items.ts';
import { RescalingHarness } from '../harness/rescaling-harness.ts';
import { canonical } from '../harness/verify-operator.ts';

interface Row {
  readonly key: number;
  readonly n: number;
}

const KEYS = 40;
const STEPS = 240;
const key = ({ key: own }: Row): number => own;

/** Of both inputs, a little out of order, with watermarks that lag behind; both times go the same way. */
function rows(inputs: 1 | 2): InputItem[] {
  const random = new SeededRandom(7);
  const items = Array.from({ length: STEPS }, (_, i): InputItem => {
    if (i % 8 === 7) return watermark(i - 12);
    if (i % 8 === 3) return processingTime(i);
    const row = { key: Math.floor(unit(random) * KEYS), n: i };
    const timeMs = i - Math.floor(unit(random) * 10);
    return inputs === 2 && unit(random) < 0.5 ? record2(row, timeMs) : record(row, timeMs);
  });
  return [...items, processingTime(STEPS * 2), endOfInput];
}

const tumbling: AssignerSpec = { kind: 'tumbling', time: 'event', sizeMs: 30, offsetMs: 0 };
const sliding: AssignerSpec = {
  kind: 'sliding',
  time: 'event',
  sizeMs: 60,
  slideMs: 20,
  offsetMs: 0,
};
const cumulative: AssignerSpec = {
  kind: 'cumulative',
  time: 'event',
  sizeMs: 60,
  stepMs: 20,
  offsetMs: 0,
};
const session: AssignerSpec = { kind: 'session', time: 'event', gapMs: 25 };

const spec = (assigner: AssignerSpec, change: Partial<WindowSpec> = {}): WindowSpec => ({
  assigner,
  trigger: null,
  evictor: null,
  allowedLatenessMs: 0,
  lateTag: 'late',
  ...change,
});

const named = (own: number, { start, end }: Window, result: unknown): unknown => [
  own,
  start,
  end,
  result,
];
const sum = { of: ({ n }: Row) => n, window: named };

function windowed(
  assigner: AssignerSpec,
  aggregate: 'sum' | 'count' | 'distinct-count' | 'list',
  change: Partial<WindowSpec> = {},
): OperatorDefinition {
  const process = (
    own: number,
    { start, end }: Window,
    found: readonly Row[],
    _ctx: unknown,
    out: { collect(item: unknown): void },
  ): void => out.collect([own, start, end, found.map(({ n }) => n)]);
  return {
    kind: 'window',
    params: {
      window: spec(assigner, change),
      aggregate: { kind: aggregate },
      keyed: true,
    } as never,
    key,
    functions: () => (aggregate === 'list' ? { process } : sum),
  };
}

function joined(kind: 'join' | 'co-group', assigner: AssignerSpec): OperatorDefinition {
  const numbers = (found: readonly Row[]): number[] => found.map(({ n }) => n);
  return {
    kind: 'window-join',
    params: { window: spec(assigner), kind } as never,
    key,
    functions: () => ({
      join: (left: Row, right: Row) => [left, right],
      coGroup: (left: readonly Row[], right: readonly Row[]) => [[numbers(left), numbers(right)]],
    }),
  };
}

const intervals: OperatorDefinition = {
  kind: 'interval-join',
  params: { lowerMs: -30, upperMs: 20, lowerExclusive: false, upperExclusive: true },
  key,
  functions: () => ({ join: (left: Row, right: Row) => [left, right] }),
};

const keyedProcess = (
  process: () => KeyedProcessFunction<number, Row, unknown>,
): OperatorDefinition => ({
  kind: 'keyed-process',
  key,
  functions: () => ({ process: process() }),
});

/** All kinds of state, with or without a time to live, which is shorter than the input. */
function states(ttl?: number): OperatorDefinition {
  const common = ttl === undefined ? {} : { ttl };
  const cell = value<number>({ name: 'cell', ...common });
  const flat = value<Row>({ name: 'flat', ...common });
  const text = value<string>({ name: 'text', default: 'none', ...common });
  const all = list<number>({ name: 'list', ...common });
  const fields = map<number, string>({ name: 'map', ...common });
  const total = reducing<number>({ name: 'total', reduce: (a, b) => a + b, ...common });
  const mean = aggregating<number, Row, number>({
    name: 'mean',
    ...common,
    create: () => ({ key: 0, n: 0 }),
    add: (acc, n) => ({ key: acc.key + 1, n: acc.n + n }),
    result: ({ key: count, n }) => n / count,
  });
  return keyedProcess(() => ({
    open(ctx) {
      ctx.state(cell);
      ctx.state(flat);
      ctx.state(text);
      ctx.state(all);
      ctx.state(fields);
      ctx.state(total);
      ctx.state(mean);
    },
    process(row, ctx, out) {
      out.collect([
        ctx.key,
        [ctx.state(cell).value(), ctx.state(flat).value(), ctx.state(text).value()],
        [[...ctx.state(all).get()], [...ctx.state(fields).entries()]],
        [ctx.state(total).get(), ctx.state(mean).get()],
      ]);
      ctx.state(cell).update(row.n);
      ctx.state(flat).update(row);
      ctx.state(text).update(`at ${row.n}`);
      ctx.state(all).add(row.n);
      ctx.state(fields).put(row.n % 3, `n ${row.n}`);
      ctx.state(total).add(row.n);
      ctx.state(mean).add(row.n);
      if (row.n % 7 === 0) ctx.state(all).clear();
    },
  }));
}

const timers = keyedProcess(() => ({
  process({ n }, ctx) {
    ctx.timers.event(n + 40);
    ctx.timers.processing(n + 25);
    if (n % 3 === 0) ctx.timers.deleteEvent(n + 40);
  },
  onTimer: (timeMs, ctx, out) => out.collect([ctx.key, timeMs, ctx.timeDomain]),
}));

/** What has expired is in no snapshot, and in the state until then. */
const EXPIRING = 'states with a time to live';

const scenarios: Readonly<Record<string, OperatorDefinition>> = {
  'tumbling windows': windowed(tumbling, 'sum'),
  'sliding windows that share slices': windowed(sliding, 'count'),
  'cumulative windows that share slices': windowed(cumulative, 'distinct-count'),
  'sliding windows of elements': windowed(sliding, 'list'),
  'windows with a trigger': windowed(tumbling, 'list', {
    trigger: { kind: 'count', size: 2 },
    allowedLatenessMs: 15,
  }),
  sessions: windowed(session, 'sum'),
  'sessions of elements': windowed(session, 'list', { allowedLatenessMs: 10 }),
  'processing-time windows': windowed({ ...tumbling, time: 'processing' }, 'sum'),
  'window join': joined('join', tumbling),
  'join of sessions': joined('join', session),
  'co-group': joined('co-group', sliding),
  'interval join': intervals,
  'states of every kind': states(),
  [EXPIRING]: states(60),
  'timers of both kinds': timers,
  'running reduction in typed rows': {
    kind: 'keyed-reduce',
    key,
    functions: () => ({ reduce: (a: Row, b: Row) => ({ key: a.key, n: a.n + b.n }) }),
  },
};

const upTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);
const PAIRS: readonly (readonly [number, number])[] = [
  ...upTo(8).flatMap((from) => upTo(8).map((to) => [from, to] as const)),
  ...([
    [1, 128],
    [128, 1],
    [128, 128],
    [7, 100],
    [33, 64],
  ] as const),
];

const hasTwoInputs = ({ kind }: OperatorDefinition): boolean => kind.endsWith('join');
const numbered = (keys: readonly unknown[]): unknown[] =>
  [...new Set(keys as readonly number[])].toSorted((a, b) => a - b);

test.each(Object.entries(scenarios))(
  '%s go on at any parallelism',
  { timeout: 60_000 },
  (name, definition) => {
    const input = rows(hasTwoInputs(definition) ? 2 : 1);
    const half = STEPS / 2;
    const keysOf = (harness: OperatorHarness | RescalingHarness): unknown =>
      name === EXPIRING ? [] : numbered(harness.keys());
    const plain = new OperatorHarness(definition);
    const expected = input.map((item) => [canonical(plain.push(item)), keysOf(plain)]);
    expect(new Set(expected.slice(half).flatMap(([lines]) => lines)).size).toBeGreaterThan(20);
    for (const [from, to] of PAIRS) {
      const harness = new RescalingHarness(definition, from);
      const found = input.map((item, i) => {
        if (i === half) harness.rescale(to);
        // Once more with state that nobody has asked for since.
        if (i === half + 1) harness.rescale(from);
        return [canonical(harness.push(item)), keysOf(harness)];
      });
      expect([from, to, found]).toEqual([from, to, expected]);
    }
  },
);

test.each([
  ['tumbling windows', windowed(tumbling, 'sum')],
  ['sliding windows', windowed(sliding, 'sum')],
  ['cumulative windows', windowed(cumulative, 'sum')],
  ['sliding windows of elements', windowed(sliding, 'list')],
  ['sessions', windowed(session, 'sum')],
] as const)(
  '%s fire once, though subtasks had not come equally far',
  { timeout: 60_000 },
  (_name, definition) => {
    // Nothing is late, so that what fires does not depend on how far a subtask is.
    const input = rows(1).filter((item) => item.kind !== 'processing-time');
    const ofRecords = (items: ReturnType<RescalingHarness['push']>): string[] =>
      canonical(items).filter((line) => !line.startsWith('watermark'));
    const plain = new OperatorHarness(definition);
    const expected = input.flatMap((item) => ofRecords(plain.push(item))).toSorted();
    expect(expected.filter((line) => line.startsWith('late'))).toEqual([]);
    for (const [from, to] of PAIRS) {
      const harness = new RescalingHarness(definition, from);
      const found = input.flatMap((item, i) => {
        if (i === STEPS / 2) harness.rescale(to);
        if (i === (STEPS * 2) / 3) harness.rescale(from);
        // Every other watermark is lost on its way to half of them.
        const isLost = Math.floor(i / 8) % 3 > 0 && i < input.length - 1;
        return ofRecords(harness.push(item, (subtask) => !isLost || subtask % 2 === 0));
      });
      expect([from, to, found.toSorted()]).toEqual([from, to, expected]);
    }
  },
);
