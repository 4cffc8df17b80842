// What windows and keyed streams compute of many records. The ready ones need only to know what to look
// at; sluice knows how to merge them and to compute them early.

import type { Key } from '../core/key-hash.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { AggregateSpec } from '../graph/operator-params.ts';
import { Check } from './program-error.ts';

declare const computes: unique symbol;

/** One of the ready aggregates, or what `aggregate` made of an own one. */
export interface Aggregate<in T, out R> {
  /** As it stands in the plan. */
  readonly spec: AggregateSpec;
  readonly functions: Readonly<Record<string, UserFunction>>;
  /** Exists for the type checker only. */
  readonly [computes]?: ((value: T) => R) | undefined;
}

/**
 * An aggregate of your own. The accumulator may be changed in place and returned.
 *
 * ```ts
 * { create: () => ({ sum: 0, n: 0 }), add: (a, f) => ({ sum: a.sum + f.delay, n: a.n + 1 }), result: (a) => a.sum / a.n }
 * ```
 */
export interface AggregateFunction<in T, A, out R = A> {
  create(): A;
  add(accumulator: A, value: T): A;
  /** Needed by session windows, which grow together. */
  merge?(a: A, b: A): A;
  /** Absent: the result is the accumulator. */
  result?(accumulator: A): R;
}

/** What can be ranked: all values of one aggregate are of one of these types. */
export type Comparable = number | bigint | string | Date;

/** How many records. */
export const count = (): Aggregate<unknown, number> => ready({ kind: 'count' });

/** The sum of a number, or of a bigint. */
export const sum = <T, N extends number | bigint>(of: (value: T) => N): Aggregate<T, Sum<N>> =>
  ready({ kind: 'sum' }, of);

/** A sum of literals is no literal. */
export type Sum<N> = N extends bigint ? bigint : number;

/** The arithmetic mean of a number. */
export const mean = <T>(of: (value: T) => number): Aggregate<T, number> =>
  ready({ kind: 'mean' }, of);

/** The least value. */
export const min = <T, V extends Comparable>(of: (value: T) => V): Aggregate<T, V> =>
  ready({ kind: 'min' }, of);

/** The largest value. */
export const max = <T, V extends Comparable>(of: (value: T) => V): Aggregate<T, V> =>
  ready({ kind: 'max' }, of);

/** The record with the least value; of equal ones the first. */
export const minBy = <T>(of: (value: T) => Comparable): Aggregate<T, T> =>
  ready({ kind: 'min-by' }, of);

/** The record with the largest value; of equal ones the first. */
export const maxBy = <T>(of: (value: T) => Comparable): Aggregate<T, T> =>
  ready({ kind: 'max-by' }, of);

/** The `n` records with the largest values, the largest first. */
export const topN = <T>(n: number, of: (value: T) => Comparable): Aggregate<T, readonly T[]> =>
  ready({ kind: 'top', n }, of);

/** How many different values. Keeps them all. */
export const countDistinct = <T>(of: (value: T) => Key): Aggregate<T, number> =>
  ready({ kind: 'distinct-count' }, of);

/** An own aggregate as a value, to be given a name and used more than once. */
export const aggregate = <T, A, R = A>(own: AggregateFunction<T, A, R>): Aggregate<T, R> =>
  ofOwn(new Check('aggregate'), own);

/** What `.aggregate(…)` was given. @throws ProgramError when there is no such aggregate. */
export function asAggregate<T, R>(
  check: Check,
  given: Aggregate<T, R> | AggregateFunction<T, unknown, R>,
): Aggregate<T, R> {
  if (typeof given !== 'object' || given === null || !('spec' in given)) return ofOwn(check, given);
  const { kind, n } = given.spec;
  if (kind === 'top') check.wholeNumber('the number of records of topN', n ?? 0, 1);
  return given;
}

function ofOwn<T, A, R>(check: Check, own: AggregateFunction<T, A, R>): Aggregate<T, R> {
  check.methods('the aggregate', own, ['create', 'add']);
  const methods = OWN_SLOTS.flatMap((slot) => {
    const method = own[slot];
    return method === undefined ? [] : [[slot, boundTo(own, method)]];
  });
  return { spec: { kind: 'own' }, functions: Object.fromEntries(methods) };
}

const sources = new WeakMap<UserFunction, UserFunction>();

function boundTo(own: object, method: UserFunction): UserFunction {
  const bound = method.bind(own) as UserFunction;
  sources.set(bound, method);
  return bound;
}

/** The function that the user wrote, where an aggregate's was bound to its object. */
export const sourceOf = (f: UserFunction): UserFunction => sources.get(f) ?? f;

const OWN_SLOTS = ['create', 'add', 'merge', 'result'] as const;

const ready = <T, R>(spec: AggregateSpec, of?: (value: T) => unknown): Aggregate<T, R> => ({
  spec,
  functions: of === undefined ? {} : { of },
});
