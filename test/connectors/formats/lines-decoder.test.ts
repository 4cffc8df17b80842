import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decode } from './decoding.ts';

const LINES = { name: 'lines' } as const;
const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
const restoreEvery = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });

/** What lines are, said in the plainest way. */
function naiveLines(text: string): string[] {
  const parts = text.replace(/^\ufeff/, '').split('\n');
  const last = parts.pop();
  const ended = parts.map((part) => part.replace(/\r$/, ''));
  return last === '' || last === undefined ? ended : [...ended, last];
}

test('any text, cut anywhere and restored anywhere, gives the lines that it has', () => {
  const unit = fc.constantFrom('a', 'ß', '€', '🜁', '\n', '\r', '\r\n', ' ', '\ufeff', ',');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 40 }), pieces, restoreEvery, (text, cuts, every) => {
      const { records, line } = decode(LINES, text, { pieces: cuts, restoreEvery: every });
      expect(records).toEqual(naiveLines(text));
      expect(line).toBe(records.length + 1);
    }),
    { numRuns: 500 },
  );
});

test('an empty file has no lines, and a last line needs no end', () => {
  expect(decode(LINES, '').records).toEqual([]);
  expect(decode(LINES, '\n').records).toEqual(['']);
  expect(decode(LINES, 'a\n\nb').records).toEqual(['a', '', 'b']);
});

test('a line may be as long as a record may be, and no longer, however it is cut', () => {
  for (const cuts of [[1], [5], [100]]) {
    const limit = { recordBytesMax: 10, pieces: cuts };
    expect(decode(LINES, `${'x'.repeat(10)}\n`, limit).records).toHaveLength(1);
    for (const content of [`a\n${'x'.repeat(11)}\n`, `a\n${'x'.repeat(11)}`]) {
      expect(() => decode(LINES, content, limit)).toThrow(
        'data.txt, line 2: a record of more than 10 bytes',
      );
    }
  }
});
