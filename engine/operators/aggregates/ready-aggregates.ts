// Aggregates that need no code from the user but the value that they look at. All of them merge.

import { ownString } from '../../core/own-string.ts';
import { type MapKey, mapKeyOf } from '../../state/map-key.ts';
import type { Copier } from '../../state/value-copier.ts';
import type { Aggregate } from './aggregate.ts';

type Of = (value: unknown) => unknown;
/** What can be ordered: numbers, bigints, strings, Dates. All values of one aggregate are of one type. */
type Rank = number;

/** The result of aggregates whose accumulator is that. */
export const itself = <A>(accumulator: A): A => accumulator;

export const counting: Aggregate<number> = {
  add: (count, _value) => (count === undefined ? 1 : count + 1),
  steps: { create: () => 0, add: (count) => (count as number) + 1, take: itself as () => number },
  example: () => 0,
  merge: (a, b) => a + b,
  isSum: true,
  result: itself,
};

/** Of numbers, or of bigints. */
export function sum(of: Of): Aggregate<number> {
  return {
    add(total, value) {
      const term = numberOf(of(value), 'sum');
      return total === undefined ? term : total + term;
    },
    example: () => 0,
    merge: (a, b) => a + b,
    isSum: true,
    result: itself,
  };
}

/** Anything else would be concatenated, or silently be NaN. */
export function numberOf(term: unknown, aggregate: string): number {
  if (typeof term === 'number' || typeof term === 'bigint') return term as number;
  throw new TypeError(`${aggregate} needs numbers, and its function gave ${String(term)}`);
}

export interface MeanAccumulator {
  sum: number;
  count: number;
}

export function mean(of: Of): Aggregate<MeanAccumulator> {
  return {
    add(accumulator, value) {
      const term = numberOf(of(value), 'mean');
      if (accumulator === undefined) return { sum: term, count: 1 };
      accumulator.sum += term;
      accumulator.count++;
      return accumulator;
    },
    example: () => ({ sum: 0, count: 0 }),
    merge: (a, b) => ({ sum: a.sum + b.sum, count: a.count + b.count }),
    result: ({ sum: total, count }) => total / count,
  };
}

export interface Ranked {
  readonly rank: Rank;
  readonly record: unknown;
}

/** The least or largest rank, or the first record that has it. NaN is larger than any number. */
export function extreme(
  of: Of,
  which: 'min' | 'max',
  keeps: 'rank' | 'record',
  copier: Copier,
): Aggregate<Ranked> {
  const isBetter = which === 'min' ? isLess : (a: Rank, b: Rank): boolean => isLess(b, a);
  return {
    add(best, value) {
      const rank = of(value) as Rank;
      if (best !== undefined && !isBetter(rank, best.rank)) return best;
      return { rank, record: keeps === 'record' ? copier.copy(value) : undefined };
    },
    example: () => ({ rank: undefined, record: undefined }),
    merge: (a, b) => (isBetter(b.rank, a.rank) ? b : a),
    result: (best) => (keeps === 'record' ? best.record : best.rank),
  };
}

/** Side by side, best first: a pair for each record would be an object more in every key's state. */
interface Best {
  readonly ranks: Rank[];
  readonly records: unknown[];
}

/** The `n` records of the largest rank, best first; of equal ones those that came first. */
export function top(of: Of, n: number, copier: Copier): Aggregate<Best> {
  /** For one of this rank, which may cost the last its place. */
  function hasRoom({ ranks, records }: Best, rank: Rank): boolean {
    if (ranks.length < n) return true;
    if (!isLess(ranks[n - 1] as Rank, rank)) return false;
    ranks.pop();
    records.pop();
    return true;
  }
  return {
    add(best, value) {
      const rank = of(value) as Rank;
      if (best === undefined) return { ranks: [rank], records: [copier.copy(value)] };
      if (hasRoom(best, rank)) insert(best, rank, copier.copy(value));
      return best;
    },
    example: () => ({ ranks: [], records: [] }),
    merge(a, b) {
      for (let i = 0; i < b.ranks.length; i++) {
        const rank = b.ranks[i] as Rank;
        if (!hasRoom(a, rank)) break; // nor for those that follow
        insert(a, rank, b.records[i]);
      }
      return a;
    },
    result: ({ records }) => [...records],
  };
}

/** Behind all that are at least as good. */
function insert({ ranks, records }: Best, rank: Rank, record: unknown): void {
  let at = ranks.push(rank) - 1;
  records.push(record);
  for (; at > 0 && isLess(ranks[at - 1] as Rank, rank); at--) {
    ranks[at] = ranks[at - 1] as Rank;
    records[at] = records[at - 1];
  }
  ranks[at] = rank;
  records[at] = record;
}

/** NaN is larger than any number. */
export function isLess(a: Rank, b: Rank): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}

/** How many different keys `of` gives: what a key is, and which are equal, as for keyBy. */
export function distinctCount(of: Of): Aggregate<Set<MapKey>> {
  return {
    add(seen, value) {
      const keys = seen ?? new Set<MapKey>();
      const key = mapKeyOf(of(value));
      return keys.has(key) ? keys : keys.add(typeof key === 'string' ? ownString(key) : key);
    },
    example: () => new Set(),
    merge: (a, b) => a.union(b),
    result: (seen) => seen.size,
  };
}

/** All records, in the order in which they came. */
export function listing(copier: Copier): Aggregate<unknown[]> {
  return {
    add(list, value) {
      const copy = copier.copy(value);
      if (list === undefined) return [copy];
      list.push(copy);
      return list;
    },
    example: () => [],
    merge: (a, b) => [...a, ...b],
    result: itself,
  };
}
