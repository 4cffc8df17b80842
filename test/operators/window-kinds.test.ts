// Windows by counts, by wall time and by gaps of each element's own, and all ready aggregates, against what they
// are by definition.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AggregateSpec,
  AssignerSpec,
  EvictorSpec,
} from '../../engine/graph/operator-params.ts';
import type { Window } from '../../engine/operators/functions.ts';
import { anyElements } from '../harness/any-elements.ts';
import {
  NAIVE_AGGREGATES,
  REDUCES,
  type Row,
  reduced,
  valuesFor,
} from '../harness/naive-aggregates.ts';
import {
  type NaiveElement,
  naiveSessions,
  naiveWindows,
  slidingBy,
} from '../harness/naive-windows.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  type InputItem,
  type OutputItem,
  processingTime,
} from '../harness/operator-items.ts';
import { verifyGroups } from '../harness/verify-operator.ts';

const stream = anyElements({ min: -20, max: 60 }, 1);

interface Shape {
  readonly assigner: AssignerSpec;
  readonly lateness?: number;
  readonly evictor?: EvictorSpec;
  readonly aggregate?: AggregateSpec;
  readonly isKeyed?: boolean;
  readonly functions?: OperatorDefinition['functions'];
}

/** Over the ids of its elements, in the order in which they came. */
function windowOf({
  assigner,
  lateness = 0,
  evictor,
  aggregate = { kind: 'list' },
  isKeyed = true,
  functions = () => ({}),
}: Shape): OperatorDefinition {
  const window = {
    assigner,
    trigger: null,
    evictor: evictor ?? null,
    allowedLatenessMs: lateness,
    lateTag: 'late',
  };
  const isList = aggregate.kind === 'list';
  return {
    kind: 'window',
    params: { window, aggregate, keyed: isKeyed } as never,
    ...(isKeyed ? { key: ({ key }: NaiveElement) => key } : {}),
    functions: () => ({
      ...(isList ? { process } : { window: (...named: Named) => result(...named) }),
      ...functions(),
    }),
  };
}

type Named = [key: string | undefined, window: Window, result: unknown];

const result = (...[key, { start, end }, value]: Named): unknown => ({
  key: key ?? 'all',
  start,
  end,
  ids: value,
});

const process = (
  key: string | undefined,
  window: Window,
  elements: readonly NaiveElement[],
  _ctx: unknown,
  out: { collect(value: unknown): void },
): void =>
  out.collect(
    result(
      key,
      window,
      elements.map(({ id }) => id),
    ),
  );

interface Fired {
  readonly ids: readonly number[];
}

const isFired = (item: OutputItem): boolean =>
  item.kind === 'record' && 'ids' in (item.value as object);

/** What fires, with what is made of its elements. */
const firing = (
  groups: readonly (readonly OutputItem[])[],
  make: (ids: readonly number[]) => unknown,
): OutputItem[][] =>
  groups.map((group) =>
    group.map((item) => {
      if (item.kind === 'watermark' || !isFired(item)) return item;
      const fired = item.value as Fired;
      return { ...item, value: { ...fired, ids: make(fired.ids) } };
    }),
  );

/** Late ones are counted as what they are. */
function expectLate(
  definition: OperatorDefinition,
  input: readonly InputItem[],
  expected: readonly (readonly OutputItem[])[],
): void {
  const harness = new OperatorHarness(definition);
  harness.push(...structuredClone(input));
  const late = expected.flat().filter((item) => item.kind === 'record' && item.tag === 'late');
  expect(harness.counts.late).toBe(late.length);
}

test('every ready aggregate gives what its elements give, whatever their values and the lateness', () => {
  fc.assert(
    fc.property(
      stream,
      fc.constantFrom(...NAIVE_AGGREGATES),
      fc.nat(),
      fc.constantFrom('tumbling', 'sliding'),
      fc.constantFrom(0, 0, 8),
      (input, naiveAggregate, pick, kind, lateness) => {
        const rankOf = valuesFor(naiveAggregate, pick);
        const slideMs = kind === 'tumbling' ? 12 : 4;
        const common = { time: 'event', sizeMs: 12, offsetMs: 0 } as const;
        const assigner: AssignerSpec =
          kind === 'tumbling' ? { kind, ...common } : { kind, ...common, slideMs };
        const definition = windowOf({
          assigner,
          lateness,
          aggregate: naiveAggregate.spec,
          functions: () => ({ of: ({ id }: NaiveElement) => rankOf(id) }),
        });
        const elements = new Map(
          input.flatMap((item) =>
            item.kind === 'record' ? [[(item.value as NaiveElement).id, item.value]] : [],
          ),
        );
        const naive = { windowsOf: slidingBy(12, slideMs, 0), lateness };
        const expected = firing(naiveWindows(naive, input), (ids) =>
          naiveAggregate.of(ids, rankOf, (id) => elements.get(id)),
        );
        verifyGroups(definition, input, expected);
        expectLate(definition, input, expected);
      },
    ),
    { numRuns: 30 },
  );
});

test.each(Object.entries(REDUCES))('windows hold what a plain loop makes: %s', (_, reduce) => {
  fc.assert(
    fc.property(
      stream,
      fc.constantFrom(0, 8),
      fc.constantFrom('tumbling', 'sliding'),
      (input, lateness, kind) => {
        const slideMs = kind === 'tumbling' ? 12 : 4;
        const common = { time: 'event', sizeMs: 12, offsetMs: 0 } as const;
        const rowOf = (id: number): Row => ({ key: 0, n: id % 7 });
        const definition = windowOf({
          assigner: kind === 'tumbling' ? { kind, ...common } : { kind, ...common, slideMs },
          lateness,
          aggregate: { kind: 'own' },
          functions: () => ({
            create: () => null,
            add: (row: Row | null, { id }: NaiveElement) =>
              row === null ? rowOf(id) : reduce(row, rowOf(id)),
          }),
        });
        const naive = { windowsOf: slidingBy(12, slideMs, 0), lateness };
        const expected = firing(naiveWindows(naive, input), (ids) =>
          reduced(reduce, ids.map(rowOf)),
        );
        verifyGroups(definition, input, expected);
      },
    ),
    { numRuns: 20 },
  );
});

const evictor = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), keep: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('time' as const), keepMs: fc.integer({ min: 1, max: 12 }) }),
);

test('an evictor leaves what it would leave of all elements, also when it has left some before', () => {
  fc.assert(
    fc.property(stream, evictor, fc.constantFrom(0, 8), (input, spec, lateness) => {
      const timeOf = (id: number): number => input[id]?.timeMs ?? 0;
      const left = (ids: readonly number[]): readonly number[] =>
        spec.kind === 'count'
          ? ids.slice(-spec.keep)
          : ids.filter((id) => timeOf(id) > Math.max(...ids.map(timeOf)) - spec.keepMs);
      const assigner = { kind: 'tumbling', time: 'event', sizeMs: 12, offsetMs: 0 } as const;
      const naive = { windowsOf: slidingBy(12, 12, 0), lateness };
      const expected = firing(naiveWindows(naive, input), left);
      verifyGroups(windowOf({ assigner, lateness, evictor: spec }), input, expected);
    }),
    { numRuns: 25 },
  );
});

test('sessions whose gaps are those of their elements hold what touches', () => {
  fc.assert(
    fc.property(
      stream,
      fc.constantFrom(0, 0, 5, 20),
      fc.integer({ min: 1, max: 9 }),
      (input, lateness, most) => {
        const gap = ({ id, time }: NaiveElement): number => 1 + ((id * 7 + time * 3 + 999) % most);
        const definition = windowOf({
          assigner: { kind: 'dynamic-session', time: 'event' },
          lateness,
          functions: () => ({
            gap,
            process: (...args: Parameters<typeof process>) =>
              process(
                args[0],
                args[1],
                args[2].toSorted((a, b) => a.id - b.id),
                args[3],
                args[4],
              ),
          }),
        });
        const expected = naiveSessions(gap, lateness, input);
        verifyGroups(definition, input, expected);
        expectLate(definition, input, expected);
      },
    ),
    { numRuns: 25 },
  );
});

test.each([true, false])(
  'windows by counts fire with every so many of them, keyed %s',
  (isKeyed) => {
    fc.assert(
      fc.property(
        stream,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        (input, size, other, isTumbling) => {
          const slide = isTumbling ? size : other;
          const seen = new Map<string, number[]>();
          const expected = input.map((item): OutputItem[] => {
            if (item.kind === 'watermark') return [item];
            if (item.kind !== 'record') return [];
            const { key: own, id } = item.value as NaiveElement;
            const key = isKeyed ? own : 'all';
            const ids = [...(seen.get(key) ?? []), id];
            seen.set(key, ids);
            if (ids.length % slide !== 0) return [];
            const value = { key, start: -Infinity, end: Infinity, ids: ids.slice(-size) };
            return [emitted(value, Number.POSITIVE_INFINITY)];
          });
          verifyGroups(
            windowOf({ assigner: { kind: 'count', size, slide }, isKeyed }),
            input,
            expected,
          );
        },
      ),
      { numRuns: 25 },
    );
  },
);

/** Elements come when they come, and the wall's time passes in place of watermarks. */
const byWallTime = (input: readonly InputItem[]): InputItem[] =>
  input.flatMap((item) => {
    if (item.kind !== 'watermark') return [item];
    return Number.isFinite(item.timeMs)
      ? [processingTime(item.timeMs + 20)]
      : [processingTime(500)];
  });

/** As windows by event time: what comes has the time of its coming, and a window ends when its last is over. */
function naiveByWallTime(
  input: readonly InputItem[],
  naive: (input: readonly InputItem[]) => OutputItem[][],
): OutputItem[][] {
  let now = 0;
  const times = new Map<number, number>();
  const asEvents = input.map((item): InputItem => {
    if (item.kind === 'processing-time') now = item.timeMs;
    if (item.kind !== 'record') return { kind: 'watermark', timeMs: now - 1 };
    const element = item.value as NaiveElement;
    times.set(element.id, element.time);
    return { ...item, value: { ...element, time: now }, timeMs: now };
  });
  return naive(asEvents).map((group) => group.filter(({ kind }) => kind === 'record'));
}

test('windows by wall time hold what came in it, and none is late', () => {
  fc.assert(
    fc.property(
      stream,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom('tumbling', 'sliding', 'session'),
      (some, size, slide, kind) => {
        const input = byWallTime(some);
        const assigners = {
          tumbling: { kind: 'tumbling', time: 'processing', sizeMs: size, offsetMs: 0 },
          sliding: {
            kind: 'sliding',
            time: 'processing',
            sizeMs: size,
            slideMs: slide,
            offsetMs: 0,
          },
          session: { kind: 'session', time: 'processing', gapMs: size },
        } as const;
        const by = slidingBy(size, kind === 'sliding' ? slide : size, 0);
        const expected = naiveByWallTime(input, (events) =>
          kind === 'session'
            ? naiveSessions(() => size, 0, events)
            : naiveWindows({ windowsOf: by, lateness: 0 }, events),
        );
        const definition = windowOf({ assigner: assigners[kind] });
        verifyGroups(definition, input, expected);
        expectLate(definition, input, []);
      },
    ),
    { numRuns: 30 },
  );
});
