// Keys: which are the same, which are none, and where each belongs, for ever.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultMaxParallelism,
  keyGroupOf,
  keyGroupRange,
  subtaskOfKeyGroup,
} from '../../engine/core/key-groups.ts';
import { hashKey, type KeyElement, keyProblem } from '../../engine/core/key-hash.ts';
import { keyBytes, murmur3 } from './murmur.ts';

const element: fc.Arbitrary<KeyElement> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
);
const key = fc.oneof(element, fc.array(element, { minLength: 1 }));

describe('the hash', () => {
  test('of the tests is murmur3', () => {
    expect(murmur3(Buffer.from(''))).toBe(0);
    expect(murmur3(Buffer.from('test'))).toBe(0xba6bd213);
    expect(murmur3(Buffer.from('aaaa'), 0x9747b28c)).toBe(0x5a97808a);
    expect(murmur3(Buffer.from('abc'))).toBe(0xb3dd93fa);
  });

  test('is murmur3 over the tagged words of a key', () => {
    fc.assert(
      fc.property(key, (k) => {
        expect(hashKey(k)).toBe(murmur3(keyBytes(k)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is the same for all NaN, and for 0 and -0, also inside a tuple', () => {
    const odd = new Float64Array(new BigUint64Array([0x7ff8_0000_dead_beefn]).buffer)[0] as number;
    expect(hashKey(odd)).toBe(hashKey(Number.NaN));
    expect(hashKey(-0)).toBe(hashKey(0));
    expect(hashKey(['a', -0])).toBe(hashKey(['a', 0]));
  });

  test('tells apart what is not the same key', () => {
    const keys: readonly unknown[] = [
      ...[1, 1n, '1', true, new Date(1), [1], [1, 1], ['1'], 0, '', false, 0n],
      ...['__proto__', 'constructor', 'toString', '\ud800', '\udc00', '\ufffd', 'ab', 'ba'],
      ...[['ab', 'c'], ['a', 'bc'], ['abc'], 'abc', -1, -1n, Number.NaN, 'NaN'],
    ];
    expect(new Set(keys.map(hashKey)).size).toBe(keys.length);
  });
});

test.each([
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['an object', { id: 1 }, 'an object (Object)'],
  ['a bare object', Object.create(null) as object, 'an object (null prototype)'],
  ['a Map', new Map(), 'an object (Map)'],
  ['a function', () => 1, 'function'],
  ['a symbol', Symbol('s'), 'symbol'],
  ['an invalid Date', new Date(Number.NaN), 'an invalid Date'],
  ['an empty tuple', [], 'an empty tuple'],
  ['a tuple with undefined', ['a', undefined], 'undefined (element 1)'],
  ['a tuple in a tuple', ['a', ['b']], 'a tuple inside a tuple (element 1)'],
])('%s is no key', (_, value, problem) => {
  expect(keyProblem(value)).toBe(problem);
});

test('every key of the format is one', () => {
  fc.assert(fc.property(key, (k) => keyProblem(k) === undefined));
});

test('10,000 keys belong where they always did: test/fixtures/key-groups.json', () => {
  const file = new URL('../fixtures/key-groups.json', import.meta.url);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as [GoldenKey, number][];
  expect(golden).toHaveLength(10_000);
  for (const [text, group] of golden) {
    const found = keyGroupOf(goldenKey(text), 32_768);
    // Compared first: ten thousand expectations take a second.
    if (found !== group) expect([text, found]).toEqual([text, group]);
  }
});

test('every key group belongs to exactly one subtask, and ranges are its own', () => {
  const sizes = fc.integer({ min: 1, max: 32_768 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 300 }), (maxParallelism, wanted) => {
      const parallelism = Math.min(wanted, maxParallelism);
      let next = 0;
      for (let subtask = 0; subtask < parallelism; subtask++) {
        const { start, end } = keyGroupRange(subtask, parallelism, maxParallelism);
        expect(start).toBe(next);
        for (const group of [start, end])
          expect(subtaskOfKeyGroup(group, parallelism, maxParallelism)).toBe(subtask);
        next = end + 1;
      }
      expect(next).toBe(maxParallelism);
    }),
    { numRuns: 200 },
  );
});

test.each([
  [1, 128],
  [85, 128],
  [86, 256],
  [170, 256],
  [171, 256],
  [172, 512],
  [20_000, 32_768],
  [32_768, 32_768],
])('of parallelism %i the default maximum is %i, as of Flink', (parallelism, maxParallelism) => {
  expect(defaultMaxParallelism(parallelism)).toBe(maxParallelism);
});

/** A key in JSON: what JSON cannot say stands in an object under its type. */
type GoldenKey =
  | string
  | number
  | boolean
  | readonly GoldenKey[]
  | { readonly bigint: string }
  | { readonly date: number }
  | { readonly number: string };

function goldenKey(text: GoldenKey): unknown {
  if (typeof text !== 'object') return text;
  if (Array.isArray(text)) return text.map(goldenKey);
  if ('bigint' in text) return BigInt(text.bigint);
  if ('date' in text) return new Date(text.date);
  return Number((text as { readonly number: string }).number);
}
