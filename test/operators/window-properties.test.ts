// Windows of all kinds under random input, against windows by definition.

import fc from 'fast-check';
import { test } from 'vitest';
import type { AssignerSpec } from '../../engine/graph/operator-params.ts';
import type { Window } from '../../engine/operators/functions.ts';
import { anyElements } from '../harness/any-elements.ts';
import {
  cumulativeBy,
  type NaiveElement,
  type NaiveSpec,
  naiveSessions,
  naiveWindows,
  slidingBy,
} from '../harness/naive-windows.ts';
import type { OperatorDefinition } from '../harness/operator-harness.ts';
import type { InputItem } from '../harness/operator-items.ts';
import { verifyGroups } from '../harness/verify-operator.ts';

const stream = anyElements({ min: -60, max: 100 }, 1);

const lateness = fc.constantFrom(0, 0, 5, 30);

/** A keyed window over ids: as a list, a reduction, or an aggregate of the user's, which must all agree. */
function definition(
  assigner: AssignerSpec,
  allowedLatenessMs: number,
  aggregate: 'list' | 'reduce' | 'own',
): OperatorDefinition {
  const window = {
    assigner,
    trigger: null,
    evictor: null,
    allowedLatenessMs,
    lateTag: 'late',
  };
  return {
    kind: 'window',
    params: { window, aggregate: { kind: aggregate }, keyed: true },
    key: ({ key }: NaiveElement) => key,
    functions: () => functions[aggregate](),
  };
}

const sorted = (ids: readonly number[]) => ids.toSorted((a, b) => a - b);

const functions = {
  list: () => ({
    process: (
      key: string,
      { start, end }: Window,
      elements: readonly NaiveElement[],
      _ctx: unknown,
      out: { collect(value: unknown): void },
    ) => out.collect({ key, start, end, ids: sorted(elements.map((one) => one.id)) }),
  }),
  reduce: () => ({
    reduce: (a: Reduced, b: Reduced) => ({ ...a, ids: [...idsOf(a), ...idsOf(b)] }),
    window: (key: string, { start, end }: Window, reduced: Reduced) => ({
      key,
      start,
      end,
      ids: sorted(idsOf(reduced)),
    }),
  }),
  own: () => ({
    create: () => ({ ids: [] as number[] }),
    add: (acc: { ids: number[] }, { id }: NaiveElement) => {
      acc.ids.push(id);
      return acc;
    },
    // In place, as it may: what other windows need must not be what it is given.
    merge(a: { ids: number[] }, b: { ids: number[] }) {
      a.ids.push(...b.ids.splice(0));
      return a;
    },
    result: (acc: { ids: number[] }) => sorted(acc.ids),
    window: (key: string, { start, end }: Window, ids: readonly number[]) => ({
      key,
      start,
      end,
      ids,
    }),
  }),
} as const;

type Reduced = NaiveElement & { readonly ids?: readonly number[] };
const idsOf = ({ ids, id }: Reduced): readonly number[] => ids ?? [id];

const anyAggregate = fc.constantFrom('list', 'reduce', 'own');

function verifyFixed(
  assigner: AssignerSpec,
  naive: NaiveSpec,
  aggregate: 'list' | 'reduce' | 'own',
  input: readonly InputItem[],
): void {
  verifyGroups(definition(assigner, naive.lateness, aggregate), input, naiveWindows(naive, input));
}

test('tumbling windows hold what their bounds say, whatever the order and the lateness', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: -10, max: 10 }),
      lateness,
      anyAggregate,
      (input, sizeMs, offsetMs, late, aggregate) => {
        verifyFixed(
          { kind: 'tumbling', time: 'event', sizeMs, offsetMs },
          { windowsOf: slidingBy(sizeMs, sizeMs, offsetMs), lateness: late },
          aggregate,
          input,
        );
      },
    ),
    { numRuns: 25 },
  );
});

test('sliding windows hold what their bounds say, also when the slide does not divide the size', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 3, max: 50 }),
      fc.integer({ min: -10, max: 10 }),
      lateness,
      anyAggregate,
      (input, sizeMs, slideMs, offsetMs, late, aggregate) => {
        verifyFixed(
          { kind: 'sliding', time: 'event', sizeMs, slideMs, offsetMs },
          { windowsOf: slidingBy(sizeMs, slideMs, offsetMs), lateness: late },
          aggregate,
          input,
        );
      },
    ),
    { numRuns: 25 },
  );
});

interface Listed {
  readonly ids: readonly number[];
}

/** Aggregates that sliding windows share by slices, and what they give of the ids of a window. */
const MERGING = {
  count: { of: () => 0, expected: (ids: readonly number[]) => ids.length },
  sum: {
    of: (id: number) => (id % 7) - 3,
    expected: (ids) => ids.reduce((sum, id) => sum + (id % 7) - 3, 0),
  },
  min: { of: (id: number) => id % 7, expected: (ids) => Math.min(...ids.map((id) => id % 7)) },
  max: { of: (id: number) => id % 7, expected: (ids) => Math.max(...ids.map((id) => id % 7)) },
  'distinct-count': {
    of: (id: number) => id % 3,
    expected: (ids) => new Set(ids.map((id) => id % 3)).size,
  },
} as const satisfies Record<
  string,
  { of: (id: number) => number; expected: (ids: readonly number[]) => number }
>;

test('sliding windows that share slices fire what windows of their own would', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 1, max: 15 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: -10, max: 10 }),
      fc.constantFrom('count', 'sum', 'min', 'max', 'distinct-count'),
      (input, slideMs, slides, offsetMs, kind) => {
        const sizeMs = slideMs * slides;
        const { of, expected } = MERGING[kind];
        const assigner = { kind: 'sliding', time: 'event', sizeMs, slideMs, offsetMs } as const;
        const plain = definition(assigner, 0, 'list');
        const operator: OperatorDefinition = {
          ...plain,
          params: { ...(plain.params as object), aggregate: { kind } } as never,
          functions: () => ({
            of: ({ id }: NaiveElement) => of(id),
            window: (key: string, { start, end }: Window, ids: number) => ({
              key,
              start,
              end,
              ids,
            }),
          }),
        };
        const windows = { windowsOf: slidingBy(sizeMs, slideMs, offsetMs), lateness: 0 };
        const fired = naiveWindows(windows, input).map((group) =>
          group.map((item) =>
            item.kind === 'record' && 'ids' in (item.value as object)
              ? {
                  ...item,
                  value: { ...(item.value as Listed), ids: expected((item.value as Listed).ids) },
                }
              : item,
          ),
        );
        verifyGroups(operator, input, fired);
      },
    ),
    { numRuns: 30 },
  );
});

test('cumulative windows grow by their step up to their size', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 3, max: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: -10, max: 10 }),
      lateness,
      (input, stepMs, steps, offsetMs, late) => {
        const sizeMs = stepMs * steps;
        verifyFixed(
          { kind: 'cumulative', time: 'event', sizeMs, stepMs, offsetMs },
          { windowsOf: cumulativeBy(sizeMs, stepMs, offsetMs), lateness: late },
          'list',
          input,
        );
      },
    ),
    { numRuns: 20 },
  );
});

test('windows that overlap hold the same when they are merged from slices', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: -10, max: 10 }),
      fc.boolean(),
      (input, stepMs, steps, offsetMs, isSliding) => {
        const sizeMs = stepMs * steps;
        const assigner: AssignerSpec = isSliding
          ? { kind: 'sliding', time: 'event', sizeMs, slideMs: stepMs, offsetMs }
          : { kind: 'cumulative', time: 'event', sizeMs, stepMs, offsetMs };
        const windowsOf = isSliding
          ? slidingBy(sizeMs, stepMs, offsetMs)
          : cumulativeBy(sizeMs, stepMs, offsetMs);
        verifyFixed(assigner, { windowsOf, lateness: 0 }, 'own', input);
      },
    ),
    { numRuns: 30 },
  );
});

test('sessions are the runs of elements that lie within the gap of one another', () => {
  fc.assert(
    fc.property(
      stream,
      // With the larger ones timers are early at first.
      fc.oneof(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 16, max: 70 })),
      lateness,
      anyAggregate,
      fc.boolean(),
      (input, gapMs, late, aggregate, isTriggered) => {
        const plain = definition({ kind: 'session', time: 'event', gapMs }, late, aggregate);
        // The same trigger in the user's own clothes takes the general path.
        const operator = isTriggered ? withOwnTrigger(plain) : plain;
        verifyGroups(
          operator,
          input,
          naiveSessions(() => gapMs, late, input),
        );
      },
    ),
    { numRuns: 40 },
  );
});

test("fixed windows do the same with the plain trigger and with a user's one that acts alike", () => {
  fc.assert(
    fc.property(stream, lateness, anyAggregate, (input, late, aggregate) => {
      const assigner: AssignerSpec = {
        kind: 'sliding',
        time: 'event',
        sizeMs: 20,
        slideMs: 7,
        offsetMs: 0,
      };
      const naive = { windowsOf: slidingBy(20, 7, 0), lateness: late };
      const operator = withOwnTrigger(definition(assigner, late, aggregate));
      verifyGroups(operator, input, naiveWindows(naive, input));
    }),
    { numRuns: 20 },
  );
});

interface Ctx {
  readonly watermark: number;
  registerEventTimer(timeMs: number): void;
  deleteEventTimer(timeMs: number): void;
}

function withOwnTrigger(plain: OperatorDefinition): OperatorDefinition {
  const params = structuredClone(plain.params) as { window: { trigger: unknown } };
  params.window.trigger = { kind: 'own' };
  const last = ({ end }: Window) => end - 1;
  const trigger = {
    onElement(_value: unknown, _time: number, window: Window, ctx: Ctx) {
      if (last(window) <= ctx.watermark) return 'fire';
      ctx.registerEventTimer(last(window));
      return 'continue';
    },
    onEventTime: (time: number, window: Window) => (time === last(window) ? 'fire' : 'continue'),
    onProcessingTime: () => 'continue',
    onMerge(window: Window, ctx: Ctx) {
      if (last(window) > ctx.watermark) ctx.registerEventTimer(last(window));
    },
    clear: (window: Window, ctx: Ctx) => ctx.deleteEventTimer(last(window)),
  };
  return {
    ...plain,
    params: params as never,
    functions: () => ({ ...plain.functions(), trigger }),
  };
}
