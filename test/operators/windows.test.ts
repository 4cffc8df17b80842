// Fixed windows: when they fire, what is late, what is left behind.

import { expect, test } from 'vitest';
import type { AssignerSpec } from '../../engine/graph/operator-params.ts';
import type { Window } from '../../engine/operators/functions.ts';
import { OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  endOfInput,
  processingTime,
  sideEmitted,
  watermark,
} from '../harness/operator-items.ts';
import { verifyOperator } from '../harness/verify-operator.ts';
import { keyed, ofN, type Sale, sale, tumbling, windowOf } from './window-definitions.ts';

test('a tumbling window fires once per key, when the watermark reaches its last millisecond', () => {
  verifyOperator(
    windowOf(tumbling(10), () => ({ ...ofN, window: keyed })),
    {
      input: [
        sale('a', 1, 1),
        sale('b', 5, 3),
        sale('a', 2, 9),
        watermark(8),
        watermark(9),
        watermark(30),
      ],
      output: [
        watermark(8),
        emitted(['a', 10, 3], 9),
        emitted(['b', 10, 5], 9),
        watermark(9),
        watermark(30),
      ],
    },
  );
});

test('windows fire in the order of their ends, and before the watermark passes on', () => {
  verifyOperator(
    windowOf(tumbling(10), () => ({ ...ofN, window: keyed })),
    {
      input: [sale('a', 1, 25), sale('a', 2, 5), sale('a', 3, -5), endOfInput],
      output: [
        emitted(['a', 0, 3], -1),
        emitted(['a', 10, 2], 9),
        emitted(['a', 30, 1], 29),
        endOfInput,
      ],
    },
  );
});

test('an element late to all its windows goes to the side output, with its own time', () => {
  verifyOperator(
    windowOf(tumbling(10), () => ofN, { lateTag: 'late' }),
    {
      input: [watermark(9), sale('a', 1, 9), sale('a', 2, 10)],
      output: [watermark(9), sideEmitted('late', { shop: 'a', n: 1 }, 9)],
    },
  );
});

test('late elements are counted, whether they are kept or dropped', () => {
  const harness = new OperatorHarness(windowOf(tumbling(10), () => ofN));
  harness.push(watermark(19), sale('a', 1, 19), sale('a', 1, 20), sale('a', 1, 3));
  expect(harness.counts.late).toBe(2);
});

test('an element within the allowed lateness fires its window again, with all its elements', () => {
  verifyOperator(
    windowOf(tumbling(10), () => ({ ...ofN, window: keyed }), {
      allowedLatenessMs: 5,
      lateTag: 'late',
    }),
    {
      input: [
        sale('a', 1, 5),
        watermark(9),
        sale('a', 2, 5),
        watermark(13),
        sale('a', 4, 5),
        watermark(14),
        sale('a', 8, 5),
      ],
      output: [
        emitted(['a', 10, 1], 9),
        watermark(9),
        emitted(['a', 10, 3], 9),
        watermark(13),
        emitted(['a', 10, 7], 9),
        watermark(14),
        sideEmitted('late', { shop: 'a', n: 8 }, 5),
      ],
    },
  );
});

test('what a window emits while it lives on is not its state', () => {
  const reduce = (a: Sale, b: Sale) => ({ shop: a.shop, n: a.n + b.n });
  const aggregate = { kind: 'reduce' } as const;
  verifyOperator(
    windowOf(tumbling(10), () => ({ reduce }), { aggregate, allowedLatenessMs: 5 }),
    {
      input: [sale('a', 1, 5), watermark(9), sale('a', 2, 5), sale('a', 4, 5)],
      output: [
        emitted({ shop: 'a', n: 1 }, 9),
        watermark(9),
        emitted({ shop: 'a', n: 3 }, 9),
        emitted({ shop: 'a', n: 7 }, 9),
      ],
    },
  );
});

test('a window that fired before a restore to an earlier watermark fires again for a new element', () => {
  const assigners: AssignerSpec[] = [tumbling(10), { kind: 'session', time: 'event', gapMs: 10 }];
  for (const assigner of assigners) {
    const definition = windowOf(assigner, () => ofN, { allowedLatenessMs: 100 });
    const before = new OperatorHarness(definition);
    before.push(sale('a', 1, 0), watermark(50));
    const restored = { ...before.snapshot(), watermark: 3 };
    const after = new OperatorHarness(definition, { restored });
    after.push(sale('a', 2, 0));
    expect(after.push(watermark(9))).toEqual([emitted(3, 9), watermark(9)]);
  }
});

test('a window whose time is over leaves no state behind', () => {
  const harness = new OperatorHarness(windowOf(tumbling(10), () => ofN, { allowedLatenessMs: 5 }));
  harness.push(sale('a', 1, 5), sale('b', 1, 7), watermark(13));
  expect(harness.keys()).toEqual(['a', 'b']);
  harness.push(watermark(14));
  expect(harness.keys()).toEqual([]);
});

test('windows that share slices leave no slice behind', () => {
  const assigner = { kind: 'sliding', time: 'event', sizeMs: 9, slideMs: 3, offsetMs: 0 } as const;
  const definition = windowOf(assigner, () => ({}), { aggregate: { kind: 'count' } });
  const harness = new OperatorHarness(definition);
  harness.push(sale('a', 1, 0), sale('a', 1, 4), sale('b', 1, 20), watermark(10));
  expect(harness.keys()).toHaveLength(2);
  // The last window with the slice from 3 to 6 ends at 12.
  harness.push(watermark(11));
  expect(harness.keys()).toEqual(['b']);
  harness.push(watermark(26));
  expect(harness.keys()).toEqual([]);
});

test('an element late for one window is in the next that holds it, though its slice has fired once', () => {
  const assigner = {
    kind: 'sliding',
    time: 'event',
    sizeMs: 20,
    slideMs: 10,
    offsetMs: 0,
  } as const;
  verifyOperator(
    windowOf(assigner, () => ({ ...ofN, window: keyed })),
    {
      input: [sale('a', 1, 0), watermark(9), sale('a', 2, 5), sale('b', 4, 5), watermark(19)],
      output: [
        ...[emitted(['a', 10, 1], 9), watermark(9)],
        ...[emitted(['a', 20, 3], 19), emitted(['b', 20, 4], 19), watermark(19)],
      ],
    },
  );
});

test('an element that falls between sliding windows is late only by its own time', () => {
  const assigner = { kind: 'sliding', time: 'event', sizeMs: 2, slideMs: 10, offsetMs: 0 } as const;
  const harness = new OperatorHarness(windowOf(assigner, () => ofN));
  harness.push(sale('a', 1, 5));
  expect(harness.counts.late).toBe(0);
  harness.push(watermark(5), sale('a', 1, 5));
  expect(harness.counts.late).toBe(1);
});

test('an element without event time is refused by event-time windows, saying what to do', () => {
  const harness = new OperatorHarness(windowOf(tumbling(10), () => ofN));
  expect(() => harness.push(sale('a', 1))).toThrow(/event time NaN .*\(withWatermarks\)/);
});

test('processing-time windows fire when their last millisecond has passed', () => {
  verifyOperator(
    windowOf(tumbling(10, 'processing'), () => ({ ...ofN, window: keyed })),
    {
      input: [
        processingTime(3),
        sale('a', 1),
        processingTime(9),
        sale('a', 2),
        processingTime(10),
        sale('a', 4),
        endOfInput,
        processingTime(20),
      ],
      output: [emitted(['a', 10, 3], 9), endOfInput, emitted(['a', 20, 4], 19)],
      // All subtasks see the watermark, but only one has windows.
    },
  );
});

test('a window over all elements has no key, and keeps its state as operator state', () => {
  const definition = windowOf(
    tumbling(10),
    () => ({
      ...ofN,
      window: (key: unknown, { end }: Window, sum: number) => [key ?? 'none', end, sum],
    }),
    { keyed: false },
  );
  verifyOperator(definition, {
    input: [sale('a', 1, 1), sale('b', 5, 3), sale('a', 2, 12), watermark(9), endOfInput],
    output: [emitted(['none', 10, 6], 9), watermark(9), emitted(['none', 20, 2], 19), endOfInput],
  });
});

test('a tumbling count window fires with every nth element and starts anew', () => {
  verifyOperator(
    windowOf({ kind: 'count', size: 2, slide: 2 }, () => ofN),
    {
      input: [sale('a', 1), sale('b', 8), sale('a', 2), sale('a', 3), sale('a', 4), endOfInput],
      output: [emitted(3, Infinity), emitted(7, Infinity), endOfInput],
    },
  );
});

test('a sliding count window fires every slide over the last size elements', () => {
  verifyOperator(
    windowOf({ kind: 'count', size: 3, slide: 2 }, () => ofN),
    {
      input: [1, 2, 3, 4, 5, 6].map((n) => sale('a', n)),
      output: [emitted(3, Infinity), emitted(9, Infinity), emitted(15, Infinity)],
    },
  );
});

test('a global window fires only when its trigger says so', () => {
  verifyOperator(
    windowOf({ kind: 'global' }, () => ofN, { trigger: { kind: 'count', size: 2 } }),
    {
      input: [sale('a', 1, 1), sale('a', 2, 2), sale('a', 3, 3), sale('a', 4, 4), endOfInput],
      output: [emitted(3, Infinity), emitted(10, Infinity), endOfInput],
    },
  );
  verifyOperator(
    windowOf({ kind: 'global' }, () => ofN),
    {
      input: [sale('a', 1, 1), endOfInput],
      output: [endOfInput],
    },
  );
});

test('a global window by event time fires for all keys at the end of the input, and needs no time', () => {
  verifyOperator(
    windowOf({ kind: 'global' }, () => ofN, { trigger: { kind: 'event-time' } }),
    {
      input: [
        sale('a', 1, 1),
        sale('b', 2),
        watermark(1_000),
        sale('a', 3, 2),
        watermark(1e15),
        endOfInput,
      ],
      output: [
        watermark(1_000),
        watermark(1e15),
        emitted(4, Infinity),
        emitted(2, Infinity),
        endOfInput,
      ],
    },
  );
});
