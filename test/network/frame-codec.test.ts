// Batches as bytes: nothing is lost, added or moved; a record that cannot travel is named.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter, CorruptData } from '../../engine/core/byte-buffer.ts';
import type { OperatorId } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { decodeFrame, FrameEncoder } from '../../engine/network/frame-codec.ts';
import { IDLE, RecordBatch } from '../../engine/network/record-batch.ts';
import { anyBatch, barrier, batchOf, elementsOf, fullBatch } from './batches.ts';

/** The frames of a batch. */
function framesOf(batch: RecordBatch, encoder?: (out: ByteWriter) => FrameEncoder): Uint8Array[] {
  const out = new ByteWriter();
  const frames = encoder?.(out) ?? new FrameEncoder(out);
  const all: Uint8Array[] = [];
  let next = 0;
  do {
    out.truncate();
    next = frames.encode(batch, next);
    all.push(out.toBytes());
  } while (next < batch.count);
  return all;
}

const throughFrames = (batch: RecordBatch): RecordBatch[] => framesOf(batch).map(decodeFrame);

test('a batch comes back: rows, times, watermarks at their rows, control element', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const back = throughFrames(batch);
      expect(back).toHaveLength(1);
      expect(elementsOf(back)).toStrictEqual(elementsOf([batch]));
    }),
    { numRuns: 500 },
  );
});

test('an empty batch, one with a watermark alone, and a full one with watermarks all over', () => {
  const full = fullBatch(3);
  const marked = batchOf({ rows: [], marks: [[0, IDLE]] });
  const all = batchOf({
    rows: Array.from({ length: limits.frameRowsMax }, (_, i) => [i, Number.NaN]),
    marks: Array.from({ length: limits.frameRowsMax + 1 }, (_, i) => [i, i] as const),
  });
  for (const batch of [new RecordBatch(), marked, full, all])
    expect(elementsOf(throughFrames(batch))).toStrictEqual(elementsOf([batch]));
});

describe('a batch of large records', () => {
  const large = batchOf({
    rows: Array.from({ length: 200 }, (_, i) => [`${i}`.padEnd(3_000), i]),
    marks: Array.from({ length: 201 }, (_, i) => [i, i] as const),
    barrier: barrier(3),
  });

  test('becomes several frames, each of which fits a slot, the control element in the last', () => {
    const frames = framesOf(large);
    expect(frames.length).toBeGreaterThan(5);
    for (const { length } of frames) expect(length).toBeLessThanOrEqual(limits.ringSlotBytes);
    const back = frames.map(decodeFrame);
    expect(elementsOf(back)).toStrictEqual(elementsOf([large]));
    expect(back.map((batch) => batch.barrier !== undefined).indexOf(true)).toBe(back.length - 1);
  });

  test('is columns in all of them, where some fit', () => {
    const isColumns = framesOf(large).map(([format]) => format === 2);
    expect(isColumns).not.toContain(false);
    expect(isColumns.length).toBeLessThan(20);
  });

  test('each of its frames can be read on its own', () => {
    const rows = Array.from(
      { length: 100 },
      (_, i) => [{ id: i, text: 'x'.repeat(2_000) }, i] as const,
    );
    const frames = framesOf(batchOf({ rows }));
    const values = frames.toReversed().map((frame) => decodeFrame(frame).values);
    expect(values.toReversed().flat()).toEqual(rows.map(([value]) => value));
  });

  test('a record longer than a frame stands in one of its own', () => {
    const batch = batchOf({
      rows: [
        ['a', 1],
        ['b'.repeat(300_000), 2],
        ['c', 3],
      ],
    });
    const back = throughFrames(batch);
    expect(back.map(({ count }) => count)).toEqual([2, 1]);
    expect(elementsOf(back)).toStrictEqual(elementsOf([batch]));
  });
});

test('a latency marker stands behind the last row of its batch', () => {
  const marker = { source: 'a'.repeat(32) as OperatorId, subtask: 3, atMs: 1_700_000_000_123 };
  const rows = Array.from({ length: 100 }, (_, i) => ['x'.repeat(2_000), i] as const);
  const batch = batchOf({ rows, barrier: barrier(5) });
  batch.marker = marker;
  const back = throughFrames(batch);
  expect(back.map((frame) => frame.marker)).toEqual([
    ...back.slice(1).map(() => undefined),
    marker,
  ]);
  expect(back.at(-1)?.barrier).toEqual(barrier(5));
});

test('a record that cannot travel is named with what stands in its way', () => {
  const batch = batchOf({
    rows: [
      [{ id: 1 }, 1],
      [{ id: 2, f: () => 1 }, 2],
    ],
  });
  expect(() => framesOf(batch)).toThrow(
    'a function (f) at .f cannot be stored or sent: the record {"id":2,"f":"[function f]"}',
  );
});

test('a record longer than it may be is refused with both figures', () => {
  const limited = (out: ByteWriter): FrameEncoder => {
    const encoder = new FrameEncoder(out);
    encoder.setRecordRules({ bytesMax: 1_000 });
    return encoder;
  };
  expect(framesOf(batchOf({ rows: [['x'.repeat(990), 1]] }), limited)).toHaveLength(1);
  expect(() => framesOf(batchOf({ rows: [['x'.repeat(1_000), 1]] }), limited)).toThrow(
    /^a record of 1003 bytes, where 1000 may be sent \(pipeline.max-record-size\): the record "x+…$/,
  );
});

describe('bytes that no encoder wrote', () => {
  function readDamaged(bytes: Uint8Array): void {
    try {
      decodeFrame(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(CorruptData);
    }
  }

  test('damage anywhere gives a batch or CorruptData; a cut is always CorruptData', () => {
    fc.assert(
      fc.property(anyBatch, fc.nat(), fc.nat(255), (batch, at, byte) => {
        const [frame] = framesOf(batch) as [Uint8Array];
        expect(() => decodeFrame(frame.subarray(0, at % frame.length))).toThrow(CorruptData);
        frame[at % frame.length] = byte;
        readDamaged(frame);
      }),
      { numRuns: 3_000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), readDamaged), { numRuns: 3_000 });
  });

  test.each([
    ['another format', [9], 'frame format 9'],
    ['more rows than a frame has', [1, 1, 1, 0, 0], 'a frame of 257 rows'],
    ['flags of the future', [1, 0, 0, 0, 0, 64], 'frame flags 64'],
    [
      'a barrier of a kind of the future',
      [1, 0, 0, 0, 0, 1, 0, 5, ...new Array(8).fill(0), 64],
      'barrier kind 64',
    ],
    [
      'a watermark behind the last row',
      [1, 0, 0, 0, 0, 0, 1, 1, ...new Array(8).fill(0)],
      'a watermark before row 1 of 0, after row -1',
    ],
    ['bytes behind the frame', [1, 0, 0, 0, 0, 0, 0, 7], '1 bytes behind a frame'],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeFrame(Uint8Array.from(bytes))).toThrow(new CorruptData(message));
  });
});
