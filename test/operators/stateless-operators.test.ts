// Operators without keys: map, filter, flatMap, process, and their two-input kin.

import { expect, test } from 'vitest';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  endOfInput,
  record,
  record2,
  sideEmitted,
  watermark,
} from '../harness/operator-items.ts';
import { verifyOperator } from '../harness/verify-operator.ts';

test('map gives one record for each, with its time', () => {
  verifyOperator(
    { kind: 'map', functions: () => ({ map: (n: number) => n * 2 }) },
    {
      input: [record(1, 10), record(2), watermark(5)],
      output: [emitted(2, 10), emitted(4), watermark(5)],
    },
  );
});

test('filter lets pass what its function finds truthy', () => {
  verifyOperator(
    { kind: 'filter', functions: () => ({ filter: (n: number) => n % 2 }) },
    {
      input: [record(1, 10), record(2, 11), record(3, 12)],
      output: [emitted(1, 10), emitted(3, 12)],
    },
  );
});

test('flatMap takes arrays, iterables and generators, and every item has the time of its element', () => {
  const ways = [
    (n: number) => Array.from({ length: n }, (_, i) => i),
    (n: number) => new Set(Array.from({ length: n }, (_, i) => i)),
    function* generate(n: number) {
      for (let i = 0; i < n; i++) yield i;
    },
  ];
  for (const flatMap of ways) {
    verifyOperator(
      { kind: 'flat-map', functions: () => ({ flatMap }) },
      {
        input: [record(3, 10), record(0, 11), record(1, 12), endOfInput],
        output: [emitted(0, 10), emitted(1, 10), emitted(2, 10), emitted(0, 12), endOfInput],
      },
    );
  }
});

test('flatMap refuses what cannot be iterated, naming the operator', () => {
  const harness = new OperatorHarness({
    kind: 'flat-map',
    functions: () => ({ flatMap: () => undefined }),
  });
  expect(() => harness.push(record(1))).toThrow(/operator under test.* returned undefined/);
});

test('flatMap asks an endless generator for no more items than there is credit for', () => {
  let made = 0;
  function* endless() {
    for (;;) yield made++;
  }
  const harness = new OperatorHarness(
    { kind: 'flat-map', functions: () => ({ flatMap: endless }) },
    { hasCredit: () => false },
  );
  harness.push(record(1));
  // One item for the element itself and one for each of the ten times that the harness resumed it.
  expect(harness.isPending).toBe(true);
  expect(made).toBe(11);
});

test('flatMap looks at the credit between runs of a long array, and keeps its elements in order', () => {
  const definition: OperatorDefinition = {
    kind: 'flat-map',
    functions: () => ({ flatMap: (n: number) => Array.from({ length: 1_000 }, (_, i) => n + i) }),
  };
  const input = [record(0, 1), record(5_000, 2), watermark(2)];
  let calls = 0;
  const harness = new OperatorHarness(definition, { hasCredit: () => calls++ % 2 === 1 });
  const output = harness.push(...input);
  expect(calls).toBe(6);
  expect(output).toEqual([
    ...Array.from({ length: 1_000 }, (_, i) => emitted(i, 1)),
    ...Array.from({ length: 1_000 }, (_, i) => emitted(5_000 + i, 2)),
    watermark(2),
  ]);
});

test('elements that come while one is half done wait for their turn, with their times', () => {
  let credit = 0;
  function* twice(n: number) {
    yield n;
    yield n;
  }
  const harness = new OperatorHarness(
    { kind: 'flat-map', functions: () => ({ flatMap: twice }) },
    { hasCredit: () => credit-- > 0 },
  );
  for (const n of [1, 2, 3]) harness.pushAnyway(n, n * 10);
  expect(harness.output).toEqual([emitted(1, 10)]);
  credit = 100;
  harness.push(watermark(30));
  expect(harness.output).toEqual([
    ...[1, 1, 2, 2, 3, 3].map((n) => emitted(n, n * 10)),
    watermark(30),
  ]);
});

test('a generator that is not read to its end is closed with its operator', () => {
  let closed = false;
  function* careful() {
    try {
      for (;;) yield 1;
    } finally {
      closed = true;
    }
  }
  const harness = new OperatorHarness(
    { kind: 'flat-map', functions: () => ({ flatMap: careful }) },
    { hasCredit: () => false },
  );
  harness.push(record(1));
  harness.close();
  expect(closed).toBe(true);
});

test('co-map and co-flat-map give each input its own function', () => {
  verifyOperator(
    {
      kind: 'co-map',
      functions: () => ({ map1: (n: number) => n + 1, map2: (s: string) => `${s}!` }),
    },
    { input: [record(1, 5), record2('a', 6)], output: [emitted(2, 5), emitted('a!', 6)] },
  );
  verifyOperator(
    {
      kind: 'co-flat-map',
      functions: () => ({ flatMap1: (n: number) => [n, n], flatMap2: (s: string) => s.split('') }),
    },
    {
      input: [record(1, 5), record2('ab', 6)],
      output: [emitted(1, 5), emitted(1, 5), emitted('a', 6), emitted('b', 6)],
    },
  );
});

test('a process function emits any number of records and side outputs, and knows event time', () => {
  const process = (
    n: number,
    ctx: {
      timestamp: number;
      watermark: number;
      output(tag: { name: string }, value: unknown): void;
    },
    out: { collect(value: unknown): void },
  ) => {
    for (let i = 0; i < n; i++) out.collect([n, ctx.timestamp, ctx.watermark]);
    ctx.output({ name: 'odd' }, n);
  };
  verifyOperator(
    { kind: 'process', functions: () => ({ process }) },
    {
      input: [record(2, 7), watermark(7), record(1, 9)],
      output: [
        emitted([2, 7, -Infinity], 7),
        emitted([2, 7, -Infinity], 7),
        sideEmitted('odd', 2, 7),
        watermark(7),
        emitted([1, 9, 7], 9),
        sideEmitted('odd', 1, 9),
      ],
    },
  );
});

test('a process function object is opened with its state restored, told of snapshots, and closed', () => {
  const calls: string[] = [];
  class Counting {
    #count = 0;
    #state: { get(): readonly number[]; update(values: readonly number[]): void } | undefined;

    open(ctx: { listState(name: string): NonNullable<Counting['state']> }) {
      this.#state = ctx.listState('count');
      this.#count = this.#state.get()[0] ?? 0;
    }

    get state() {
      return this.#state;
    }

    process(_value: unknown, _ctx: unknown, out: { collect(value: unknown): void }) {
      out.collect(++this.#count);
    }

    snapshotState() {
      calls.push('snapshot');
      this.#state?.update([this.#count]);
    }

    close() {
      calls.push('close');
    }
  }
  verifyOperator(
    { kind: 'process', functions: () => ({ process: new Counting() }) },
    {
      input: [record('a'), record('b'), record('c')],
      output: [emitted(1), emitted(2), emitted(3)],
    },
  );
  expect(calls.slice(-2)).toEqual(['snapshot', 'close']);
});

test('a co-process function serves both inputs; a missing method is named', () => {
  const functions = () => ({
    process: {
      process1: (n: number, _: unknown, out: { collect(value: unknown): void }) => out.collect(n),
      process2: (s: string, _: unknown, out: { collect(value: unknown): void }) => out.collect(s),
    },
  });
  verifyOperator(
    { kind: 'co-process', functions },
    { input: [record(1, 1), record2('x', 2)], output: [emitted(1, 1), emitted('x', 2)] },
  );
  const broken = {
    kind: 'co-process',
    functions: () => ({ process: { process1: () => 0 } }),
  } as const;
  expect(() => new OperatorHarness(broken)).toThrow('has no method process2');
});
