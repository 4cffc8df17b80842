import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CsvSinkFormat } from '../../../engine/connectors/formats/csv-encoder.ts';
import { createEncoder } from '../../../engine/connectors/formats/record-encoder.ts';
import { decode } from './decoding.ts';

/** A file with these records. */
function encode(records: readonly object[], format: Partial<CsvSinkFormat> = {}): string {
  const encoder = createEncoder({ name: 'csv', ...format });
  const lines = records.map((record) => encoder.encode(record));
  return encoder.header() + lines.join('');
}

test('lines are strings as they are, and JSON else', () => {
  const encoder = createEncoder({ name: 'lines' });
  expect(['a "b"', 1n, { a: Number.NaN }, null].map((value) => encoder.encode(value))).toEqual([
    'a "b"\n',
    '"1"\n',
    '{"a":"NaN"}\n',
    'null\n',
  ]);
  expect(encoder.header()).toBe('');
});

test('ndjson is JSON, strings too', () => {
  expect(createEncoder({ name: 'ndjson' }).encode('a\nb')).toBe('"a\\nb"\n');
});

describe('csv', () => {
  test('text of any kind is read back as it was', () => {
    const unit = fc.constantFrom('a', '"', ',', ';', '\t', '\n', '\r', ' ', '=', '🜁', '\ufeff');
    const text = fc.option(fc.string({ unit, maxLength: 6 }));
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: text, y: text }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(',', ';', '\t', 'a'),
        (records, delimiter) => {
          const columns = ['x', 'y'].map((name) => ({ name, type: 'string?' as const }));
          const written = encode(records, { delimiter });
          expect(decode({ name: 'csv', columns, delimiter }, written).records).toEqual(records);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('values of any kind are text', () => {
    const values = [1.5, -0, 10n, true, null, undefined, new Date(0), { a: 1 }, [1, 'x']];
    const lines = encode(
      values.map((value) => ({ value })),
      { header: false },
    ).split('\n');
    expect(lines.slice(0, -1)).toEqual([
      '1.5',
      '-0',
      '10',
      'true',
      '""',
      '""',
      '1970-01-01T00:00:00.000Z',
      '"{""a"":1}"',
      '"[1,""x""]"',
    ]);
  });

  test('the columns are those of the first record, or those given', () => {
    expect(encode([{ b: 1, a: 2 }, { a: 3 }])).toBe('b,a\n1,2\n,3\n');
    expect(encode([{ b: 1 }], { columns: ['a', 'b', 'c d,'] })).toBe('a,b,"c d,"\n,1,\n');
    expect(encode([{ b: 1 }], { header: false })).toBe('1\n');
  });

  test('a record with other fields, or none, is refused', () => {
    expect(() => encode([{ a: 1 }, { a: 1, b: 2 }])).toThrow(
      'the csv file has the columns a, and this record has "b" besides: {"a":1,"b":2}',
    );
    for (const value of ['text', 1, null, [1]])
      expect(() => createEncoder({ name: 'csv' }).encode(value)).toThrow(
        'a csv file takes objects',
      );
  });

  test('formulas are guarded only when asked', () => {
    const record = { a: '=1+1', b: '@x', c: '-1', d: -1, e: '\tx', f: 'a=b' };
    expect(encode([record], { header: false })).toBe('=1+1,@x,-1,-1,"\tx",a=b\n');
    expect(encode([record], { header: false, guardFormulas: true })).toBe(
      `'=1+1,'@x,'-1,-1,'\tx,a=b\n`,
    );
  });
});
