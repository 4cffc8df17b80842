// The generated way through a chain: written out or called, an operator does the same, whatever the tree.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OPERATOR, operatorColumn, TASK } from '../../engine/task/task-metrics.ts';
import { ChainHarness, type Link, map, type Out, pass } from './chain-harness.ts';

type Kind = 'map' | 'change' | 'filter' | 'twice' | 'side';
type Record = { readonly way: string[]; n: number };

interface Place {
  readonly kind: Kind;
  /** Modulo its own index: which of those in front it follows. */
  readonly after: number;
  readonly isOnSide: boolean;
}

/** As an operator that is called, or one that is written out. */
function link({ kind, after, isOnSide }: Place, index: number, isInline: boolean): Link {
  const step = (value: unknown): Record => {
    const { way, n } = value as Record;
    return { way: [...way, `${kind}${index}`], n: n + index };
  };
  const change = (value: unknown): unknown => {
    const record = value as Record;
    record.way.push(`changed${index}`);
    record.n += index;
    return record;
  };
  const isOdd = (value: unknown): boolean => (value as Record).n % 2 === 1;
  const place =
    index === 0 ? {} : { after: after % index, ...(isOnSide ? { sideOutput: 'side' } : {}) };
  return {
    ...place,
    make(emit, time) {
      switch (kind) {
        case 'map':
          return {
            processElement: (value) => emit.emit(step(value)),
            ...(isInline ? { inline: { kind, call: step } } : {}),
          };
        case 'change':
          return {
            processElement: (value) => emit.emit(change(value)),
            ...(isInline ? { inline: { kind: 'map', call: change } } : {}),
          };
        case 'filter':
          return {
            processElement: (value) => isOdd(value) && emit.emit(value),
            ...(isInline ? { inline: { kind, call: isOdd } } : {}),
          };
        case 'twice':
          return {
            processElement(value) {
              emit.emit(step(value));
              time[0] = (time[0] as number) + 1;
              emit.emit(step(value));
            },
          };
        case 'side':
          return { processElement: (value) => emit.emitSide('side', step(value)) };
      }
    },
  };
}

/** Counts what the operator is given. */
function counted({ make, ...place }: Link, onRecord: () => void): Link {
  return {
    ...place,
    make(emit, time) {
      const { inline, ...operator } = make(emit, time);
      return {
        ...operator,
        processElement(value) {
          onRecord();
          operator.processElement(value);
        },
        ...(inline !== undefined &&
          (inline.kind === 'map' || inline.kind === 'filter') && {
            inline: {
              kind: inline.kind,
              call(value: unknown) {
                onRecord();
                return inline.call(value);
              },
            } as typeof inline,
          }),
      };
    },
  };
}

const place = fc.record({
  kind: fc.constantFrom<Kind>('map', 'change', 'filter', 'twice', 'side'),
  after: fc.nat(20),
  isOnSide: fc.boolean(),
});

test('maps and filters that are written out do what those do that are called', () => {
  fc.assert(
    fc.property(
      fc.array(place, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(20), fc.boolean()), { minLength: 1, maxLength: 5 }),
      fc.array(fc.nat(9), { maxLength: 6 }),
      (places, ends, records) => {
        const outs = ends.map(([from, isOnSide]): Out => {
          return { from: from % places.length, ...(isOnSide ? { sideOutput: 'side' } : {}) };
        });
        const [called, written] = [false, true].map((isInline) => {
          const given = places.map(() => 0);
          const h = new ChainHarness(
            places.map((one, i) =>
              counted(link(one, i, isInline), () => {
                given[i] = (given[i] ?? 0) + 1;
              }),
            ),
            outs,
          );
          for (const n of records) h.feed({ way: [], n }, n);
          h.chain.settleCounts();
          const recordsIn = (i: number) => h.metrics[operatorColumn(i, OPERATOR.recordsIn)];
          expect(places.map((_, i) => recordsIn(i))).toEqual(given);
          return { sent: h.sent(), metrics: [...h.metrics] };
        });
        expect(written).toStrictEqual(called);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('a filter looks at the record that others get; what it lets pass is a copy', () => {
  const seen: unknown[] = [];
  const looking: Link = {
    make: () => ({
      processElement: () => undefined,
      inline: { kind: 'filter', call: (value) => seen.push(value) > 0 },
    }),
  };
  const h = new ChainHarness([looking, looking, looking], [{ from: 2 }, { from: 0 }]);
  const record = { n: 1 };
  h.feed(record);
  expect(seen).toHaveLength(3);
  expect(seen.every((value) => value === record)).toBe(true);
  h.sent();
  const [passed, other] = h.channels.map(({ sent }) => sent[0]?.values[0]);
  expect(passed).toStrictEqual(record);
  expect(passed).not.toBe(record);
  expect(other).toBe(record);
});

test('the operator at work is known where one fails that is written out', () => {
  const failing: Link = {
    make: () => ({
      processElement: () => undefined,
      inline: {
        kind: 'map',
        call() {
          throw new Error('no');
        },
      },
    }),
  };
  const through: Link = {
    make: () => ({
      processElement: () => undefined,
      inline: { kind: 'filter', call: () => true },
    }),
  };
  const h = new ChainHarness([through, through, failing, through]);
  expect(() => h.feed(1)).toThrow('no');
  expect(h.metrics[TASK.operator]).toBe(2);
});

test('an operator that fails when those behind it have had what it emits is the one at work', () => {
  const failing: Link = {
    make: (emit) => ({
      processElement(value) {
        emit.emit(value);
        throw new Error('no');
      },
    }),
  };
  const through: Link = {
    make: () => ({
      processElement: () => undefined,
      inline: { kind: 'map', call: (value) => value },
    }),
  };
  const h = new ChainHarness([through, failing, through, through]);
  expect(() => h.feed(1)).toThrow('no');
  expect(h.metrics[TASK.operator]).toBe(1);
});

const timed: Link = {
  make: () => ({
    processElement: () => undefined,
    eventTime: {
      of: (value) => value as number,
      refuse(time) {
        throw new Error(`no time: ${time}`);
      },
    },
  }),
};

const readerOf = (records: readonly number[]) => {
  const left = [...records];
  return { next: () => left.shift() };
};

test('what a reader gives goes its way with its time, until it ends', () => {
  const h = new ChainHarness([timed, map((value) => -(value as number))]);
  const highest = new Float64Array([Number.NEGATIVE_INFINITY]);
  const reader = readerOf([5, 9, 7]);
  const pull = (count: number) => h.chain.ways.pulled?.(reader, highest, count);
  expect([pull(2), pull(2), pull(2)]).toEqual([2, ~1, ~0]);
  expect(highest[0]).toBe(9);
  const records = [5, 9, 7].map((value) => [-value, value]);
  expect(h.sent()).toEqual([records]);
  h.chain.settleCounts();
  expect(h.metrics[operatorColumn(0, OPERATOR.recordsOut)]).toBe(3);
});

test('a record that pauses the chain is the last that is taken from a reader', () => {
  const pausing: Link = {
    make: (emit) => ({
      processElement: (value) => value === 9 && emit.pend(),
      resume: () => true,
    }),
  };
  const h = new ChainHarness([timed, pausing]);
  const reader = readerOf([5, 9, 7]);
  const pull = () => h.chain.ways.pulled?.(reader, new Float64Array(1), 3);
  expect(pull()).toBe(2);
  h.chain.resume();
  expect(pull()).toBe(~1);
});

test('an operator that folds is called where the event time is not that of its cell', () => {
  const called: unknown[] = [];
  const cell = { value: 0 as unknown, times: new Float64Array([10, 20]) };
  const folding: Link = {
    make: () => ({
      inline: {
        kind: 'fold',
        call: (sum, value) => (sum as number) + (value as number),
        cell,
      },
      processElement: (value) => void called.push(value),
    }),
  };
  const h = new ChainHarness([pass, folding], []);
  for (const [value, timeMs] of [
    [1, 9],
    [2, 10],
    [3, 19],
    [4, 20],
    [5, Number.NaN],
  ] as const)
    h.feed(value, timeMs);
  expect(cell.value).toBe(5);
  expect(called).toEqual([1, 4, 5]);
  cell.times.fill(Number.NaN);
  h.feed(6, 15);
  expect(called).toEqual([1, 4, 5, 6]);
});
