// A batch as bytes and back: row count, event times as one column, watermarks with their rows, the control
// element, then the values one after another in the value format, each frame readable on its own. The
// first byte is the format: readers refuse one that they do not know.

import type { Barrier } from '../core/barrier.ts';
import { ByteReader, type ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { ValueReader } from '../core/value-reader.ts';
import { ValueWriter } from '../core/value-writer.ts';
import { type EndOf, RecordBatch } from './record-batch.ts';

const ROWS = 1;

const HAS_BARRIER = 1;
const END_OF_DATA = 2;
const END_OF_PARTITION = 4;
const HAS_TIMES = 8;

const KINDS: readonly Barrier['kind'][] = ['checkpoint', 'savepoint', 'stop', 'drain'];

export class FrameEncoder {
  readonly #values: ValueWriter;

  constructor(out: ByteWriter) {
    this.#values = new ValueWriter(out);
  }

  /** Appends a frame. @throws UnsupportedValue, with the row's number as `row`. */
  encode(batch: RecordBatch): void {
    const { out } = this.#values;
    this.#values.resetShapes();
    out.byte(ROWS);
    out.varint(batch.count);
    const hasTimes = someTime(batch);
    out.byte(flagsOf(batch) | (hasTimes ? HAS_TIMES : 0));
    if (hasTimes) for (let i = 0; i < batch.count; i++) out.f64(batch.times[i] as number);
    encodeMarks(out, batch);
    if (batch.barrier !== undefined) encodeBarrier(out, batch.barrier);
    for (let i = 0; i < batch.count; i++) this.#values.write(batch.values[i]);
  }
}

export function decodeFrame(bytes: Uint8Array): RecordBatch {
  const input = new ByteReader(bytes);
  const format = input.byte();
  if (format !== ROWS) throw new CorruptData(`frame format ${format}`);
  const batch = new RecordBatch();
  const count = input.varint();
  if (count > batch.times.length) throw new CorruptData(`a frame of ${count} rows`);
  const flags = input.byte();
  for (let i = 0; i < count; i++) {
    batch.times[i] = (flags & HAS_TIMES) !== 0 ? input.f64() : Number.NaN;
  }
  decodeMarks(input, batch);
  if ((flags & HAS_BARRIER) !== 0) batch.barrier = decodeBarrier(input);
  batch.end = endOf(flags);
  const values = new ValueReader(input);
  for (let i = 0; i < count; i++) batch.values[i] = values.read();
  batch.count = count;
  return batch;
}

function someTime(batch: RecordBatch): boolean {
  for (let i = 0; i < batch.count; i++) if (!Number.isNaN(batch.times[i])) return true;
  return false;
}

function flagsOf(batch: RecordBatch): number {
  const end = batch.end === 'data' ? END_OF_DATA : batch.end === 'partition' ? END_OF_PARTITION : 0;
  return end | (batch.barrier === undefined ? 0 : HAS_BARRIER);
}

function endOf(flags: number): EndOf | undefined {
  if ((flags & END_OF_DATA) !== 0) return 'data';
  return (flags & END_OF_PARTITION) !== 0 ? 'partition' : undefined;
}

function encodeMarks(out: ByteWriter, batch: RecordBatch): void {
  out.varint(batch.markRows.length);
  for (const [i, row] of batch.markRows.entries()) {
    out.varint(row);
    out.f64(batch.markWatermarks[i] as number);
  }
}

function decodeMarks(input: ByteReader, batch: RecordBatch): void {
  for (let n = input.varint(); n > 0; n--) {
    batch.markRows.push(input.varint());
    batch.markWatermarks.push(input.f64());
  }
}

function encodeBarrier(out: ByteWriter, barrier: Barrier): void {
  out.varint(barrier.checkpointId);
  out.f64(barrier.timestampMs);
  out.byte(KINDS.indexOf(barrier.kind) * 2 + (barrier.isCancelled ? 1 : 0));
}

function decodeBarrier(input: ByteReader): Barrier {
  const checkpointId = input.varint();
  const timestampMs = input.f64();
  const code = input.byte();
  const kind = KINDS[code >> 1];
  if (kind === undefined) throw new CorruptData(`barrier kind ${code}`);
  return { checkpointId, timestampMs, kind, isCancelled: (code & 1) === 1 };
}
