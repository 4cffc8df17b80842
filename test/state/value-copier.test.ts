// Copies of any value.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UnsupportedValue } from '../../engine/core/unsupported-value.ts';
import { encodeValue } from '../../engine/core/value-writer.ts';
import { passingCopierFor, ValueCopier } from '../../engine/state/value-copier.ts';

const anyValue = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withObjectString: true,
});

/** Every object that can be reached from a value. */
function objectsIn(value: unknown, found = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || found.has(value)) return found;
  found.add(value);
  const parts =
    value instanceof Map
      ? [...value.keys(), ...value.values()]
      : value instanceof Set
        ? [...value]
        : Object.values(value);
  for (const part of parts) objectsIn(part, found);
  return found;
}

test('a copy is the same value in other objects', () => {
  const copier = new ValueCopier();
  fc.assert(
    fc.property(anyValue, (value) => {
      const copy = copier.copy(value);
      expect(copy).toStrictEqual(value);
      expect(Buffer.from(encodeValue(copy))).toEqual(Buffer.from(encodeValue(value)));
      expect(objectsIn(copy).isDisjointFrom(objectsIn(value))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('one copier copes with all shapes that its place may see, in any order', () => {
  const copier = new ValueCopier();
  const values = Array.from({ length: 40 }, (_, i) => ({ [`k${i % 20}`]: { n: i, list: [i] } }));
  for (const value of values) expect(copier.copy(value)).toStrictEqual(value);
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`f${i}`, i]));
  expect(copier.copy(wide)).toStrictEqual(wide);
});

test('fields that change their type are copied like any other', () => {
  const copier = new ValueCopier();
  for (const f of [1, 'a', null, undefined, { x: 1 }, [1], 1n, true, new Date(1)]) {
    const value = { f };
    const copy = copier.copy(value);
    expect(copy).toStrictEqual(value);
    if (typeof f === 'object' && f !== null) expect(copy.f).not.toBe(f);
  }
});

test('a field named __proto__ and quotes in names stay what they are', () => {
  const value: unknown = JSON.parse('{"__proto__": {"x": 1}, "a\\"];b": 2}');
  expect(new ValueCopier().copy(value)).toStrictEqual(value);
});

test('cyclic values keep their cycles', () => {
  interface Node {
    next?: Node;
    n: number;
  }
  const node: Node = { n: 1 };
  node.next = node;
  const copy = new ValueCopier().copy(node);
  expect(copy.next).toBe(copy);
  expect(copy).not.toBe(node);
});

test('what would not come back the same is refused with the path to it', () => {
  class Mine {}
  class MyList extends Array<number> {}
  const copy = (value: unknown) => () => new ValueCopier().copy(value);
  expect(copy({ a: [{ b: new Mine() }] })).toThrow(/instance of Mine at \.a\[0\]\.b/);
  expect(copy(() => 0)).toThrow(UnsupportedValue);
  expect(copy({ s: Symbol('x') })).toThrow('a symbol at .s');
  expect(copy({ [Symbol('x')]: 1 })).toThrow('a symbol as key');
  expect(copy(new MyList())).toThrow('instance of MyList');
  expect(copy(new Map([[1, Promise.resolve()]]))).toThrow('instance of Promise');
});

test('a copy that is passed on is equal and shares nothing that can be changed', () => {
  const copier = passingCopierFor(false);
  fc.assert(
    fc.property(fc.array(anyValue, { maxLength: 4 }), (values) => {
      const copy = copier.copy(values);
      expect(copy).toEqual(values);
      expect(objectsIn(copy).isDisjointFrom(objectsIn(values))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('what cannot be kept is found in an array, with its place there', () => {
  const copier = new ValueCopier();
  expect(() => copier.copy({ deep: [1, [() => 1]] })).toThrow(
    'a function at .deep[1][0] cannot be stored',
  );
});
