// Sessions: how they grow, merge and end.

import { expect, test } from 'vitest';
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
import { keyed, ofN, type Sale, sale, windowOf } from './window-definitions.ts';

test('a session that bridges two merges both, in the order of time', () => {
  const aggregate = { kind: 'list' } as const;
  const process = (
    _key: string,
    { start, end }: Window,
    sales: readonly Sale[],
    _ctx: unknown,
    out: { collect(value: unknown): void },
  ) => out.collect([start, end, sales.map(({ n }) => n)]);
  verifyOperator(
    windowOf({ kind: 'session', time: 'event', gapMs: 10 }, () => ({ process }), { aggregate }),
    {
      input: [sale('a', 2, 20), sale('a', 1, 0), sale('a', 3, 10), watermark(28), watermark(29)],
      output: [watermark(28), emitted([0, 30, [1, 2, 3]], 29), watermark(29)],
    },
  );
});

test('a session takes a late element as long as it merges into a live one', () => {
  verifyOperator(
    windowOf({ kind: 'session', time: 'event', gapMs: 10 }, () => ({ ...ofN, window: keyed }), {
      lateTag: 'late',
    }),
    {
      input: [sale('a', 1, 10), watermark(15), sale('a', 2, 3), sale('b', 4, 3), watermark(19)],
      output: [
        watermark(15),
        sideEmitted('late', { shop: 'b', n: 4 }, 3),
        emitted(['a', 20, 3], 19),
        watermark(19),
      ],
    },
  );
});

test('several sessions of a key wait for one watermark, and each takes what belongs to it', () => {
  const input = [
    ...[sale('a', 1, 0), sale('a', 2, 100), sale('a', 4, 200), sale('a', 8, 105)],
    ...[sale('a', 16, 205), sale('a', 32, 15), sale('a', 64, 210), watermark(112)],
    ...[sale('a', 128, 118), sale('b', 1, 200), watermark(114), sale('a', 256, 109), endOfInput],
  ];
  const session = { kind: 'session', time: 'event', gapMs: 10 } as const;
  verifyOperator(
    windowOf(session, () => ({ ...ofN, window: keyed })),
    {
      input,
      output: [
        emitted(['a', 10, 1], 9),
        emitted(['a', 25, 32], 24),
        watermark(112),
        emitted(['a', 115, 2 + 8], 114),
        watermark(114),
        emitted(['a', 128, 128 + 256], 127),
        emitted(['b', 210, 1], 209),
        emitted(['a', 220, 4 + 16 + 64], 219),
        endOfInput,
      ],
    },
  );
});

test('contents that become something else than a number go on as they are', () => {
  const own = {
    create: () => 0,
    add: (sum: number | string, { n }: Sale) => (n > 2 ? `${sum}+${n}` : Number(sum) + n),
    merge: (a: unknown, b: unknown) => `${a}&${b}`,
  };
  const session = { kind: 'session', time: 'event', gapMs: 10 } as const;
  verifyOperator(
    windowOf(session, () => own, { aggregate: { kind: 'own' } }),
    {
      input: [
        ...[sale('a', 1, 0), sale('b', 1, 0), sale('a', 2, 5), sale('a', 3, 8), sale('b', 2, 7)],
        ...[sale('a', 4, 9), sale('b', 1, 30), sale('b', 4, 20), endOfInput],
      ],
      output: [emitted(3, 16), emitted('3+3+4', 18), emitted('1+4', 39), endOfInput],
    },
  );
});

test('a dynamic session asks each element for its gap', () => {
  const gap = ({ n }: Sale) => n;
  verifyOperator(
    windowOf({ kind: 'dynamic-session', time: 'event' }, () => ({ ...ofN, gap, window: keyed })),
    {
      input: [sale('a', 20, 0), sale('a', 5, 15), sale('a', 1, 30), endOfInput],
      output: [emitted(['a', 20, 25], 19), emitted(['a', 31, 1], 30), endOfInput],
    },
  );
  const harness = new OperatorHarness(
    windowOf({ kind: 'dynamic-session', time: 'event' }, () => ({ ...ofN, gap })),
  );
  expect(() => harness.push(sale('a', 0, 1))).toThrow('the gap of a session is 0');
});

test('processing-time sessions end when nothing came for the gap', () => {
  verifyOperator(
    windowOf({ kind: 'session', time: 'processing', gapMs: 10 }, () => ({ ...ofN, window: keyed })),
    {
      input: [
        processingTime(5),
        sale('a', 1),
        processingTime(14),
        sale('a', 2),
        processingTime(23),
        processingTime(24),
        sale('a', 4),
        processingTime(40),
      ],
      output: [emitted(['a', 24, 3], 23), emitted(['a', 34, 4], 33)],
    },
  );
});

test('sessions need an aggregate that merges, and say so', () => {
  const own = { create: () => 0, add: (acc: number, { n }: Sale) => acc + n };
  const aggregate = { kind: 'own' } as const;
  const assigner = { kind: 'session', time: 'event', gapMs: 10 } as const;
  const harness = new OperatorHarness(windowOf(assigner, () => own, { aggregate }));
  harness.push(sale('a', 1, 0), sale('a', 1, 20));
  expect(() => harness.push(sale('a', 1, 10))).toThrow('has no merge function');
});
