// Columns: every run of values comes back exactly, whatever kinds are mixed in it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, CorruptData } from '../../engine/core/byte-buffer.ts';
import * as column from '../../engine/core/column-format.ts';
import { ColumnReader } from '../../engine/core/column-reader.ts';
import { ColumnWriter } from '../../engine/core/column-writer.ts';
import { ValueReader } from '../../engine/core/value-reader.ts';
import { ValueWriter } from '../../engine/core/value-writer.ts';

function bytesOf(values: readonly unknown[], first = 0): Uint8Array {
  const writer = new ValueWriter(new ByteWriter());
  new ColumnWriter(writer).write(values, first, values.length - first);
  return writer.out.toBytes();
}

function valuesOf(bytes: Uint8Array, count: number): unknown[] {
  const reader = new ByteReader(bytes);
  const values = Array.from(new ColumnReader(new ValueReader(reader)).read(count));
  if (reader.remaining > 0) throw new CorruptData('bytes are left');
  return values;
}

const through = (values: readonly unknown[]): unknown[] => valuesOf(bytesOf(values), values.length);

const primitive = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ maxLength: 30 }),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, 0, -0, Number.NaN, 2 ** 31, -(2 ** 31), 2 ** 31 - 1),
);
const ofOneKind = fc.constantFrom(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.boolean(),
  fc.constant('same'),
  fc.constant(null),
  fc.option(fc.integer()),
  fc.option(fc.string({ maxLength: 30 }), { nil: undefined }),
  primitive,
  fc.anything({
    withMap: true,
    withSet: true,
    withDate: true,
    withBigInt: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
);

/** Records of one shape, fields of a kind each, and now and then one of another shape. */
const records = fc
  .record({
    kinds: fc.dictionary(fc.string({ maxLength: 8 }), ofOneKind, {
      maxKeys: 6,
      noNullPrototype: true,
    }),
    odd: fc.array(fc.tuple(fc.nat(60), fc.anything()), { maxLength: 2 }),
    isTuple: fc.boolean(),
    nests: fc.boolean(),
  })
  .chain(({ kinds, odd, isTuple, nests }) => {
    const flat = fc.record(kinds, { noNullPrototype: true });
    const one = isTuple ? fc.tuple(...Object.values(kinds)) : flat;
    const several = fc.array(one as fc.Arbitrary<unknown>, { maxLength: 4 });
    const b = fc.tuple(flat, fc.integer());
    const nested = nests ? fc.record({ a: one, b, several }, { noNullPrototype: true }) : one;
    return fc.array(nested as fc.Arbitrary<unknown>, { minLength: 1, maxLength: 60 }).map((all) => {
      for (const [at, value] of odd) if (at < all.length) all[at] = value;
      return all;
    });
  });

/** Of what structured clone cannot copy, or the value format refuses, there is no exact way back. */
function isPlain(value: unknown): boolean {
  try {
    bytesOf([value, 1]);
    return true;
  } catch {
    return false;
  }
}

test('what was written comes back, of the same types, in the same order', () => {
  fc.assert(
    fc.property(records, (values) => {
      fc.pre(values.every(isPlain));
      const back = through(values);
      expect(back).toStrictEqual(values);
      for (const [i, value] of values.entries())
        if (typeof value === 'object' && value !== null)
          expect(Object.keys(back[i] as object)).toEqual(Object.keys(value));
    }),
    { numRuns: 2_000 },
  );
});

describe('one writer remembers of what kinds fields have been', () => {
  /** What each run comes back as. */
  function throughOne(runs: readonly (readonly unknown[])[]): unknown[][] {
    const writer = new ValueWriter(new ByteWriter());
    const columns = new ColumnWriter(writer);
    return runs.map((values) => {
      writer.out.truncate();
      writer.resetShapes();
      columns.write(values, 0, values.length);
      return valuesOf(writer.out.toBytes(), values.length);
    });
  }

  test('and writes exactly what is of others', () => {
    const field = fc.oneof(fc.integer(), fc.double(), fc.string(), fc.constant(null), fc.boolean());
    const run = fc.array(fc.tuple(field, field, field), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), (runs) => {
        const objects = runs.map((values) => values.map(([a, b, c]) => ({ a, b, c })));
        expect(throughOne(runs)).toStrictEqual(runs);
        expect(throughOne(objects)).toStrictEqual(objects);
      }),
      { numRuns: 300 },
    );
  });

  test('of a layout that comes in more ways than it remembers, too', () => {
    const kinds = [1, 1.5, 'text', true];
    const rows = Array.from({ length: 4 ** 4 }, (_, n) =>
      Object.fromEntries([0, 1, 2, 3].map((i) => [`f${i}`, kinds[(n >> (2 * i)) & 3]])),
    );
    const runs = rows.map((row) => [row, { ...row }]);
    expect(runs.map(through)).toStrictEqual(runs);
  });
});

test('lists of more items than may stand in one column are written one by one', () => {
  const values = [Array(column.ITEMS_MAX).fill(1), [1, 2]];
  expect(bytesOf(values)[0]).toBe(column.VALUES);
});

test('a run that begins in the middle', () => {
  expect(valuesOf(bytesOf(['x', 1, 2, 3], 1), 3)).toEqual([1, 2, 3]);
  expect(valuesOf(bytesOf([0, { a: 1 }, { a: 2 }], 1), 2)).toEqual([{ a: 1 }, { a: 2 }]);
});

describe('values that look alike stay apart', () => {
  test.each([
    ['0 and -0', [0, -0, 1]],
    ['-0 alone', [-0, -0]],
    ['NaN', [Number.NaN, Number.NaN]],
    ['1 and true', [1, true]],
    ['1 and 1n', [1, 1n]],
    ['a number beyond 32 bits', [1, 2 ** 31]],
    ['null and undefined', [null, undefined]],
    ['what is missing among numbers', [1, null, 2.5, undefined]],
    ['what is missing among texts', [undefined, 'a', null, 'b']],
    ['fields that are missing among objects', [{ a: null }, { a: { b: null } }, { a: { b: 1 } }]],
    ['a missing field and an undefined one', [{ a: 1, b: undefined }, { a: 1 }]],
    ['one field more', [{ a: 1 }, { a: 1, b: 2 }]],
    [
      'fields in another order',
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
    [
      'an object and one without prototype',
      [{ a: 1 }, Object.assign(Object.create(null), { a: 1 })],
    ],
    [
      'a field named __proto__',
      [JSON.parse('{"__proto__":1,"a":1}'), JSON.parse('{"__proto__":2,"a":1}')],
    ],
    ['a name with a NUL', [{ 'a\0b': 1 }, { 'a\0b': 2 }]],
    ['no field', [{}, {}]],
    ['a field without a name', [{ '': 1 }, { '': 2 }]],
    ['a hole and undefined', [Object.assign([1], { 2: 2, length: 3 }), [1, undefined, 2]]],
    ['lists of different lengths', [[1, 2], [], [1]]],
    [
      'lists in lists',
      [
        [[1, 2], []],
        [[3], [4, 5], []],
      ],
    ],
    ['a list among what is missing', [[1, 2], null, [1], undefined]],
    ['a list and what is none', [[1, 2], [1], { length: 1 }]],
    ['a hole in lists of different lengths', [[1, 2], Object.assign([], { length: 1 })]],
    ['long lists of one length', [Array(99).fill(1), Array(99).fill('a')]],
    ['lone surrogates', ['a\ud800', '\udc00b']],
    ['Latin-1 that is no ASCII', ['Zürich', 'straße']],
  ])('%s', (_, values) => {
    expect(through(values)).toStrictEqual(values);
  });
});

test('numbers, strings and objects of one shape are columns', () => {
  const tagOf = (values: readonly unknown[]) => bytesOf(values)[0];
  expect(tagOf([1, 2])).toBe(column.INT32);
  expect(tagOf([1, 2.5])).toBe(column.FLOAT64);
  expect(tagOf([true, false])).toBe(column.BOOLEAN);
  expect(tagOf(['a', 'ü'])).toBe(column.LATIN1);
  expect(tagOf(['a', '中'])).toBe(column.UTF16);
  expect(tagOf(['a', 'a'])).toBe(column.CONSTANT);
  expect(tagOf([{ a: 1 }, { a: 2 }])).toBe(column.OBJECT);
  expect(
    tagOf([
      ['a', 1],
      ['b', 2],
    ]),
  ).toBe(column.TUPLE);
  expect(tagOf([[1], [1, 2]])).toBe(column.LISTS);
  expect(tagOf([1, 'a'])).toBe(column.VALUES);
  expect(tagOf([1, null, 2])).toBe(column.NULLABLE);
  expect(tagOf([undefined, { a: 1 }])).toBe(column.NULLABLE);
  expect(tagOf([null, undefined])).toBe(column.VALUES);
});

describe('the same values give the same bytes, and come back from them', () => {
  test.each<[string, readonly unknown[], string]>([
    ['a constant', ['a', 'a'], '00 070261'],
    ['32-bit integers', [1, -2], '01 01000000 feffffff'],
    ['numbers', [1.5, 2], '02 000000000000f83f 0000000000000040'],
    ['booleans', [true, false], '03 01 00'],
    ['Latin-1', ['ab', '\u00fc'], '04 02000000 01000000 6162fc'],
    ['UTF-16', ['a', '\u4e2d'], '05 01000000 01000000 6100 2d4e'],
    [
      'objects',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
      '06 06 610062 02 01 01000000 02000000 04 01000000 01000000 7879',
    ],
    [
      'tuples',
      [
        ['x', 1],
        ['y', 2],
      ],
      '07 02 04 01000000 01000000 7879 01 01000000 02000000',
    ],
    ['anything', [1, 'x'], '08 0401 070278'],
    ['missing ones', [1, null, undefined, 2], '09 00010200 01 01000000 02000000'],
    ['lists', [[1], [], [2, 3]], '0a 01000000 00000000 02000000 01 01000000 02000000 03000000'],
  ])('%s', (_, values, hex) => {
    expect(Buffer.from(bytesOf(values)).toString('hex')).toBe(hex.replaceAll(' ', ''));
    expect(valuesOf(Buffer.from(hex.replaceAll(' ', ''), 'hex'), values.length)).toEqual(values);
  });
});

test('what cannot travel is refused, wherever it stands', () => {
  for (const values of [
    [{ a: 1 }, { a: () => 1 }],
    [[1], [Symbol('s')]],
    [{ a: { b: Symbol('s') } }],
  ])
    expect(() => bytesOf(values)).toThrow(/cannot be stored or sent/);
  class Point {
    x = 1;
  }
  expect(() => bytesOf([{ x: 1 }, new Point()])).toThrow(/Point/);
  expect(() => bytesOf([{ p: new Point() }])).toThrow(/Point/);
});

test('lists of less than nothing, or of more items than there may be, are damage', () => {
  const lists = (...lengths: number[]): Uint8Array => {
    const out = new ByteWriter();
    out.byte(column.LISTS);
    out.numbers(Int32Array.from(lengths), lengths.length);
    out.byte(column.CONSTANT);
    new ValueWriter(out).write(1);
    return out.toBytes();
  };
  expect(valuesOf(lists(1, 2), 2)).toEqual([[1], [1, 1]]);
  expect(() => valuesOf(lists(3, -1), 2)).toThrow(CorruptData);
  expect(() => valuesOf(lists(column.ITEMS_MAX, 1), 2)).toThrow(CorruptData);
});

test('damaged bytes give values or CorruptData', () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.nat(255), (values, at, byte) => {
      fc.pre(values.every(isPlain));
      const bytes = bytesOf(values);
      expect(() => valuesOf(bytes.subarray(0, at % bytes.length), values.length)).toThrow(
        CorruptData,
      );
      bytes[at % bytes.length] = byte;
      try {
        valuesOf(bytes, values.length);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptData);
      }
    }),
    { numRuns: 2_000 },
  );
});
