// Interval joins against joins by definition, and what is particular to joins of windows.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AssignerSpec,
  IntervalJoinParams,
  WindowJoinParams,
} from '../../engine/graph/operator-params.ts';
import { anyElements } from '../harness/any-elements.ts';
import { type JoinElement, naiveIntervalJoin } from '../harness/naive-joins.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import { emitted, record, record2, sideEmitted, watermark } from '../harness/operator-items.ts';
import { verifyGroups, verifyOperator } from '../harness/verify-operator.ts';

const key = ({ key: own }: JoinElement) => own;

const twoStreams = anyElements({ min: -20, max: 40 }, 2);

function intervalJoin(change: Partial<IntervalJoinParams>): OperatorDefinition {
  const params: IntervalJoinParams = {
    lowerMs: -5,
    upperMs: 5,
    lowerExclusive: false,
    upperExclusive: false,
    ...change,
  };
  return {
    kind: 'interval-join',
    params: params as never,
    key,
    functions: () => ({ join: (left: JoinElement, right: JoinElement) => [left.id, right.id] }),
  };
}

test('an interval join emits each pair within the bounds once, whatever comes first', () => {
  fc.assert(
    fc.property(
      twoStreams,
      fc.integer({ min: -15, max: 15 }),
      fc.integer({ min: 0, max: 20 }),
      fc.boolean(),
      fc.boolean(),
      (input, lowerMs, width, lowerExclusive, upperExclusive) => {
        const upperMs = lowerMs + width;
        const bounds = {
          lower: lowerMs + (lowerExclusive ? 1 : 0),
          upper: upperMs - (upperExclusive ? 1 : 0),
        };
        verifyGroups(
          intervalJoin({ lowerMs, upperMs, lowerExclusive, upperExclusive }),
          input,
          naiveIntervalJoin(bounds, input),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test('an interval join forgets what nothing can join with any more', () => {
  const cases = [
    { bounds: { lowerMs: -5, upperMs: 5 }, reach: 5 },
    { bounds: { lowerMs: 3, upperMs: 9 }, reach: 9 },
    { bounds: { lowerMs: -9, upperMs: -3 }, reach: 9 },
  ];
  for (const { bounds, reach } of cases) {
    const harness = new OperatorHarness(intervalJoin(bounds));
    for (let id = 0; id < 20; id++) {
      harness.push(record({ key: 'a', id }, id), record2({ key: 'b', id }, id));
    }
    // An element at the watermark is not late, and may still join with the last.
    harness.push(watermark(19 + reach));
    expect(harness.keys().length).toBeGreaterThan(0);
    harness.push(watermark(20 + reach));
    expect(harness.keys()).toEqual([]);
  }
});

test('an interval join has what an element at the watermark may join with', () => {
  const harness = new OperatorHarness(intervalJoin({ lowerMs: 0, upperMs: 1 }));
  harness.push(record2({ key: 'a', id: 1 }, 2), watermark(2));
  expect(harness.push(record({ key: 'a', id: 2 }, 2))).toEqual([emitted([2, 1], 2)]);
});

test('an interval join drops and counts late elements, and refuses those without time', () => {
  const harness = new OperatorHarness(intervalJoin({}));
  harness.push(record({ key: 'a', id: 1 }, 10), watermark(10));
  expect(harness.push(record2({ key: 'a', id: 2 }, 9))).toEqual([]);
  expect(harness.push(record2({ key: 'a', id: 3 }, 10))).toEqual([emitted([1, 3], 10)]);
  expect(harness.counts.late).toBe(1);
  expect(() => harness.push(record({ key: 'a', id: 1 }))).toThrow('event time NaN');
});

test('what an interval join emits is not what it keeps', () => {
  verifyOperator(
    {
      ...intervalJoin({}),
      functions: () => ({
        join: (left: JoinElement, right: JoinElement) => (left.id < 5 ? left : right),
      }),
    },
    {
      input: [
        record({ key: 'a', id: 1 }, 1),
        record2({ key: 'a', id: 7 }, 1),
        record2({ key: 'a', id: 8 }, 1),
      ],
      output: [emitted({ key: 'a', id: 1 }, 1), emitted({ key: 'a', id: 1 }, 1)],
    },
  );
});

function windowJoin(
  kind: 'join' | 'co-group',
  assigner: AssignerSpec,
  functions: OperatorDefinition['functions'],
  allowedLatenessMs = 0,
): OperatorDefinition {
  const window = {
    assigner,
    trigger: null,
    evictor: null,
    allowedLatenessMs,
    lateTag: 'late',
  };
  const params: WindowJoinParams = { window, kind };
  return { kind: 'window-join', params: params as never, key, functions };
}

const tumbling: AssignerSpec = { kind: 'tumbling', time: 'event', sizeMs: 10, offsetMs: 0 };
const ids = () => ({ join: (left: JoinElement, right: JoinElement) => [left.id, right.id] });

test('a co-group sees windows that only one side has; late elements of both sides are kept apart', () => {
  const coGroup = (lefts: readonly JoinElement[], rights: readonly JoinElement[]) => [
    [lefts.map((one) => one.id), rights.map((one) => one.id)],
  ];
  verifyOperator(
    windowJoin('co-group', tumbling, () => ({ coGroup })),
    {
      input: [
        record({ key: 'a', id: 1 }, 1),
        record2({ key: 'a', id: 2 }, 2),
        record({ key: 'a', id: 3 }, 3),
        record2({ key: 'b', id: 4 }, 4),
        watermark(9),
        record2({ key: 'b', id: 5 }, 5),
      ],
      output: [
        emitted([[1, 3], [2]], 9),
        emitted([[], [4]], 9),
        watermark(9),
        sideEmitted('late', { key: 'b', id: 5 }, 5),
      ],
    },
  );
});

test('sessions of a join grow with the elements of both sides', () => {
  verifyOperator(windowJoin('join', { kind: 'session', time: 'event', gapMs: 5 }, ids), {
    input: [
      record({ key: 'a', id: 1 }, 0),
      record({ key: 'a', id: 3 }, 10),
      record2({ key: 'a', id: 2 }, 5),
      watermark(13),
      watermark(14),
    ],
    output: [watermark(13), emitted([1, 2], 14), emitted([3, 2], 14), watermark(14)],
  });
});

test('what a window join emits while the window lives on is not what it keeps', () => {
  const join = (left: JoinElement) => left;
  verifyOperator(
    windowJoin('join', tumbling, () => ({ join }), 10),
    {
      input: [
        record({ key: 'a', id: 1 }, 1),
        record2({ key: 'a', id: 2 }, 2),
        watermark(9),
        record2({ key: 'c', id: 3 }, 3),
        record({ key: 'a', id: 4 }, 4),
      ],
      output: [
        emitted({ key: 'a', id: 1 }, 9),
        watermark(9),
        emitted({ key: 'a', id: 1 }, 9),
        emitted({ key: 'a', id: 4 }, 9),
      ],
    },
  );
});
