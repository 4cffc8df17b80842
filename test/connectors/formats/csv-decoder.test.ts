import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CsvFormat } from '../../../engine/connectors/formats/csv-decoder.ts';
import type { CsvColumn } from '../../../engine/connectors/formats/csv-schema.ts';
import { decode } from './decoding.ts';

const csv = (
  columns?: Record<string, CsvColumn['type']>,
  more: Partial<CsvFormat> = {},
): CsvFormat => ({
  name: 'csv',
  ...(columns === undefined
    ? {}
    : { columns: Object.entries(columns).map(([name, type]) => ({ name, type })) }),
  ...more,
});

const FIELD = /(?:"((?:[^"]|"")*)("?)([^,\n]*)|([^,\n]*))(,|\n|$)/y;

interface NaiveField {
  readonly text: string;
  readonly isFine: boolean;
  readonly isQuoted: boolean;
  readonly end: string | undefined;
}

function naiveField(text: string): NaiveField {
  const [, quoted, closing, behind = '', plain = '', end] = FIELD.exec(text) ?? [];
  if (quoted === undefined) {
    const unended = end === '\n' ? plain.replace(/\r$/, '') : plain;
    return { text: unended, isFine: true, isQuoted: false, end };
  }
  const isClosed = closing === '"' && (behind === '' || (behind === '\r' && end === '\n'));
  return { text: quoted.replaceAll('""', '"'), isFine: isClosed, isQuoted: true, end };
}

/** RFC 4180 as an expression, without blank lines; undefined for a record whose quotes are wrong. */
function naiveRecords(text: string): (readonly string[] | undefined)[] {
  const records: (readonly string[] | undefined)[] = [];
  FIELD.lastIndex = 0;
  while (FIELD.lastIndex < text.length) {
    const fields = [naiveField(text)];
    while (fields.at(-1)?.end === ',') fields.push(naiveField(text));
    const isBlank = fields.length === 1 && !fields[0]?.isQuoted && fields[0]?.text === '';
    const isFine = fields.every((field) => field.isFine);
    if (!isBlank) records.push(isFine ? fields.map((field) => field.text) : undefined);
  }
  return records;
}

describe('records', () => {
  const delimiter = fc.constantFrom(',', ';', '\t');
  const field = fc.string({
    unit: fc.constantFrom('a', '1', 'ß', '🜁', '"', '\n', '\r\n', ',', ';', '\t', ' ', 'é'),
    maxLength: 20,
  });
  const settings = fc.record({
    pieces: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
    restoreEvery: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  });

  /** Quotes where it must, and where `isQuoted` says so. */
  const write = (text: string, separator: string, isQuoted: boolean): string =>
    isQuoted || text.startsWith('"') || /[\n\r]/.test(text) || text.includes(separator)
      ? `"${text.replaceAll('"', '""')}"`
      : text;

  test('any fields, cut anywhere and restored anywhere, come back as they were', () => {
    fc.assert(
      fc.property(
        delimiter,
        fc.array(fc.tuple(field, field, field), { maxLength: 8 }),
        fc.infiniteStream(fc.boolean()),
        fc.constantFrom('\n', '\r\n'),
        fc.tuple(fc.boolean(), fc.boolean()),
        settings,
        (separator, rows, quoted, end, [hasMark, hasLastEnd], how) => {
          const lines = rows.map((row) =>
            row.map((text) => write(text, separator, quoted.next().value)).join(separator),
          );
          const body = [['x', 'y', 'z'].join(separator), ...lines].join(end);
          const text = `${hasMark ? '\ufeff' : ''}${body}${hasLastEnd ? end : ''}`;
          const { records, line } = decode(csv(undefined, { delimiter: separator }), text, how);
          expect(records).toEqual(rows.map(([x, y, z]) => ({ x, y, z })));
          expect(line).toBe(`${body}${end}`.split('\n').length);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('any content, cut anywhere and restored anywhere, is read as the plainest parser reads it', () => {
    const format = csv({ x: 'string', y: 'string' }, { header: false, onMalformed: 'skip' });
    const content = fc.string({
      unit: fc.constantFrom('a', 'ß', '"', '""', '\n', '\r', '\r\n', ',', ',', '"a"', 'a,b\n'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(content, settings, (text, how) => {
        const parsed = naiveRecords(text);
        const fine = parsed.filter((fields) => fields?.length === 2);
        const { records, skipped } = decode(format, text, how);
        expect(records).toEqual(fine.map((fields) => ({ x: fields?.[0], y: fields?.[1] })));
        expect(skipped).toBe(parsed.length - fine.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a line without anything is no record, unless there is one column', () => {
    expect(decode(csv(), '\n\nx,y\n\n1,2\n\r\n3,4\n\n').records).toEqual([
      { x: '1', y: '2' },
      { x: '3', y: '4' },
    ]);
    expect(decode(csv(), 'x\n1\n\n3').records).toEqual([{ x: '1' }, { x: '' }, { x: '3' }]);
  });

  test('a quote inside a field that is not quoted is a character', () => {
    expect(decode(csv(), 'x,y\n5" disk,a"b"c\n').records).toEqual([{ x: '5" disk', y: 'a"b"c' }]);
  });

  test('a file without records has none', () => {
    for (const text of ['', '\n', 'x,y', 'x,y\n', '\ufeff'])
      expect(decode(csv(), text).records).toEqual([]);
  });

  test('columns are found by name, wherever they stand, and others are passed over', () => {
    const { records } = decode(csv({ c: 'int', a: 'string' }), 'a,"b", c \n1,2,3\n');
    expect(records).toEqual([{ c: 3, a: '1' }]);
    expect(Object.keys(records[0] as object)).toEqual(['c', 'a']);
  });

  test('without a header the columns are those given, in their order', () => {
    const { records } = decode(csv({ a: 'int', b: 'string' }, { header: false }), '1,x\n2,y\n');
    expect(records).toEqual([
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]);
  });

  test('thousands of different short texts are not taken for one another', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => (i * 7_919).toString(36));
    const { records } = decode(csv(), `id\n${ids.join('\n')}\n${ids.join('\n')}`);
    expect(records.map((record) => (record as { id: string }).id)).toEqual([...ids, ...ids]);
  });

  test('a column may be called __proto__', () => {
    const { records } = decode(csv(), '__proto__,constructor\n1,2\n');
    expect(Object.entries(records[0] as object)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(Object.getPrototypeOf(records[0])).toBe(Object.prototype);
  });

  test('a column name that is a piece of program stays a name', () => {
    const name = '"]: process.exit(), [`\\';
    const { records } = decode(csv({ [name]: 'string' }, { header: false }), 'v\n');
    expect(records).toEqual([{ [name]: 'v' }]);
  });
});

describe('typed columns', () => {
  const read = (type: CsvColumn['type'], text: string): unknown =>
    (decode(csv({ v: type, w: 'string' }), `v,w\n${text},end\n`).records[0] as { v: unknown }).v;

  const refusal = (type: CsvColumn['type'], text: string): string => {
    try {
      return `no refusal, but ${String(read(type, text))}`;
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each([
    ['int', '0', 0],
    ['int', '-0', 0],
    ['int', '+7', 7],
    ['int', '-1116', -1116],
    ['int', ' 12 ', 12],
    ['int', '"12"', 12],
    ['int', '9007199254740991', 9007199254740991],
    ['int', '000000000000000000012', 12],
    ['float', '0.47', 0.47],
    ['float', '-136.5559', -136.5559],
    ['float', '37.4681667', 37.4681667],
    ['float', '-0', -0],
    ['float', '.5', 0.5],
    ['float', '5.', 5],
    ['float', '1e-7', 1e-7],
    ['float', '123456789012345678901234567890', 1.2345678901234568e29],
    ['float', '0.1234567890123456789', 0.12345678901234568],
    ['float', 'NaN', Number.NaN],
    ['float', '-Infinity', Number.NEGATIVE_INFINITY],
    ['boolean', 'TRUE', true],
    ['boolean', '0', false],
    ['time', '1517365391235', 1517365391235],
    ['time', '-5', -5],
    ['time', '2018-01-31T02:23:11.235Z', 1517365391235],
    ['time', '2018-01-31 03:23:11.235+01:00', 1517365391235],
    ['time', '2018-01-30T21:53:11.235-0430', 1517365391235],
    ['time', '2018-01-31', Date.UTC(2018, 0, 31)],
    ['local-time', '2001-01-01T00:01', Date.UTC(2001, 0, 1, 0, 1)],
    ['local-time', '2001-01-01 23:59', Date.UTC(2001, 0, 1, 23, 59)],
    ['local-time', '2001/12/31 12:30', Date.UTC(2001, 11, 31, 12, 30)],
    ['local-time', '2004-02-29 00:00:59.5', Date.UTC(2004, 1, 29, 0, 0, 59, 500)],
    ['date', '1969/12/31', -86_400_000],
    ['json', '"{""a"":[1,null]}"', { a: [1, null] }],
    ['json', '"""text"""', 'text'],
    ['string', '', ''],
  ] as const)('%s %s is %s', (type, text, value) => {
    expect(read(type, text)).toEqual(value);
  });

  test.each([
    ['int', ''],
    ['int', '-'],
    ['int', '1.5'],
    ['int', '1 2'],
    ['int', '9007199254740993'],
    ['float', ''],
    ['float', '.'],
    ['float', '1,5'.replace(',', '.5.')],
    ['float', '0x10'],
    ['boolean', 'yes'],
    ['time', '2018-01-31T02:23'],
    ['time', '2018-01-31T02:23+24:00'],
    ['local-time', '2001-13-01 00:00'],
    ['local-time', '2001-02-29 00:00'],
    ['local-time', '2001-01-01 24:00'],
    ['local-time', '2001-01-01 00:60'],
    ['local-time', '2001-01-01'],
    ['local-time', '2001-01/01 00:00'],
    ['local-time', '2x01-01-01 00:00'],
    ['local-time', '2001-01-01 00:00x'],
    ['local-time', '2001-01-01 00:00:60'],
    ['date', '2001-1-1'],
    ['json', '{'],
    ['json', ''],
  ] as const)('%s refuses %j', (type, text) => {
    expect(refusal(type, text)).toContain(
      `data.txt, line 2, column v: ${JSON.stringify(text)} is not `,
    );
  });

  test('numbers are those that JavaScript reads', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (number) => {
        expect(read('float', String(number))).toBe(Number(String(number)));
        expect(read('float', number.toFixed(8))).toBe(Number(number.toFixed(8)));
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        expect(read('int', String(number))).toBe(number);
      }),
    );
  });

  test('times are those that Date reads', () => {
    const times = fc.date({
      min: new Date('0001-01-01'),
      max: new Date('9999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(times, (date) => {
        const iso = date.toISOString();
        const time = date.getTime();
        expect(read('time', iso)).toBe(time);
        expect(read('local-time', iso.slice(0, -1))).toBe(time);
        expect(read('local-time', iso.slice(0, 16).replace('T', ' '))).toBe(
          Math.floor(time / 60_000) * 60_000,
        );
        expect(read('date', iso.slice(0, 10))).toBe(Math.floor(time / 864e5) * 864e5);
      }),
    );
  });

  test('an empty field of an optional column is null, and what is not empty is read', () => {
    const format = csv({ m: 'float?', s: 'string?', e: 'string' });
    expect(decode(format, 'm,s,e\n,,\n1.5,"",x\n').records).toEqual([
      { m: null, s: null, e: '' },
      { m: 1.5, s: '', e: 'x' },
    ]);
    expect(() => decode(format, 'm,s,e\nx,,\n')).toThrow('column m: "x" is not a float');
  });
});

describe('what cannot be read', () => {
  const AB = { a: 'int', b: 'string' } as const;

  test('an error names file, line, column, text, the record, and what to do', () => {
    expect(() => decode(csv(AB), 'a,b\n1,"two\nlines"\nx,y\n')).toThrow(
      'data.txt, line 4, column a: "x" is not an int (a safe integer)\n' +
        "  x,y\n  onMalformed: 'skip' leaves such records out.",
    );
  });

  test.each([
    ['1\n', '1 fields where there should be 2'],
    ['1,2,3\n', '3 fields where there should be 2'],
    ['1,"two\n', 'a quoted field that does not end'],
    ['1,"two"x\n', 'text behind the closing quote of a field'],
    ['1,"two"\rx\n', 'text behind the closing quote of a field'],
  ])('%j fails', (record, problem) => {
    for (const pieces of [[1], [1_000]])
      expect(() => decode(csv(AB), `a,b\n${record}`, { pieces })).toThrow(
        `data.txt, line 2: ${problem}`,
      );
  });

  test('with skip, malformed records are left out and counted, and others are not affected', () => {
    const text = 'a,b\n1,x\noops\n2,"y"z\n3,"3\n3"\n4,x,\nx,4\n5,x\n';
    for (const restoreEvery of [1, 2, 100]) {
      const { records, skipped } = decode(csv(AB, { onMalformed: 'skip' }), text, { restoreEvery });
      expect(records).toEqual([
        { a: 1, b: 'x' },
        { a: 3, b: '3\n3' },
        { a: 5, b: 'x' },
      ]);
      expect(skipped).toBe(4);
    }
  });

  test('a quote that is never closed is an error and not the end of memory', () => {
    const text = `a,b\n1,"${'x'.repeat(500)}\n`.repeat(3);
    expect(() => decode(csv(AB), text, { recordBytesMax: 100, pieces: [30] })).toThrow(
      'line 2: a record of more than 100 bytes',
    );
  });

  test('a column that the header lacks is named, with the nearest', () => {
    expect(() => decode(csv({ orgin: 'string' }), 'time,origin\n')).toThrow(
      'data.txt: no column "orgin"; did you mean "origin"? The header has: time, origin',
    );
    expect(() => decode(csv(), 'a,a\n1,2\n')).toThrow('the column "a" stands twice in the header');
  });

  test('a type, a delimiter and a missing schema are refused', () => {
    const unknown = { name: 'csv', columns: [{ name: 'a', type: 'itn' }] } as unknown as CsvFormat;
    expect(() => decode(unknown, 'a\n')).toThrow(
      'csv column "a" has the unknown type "itn"; did you mean int?',
    );
    expect(() => decode(csv(AB, { delimiter: '::' }), '')).toThrow('csv delimiter "::"');
    expect(() => decode(csv(undefined, { header: false }), 'a\n')).toThrow(
      'csv without a header needs its columns',
    );
  });
});
