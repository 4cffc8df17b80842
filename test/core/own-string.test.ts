import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ByteWriter } from '../../engine/core/byte-buffer.ts';
import { silentLogger } from '../../engine/core/logger.ts';
import { ownString } from '../../engine/core/own-string.ts';
import { decodeFrame, FrameEncoder } from '../../engine/network/frame-codec.ts';
import { ownedKey } from '../../engine/state/map-key.ts';
import { ValueCopier } from '../../engine/state/value-copier.ts';
import { batchOf } from '../network/batches.ts';

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

type Cut = (i: number) => string;

/** A string of 20 characters out of 16 kB. */
const cut: Cut = (i) =>
  Buffer.alloc(16_384, 97 + (i % 20))
    .toString('latin1')
    .substring(i, i + 20);

/** The same from a frame whose 255 other rows have 64 characters each. */
const received: Cut = (i) => {
  const rows = Array.from(
    { length: 256 },
    (_, row) => [`${row} ${i}`.padEnd(row === 7 ? 20 : 64), 0] as const,
  );
  const out = new ByteWriter();
  new FrameEncoder(out).encode(batchOf({ rows }), 0);
  return decodeFrame(out.toBytes()).values[7] as string;
};

/** Heap bytes that one of them costs, kept as `keep` does. */
function bytesEach(make: Cut, keep: (text: string) => unknown): number {
  const count = 1_000;
  const kept: unknown[] = [];
  gc();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) kept.push(keep(make(i)));
  gc();
  const bytes = (process.memoryUsage().heapUsed - before) / count;
  expect(kept).toHaveLength(count);
  return bytes;
}

test('a key does not keep the text that it was cut from, whoever cut it', () => {
  expect(bytesEach(cut, (text) => text)).toBeGreaterThan(10_000);
  expect(bytesEach(cut, (text) => ownedKey(new Map(), text))).toBeLessThan(1_000);
});

test('where lines of text are read, what is cut out of them does not keep them', async () => {
  vi.resetModules();
  const { ValueCopier: Copier } = await import('../../engine/state/value-copier.ts');
  const { LinesDecoder } = await import('../../engine/connectors/formats/lines-decoder.ts');
  const copier = new Copier();
  expect(bytesEach(cut, (text) => copier.copy(text))).toBeGreaterThan(10_000);
  new LinesDecoder(
    {
      file: 'a',
      firstByte: 0,
      recordBytesMax: 1,
      log: silentLogger,
      countSkipped: () => undefined,
    },
    { line: 1, header: null },
  );
  expect(bytesEach(cut, (text) => copier.copy(text))).toBeLessThan(1_000);
});

test('what state keeps does not keep the frame that it came in', () => {
  const copier = new ValueCopier();
  // None has come so far.
  expect(bytesEach(cut, (text) => copier.copy(text))).toBeGreaterThan(10_000);
  expect(bytesEach(received, (text) => text)).toBeGreaterThan(10_000);
  expect(bytesEach(received, (text) => copier.copy(text))).toBeLessThan(1_000);
  expect(bytesEach(received, (text) => copier.copy({ text }))).toBeLessThan(1_000);
  expect(bytesEach(received, (text) => copier.copy([text]))).toBeLessThan(1_000);
  expect(bytesEach(received, (text) => copier.copy(new Map([[text, [text]]])))).toBeLessThan(1_000);
});
