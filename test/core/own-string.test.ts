import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ownString } from '../../engine/core/own-string.ts';
import { ValueCopier } from '../../engine/state/value-copier.ts';

test('it is an equal string, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      expect(ownString(text)).toBe(text);
    }),
  );
  for (const text of ['\ud800'.repeat(20), 'ü'.repeat(20), '中'.repeat(2_000), 'a'.repeat(5_000)])
    expect(ownString(text)).toBe(text);
});

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Heap bytes that one string of 20 characters costs, cut out of 16 kB and kept as `keep` does. */
function bytesEach(keep: (text: string) => unknown): number {
  const count = 1_000;
  const kept: unknown[] = [];
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) {
    const all = Buffer.alloc(16_384, 97 + (i % 20)).toString('latin1');
    kept.push(keep(all.substring(i, i + 20)));
  }
  gc();
  const bytes = (process.memoryUsage().heapUsed - before) / count;
  expect(kept).toHaveLength(count);
  return bytes;
}

test('what state keeps does not keep the frame that it came in', () => {
  const copier = new ValueCopier();
  expect(bytesEach((text) => text)).toBeGreaterThan(10_000);
  expect(bytesEach((text) => copier.copy(text))).toBeLessThan(200);
  expect(bytesEach((text) => copier.copy({ text }))).toBeLessThan(200);
  expect(bytesEach((text) => copier.copy([text]))).toBeLessThan(250);
  expect(bytesEach((text) => copier.copy(new Map([[text, [text]]])))).toBeLessThan(500);
});
