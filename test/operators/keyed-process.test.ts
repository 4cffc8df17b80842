// Process functions with keys: state, timers of both kinds, two inputs.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  KeyedCoProcessFunction,
  KeyedProcessFunction,
} from '../../engine/operators/functions.ts';
import { list, value } from '../../engine/state/descriptors.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  endOfInput,
  type InputItem,
  processingTime,
  record,
  record2,
  sideEmitted,
  watermark,
} from '../harness/operator-items.ts';
import { verifyGroups, verifyOperator } from '../harness/verify-operator.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

const item = (key: string, n: number, timeMs?: number) => record({ key, n }, timeMs);
const byKey = ({ key }: Item) => key;

/** Emits the count of a key when nothing came for 10 ms. */
const countUntilQuiet = (): KeyedProcessFunction<string, Item, unknown> => {
  const count = value({ name: 'count', default: 0 });
  const last = value<number>({ name: 'last' });
  return {
    process(_item, ctx) {
      const before = ctx.state(last).value();
      if (before !== undefined) ctx.timers.deleteEvent(before + 10);
      ctx.state(count).update(ctx.state(count).value() + 1);
      ctx.state(last).update(ctx.timestamp);
      ctx.timers.event(ctx.timestamp + 10);
    },
    onTimer(timeMs, ctx, out) {
      out.collect([ctx.key, ctx.state(count).value(), timeMs, ctx.timeDomain, ctx.watermark]);
      ctx.output({ name: 'quiet' }, ctx.key);
      ctx.state(count).clear();
      ctx.state(last).clear();
    },
  };
};

test('a keyed process function has state and timers of each key', () => {
  verifyOperator(
    { kind: 'keyed-process', key: byKey, functions: () => ({ process: countUntilQuiet() }) },
    {
      input: [item('a', 1, 1), item('b', 1, 2), item('a', 1, 5), watermark(12), watermark(30)],
      output: [
        emitted(['b', 1, 12, 'event', 12], 12),
        sideEmitted('quiet', 'b', 12),
        watermark(12),
        emitted(['a', 2, 15, 'event', 30], 15),
        sideEmitted('quiet', 'a', 15),
        watermark(30),
      ],
    },
  );
});

test('processing timers fire when their millisecond has passed, without event time, and not at the end', () => {
  const process = (): KeyedProcessFunction<string, Item, unknown> => ({
    process({ n }, ctx) {
      ctx.timers.processing(n);
      ctx.timers.processing(n + 50);
      ctx.timers.deleteProcessing(n + 50);
    },
    onTimer: (timeMs, ctx, out) => out.collect([ctx.key, timeMs, ctx.timeDomain, ctx.timestamp]),
  });
  verifyOperator(
    { kind: 'keyed-process', key: byKey, functions: () => ({ process: process() }) },
    {
      input: [
        item('a', 10, 1),
        item('b', 5, 1),
        processingTime(10),
        processingTime(11),
        item('c', 70),
        endOfInput,
      ],
      output: [
        emitted(['b', 5, 'processing', NaN]),
        emitted(['a', 10, 'processing', NaN]),
        endOfInput,
      ],
    },
  );
});

test('a processing timer leaves its own millisecond to the elements that may still come', () => {
  const process = (): KeyedProcessFunction<string, Item, number> => ({
    process: ({ n }, ctx) => ctx.timers.processing(n),
    onTimer: (timeMs, _ctx, out) => out.collect(timeMs),
  });
  const harness = new OperatorHarness({
    kind: 'keyed-process',
    key: byKey,
    functions: () => ({ process: process() }),
  });
  harness.push(item('a', 5), item('a', 6));
  expect(harness.push(processingTime(6))).toEqual([emitted(5)]);
  expect(harness.push(processingTime(7))).toEqual([emitted(6)]);
});

test('an event timer behind the watermark waits for the next one, not for wall time', () => {
  const process = (): KeyedProcessFunction<string, Item, unknown> => ({
    process({ n }, ctx) {
      ctx.timers.event(n);
      ctx.timers.processing(n);
    },
    onTimer: (timeMs, ctx, out) => out.collect([timeMs, ctx.timeDomain]),
  });
  verifyOperator(
    { kind: 'keyed-process', key: byKey, functions: () => ({ process: process() }) },
    {
      input: [watermark(8), item('a', 5, 9), processingTime(6), endOfInput],
      output: [watermark(8), emitted([5, 'processing']), emitted([5, 'event'], 5), endOfInput],
    },
  );
});

test('a timer without a time is refused where it is set', () => {
  const process = (_: Item, ctx: { timestamp: number; timers: { event(t: number): void } }) =>
    ctx.timers.event(ctx.timestamp);
  const harness = new OperatorHarness({
    kind: 'keyed-process',
    key: byKey,
    functions: () => ({ process }),
  });
  expect(() => harness.push(item('a', 1))).toThrow('a timer at NaN');
});

test('a timer set by a timer for a time that has come fires in the same turn', () => {
  const process = (): KeyedProcessFunction<string, Item, number> => ({
    process: (_item, ctx) => ctx.timers.event(1),
    onTimer(timeMs, ctx, out) {
      out.collect(timeMs);
      if (timeMs < 4) ctx.timers.event(timeMs + 1);
    },
  });
  verifyOperator(
    { kind: 'keyed-process', key: byKey, functions: () => ({ process: process() }) },
    {
      input: [item('a', 1, 0), watermark(3), endOfInput],
      output: [
        emitted(1, 1),
        emitted(2, 2),
        emitted(3, 3),
        watermark(3),
        emitted(4, 4),
        endOfInput,
      ],
    },
  );
});

test('a state may have the name that an operator gives its timers', () => {
  const named = value({ name: 'event-timers', default: 0 });
  const process = (): KeyedProcessFunction<string, Item, number> => ({
    process({ n }, ctx) {
      ctx.state(named).update(n);
      ctx.timers.event(5);
    },
    onTimer: (_timeMs, ctx, out) => out.collect(ctx.state(named).value()),
  });
  verifyOperator(
    { kind: 'keyed-process', key: byKey, functions: () => ({ process: process() }) },
    { input: [item('a', 7, 1), endOfInput], output: [emitted(7, 5), endOfInput] },
  );
});

test('state that is read before there is a key is an error that says so', () => {
  const process: KeyedProcessFunction<string, Item, number> = {
    open: (ctx) => void ctx.state(value({ name: 'x', default: 0 })).value(),
    process: () => undefined,
  };
  const definition: OperatorDefinition = {
    kind: 'keyed-process',
    key: byKey,
    functions: () => ({ process }),
  };
  expect(() => new OperatorHarness(definition)).toThrow(/"x".*no current key/);
});

test('timers fire once, in order of time, never after they were deleted', () => {
  const operations = fc.array(
    fc.oneof(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c'),
        act: fc.constantFrom('set', 'set', 'set', 'delete'),
        at: fc.integer({ min: 0, max: 12 }),
      }),
      fc.integer({ min: 0, max: 12 }),
    ),
    { maxLength: 40 },
  );
  const process = (): KeyedProcessFunction<string, { act: string; at: number }, unknown> => ({
    process: ({ act, at }, ctx) =>
      act === 'set' ? ctx.timers.event(at) : ctx.timers.deleteEvent(at),
    onTimer: (timeMs, ctx, out) => out.collect([ctx.key, timeMs]),
  });
  fc.assert(
    fc.property(operations, (steps) => {
      let now = -1;
      const input = steps.map((step): InputItem => {
        if (typeof step !== 'number') return record(step, 0);
        now = Math.max(now, step);
        return watermark(now);
      });
      let timers: { key: string; at: number }[] = [];
      const expected = input.map((one) => {
        if (one.kind !== 'watermark') {
          const { key, act, at } = (one as { value: { key: string; act: string; at: number } })
            .value;
          timers = timers.filter((timer) => timer.key !== key || timer.at !== at);
          if (act === 'set') timers.push({ key, at });
          return [];
        }
        const due = timers.filter(({ at }) => at <= one.timeMs);
        timers = timers.filter(({ at }) => at > one.timeMs);
        return [...due.map(({ key, at }) => emitted([key, at], at)), one];
      });
      verifyGroups(
        { kind: 'keyed-process', key: byKey, functions: () => ({ process: process() }) },
        input,
        expected,
      );
    }),
    { numRuns: 40 },
  );
});

test('both inputs of a keyed co-process function share the state of their key', () => {
  const names = value<string>({ name: 'name' });
  const waiting = list<number>({ name: 'waiting' });
  const process = (): KeyedCoProcessFunction<string, Item, Item & { name: string }, unknown> => ({
    process1({ n }, ctx, out) {
      const name = ctx.state(names).value();
      if (name === undefined) ctx.state(waiting).add(n);
      else out.collect([name, n]);
    },
    process2({ name }, ctx, out) {
      ctx.state(names).update(name);
      for (const n of ctx.state(waiting).get()) out.collect([name, n]);
      ctx.state(waiting).clear();
      ctx.timers.event(100);
    },
    onTimer: (_timeMs, ctx, out) => out.collect(`bye ${ctx.state(names).value()}`),
  });
  verifyOperator(
    { kind: 'keyed-co-process', key: byKey, functions: () => ({ process: process() }) },
    {
      input: [
        item('a', 1, 1),
        item('b', 2, 2),
        record2({ key: 'a', name: 'Ann' }, 3),
        item('a', 4, 4),
        endOfInput,
      ],
      output: [emitted(['Ann', 1], 3), emitted(['Ann', 4], 4), emitted('bye Ann', 100), endOfInput],
    },
  );
});
