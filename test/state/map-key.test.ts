// Map keys: one per key, and back.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOfMapKey, mapKeyOf } from '../../engine/state/map-key.ts';

const element = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\0', 's', 'd', 't', 'n', '1', ':', '\ud800') }),
  fc.double(),
  fc.double({ min: 2 ** 1023 }),
  fc.bigInt(),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
);
const half = fc.oneof(
  fc.integer({ min: -1, max: 3 }),
  fc.constantFrom(-0, 0.5, 2 ** 26 - 1, 2 ** 26),
  fc.nat({ max: 2 ** 26 }),
);
const key = fc.oneof(
  element,
  fc.array(element, { minLength: 1, maxLength: 4 }),
  fc.tuple(half, half),
);

/** -0 is 0. */
const normal = (one: unknown): unknown =>
  Array.isArray(one) ? one.map(normal) : one === 0 ? 0 : one;

test('a map key stands for exactly one key', () => {
  fc.assert(
    fc.property(key, (one) => {
      expect(normal(keyOfMapKey(mapKeyOf(one)))).toEqual(normal(one));
    }),
    { numRuns: 500 },
  );
});

test('numbers where pairs are kept stay what they are', () => {
  for (const number of [2 ** 1023, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
    expect(keyOfMapKey(mapKeyOf(number))).toBe(number);
    expect(mapKeyOf(number)).not.toBe(mapKeyOf([0, 0]));
    expect(mapKeyOf(number)).not.toBe(mapKeyOf([2 ** 26 - 1, 2 ** 26 - 1]));
  }
  expect(keyOfMapKey(mapKeyOf([2 ** 26 - 1, 2 ** 26 - 1]))).toEqual([2 ** 26 - 1, 2 ** 26 - 1]);
});

test('two keys have one map key only when they are equal', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      const same = new Set([mapKeyOf(a), mapKeyOf(b)]).size === 1;
      let equal = true;
      try {
        expect(normal(a)).toStrictEqual(normal(b));
      } catch {
        equal = false;
      }
      expect(same).toBe(equal);
    }),
    { numRuns: 500 },
  );
});
