// Triggers and evictors: Flink's, and users' own.

import { expect, test } from 'vitest';
import type {
  AssignerSpec,
  EvictorSpec,
  TriggerSpec,
  WindowParams,
} from '../../engine/graph/operator-params.ts';
import type { Trigger } from '../../engine/operators/functions.ts';
import { aggregating, list, map, reducing, value } from '../../engine/state/descriptors.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  endOfInput,
  processingTime,
  record,
  watermark,
} from '../harness/operator-items.ts';
import { verifyOperator } from '../harness/verify-operator.ts';

const hour: AssignerSpec = { kind: 'tumbling', time: 'event', sizeMs: 60, offsetMs: 0 };
const session: AssignerSpec = { kind: 'session', time: 'event', gapMs: 10 };

/** A window over numbers with one key, that lists them. */
function listed(
  assigner: AssignerSpec,
  trigger: TriggerSpec | null,
  functions: OperatorDefinition['functions'] = () => ({}),
  evictor: EvictorSpec | null = null,
  allowedLatenessMs = 0,
): OperatorDefinition {
  const params: WindowParams = {
    window: { assigner, trigger, evictor, allowedLatenessMs, lateTag: null },
    aggregate: { kind: 'list' },
    keyed: true,
  };
  return { kind: 'window', params: params as never, key: () => 'k', functions };
}

test('a count trigger fires each time so many elements have come, and keeps them', () => {
  verifyOperator(listed(hour, { kind: 'count', size: 2 }), {
    input: [record(1, 1), record(2, 2), record(3, 3), record(4, 4), record(5, 5), endOfInput],
    output: [emitted([1, 2], 59), emitted([1, 2, 3, 4], 59), endOfInput],
  });
});

test('counts of sessions add up when the sessions merge', () => {
  verifyOperator(listed(session, { kind: 'count', size: 3 }), {
    input: [record(1, 0), record(2, 20), record(3, 10), endOfInput],
    output: [emitted([1, 2, 3], 29), endOfInput],
  });
});

test('a purging trigger lets the elements go with each firing', () => {
  verifyOperator(listed(hour, { kind: 'purging', of: { kind: 'count', size: 2 } }), {
    input: [record(1, 1), record(2, 2), record(3, 3), record(4, 4), record(5, 5)],
    output: [emitted([1, 2], 59), emitted([3, 4], 59)],
  });
  verifyOperator(listed(session, { kind: 'purging', of: { kind: 'count', size: 2 } }), {
    input: [record(1, 0), record(2, 5), record(3, 7), record(4, 30), record(5, 13), record(6, 8)],
    output: [emitted([1, 2], 14), emitted([3, 5], 22)],
  });
});

test('a purged window that is within its lateness collects anew', () => {
  const purging: TriggerSpec = { kind: 'purging', of: { kind: 'event-time' } };
  verifyOperator(listed(hour, purging, undefined, null, 100), {
    input: [record(1, 1), watermark(59), record(2, 2), record(3, 3)],
    output: [emitted([1], 59), watermark(59), emitted([2], 59), emitted([3], 59)],
  });
});

test('a continuous event trigger fires at each multiple of its interval and at the end', () => {
  const everyTen: TriggerSpec = { kind: 'continuous', time: 'event', everyMs: 25 };
  verifyOperator(listed(hour, everyTen), {
    input: [
      record(1, 3),
      watermark(20),
      record(2, 22),
      watermark(25),
      watermark(49),
      watermark(59),
    ],
    output: [
      watermark(20),
      emitted([1, 2], 59),
      watermark(25),
      watermark(49),
      emitted([1, 2], 59),
      emitted([1, 2], 59),
      watermark(59),
    ],
  });
});

test('a continuous event trigger on a window without end comes to an end with the input', () => {
  const everyTen: TriggerSpec = { kind: 'continuous', time: 'event', everyMs: 10 };
  verifyOperator(listed({ kind: 'global' }, everyTen), {
    input: [record(1, 3), watermark(10), endOfInput],
    // At the end: the firing that was due next, and the last one.
    output: [
      emitted([1], Infinity),
      watermark(10),
      emitted([1], Infinity),
      emitted([1], Infinity),
      endOfInput,
    ],
  });
});

test('a continuous trigger of sessions moves with them when they merge', () => {
  const everyTen: TriggerSpec = { kind: 'continuous', time: 'event', everyMs: 15 };
  verifyOperator(listed(session, everyTen), {
    input: [record(1, 0), record(2, 20), record(3, 10), watermark(15), endOfInput],
    // At 9, the last moment of the first session, at 15, and at the end of what they became.
    output: [
      emitted([1, 2, 3], 29),
      emitted([1, 2, 3], 29),
      watermark(15),
      emitted([1, 2, 3], 29),
      endOfInput,
    ],
  });
});

test('a continuous processing trigger fires by wall time, also over windows of a time long past', () => {
  const everyTen: TriggerSpec = { kind: 'continuous', time: 'processing', everyMs: 10 };
  verifyOperator(listed(hour, everyTen), {
    input: [
      processingTime(1_003),
      record(1, 3),
      processingTime(1_010),
      processingTime(1_011),
      record(2, 4),
      processingTime(1_025),
      watermark(59),
      processingTime(2_000),
    ],
    output: [emitted([1], 59), emitted([1, 2], 59), watermark(59)],
  });
});

test('a delta trigger fires when an element is far enough from the last that fired', () => {
  const delta: TriggerSpec = { kind: 'delta', threshold: 10 };
  const functions = () => ({ delta: (a: number, b: number) => b - a });
  verifyOperator(listed({ kind: 'global' }, delta, functions), {
    input: [record(1, 0), record(11, 0), record(12, 0), record(20, 0), record(23, 0)],
    output: [emitted([1, 11, 12], Infinity), emitted([1, 11, 12, 20, 23], Infinity)],
  });
});

test('a trigger that cannot merge is refused for sessions when the operator is made', () => {
  const functions = () => ({ delta: () => 0 });
  const definition = listed(session, { kind: 'delta', threshold: 1 }, functions);
  expect(() => new OperatorHarness(definition)).toThrow('cannot merge');
});

test('an own trigger keeps state per window in any kind, and leaves none behind', () => {
  const seen = reducing<number>({ name: 'seen', reduce: (a, b) => a + b });
  const last = value<number>({ name: 'last', default: -1 });
  const all = list<number>({ name: 'all' });
  const byParity = map<string, number>({ name: 'by parity' });
  const mean = aggregating({
    name: 'mean',
    create: () => ({ sum: 0, count: 0 }),
    add: (acc, n: number) => ({ sum: acc.sum + n, count: acc.count + 1 }),
    result: ({ sum, count }) => sum / count,
  });
  const own = (): Trigger<number> => ({
    onElement(n, _time, _window, ctx) {
      ctx.state(seen).add(1);
      ctx.state(all).add(n);
      ctx.state(mean).add(n);
      const parity = ctx.state(byParity);
      parity.put('odd', (parity.get('odd') ?? 0) + (n % 2));
      const before = ctx.state(last).value();
      ctx.state(last).update(n);
      const facts = [
        ctx.state(seen).get(),
        ctx.state(all).get().length,
        ctx.state(mean).get(),
        parity.get('odd'),
        before,
      ];
      return facts.join() === [3, 3, 3, 3, 3].join() ? 'fire' : 'continue';
    },
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
    clear(_window, ctx) {
      for (const state of [seen, all, mean] as const) ctx.state(state as typeof seen).clear();
      ctx.state(byParity).remove('odd');
      ctx.state(last).clear();
    },
  });
  const definition = listed(hour, { kind: 'own' }, () => ({ trigger: own() }));
  verifyOperator(definition, {
    input: [record(1, 0), record(3, 0), record(1, 70), record(5, 0), record(2, 70)],
    output: [emitted([1, 3, 5], 59)],
  });
  const harness = new OperatorHarness(definition);
  harness.push(record(1, 0), endOfInput);
  expect(harness.keys()).toEqual([]);
});

test('an own trigger may set timers of both kinds and purge at them', () => {
  const own = (): Trigger<number> => ({
    onElement(_n, timeMs, _window, ctx) {
      ctx.registerEventTimer(timeMs + 5);
      ctx.registerProcessingTimer(100);
      ctx.registerProcessingTimer(200);
      ctx.deleteProcessingTimer(100);
      return 'continue';
    },
    onEventTime: () => 'fire',
    onProcessingTime: () => 'fire-and-purge',
    clear: () => undefined,
  });
  verifyOperator(
    listed({ kind: 'global' }, { kind: 'own' }, () => ({ trigger: own() })),
    {
      input: [
        record(1, 10),
        watermark(15),
        processingTime(150),
        processingTime(201),
        record(2, 20),
        watermark(30),
      ],
      output: [
        emitted([1], Infinity),
        watermark(15),
        emitted([1], Infinity),
        emitted([2], Infinity),
        watermark(30),
      ],
    },
  );
});

test('a trigger that leaves timers of merged sessions behind is not asked about windows that are gone', () => {
  const asked: string[] = [];
  const careless = (): Trigger<number> => ({
    onElement(_n, _timeMs, window, ctx) {
      ctx.registerEventTimer(window.end);
      return 'continue';
    },
    onEventTime(_timeMs, { start, end }) {
      asked.push(`${start} to ${end}`);
      return 'fire';
    },
    onProcessingTime: () => 'continue',
    onMerge: () => undefined,
    clear: () => undefined,
  });
  const definition = listed(session, { kind: 'own' }, () => ({ trigger: careless() }), null, 50);
  const harness = new OperatorHarness(definition);
  harness.push(record(1, 0), record(2, 5), watermark(30));
  expect(asked).toEqual(['0 to 15']);
});

test('a count evictor leaves the last elements, which are all that the window then holds', () => {
  verifyOperator(listed(hour, { kind: 'count', size: 1 }, undefined, { kind: 'count', keep: 2 }), {
    input: [record(1, 3), record(2, 2), record(3, 1)],
    output: [emitted([1], 59), emitted([1, 2], 59), emitted([2, 3], 59)],
  });
});

test('a time evictor leaves elements younger than its span, counted from the newest', () => {
  verifyOperator(
    listed(hour, { kind: 'count', size: 1 }, undefined, { kind: 'time', keepMs: 10 }),
    {
      input: [record(1, 3), record(2, 13), record(3, 5), record(4, 12)],
      output: [emitted([1], 59), emitted([2], 59), emitted([2, 3], 59), emitted([2, 3, 4], 59)],
    },
  );
  verifyOperator(
    listed({ kind: 'global' }, { kind: 'count', size: 2 }, undefined, { kind: 'time', keepMs: 10 }),
    {
      input: [record(1), record(2)],
      output: [emitted([1, 2], Infinity)],
    },
  );
});

test('an own evictor says which elements stay, seeing their times', () => {
  const evict = (elements: readonly { value: number; timeMs: number }[]) =>
    elements.filter(({ value: n, timeMs }) => n % 2 === 1 && timeMs < 50);
  verifyOperator(
    listed(hour, null, () => ({ evict }), { kind: 'own' }),
    {
      input: [record(1, 3), record(2, 4), record(3, 5), record(5, 55), endOfInput],
      output: [emitted([1, 3], 59), endOfInput],
    },
  );
  verifyOperator(
    listed(session, null, () => ({ evict }), { kind: 'own' }, 5),
    {
      input: [record(1, 3), record(2, 4), watermark(13), record(3, 14), record(5, 2), endOfInput],
      output: [emitted([1], 13), watermark(13), emitted([1, 3, 5], 23), endOfInput],
    },
  );
});

test('what an aggregate emits of elements that an evictor keeps is not those elements', () => {
  const definition: OperatorDefinition = {
    kind: 'window',
    params: {
      window: {
        assigner: hour,
        trigger: { kind: 'count', size: 1 },
        evictor: { kind: 'count', keep: 2 },
        allowedLatenessMs: 0,
        lateTag: null,
      },
      aggregate: { kind: 'own' },
      keyed: true,
    } as never,
    key: () => 'k',
    functions: () => ({
      create: () => ({ first: undefined }),
      add: (acc: { first?: object }, value: object) => ({ first: acc.first ?? value }),
      result: (acc: { first?: object }) => acc.first,
    }),
  };
  verifyOperator(definition, {
    input: [record({ n: 1 }, 1), record({ n: 2 }, 2), record({ n: 3 }, 3)],
    output: [emitted({ n: 1 }, 59), emitted({ n: 1 }, 59), emitted({ n: 2 }, 59)],
  });
});
