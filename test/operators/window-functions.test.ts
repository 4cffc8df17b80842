// What windows make of their elements: aggregates, window functions, many outputs.

import { expect, test } from 'vitest';
import type { AggregateSpec } from '../../engine/graph/operator-params.ts';
import type { ProcessWindowFunction, Window } from '../../engine/operators/functions.ts';
import { value } from '../../engine/state/descriptors.ts';
import { OperatorHarness } from '../harness/operator-harness.ts';
import { emitted, endOfInput, sideEmitted, watermark } from '../harness/operator-items.ts';
import { verifyOperator } from '../harness/verify-operator.ts';
import { ofN, type Sale, sale, tumbling, windowOf } from './window-definitions.ts';

test('an aggregate that returns nothing is an error, not a lost count', () => {
  const forgetful = {
    create: () => ({ n: 0 }),
    add: (acc: { n: number }) => {
      acc.n++;
    },
  };
  const harness = new OperatorHarness(
    windowOf(tumbling(10), () => forgetful, { aggregate: { kind: 'own' } }),
  );
  expect(() => harness.push(sale('a', 1, 0))).toThrow('add of the aggregate returned undefined');
});

test('a window function sees state of the window and of the key, and clears the former', () => {
  const firings = value({ name: 'firings', default: 0 });
  const total = value({ name: 'total', default: 0 });
  const process = (): ProcessWindowFunction<Sale, unknown, string> => ({
    process(key, window, sales, ctx, out) {
      const inWindow = ctx.windowState(firings);
      const inKey = ctx.globalState(total);
      inWindow.update(inWindow.value() + 1);
      inKey.update(inKey.value() + 1);
      ctx.output({ name: 'seen' }, [key, ctx.watermark]);
      out.collect([key, window.end, sales.length, inWindow.value(), inKey.value()]);
    },
    clear(_key, _window, ctx) {
      ctx.windowState(firings).clear();
    },
  });
  verifyOperator(
    windowOf(tumbling(10), () => ({ process: process() }), {
      aggregate: { kind: 'list' },
      allowedLatenessMs: 10,
    }),
    {
      input: [sale('a', 1, 5), sale('a', 1, 15), watermark(10), sale('a', 1, 6), watermark(19)],
      output: [
        sideEmitted('seen', ['a', 10], 9),
        emitted(['a', 10, 1, 1, 1], 9),
        watermark(10),
        sideEmitted('seen', ['a', 10], 9),
        emitted(['a', 10, 2, 2, 2], 9),
        sideEmitted('seen', ['a', 19], 19),
        emitted(['a', 20, 1, 1, 3], 19),
        watermark(19),
      ],
    },
  );
  const harness = new OperatorHarness(
    windowOf(tumbling(10), () => ({ process: process() }), { aggregate: { kind: 'list' } }),
  );
  harness.push(sale('a', 1, 5), endOfInput);
  expect(harness.keys()).toEqual(['a']);
});

test('the state of a window that shares slices with others is cleared with it', () => {
  const firings = value({ name: 'firings', default: 0 });
  const process: ProcessWindowFunction<number, unknown, string> = {
    process(_key, _window, _counts, ctx) {
      ctx.windowState(firings).update(1);
    },
    clear(_key, _window, ctx) {
      ctx.windowState(firings).clear();
    },
  };
  const assigner = { kind: 'sliding', time: 'event', sizeMs: 9, slideMs: 3, offsetMs: 0 } as const;
  const definition = windowOf(assigner, () => ({ process }), { aggregate: { kind: 'count' } });
  const harness = new OperatorHarness(definition);
  harness.push(sale('a', 1, 5), endOfInput);
  expect(harness.keys()).toEqual([]);
});

test('a process window function beside an aggregate gets the one result', () => {
  const process = (
    key: string,
    _window: Window,
    elements: readonly number[],
    _ctx: unknown,
    out: { collect(value: unknown): void },
  ) => out.collect([key, elements]);
  verifyOperator(
    windowOf(tumbling(10), () => ({ ...ofN, process })),
    {
      input: [sale('a', 1, 5), sale('a', 4, 5), endOfInput],
      output: [emitted(['a', [5]], 9), endOfInput],
    },
  );
});

test('windows that merge refuse state of their own', () => {
  const process = (
    _k: unknown,
    _w: unknown,
    _e: unknown,
    ctx: { windowState(d: unknown): unknown },
  ) => ctx.windowState(value({ name: 'x' }));
  const harness = new OperatorHarness(
    windowOf({ kind: 'session', time: 'event', gapMs: 5 }, () => ({ ...ofN, process })),
  );
  harness.push(sale('a', 1, 0));
  expect(() => harness.push(endOfInput)).toThrow('windows that merge have no state of their own');
});

test('a firing of many keys stops where the credit ends and carries on there', () => {
  const keys = Array.from({ length: 1_000 }, (_, i) => `key ${i}`);
  let outputs = 0;
  let granted = 0;
  const stops: number[] = [];
  const harness = new OperatorHarness(
    windowOf(tumbling(10), () => ({
      ...ofN,
      window: (key: string) => {
        outputs++;
        return key;
      },
    })),
    {
      hasCredit: () => {
        stops.push(outputs - granted);
        granted = outputs;
        return false;
      },
    },
  );
  harness.push(...keys.map((key) => sale(key, 1, 5)));
  const fired = harness.push(watermark(9));
  expect(fired.slice(0, -1)).toEqual(keys.map((key) => emitted(key, 9)));
  expect(stops).toEqual([1, 256, 256, 256]);
});

test('all windows of the ready aggregates agree with a plain loop', () => {
  const values = [5, -1, 5, 9, 2];
  const results: readonly (readonly [AggregateSpec, unknown])[] = [
    [{ kind: 'count' }, 5],
    [{ kind: 'sum' }, 20],
    [{ kind: 'mean' }, 4],
    [{ kind: 'min' }, -1],
    [{ kind: 'max' }, 9],
    [{ kind: 'min-by' }, { shop: 'a', n: -1 }],
    [{ kind: 'max-by' }, { shop: 'a', n: 9 }],
    [
      { kind: 'top', n: 2 },
      [
        { shop: 'a', n: 9 },
        { shop: 'a', n: 5 },
      ],
    ],
    [{ kind: 'distinct-count' }, 4],
  ];
  for (const [aggregate, result] of results) {
    verifyOperator(
      windowOf(tumbling(10), () => ofN, { aggregate }),
      {
        input: [...values.map((n) => sale('a', n, 5)), endOfInput],
        output: [emitted(result, 9), endOfInput],
      },
    );
    verifyOperator(
      windowOf({ kind: 'session', time: 'event', gapMs: 4 }, () => ofN, { aggregate }),
      {
        input: [
          ...values.slice(0, 2).map((n) => sale('a', n, 0)),
          ...values.slice(2, 4).map((n) => sale('a', n, 8)),
          sale('a', values[4] ?? 0, 4),
          endOfInput,
        ],
        output: [emitted(result, 11), endOfInput],
      },
    );
  }
});
