import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode } from './decoding.ts';

const NDJSON = { name: 'ndjson' } as const;
const SKIP = { name: 'ndjson', onMalformed: 'skip' } as const;
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

test('any values, cut anywhere and restored anywhere, come back as they were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\n\n', '\n  \n'),
      pieces,
      fc.integer({ min: 1, max: 3 }),
      (values, end, cuts, restoreEvery) => {
        const text = values.map((value) => `${JSON.stringify(value)}${end}`).join('');
        const { records } = decode(NDJSON, text, { pieces: cuts, restoreEvery });
        expect(records).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
      },
    ),
    { numRuns: 300 },
  );
});

test('a line that is no JSON fails with its place, its text, and what to do', () => {
  expect(() => decode(NDJSON, '{"a":1}\n\n{"a":1, b}\n')).toThrow(
    /^data\.txt, line 3, column 9: not JSON: Expected double-quoted property name\n {2}\{"a":1, b\}\n {2}onMalformed: 'skip' leaves such records out\.$/,
  );
  expect(() => decode(NDJSON, '[1, 2')).toThrow('line 1, column 6: not JSON');
  expect(() => decode(NDJSON, 'hello\n')).toThrow("line 1: not JSON: Unexpected token 'h'");
});

test('with skip, such lines are left out, counted, and logged once', () => {
  const { records, skipped, log } = decode(SKIP, '1\nx\n2\n}{\n\n3');
  expect(records).toEqual([1, 2, 3]);
  expect(skipped).toBe(2);
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^warn skipped: data\.txt, line 2: not JSON/);
});

test('a text that is shown is shortened', () => {
  expect(() => decode(NDJSON, `[${'1'.repeat(1_000)}`)).toThrow(/\n {2}\[1{199}…\n/);
});
