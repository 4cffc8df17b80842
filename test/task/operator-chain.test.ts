// Operators in one task: who gets what, in which order, and what waits when there is no credit.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { END_OF_TIME, NO_WATERMARK } from '../../engine/core/time.ts';
import { IDLE } from '../../engine/network/record-batch.ts';
import { OPERATOR, operatorColumn } from '../../engine/task/task-metrics.ts';
import { barrier } from '../network/batches.ts';
import {
  ChainHarness,
  expand,
  fireOnWatermark,
  type Link,
  map,
  pass,
  stamped,
} from './chain-harness.ts';

/** Of watermarks in a row the last: whether a frame left between them says nothing. */
const lastMarks = (elements: readonly unknown[]): unknown[] =>
  elements.filter((element, i) => {
    const isMark = (one: unknown): boolean =>
      typeof one === 'object' && 'watermark' in (one as object);
    return !isMark(element) || !isMark(elements[i + 1] ?? []);
  });

const record = (value: unknown, timeMs = 0) => [value, timeMs];
const watermark = (timeMs: number) => ({ watermark: timeMs });

describe('records', () => {
  test('go from operator to operator, and out, and are counted on their way', () => {
    const h = new ChainHarness([map((n) => (n as number) + 1), map((n) => (n as number) * 10)]);
    h.feed(1, 5);
    h.feed(2, 6);
    expect(h.sent()).toEqual([[record(20, 5), record(30, 6)]]);
    h.chain.settleCounts();
    const count = (i: number, column: number): unknown => h.metrics[operatorColumn(i, column)];
    expect([count(0, OPERATOR.recordsIn), count(1, OPERATOR.recordsOut), h.chain.emitted]).toEqual([
      2, 2, 4,
    ]);
  });

  /** Changes every record that it gets, and its time. */
  const vandal: Link = {
    make: (emit, time) => ({
      processElement(value) {
        (value as { id: number }).id = -1;
        time[0] = -1;
        emit.emit(value);
      },
    }),
  };

  test('of two receivers are independent of one another, and keep their times', () => {
    const links = [pass, { ...vandal, after: 0 }, { ...vandal, after: 0 }];
    const h = new ChainHarness(links, [{ from: 0 }, { from: 1 }, { from: 2 }]);
    const value = { id: 1 };
    h.feed(value, 7);
    const [own, first, second] = h.sent();
    expect(own).toEqual([record({ id: 1 }, 7)]);
    expect([first, second]).toEqual([[record({ id: -1 }, -1)], [record({ id: -1 }, -1)]]);
  });

  test('are shared where that was promised', () => {
    const seen: unknown[] = [];
    const keep: Link = {
      after: 0,
      make: () => ({ processElement: (value) => void seen.push(value) }),
    };
    const h = new ChainHarness([pass, keep, keep], [], 'share');
    const value = { id: 1 };
    h.feed(value);
    expect([seen[0] === value, seen[1] === value]).toEqual([true, true]);
    const copying = new ChainHarness([pass, keep, keep], []);
    copying.feed(value);
    expect([seen[2] === value, seen[3] === value]).toEqual([false, true]);
  });

  test('of a side output go to those who asked for it, and nowhere else', () => {
    const split: Link = {
      make: (emit) => ({
        processElement: (value) =>
          (value as number) < 0 ? emit.emitSide('late', value) : emit.emit(value),
      }),
    };
    const late = { ...map((n) => `late ${n}`), after: 0, sideOutput: 'late' };
    const h = new ChainHarness(
      [split, late],
      [{ from: 0 }, { from: 0, sideOutput: 'late' }, { from: 1 }],
    );
    for (const n of [1, -2, 3]) h.feed(n);
    expect(h.sent()).toEqual([[record(1), record(3)], [record(-2)], [record('late -2')]]);
  });

  test('that nobody takes are counted all the same', () => {
    const h = new ChainHarness([pass], []);
    h.feed(1);
    expect(h.chain.emitted).toBe(1);
  });
});

describe('watermarks', () => {
  test('reach every operator, and those behind the chain after what they caused', () => {
    const h = new ChainHarness([pass, fireOnWatermark], [{ from: 0 }, { from: 1 }]);
    h.feed('a', 1);
    expect(h.chain.advanceWatermark(10)).toBe(true);
    expect(h.sent()).toEqual([
      [record('a', 1), watermark(10)],
      [record('a'), record('fired 10'), watermark(10)],
    ]);
  });

  test('that do not rise are nothing', () => {
    const h = new ChainHarness([fireOnWatermark]);
    for (const timeMs of [10, 10, 9]) h.chain.advanceWatermark(timeMs);
    expect(h.sent()).toEqual([[record('fired 10'), watermark(10)]]);
  });

  test('that an operator makes itself take the place of those of its input', () => {
    const h = new ChainHarness([pass, stamped, fireOnWatermark]);
    expect(h.chain.hasOwnWatermarks).toBe(true);
    h.feed('a', 3);
    h.chain.advanceWatermark(100);
    h.feed('b', 8);
    h.chain.advanceWatermark(END_OF_TIME);
    expect(h.sent()).toEqual([
      [
        ...[record('a'), record('fired 3'), watermark(3)],
        ...[record('b'), record('fired 8'), watermark(8)],
        ...[record('fired Infinity'), watermark(END_OF_TIME)],
      ],
    ]);
  });

  test('of a restored chain are told at once, and nothing at or below them fires again', () => {
    const h = new ChainHarness([stamped, fireOnWatermark]);
    h.chain.restoreWatermarks([
      [20, 7],
      [7, 7],
    ]);
    expect([h.chain.inputWatermark, h.chain.watermark]).toEqual([20, 20]);
    h.chain.advanceWatermark(15);
    h.feed('a', 7);
    expect(h.chain.snapshotWatermarks()).toEqual([
      [20, 7],
      [7, 7],
    ]);
    expect(h.sent()).toEqual([[watermark(7)]]);
  });

  test('of an operator without history begin before all time', () => {
    const h = new ChainHarness([pass, pass]);
    h.chain.restoreWatermarks([undefined, [4, 4]]);
    expect(h.chain.snapshotWatermarks()).toEqual([
      [NO_WATERMARK, NO_WATERMARK],
      [4, 4],
    ]);
  });
});

describe('idleness', () => {
  test('of the input goes past all operators; waking up says the watermark again', () => {
    const h = new ChainHarness([pass, stamped, pass], [{ from: 0 }, { from: 2 }]);
    h.chain.advanceWatermark(5);
    h.feed('a', 3);
    h.chain.markIdle();
    h.chain.advanceWatermark(5);
    expect(h.sent()).toEqual([
      [watermark(5), record('a', 3), watermark(IDLE), watermark(5)].filter((_, i) => i !== 2),
      [record('a', 3), watermark(3)],
    ]);
  });

  test('is told where a frame was sent meanwhile', () => {
    const h = new ChainHarness([pass]);
    h.chain.advanceWatermark(5);
    h.chain.flushAged(0);
    h.chain.markIdle();
    h.chain.markIdle();
    h.chain.flushAged(0);
    h.chain.advanceWatermark(5);
    expect(h.sent()).toEqual([[watermark(5), watermark(IDLE), watermark(5)]]);
  });

  /** Idle when told so. */
  const idleOnDemand: Link = {
    make(emit) {
      let isIdle = false;
      return {
        processElement(value) {
          isIdle = value === 'idle';
          emit.emit(value);
        },
        ownWatermark: () => 7,
        ownIdle: () => isIdle,
      };
    },
  };

  test('of one operator is that of those behind it, not of its neighbours', () => {
    const links = [
      pass,
      { ...idleOnDemand, after: 0 },
      { ...pass, after: 1 },
      { ...pass, after: 0 },
    ];
    const h = new ChainHarness(links, [{ from: 2 }, { from: 3 }]);
    h.chain.advanceWatermark(1);
    h.feed('idle');
    h.chain.flushAged(0);
    h.feed('awake');
    const [behind, beside] = h.sent() as [unknown[], unknown[]];
    expect(behind).toEqual([
      watermark(7),
      record('idle'),
      watermark(IDLE),
      record('awake'),
      watermark(7),
    ]);
    expect(beside).toEqual([watermark(1), record('idle'), record('awake')]);
  });

  test('finds nothing held: an operator is told first', () => {
    const holding: Link = {
      make(emit) {
        const held: unknown[] = [];
        return {
          processElement: (value) => void held.push(value),
          onIdle: () => held.splice(0).forEach(emit.emit),
        };
      },
    };
    const h = new ChainHarness([pass, holding]);
    h.chain.advanceWatermark(5);
    h.feed('a');
    h.chain.markIdle();
    expect(h.sent()).toEqual([[watermark(5), record('a'), watermark(IDLE)]]);
  });

  test('is over at the end of time', () => {
    const endless: Link = {
      make: () => ({
        processElement: () => undefined,
        ownWatermark: () => END_OF_TIME,
        ownIdle: () => true,
      }),
    };
    const h = new ChainHarness([endless]);
    h.chain.markIdle();
    expect(h.sent()).toEqual([[watermark(END_OF_TIME)]]);
  });
});

describe('without credit', () => {
  test('an operator stops in the middle, and goes on where it stopped', () => {
    const h = new ChainHarness([expand]);
    h.credit = 0;
    h.feed(3, 9);
    expect([h.chain.isPaused, h.chain.hasCredit(), h.chain.resume()]).toEqual([true, false, false]);
    h.credit = 1;
    expect([h.chain.resume(), h.chain.isPaused]).toEqual([true, false]);
    expect(h.sent()).toEqual([[record('3.0', 9), record('3.1', 9), record('3.2', 9)]]);
  });

  test('the last that stopped goes on first, and those above it wait for it', () => {
    const order: string[] = [];
    let stops = 4;
    const stopping = (name: string): Link => ({
      make: (emit) => ({
        processElement(value) {
          emit.emit(value);
          order.push(`${name} stops`);
          emit.pend();
        },
        resume() {
          const isDone = stops-- <= 0;
          order.push(`${name} ${isDone ? 'done' : 'again'}`);
          return isDone;
        },
      }),
    });
    const h = new ChainHarness([stopping('a'), stopping('b')]);
    h.feed(1);
    while (!h.chain.resume());
    expect(order).toEqual([
      ...['b stops', 'a stops'],
      ...['b again', 'b again', 'b again', 'b again', 'b done', 'a done'],
    ]);
  });

  test('an operator above is not resumed while one behind it has stopped again', () => {
    const h = new ChainHarness([expand, map(() => 2), expand]);
    h.credit = 0;
    h.feed(2);
    let turns = 0;
    while (h.chain.isPaused) {
      h.credit = 1;
      h.chain.flushAged(0);
      h.chain.resume();
      if (turns++ > 50) throw new Error('does not end');
    }
    expect(h.sent()).toEqual([[record('2.0'), record('2.1'), record('2.0'), record('2.1')]]);
  });

  test('a chain cannot be snapshot in the middle, unless who stopped says that it can', () => {
    const h = new ChainHarness([expand]);
    h.credit = 0;
    h.feed(2);
    expect(h.chain.canSnapshot).toBe(false);
    const holding: Link = {
      make: (emit) => ({ processElement: () => emit.pend(), canSnapshotPending: true }),
    };
    const other = new ChainHarness([holding]);
    other.feed(1);
    expect([other.chain.isPaused, other.chain.canSnapshot]).toEqual([true, true]);
  });

  test('a barrier, and the end, leave all the same', () => {
    const h = new ChainHarness([pass]);
    h.credit = 0;
    h.feed('a');
    h.chain.emitBarrier(barrier(3));
    expect(h.sent()).toEqual([[record('a'), barrier(3)]]);
  });

  test('what comes out is the same as with endless credit, in the same order', () => {
    type Input = { readonly record: number } | { readonly watermark: number };
    const input: fc.Arbitrary<Input> = fc.oneof(
      fc.record({ record: fc.nat(6) }),
      fc.record({ watermark: fc.nat(50) }),
    );
    const chains: readonly (readonly Link[])[] = [
      [expand, fireOnWatermark],
      [expand, stamped, fireOnWatermark, pass],
      [stamped, expand, map((v) => Number(`${v as string}`.charAt(0)) % 3), expand],
      [fireOnWatermark, pass],
    ];
    function run(links: readonly Link[], inputs: readonly Input[], grant: () => number): unknown {
      const h = new ChainHarness(links);
      const settle = (): void => {
        for (let tries = 0; h.chain.isPaused && tries < 10_000; tries++) {
          h.credit = grant();
          h.chain.drain();
          h.chain.flushAged(0);
          h.chain.resume();
        }
      };
      for (const [i, one] of inputs.entries()) {
        h.credit = grant();
        if ('record' in one) h.feed(one.record, i);
        else h.chain.advanceWatermark(one.watermark);
        settle();
      }
      h.chain.advanceWatermark(END_OF_TIME);
      settle();
      h.chain.finish();
      settle();
      expect(h.chain.isPaused).toBe(false);
      return lastMarks(h.sent()[0] as unknown[]);
    }
    fc.assert(
      fc.property(
        fc.constantFrom(...chains),
        fc.array(input, { maxLength: 12 }),
        fc.infiniteStream(fc.nat(2)),
        (links, inputs, grants) => {
          const limited = run(links, inputs, () => grants.next().value as number);
          expect(limited).toEqual(run(links, inputs, () => Number.POSITIVE_INFINITY));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the end of the input', () => {
  test('finishes operator after operator, with pauses', () => {
    const h = new ChainHarness([fireOnWatermark, fireOnWatermark]);
    h.credit = 0;
    expect(h.chain.finish()).toBe(false);
    expect(h.chain.isPaused).toBe(true);
    h.credit = 1;
    expect(h.chain.resume()).toBe(true);
    // What the first emits reaches the second, which keeps it for a watermark that does not come.
    expect(h.sent()).toEqual([[record('finished')]]);
  });

  test('a close that throws does not keep the others from being closed', () => {
    const closed: string[] = [];
    const closing = (name: string, throws: boolean): Link => ({
      make: () => ({
        processElement: () => undefined,
        close() {
          closed.push(name);
          if (throws) throw new Error(`close of ${name}`);
        },
      }),
    });
    const h = new ChainHarness([closing('a', true), closing('b', true), closing('c', false)]);
    expect(() => h.chain.close()).toThrow('close of a');
    expect([closed, h.chain.currentOperator]).toEqual([['a', 'b', 'c'], 1]);
  });
});
