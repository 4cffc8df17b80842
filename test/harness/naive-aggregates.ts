// The ready aggregates by definition, over the ids of elements in the order in which they came, and values for them
// that are hard to rank or to add; and reductions of rows that are hard to keep in typed rows.

import type { AggregateSpec } from '../../engine/graph/operator-params.ts';

/** Of one type each, and few of each, that there are many ties. */
const VALUES: readonly (readonly unknown[])[] = [
  [3, 1, 2, Number.NaN, 1, Number.POSITIVE_INFINITY, -1, 2],
  // Without 0, which is of the same rank: either may be the least.
  [0.5, -0, -0, -0.5],
  [7n, -3n, 2n ** 70n, 7n],
  ['b', 'a', '', 'ä', '\ud800', 'a'],
  [new Date(5), new Date(-5), new Date(5)],
];
/** The first so many of them. */
const NUMBERS = 2;
const ADDABLE = 3;
const ALL = VALUES.length;

type Ids = readonly number[];
/** What the element's function gives of it. */
type RankOf = (id: number) => unknown;

export interface NaiveAggregate {
  readonly spec: AggregateSpec;
  readonly takes: number;
  readonly of: (ids: Ids, rankOf: RankOf, elementOf: (id: number) => unknown) => unknown;
}

/** `pick`: any number. */
export function valuesFor({ takes }: NaiveAggregate, pick: number): RankOf {
  const values = VALUES[pick % takes] ?? [];
  return (id) => values[id % values.length];
}

const isLess = (a: unknown, b: unknown): boolean =>
  (a as number) < (b as number) || (Number.isNaN(b) && !Number.isNaN(a));

/** The larger first; those that came first where they are equal. */
const ranked = (ids: Ids, of: RankOf): number[] =>
  ids.toSorted((a, b) => (isLess(of(b), of(a)) ? -1 : isLess(of(a), of(b)) ? 1 : a - b));

const most = (ids: Ids, of: RankOf): number => ranked(ids, of)[0] ?? 0;
const least = (ids: Ids, of: RankOf): number =>
  ids.reduce((best, id) => (isLess(of(id), of(best)) ? id : best));
const total = (ids: Ids, of: RankOf): number =>
  ids.map((id) => of(id) as number).reduce((a, b) => a + b);
const different = (ids: Ids, of: RankOf): number =>
  new Set(ids.map((id) => (of(id) instanceof Date ? Number(of(id)) : of(id)))).size;

export const NAIVE_AGGREGATES: readonly NaiveAggregate[] = [
  { spec: { kind: 'count' }, takes: ALL, of: (ids) => ids.length },
  { spec: { kind: 'sum' }, takes: ADDABLE, of: total },
  { spec: { kind: 'mean' }, takes: NUMBERS, of: (ids, of) => total(ids, of) / ids.length },
  { spec: { kind: 'min' }, takes: ALL, of: (ids, of) => of(least(ids, of)) },
  { spec: { kind: 'max' }, takes: ALL, of: (ids, of) => of(most(ids, of)) },
  { spec: { kind: 'min-by' }, takes: ALL, of: (ids, of, element) => element(least(ids, of)) },
  { spec: { kind: 'max-by' }, takes: ALL, of: (ids, of, element) => element(most(ids, of)) },
  { spec: { kind: 'distinct-count' }, takes: ALL, of: different },
  {
    spec: { kind: 'top', n: 2 },
    takes: ALL,
    of: (ids, of, element) => ranked(ids, of).slice(0, 2).map(element),
  },
];

/** Flat, as typed rows hold it, but for what a reduction makes of it. */
export interface Row {
  readonly key: string | number;
  n: unknown;
}

type Reduce = (a: Row, b: Row) => Row;

const sum = (a: Row, b: Row): number => Number(a.n) + Number(b.n);

/** Of rows that stay flat, and of some that become what typed rows cannot hold, in place or anew. */
export const REDUCES: Readonly<Record<string, Reduce>> = {
  sum: (a, b) => ({ key: a.key, n: sum(a, b) }),
  'sum in place': (a, b) => Object.assign(a, { n: sum(a, b) }),
  'the last': (_, b) => b,
  'fields in another order': (a, b) => ({ n: sum(a, b), key: a.key }),
  'another field': (a, b) => ({ key: a.key, n: sum(a, b), m: b.n }),
  'another field at times': (a, b) => (sum(a, b) % 3 === 0 ? { ...b, m: 1 } : { ...b }),
  'a text in place': (a, b) => Object.assign(a, { n: sum(a, b) > 9 ? 'many' : sum(a, b) }),
  'an object in place': (a, b) => Object.assign(a, { n: Number(b.n) > 3 ? { of: b.n } : b.n }),
  'numbers of any kind': (a, b) => ({ key: a.key, n: [-0, Number.NaN, 0, 1e300][sum(a, b) % 4] }),
};

/** By itself alone, over copies. */
export const reduced = (reduce: Reduce, rows: readonly Row[]): Row =>
  rows.map((row) => structuredClone(row)).reduce((a, b) => structuredClone(reduce(a, b)));
