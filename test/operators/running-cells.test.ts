// Running aggregates whose accumulators stand in cells, as the chain's own code has them: whatever keys and values
// come, and whatever becomes of an accumulator, it emits what one does that keeps objects in a Map.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../engine/core/json.ts';
import { mapKeyOf } from '../../engine/state/map-key.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import { emitted, type OutputItem, record } from '../harness/operator-items.ts';
import { RescalingHarness } from '../harness/rescaling-harness.ts';

interface Item {
  readonly key: unknown;
  readonly n: number;
}
interface Total {
  count?: unknown;
  sum: unknown;
}

interface Mean {
  readonly sum: number;
  readonly count: number;
}

interface Case {
  readonly aggregate: Json;
  readonly functions: () => OperatorDefinition['functions'] extends () => infer F ? F : never;
  /** The accumulator behind the value, and what it stands for. */
  add(total: unknown, item: Item): unknown;
  result?(total: unknown): unknown;
}

const counted = { create: () => ({ count: 0, sum: 0 }) };

/** Changed in place, made anew, or of another shape from some value on. */
const own = (name: string, change: (total: Total, n: number) => unknown): [string, Case] => [
  name,
  {
    aggregate: { kind: 'own' },
    functions: () => ({ ...counted, add: (total: Total, { n }: Item) => change(total, n) }),
    add: (total, { n }) => change((total as Total | undefined) ?? counted.create(), n),
  },
];

function inPlace(total: Total, n: number): Total {
  total.count = (total.count as number) + 1;
  total.sum = (total.sum as number) + n;
  return total;
}

const changedAt = (limit: number, change: (total: Total) => void) => (total: Total, n: number) => {
  inPlace(total, n);
  if (n > limit) change(total);
  return total;
};

const of = ({ n }: Item): number => n;
const ready = (kind: string, add: Case['add'], result?: Case['result']): [string, Case] => [
  kind,
  {
    aggregate: { kind },
    functions: () => ({ of }),
    add,
    ...(result === undefined ? {} : { result }),
  },
];

const cases = new Map<string, Case>([
  own('changed in place', inPlace),
  own('made anew', ({ count, sum }, n) => ({
    count: (count as number) + 1,
    sum: (sum as number) + n,
  })),
  own(
    'with a field more, later',
    changedAt(15, (total) => Object.assign(total, { big: true })),
  ),
  own(
    'with a number more, later',
    changedAt(15, (total) => Object.assign(total, { big: 1 })),
  ),
  own(
    'with a field less, later',
    changedAt(15, (total) => delete total.count),
  ),
  own(
    'of text, later',
    changedAt(15, (total) => Object.assign(total, { sum: 'much' })),
  ),
  own('of fields in another order, later', ({ count, sum }, n) =>
    n > 15 ? { sum, count } : { count: (count as number) + 1, sum: (sum as number) + n },
  ),
  ready('count', (count) => ((count as number | undefined) ?? 0) + 1),
  ready('sum', (sum, { n }) => (sum === undefined ? n : (sum as number) + n)),
  ready(
    'mean',
    (mean, { n }) => {
      const { sum, count } = (mean as Mean | undefined) ?? { sum: -0, count: 0 };
      return { sum: sum + n, count: count + 1 };
    },
    (mean) => (mean as Mean).sum / (mean as Mean).count,
  ),
  [
    'reduce',
    {
      aggregate: { kind: 'reduce' },
      functions: () => ({ reduce: (a: Item, b: Item) => (a.n > b.n ? a : b) }),
      add: (best, item) =>
        (best as Item | undefined) !== undefined && (best as Item).n > item.n ? best : item,
    },
  ],
]);

const key = fc.oneof(
  fc.integer({ min: -5, max: 20 }),
  fc.constantFrom<unknown>(-0, 0, Number.NaN, Number.POSITIVE_INFINITY, 1e-300, 1.7e308, 2 ** 1023),
  fc.constantFrom<unknown>('a', '', '\0n1', '1', true, 1n, [0, 0], ['a', 1]),
  fc.double(),
);
const numbers = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-0, Number.NaN));

function definitionOf(one: Case, hasOutput: boolean, objectReuse: boolean): OperatorDefinition {
  const output = (k: unknown, total: unknown): unknown => [k, total];
  return {
    kind: 'keyed-fold',
    params: { aggregate: one.aggregate } as never,
    key: (item: Item) => item.key,
    functions: () => ({ ...one.functions(), ...(hasOutput ? { output } : {}) }),
    configuration: { 'pipeline.object-reuse': `${objectReuse}` },
    isWrittenOut: true,
  };
}

function expected(one: Case, items: readonly Item[], hasOutput: boolean): OutputItem[] {
  const totals = new Map<unknown, unknown>();
  return items.map((item) => {
    const id = mapKeyOf(item.key);
    const total = one.add(structuredClone(totals.get(id)), item);
    totals.set(id, total);
    const result = structuredClone(one.result?.(total) ?? total);
    return emitted(hasOutput ? [item.key, result] : result);
  });
}

for (const [name, one] of cases)
  test(`accumulators ${name} are those of a Map`, () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ key, n: numbers }), { maxLength: 60 }),
        fc.boolean(),
        fc.boolean(),
        (items, hasOutput, objectReuse) => {
          const harness = new OperatorHarness(definitionOf(one, hasOutput, objectReuse));
          const output = items.flatMap((item) => harness.push(record(structuredClone(item))));
          expect(output).toEqual(expected(one, items, hasOutput));
        },
      ),
    );
  });

test('accumulators in cells go on where they were, at whatever parallelism', () => {
  const stops = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 4 })), { maxLength: 4 });
  fc.assert(
    fc.property(
      fc.constantFrom(...cases.values()),
      fc.array(fc.record({ key, n: numbers }), { maxLength: 60 }),
      stops,
      (one, items, rescales) => {
        const harness = new RescalingHarness(definitionOf(one, true, false), 2);
        const output = items.flatMap((item, i) => {
          for (const [at, parallelism] of rescales) if (at === i) harness.rescale(parallelism);
          return harness.push(record(structuredClone(item)));
        });
        expect(output).toEqual(expected(one, items, true));
      },
    ),
    { numRuns: 200 },
  );
});

test('a record that becomes the accumulator is a copy', () => {
  const add = (total: Total, item: Total) => ('text' in total ? total : item);
  const keeping = new OperatorHarness(
    {
      ...definitionOf(cases.get('changed in place') as Case, false, false),
      functions: () => ({ ...counted, add }),
    },
    { isVandal: true },
  );
  const first = { key: 1, text: 'first' };
  expect(keeping.push(record({ ...first }))).toEqual([emitted(first)]);
  expect(keeping.push(record({ key: 1, text: 'second' }))).toEqual([emitted(first)]);
});

test('an accumulator that add does not return is refused, of a key that is known too', () => {
  const add = (total: Total, { n }: Item) => (n > 1 ? undefined : inPlace(total, n));
  const harness = new OperatorHarness({
    ...definitionOf(cases.get('changed in place') as Case, false, true),
    functions: () => ({ ...counted, add }),
  });
  harness.push(record({ key: 1, n: 1 }));
  expect(() => harness.push(record({ key: 1, n: 2 }))).toThrow('not the accumulator');
});
