// Of records of one layout only the fields that are asked for travel; what has another layout travels whole.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../engine/core/byte-buffer.ts';
import { limits } from '../../engine/core/limits.ts';
import { decodeFrame, FrameEncoder } from '../../engine/network/frame-codec.ts';
import { newRingMemory, RingProducer } from '../../engine/network/ring.ts';
import { RingOutputChannel } from '../../engine/network/ring-channel.ts';
import { batchOf } from './batches.ts';

const rowsOf = (values: readonly unknown[]) =>
  batchOf({ rows: values.map((value, i) => [value, i] as const) });

/** What arrives of each of the batches, which one encoder has written. */
function through(fields: readonly string[], ...batches: readonly (readonly unknown[])[]) {
  const out = new ByteWriter();
  const encoder = new FrameEncoder(out);
  encoder.setRecordRules({ bytesMax: limits.recordBytesMax, fields });
  return batches.map((values) => {
    out.truncate();
    encoder.encode(rowsOf(values), 0);
    return decodeFrame(out.toBytes()).values;
  });
}

test('what is asked for arrives, and nothing else', () => {
  const row = fc.record(
    { a: fc.integer(), b: fc.string(), c: fc.oneof(fc.double(), fc.boolean()) },
    { noNullPrototype: true },
  );
  const fields = fc.subarray(['a', 'b', 'c', 'no field']);
  fc.assert(
    fc.property(
      fields,
      fc.array(fc.array(row, { minLength: 1 }), { maxLength: 4 }),
      (names, all) => {
        const kept = all.map((rows) =>
          rows.map((one) =>
            Object.fromEntries(Object.entries(one).filter(([k]) => names.includes(k))),
          ),
        );
        expect(through(names, ...all)).toStrictEqual(kept);
      },
    ),
  );
});

test('inside of a field nothing is left out', () => {
  const rows = [1, 2].map((a) => ({ a: { a, b: a }, b: 0 }));
  expect(through(['a'], rows)).toStrictEqual([[{ a: { a: 1, b: 1 } }, { a: { a: 2, b: 2 } }]]);
});

test('numbers, texts, arrays and records of several layouts arrive whole', () => {
  const mixed = [{ a: 1, b: 2 }, { b: 2, a: 1 }, null];
  expect(
    through(
      ['a'],
      [1, 2],
      ['x', 'y'],
      [
        [1, 2],
        [3, 4],
      ],
      mixed,
    ),
  ).toStrictEqual([
    [1, 2],
    ['x', 'y'],
    [
      [1, 2],
      [3, 4],
    ],
    mixed,
  ]);
});

describe('a record that could not travel', () => {
  test('is refused for what stays behind as well', () => {
    const channel = new RingOutputChannel(new RingProducer(newRingMemory(), () => undefined));
    channel.setRecordRules({ bytesMax: limits.recordBytesMax, fields: ['a'] });
    const bad = rowsOf([
      { a: 1, b: 2 },
      { a: 1, b: () => 2 },
    ]);
    expect(() => channel.write(bad)).toThrow('a function (b) at .b cannot be stored or sent');
  });
});
