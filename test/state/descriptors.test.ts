// State descriptors, as users write them.

import { expect, test } from 'vitest';
import { aggregating, list, map, reducing, value } from '../../engine/state/descriptors.ts';

test('a descriptor is plain data of its kind', () => {
  expect(value({ name: 'a', default: 1, ttl: 5 })).toEqual({
    kind: 'value',
    name: 'a',
    ttlMs: 5,
    defaultValue: 1,
  });
  expect(list({ name: 'b' })).toEqual({ kind: 'list', name: 'b' });
  expect(map({ name: 'c', ttl: 7 })).toEqual({ kind: 'map', name: 'c', ttlMs: 7 });
  expect(reducing<number>({ name: 'd', reduce: Math.max })).toEqual({
    kind: 'reducing',
    name: 'd',
    reduce: Math.max,
  });
});

test('an aggregating descriptor calls its functions as methods of the object they came in', () => {
  const descriptor = aggregating({
    name: 'mean',
    factor: 2,
    create() {
      return this.factor;
    },
    add: (acc: number, n: number) => acc + n,
    result: (acc: number) => acc,
  } as Parameters<typeof aggregating<number, number, number>>[0] & { factor: number });
  expect(descriptor.aggregator.create()).toBe(2);
});

test('a state needs a name, and a time to live above 0', () => {
  expect(() => value({ name: '' })).toThrow('a state needs a name');
  expect(() => list({} as { name: string })).toThrow('a state needs a name');
  for (const ttl of [0, -1, Number.NaN]) {
    expect(() => map({ name: 'x', ttl })).toThrow(`the ttl of state "x" is ${ttl} ms`);
  }
});
