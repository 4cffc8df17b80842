// Says whether a JSON value is what it should be. What a cluster answers is data of a stranger: a type that
// TypeScript only believes is looked at here. Fields that nobody reads may be anything.

import { isHexId } from '../core/ids.ts';

/** Hands the value back as a T. @throws Mismatch where it is none. */
export type Check<T> = (value: unknown, at: string) => T;

/** `at`: where in the answer, as `.jobs[3].state`. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';

  constructor(at: string, wanted: string, value: unknown) {
    super(`${at === '' ? 'the answer' : at} is ${described(value)} instead of ${wanted}`);
  }
}

function described(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  const said = typeof value === 'object' ? 'an object' : JSON.stringify(value);
  return (said ?? 'nothing').slice(0, 60);
}

function checkOf<T>(wanted: string, isOne: (value: unknown) => boolean): Check<T> {
  return (value, at) => {
    if (!isOne(value)) throw new Mismatch(at, wanted, value);
    return value as T;
  };
}

export const text = checkOf<string>('a text', (value) => typeof value === 'string');
export const flag = checkOf<boolean>('true or false', (value) => typeof value === 'boolean');

/** Finite: JSON has no other, but `1e999` reads as Infinity. */
export const number = checkOf<number>('a number', Number.isFinite);

/** Whole, from `min` to `max`: what somebody will make a row or a loop of. */
export const count = (max: number, min = 0): Check<number> =>
  checkOf(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  );

export const hexId = checkOf<string>(
  'an id of 32 hex digits',
  (value) => typeof value === 'string' && isHexId(value),
);

export const oneOf = <const T extends string>(...all: readonly T[]): Check<T> =>
  checkOf(`one of ${all.join(', ')}`, (value) => all.some((one) => one === value));

/** No longer than `lengthMax`. */
export function list<T>(element: Check<T>, lengthMax: number): Check<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) throw new Mismatch(at, 'a list', value);
    if (value.length > lengthMax)
      throw new Mismatch(`${at}.length`, `at most ${lengthMax}`, value.length);
    for (const [i, item] of value.entries()) element(item, `${at}[${i}]`);
    return value as readonly T[];
  };
}

/** Every value; keys may be anything. */
export function record<T>(element: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value, at) => {
    for (const [key, item] of Object.entries(asObject(value, at))) element(item, `${at}.${key}`);
    return value as Readonly<Record<string, T>>;
  };
}

/** With these fields, and whatever else. */
export function object<T extends object>(
  fields: {
    readonly [K in keyof Required<T>]: Check<K extends keyof T ? T[K] : never>;
  },
): Check<T> {
  const checks = Object.entries<Check<unknown>>(fields);
  return (value, at) => {
    const own = asObject(value, at);
    for (const [key, check] of checks)
      check(Object.hasOwn(own, key) ? own[key] : undefined, `${at}.${key}`);
    return value as T;
  };
}

/** May be left out, or null, which Flink writes for the same. */
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, at) =>
    value === undefined || value === null ? undefined : check(value, at);

export const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, at) =>
    value === null ? null : check(value, at);

function asObject(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Mismatch(at, 'an object', value);
  return value as Readonly<Record<string, unknown>>;
}
