// A batch of bids as bytes and back: our frames beside what Node and JSON would make of it.

import { deserialize, serialize } from 'node:v8';
import { ByteWriter } from '../../../engine/core/byte-buffer.ts';
import { decodeFrame, FrameEncoder } from '../../../engine/network/frame-codec.ts';
import type { RecordBatch } from '../../../engine/network/record-batch.ts';
import { cpuPerRecord } from '../cpu.ts';
import type { GridRow } from '../report.ts';
import { bidBatches } from './bids.ts';

interface Codec {
  readonly name: string;
  readonly batches: readonly RecordBatch[];
  encode(batch: RecordBatch): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const ROWS = 256;
const BATCHES = 16;
const ROUNDS = 3;
const ROUND_MS = 150;

function codecs(): readonly Codec[] {
  const out = new ByteWriter(64 * 1024);
  const encoder = new FrameEncoder(out);
  const batches = bidBatches(BATCHES, ROWS);
  const frames = {
    encode(batch: RecordBatch) {
      out.truncate();
      encoder.encode(batch, 0);
      return out.view();
    },
    decode: decodeFrame,
  };
  return [
    { name: 'frames', batches, ...frames },
    { name: 'frames (pieces)', batches: bidBatches(BATCHES, ROWS, 'pieces'), ...frames },
    {
      name: 'JSON',
      batches,
      encode: ({ values }) => Buffer.from(JSON.stringify(values)),
      decode: (bytes) => JSON.parse((bytes as Buffer).toString('latin1')) as unknown,
    },
    {
      name: 'v8.serialize',
      batches,
      encode: ({ values }) => serialize(values),
      decode: deserialize,
    },
  ];
}

/** Bytes a record, and ns of CPU to write and to read one. */
export function codecRows(): GridRow[] {
  const all = codecs();
  const frames = new Map(
    all.map(({ name, batches, encode }) => [
      name,
      batches.map((batch) => Uint8Array.prototype.slice.call(encode(batch))).map(Buffer.from),
    ]),
  );
  const works = all.flatMap(({ name, batches, encode, decode }) => [
    { name: `${name} encode`, run: () => each(batches, encode) },
    { name: `${name} decode`, run: () => each(frames.get(name) ?? [], decode) },
  ]);
  const cost = cpuPerRecord(works, ROUNDS, ROUND_MS);
  return all.map(({ name }) => ({
    name,
    values: [
      (frames.get(name)?.[0]?.length ?? 0) / ROWS,
      cost.get(`${name} encode`),
      cost.get(`${name} decode`),
    ],
  }));
}

function each<T>(items: readonly T[], use: (item: T) => unknown): number {
  for (const item of items) last.value = use(item);
  return items.length * ROWS;
}

/** So that no work is left out whose result nobody reads. */
const last: { value: unknown } = { value: undefined };
