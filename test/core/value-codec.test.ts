// The value format: any value comes back as it was, or is refused with the path to what cannot; bytes that
// no writer wrote are CorruptData.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, CorruptData } from '../../engine/core/byte-buffer.ts';
import { UnsupportedValue } from '../../engine/core/unsupported-value.ts';
import { decodeValue, ValueReader } from '../../engine/core/value-reader.ts';
import { encodeValue, ValueWriter } from '../../engine/core/value-writer.ts';
import { GOLDEN_VALUES } from './golden-values.ts';

const anyValue = fc.anything({
  maxDepth: 4,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withNullPrototype: true,
  withObjectString: true,
  withUnicodeString: true,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The path of what is refused, and what it is. */
function refusal(value: unknown): readonly [path: string, what: string] {
  try {
    encodeValue(value);
  } catch (error) {
    if (error instanceof UnsupportedValue) return [error.path, error.what];
    throw error;
  }
  throw new Error('was written');
}

describe('what is written comes back', () => {
  test('any value that can be cloned', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(decodeValue(encodeValue(value))).toStrictEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test('many values one after another, with shapes that are declared once', () => {
    const record = fc.record({ id: fc.integer(), tag: fc.string() }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(fc.oneof(record, anyValue)), (values) => {
        const out = new ByteWriter();
        const writer = new ValueWriter(out);
        for (const value of values) writer.write(value);
        const reader = new ValueReader(new ByteReader(out.toBytes()));
        expect(values.map(() => reader.read())).toStrictEqual(values);
        expect(reader.in.remaining).toBe(0);
      }),
    );
  });

  test('a thousand objects of one shape, whatever their fields hold', () => {
    const values = fc
      .sample(fc.tuple(anyValue, fc.string({ unit: 'binary' })), { numRuns: 1_000, seed: 7 })
      .map(([any, text], i) => ({ any, text, length: text.length, 'a "name"': i % 2 ? text : i }));
    const writer = new ValueWriter();
    for (const value of values) writer.write(value);
    const reader = new ValueReader(new ByteReader(writer.out.toBytes()));
    expect(values.map(() => reader.read())).toStrictEqual(values);
  });

  test('texts of all lengths in ASCII, Latin-1 and beyond', () => {
    for (const last of ['a', '\u00ff', '\u0100', '\ud800']) {
      const texts = Array.from({ length: 40 }, (_, length) => 'x'.repeat(length) + last);
      expect(decodeValue(encodeValue(texts))).toStrictEqual(texts);
    }
  });

  test('-0, holes and a field __proto__ keep what tells them from 0, undefined and a prototype', () => {
    const [zero, holes, proto] = ['minus zero', 'sparse array', 'field __proto__'].map((name) =>
      decodeValue(encodeValue(GOLDEN_VALUES[name])),
    );
    expect(Object.is(zero, -0)).toBe(true);
    expect([1 in (holes as object), 3 in (holes as object)]).toEqual([false, true]);
    expect(Object.keys(proto as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(proto)).toBe(Object.prototype);
  });

  test('a cyclic value, and one deeper than any stack should be', () => {
    const cyclic: { self?: unknown; at: Date } = { at: new Date(7) };
    cyclic.self = cyclic;
    const back = decodeValue(encodeValue({ cyclic })) as { cyclic: typeof cyclic };
    expect(back.cyclic.self).toBe(back.cyclic);
    expect(back.cyclic.at).toEqual(new Date(7));
    let deep: unknown = 'bottom';
    for (let i = 0; i < 1_000; i++) deep = [deep];
    expect(decodeValue(encodeValue(deep))).toStrictEqual(deep);
  });

  test('nesting up to the limit of the format, and just beyond it', () => {
    for (const depth of [99, 100, 101, 102, 103]) {
      let nested: unknown = 1;
      for (let i = 0; i < depth; i++) nested = { nested };
      expect(decodeValue(encodeValue(nested))).toStrictEqual(nested);
    }
  });

  test('a Node Buffer as the Uint8Array that it is, also a slice of a pool', () => {
    const back = decodeValue(encodeValue(Buffer.from('abc')));
    expect(back).toStrictEqual(new Uint8Array([97, 98, 99]));
    expect((back as Uint8Array).buffer.byteLength).toBe(3);
  });
});

describe('what would come back altered is refused', () => {
  class Point {
    x = 1;
  }
  class Moment extends Date {}
  class Registry extends Map {}
  class Failure extends Error {}
  class Pixels extends Uint8Array {}

  test.each([
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('s'), 'a symbol'],
    ['an instance of a class', new Point(), 'an instance of Point'],
    ['an instance of a subclass of Date', new Moment(), 'an instance of Moment'],
    ['an instance of a subclass of Map', new Registry(), 'an instance of Registry'],
    ['an instance of a subclass of Error', new Failure('x'), 'an instance of Failure'],
    ['an instance of a subclass of a typed array', new Pixels(2), 'an instance of Pixels'],
    [
      'an instance of a subclass of Array',
      new (class List extends Array {})(),
      'an instance of List',
    ],
    ['a boxed bigint', Object(1n), 'an instance of BigInt'],
    ['a promise', Promise.resolve(), 'an instance of Promise'],
    ['what String.match gives', 'abc'.match(/b/), 'an array with fields of its own'],
    ['a symbol as key', { [Symbol('s')]: 1 }, 'a symbol as key'],
    [
      'an error with a code',
      Object.assign(new Error('x'), { code: 'ENOENT' }),
      'an Error with fields of its own (code)',
    ],
  ])('%s', (_, value, what) => {
    expect(refusal(value)[1]).toContain(what);
    expect(refusal({ items: [0, { value }] })).toEqual([
      '.items[1].value',
      expect.stringContaining(what) as string,
    ]);
  });

  test('the path says where, also inside maps, sets, causes and odd names', () => {
    const f = (): number => 1;
    expect(refusal({ 'odd name': f })[0]).toBe('["odd name"]');
    expect(refusal(new Map<unknown, unknown>([['k', f]]))[0]).toBe('.values()[0]');
    expect(refusal(new Map([[f, 1]]))[0]).toBe('.keys()[0]');
    expect(refusal([new Set([1, f])])[0]).toBe('[0].values()[1]');
    expect(refusal({ e: new Error('x', { cause: f }) })[0]).toBe('.e.cause');
  });

  test('a symbol as key also where the shape without it is known', () => {
    const writer = new ValueWriter();
    writer.write({ id: 1 });
    expect(() => writer.write({ id: 2, [Symbol('s')]: 3 })).toThrow('a symbol as key');
  });

  test('and leaves no trace: what was written before and what follows can be read', () => {
    const out = new ByteWriter();
    const writer = new ValueWriter(out);
    writer.write({ a: 1 });
    expect(() => writer.write({ b: { c: 1 }, d: () => 1 })).toThrow('.d');
    writer.write({ b: 2 });
    writer.write({ a: 3 });
    const reader = new ValueReader(new ByteReader(out.toBytes()));
    expect([reader.read(), reader.read(), reader.read()]).toEqual([{ a: 1 }, { b: 2 }, { a: 3 }]);
    expect(reader.in.remaining).toBe(0);
  });

  test('inside a cyclic value', () => {
    const cyclic: { self?: unknown; list: unknown[] } = { list: [() => 1] };
    cyclic.self = cyclic;
    expect(refusal(cyclic)[0]).toBe('.list[0]');
  });
});

describe('bytes that no writer wrote', () => {
  /** Reads what may be damaged: a value or CorruptData. */
  function readDamaged(bytes: Uint8Array): void {
    try {
      decodeValue(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptData);
    }
  }

  test('every flipped byte and every cut of every kind of value gives a value or CorruptData', () => {
    for (const value of Object.values(GOLDEN_VALUES)) {
      const bytes = encodeValue(value);
      for (let i = 0; i < bytes.length; i++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          const damaged = Uint8Array.from(bytes);
          damaged[i] = (damaged[i] ?? 0) ^ flip;
          readDamaged(damaged);
        }
        expect(() => decodeValue(bytes.subarray(0, i))).toThrow(CorruptData);
      }
    }
  });

  test('noise, and damage anywhere in any value', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), readDamaged), { numRuns: 5_000 });
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encodeValue(value);
        bytes[at % bytes.length] = byte;
        readDamaged(bytes);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    [
      'nested without an end',
      Uint8Array.from({ length: 100_000 }, (_, i) => (i % 2 === 0 ? 11 : 1)),
    ],
    ['fields without number', Uint8Array.of(13, 0, ...new Array<number>(7).fill(0xff), 0x0f)],
    [
      'an error that is called constructor',
      Uint8Array.of(20, 22, ...Buffer.from('constructor'), 0),
    ],
    ['an error that is called __proto__', Uint8Array.of(20, 18, ...Buffer.from('__proto__'), 0)],
    ['a Float64Array of three bytes', Uint8Array.of(17, 8, 3, 1, 2, 3)],
    ['a regular expression that is none', Uint8Array.of(19, 2, ...Buffer.from('('), 0)],
    ['not in the format of V8', Uint8Array.of(22, 3, 1, 2, 3)],
  ])('%s', (_, bytes) => {
    expect(() => decodeValue(bytes)).toThrow(CorruptData);
  });
});

test('the format is stable: test/fixtures/values.json', () => {
  const file = new URL('../fixtures/values.json', import.meta.url);
  const golden = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const now = Object.entries(GOLDEN_VALUES).map(([name, value]) => [name, hex(encodeValue(value))]);
  expect(Object.fromEntries(now)).toEqual(golden);
  for (const [name, bytes] of Object.entries(golden))
    expect(decodeValue(Buffer.from(bytes, 'hex'))).toStrictEqual(GOLDEN_VALUES[name]);
});
