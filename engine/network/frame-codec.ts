// A batch as bytes and back: row count, the values, event times as one column, watermarks with their rows, the
// control element. Each frame is readable on its own. Values travel as columns (column-format.ts), which is
// quick; very large ones one after another in the value format. A batch that is too large becomes several frames,
// so that what is in flight is bounded by bytes, and the control element, which ends a batch, stands in the last.
// The first byte is the format: readers refuse one that they do not know.

import type { Barrier, CheckpointKind } from '../core/barrier.ts';
import { ByteReader, type ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { ColumnReader } from '../core/column-reader.ts';
import { ColumnWriter } from '../core/column-writer.ts';
import { SluiceError } from '../core/errors.ts';
import type { OperatorId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import { printRecord } from '../core/print-record.ts';
import { ValueReader } from '../core/value-reader.ts';
import { ValueWriter } from '../core/value-writer.ts';
import type { RecordRules } from './channel.ts';
import { type EndOf, type LatencyMarker, RecordBatch } from './record-batch.ts';

const ROWS = 1;
const COLUMNS = 2;

/** Where fewer fit into a frame of columns, so many frames are made of rows at once. */
const COLUMN_ROWS_MIN = 8;
const ROWS_AFTER_LARGE = 15;

const HAS_BARRIER = 1;
const END_OF_DATA = 2;
const END_OF_PARTITION = 4;
const HAS_TIMES = 8;
const HAS_MARKER = 16;
const FLAGS = HAS_BARRIER | END_OF_DATA | END_OF_PARTITION | HAS_TIMES | HAS_MARKER;

const KINDS: readonly CheckpointKind[] = ['checkpoint', 'savepoint', 'stop', 'drain'];

/** In a barrier's byte, above its kind. */
const OVERTAKES = 16;
const FULL = 32;

export class FrameEncoder {
  readonly #values: ValueWriter;
  readonly #columns: ColumnWriter;
  /** As many as have fitted into a frame of columns lately. */
  #fitting: number = limits.frameRowsMax;
  #rowFrames = 0;
  #rules: RecordRules = { bytesMax: limits.recordBytesMax };

  constructor(out: ByteWriter) {
    this.#values = new ValueWriter(out);
    this.#columns = new ColumnWriter(this.#values);
  }

  setRecordRules(rules: RecordRules): void {
    this.#rules = rules;
    this.#columns.setFields(rules.fields);
  }

  /**
   * Appends a frame of the batch's rows from `first` on. Returns the row that the next frame begins with;
   * the batch's count when this was the last.
   * @throws SluiceError `record`, naming the record that is too long or cannot be sent.
   */
  encode(batch: RecordBatch, first: number): number {
    const { out } = this.#values;
    const inColumns = this.#encodeColumns(batch, first);
    const next = inColumns > 0 ? first + inColumns : this.#encodeRows(batch, first);
    const isLast = next === batch.count;
    const hasTimes = someTime(batch, first, next);
    out.byte((isLast ? flagsOf(batch) : 0) | (hasTimes ? HAS_TIMES : 0));
    if (hasTimes) out.numbers(batch.times.subarray(first), next - first);
    encodeMarks(out, batch, first, isLast ? Number.POSITIVE_INFINITY : next);
    if (isLast && batch.barrier !== undefined) encodeBarrier(out, batch.barrier);
    if (isLast && batch.marker !== undefined) encodeMarker(out, batch.marker);
    return next;
  }

  /** How many of the batch's rows it has written; 0 where columns are not the way. */
  #encodeColumns(batch: RecordBatch, first: number): number {
    if (batch.count === first || this.#rules.bytesMax < limits.frameBytes) return 0;
    if (this.#rowFrames > 0) {
      this.#rowFrames--;
      return 0;
    }
    for (;;) {
      const count = Math.min(batch.count - first, this.#fitting);
      const bytes = this.#writeColumns(batch, first, count);
      if (bytes === 0) return 0;
      if (bytes <= limits.frameBytes) {
        if (count === this.#fitting && bytes * 2 <= limits.frameBytes) this.#fitting = count * 2;
        return count;
      }
      this.#values.out.truncate(this.#values.out.length - bytes);
      this.#fitting = Math.floor((count * limits.frameBytes * 3) / (bytes * 4));
      if (this.#fitting < COLUMN_ROWS_MIN) break;
    }
    this.#fitting = COLUMN_ROWS_MIN;
    this.#rowFrames = ROWS_AFTER_LARGE;
    return 0;
  }

  /** Returns bytes; none for a record that cannot travel: as rows, the error names it. */
  #writeColumns(batch: RecordBatch, first: number, count: number): number {
    const { out } = this.#values;
    const start = out.length;
    this.#values.resetShapes();
    out.byte(COLUMNS);
    out.u32(count);
    try {
      this.#columns.write(batch.values, first, count);
    } catch {
      out.truncate(start);
    }
    return out.length - start;
  }

  /** Returns the row that the next frame begins with. */
  #encodeRows(batch: RecordBatch, first: number): number {
    const { out } = this.#values;
    this.#values.resetShapes();
    out.byte(ROWS);
    const countAt = out.length;
    out.u32(0);
    const next = this.#encodeValues(batch, first);
    out.setU32(countAt, next - first);
    return next;
  }

  #encodeValues(batch: RecordBatch, first: number): number {
    const { out } = this.#values;
    const until = out.length + limits.frameBytes;
    let row = first;
    try {
      while (row < batch.count && out.length < until) {
        const start = out.length;
        this.#values.write(batch.values[row]);
        if (out.length - start > this.#rules.bytesMax) throw this.#tooLong(out.length - start);
        row++;
      }
    } catch (cause) {
      throw refusedRecord(batch.values[row], cause as Error, this.#rules);
    }
    return row;
  }

  #tooLong(bytes: number): Error {
    return new Error(
      `a record of ${bytes} bytes, where ${this.#rules.bytesMax} may be sent (pipeline.max-record-size)`,
    );
  }
}

/** Of a record that cannot travel: names it, and its key. */
export function refusedRecord(record: unknown, cause: Error, { keyOf }: RecordRules): SluiceError {
  const key = keyOf === undefined ? '' : `, with the key ${printRecord(keyOf(record))}`;
  const message = `${cause.message}: the record ${printRecord(record)}${key}`;
  return new SluiceError('record', message, { cause });
}

/** @throws CorruptData when the bytes are no frame. */
export const decodeFrame = (bytes: Uint8Array): RecordBatch => readFrame(new ByteReader(bytes));

/** @throws CorruptData when what is left to read is no frame. */
export function readFrame(input: ByteReader): RecordBatch {
  const format = input.byte();
  if (format !== ROWS && format !== COLUMNS) throw new CorruptData(`frame format ${format}`);
  const count = input.u32();
  if (count > limits.frameRowsMax) throw new CorruptData(`a frame of ${count} rows`);
  const batch = new RecordBatch(decodeValues(input, format, count));
  const flags = input.byte();
  if ((flags & ~FLAGS) !== 0) throw new CorruptData(`frame flags ${flags}`);
  if ((flags & HAS_TIMES) !== 0) input.numbers(batch.times, count);
  else batch.times.fill(Number.NaN, 0, count);
  decodeMarks(input, batch);
  if ((flags & HAS_BARRIER) !== 0) batch.barrier = decodeBarrier(input);
  if ((flags & HAS_MARKER) !== 0) batch.marker = decodeMarker(input);
  batch.end = endOf(flags);
  if (input.remaining > 0) throw new CorruptData(`${input.remaining} bytes behind a frame`);
  return batch;
}

function decodeValues(input: ByteReader, format: number, count: number): unknown[] {
  const values = new ValueReader(input);
  if (format !== COLUMNS) return Array.from({ length: count }, () => values.read());
  return new ColumnReader(values).read(count);
}

function someTime(batch: RecordBatch, first: number, next: number): boolean {
  for (let i = first; i < next; i++) if (!Number.isNaN(batch.times[i])) return true;
  return false;
}

function flagsOf(batch: RecordBatch): number {
  const end = batch.end === 'data' ? END_OF_DATA : batch.end === 'partition' ? END_OF_PARTITION : 0;
  const barrier = batch.barrier === undefined ? 0 : HAS_BARRIER;
  return end | barrier | (batch.marker === undefined ? 0 : HAS_MARKER);
}

function endOf(flags: number): EndOf | undefined {
  if ((flags & END_OF_DATA) !== 0) return 'data';
  return (flags & END_OF_PARTITION) !== 0 ? 'partition' : undefined;
}

/** The watermarks made before rows of `[first, next)`. */
function encodeMarks(out: ByteWriter, batch: RecordBatch, first: number, next: number): void {
  const { markRows, markWatermarks } = batch;
  let from = 0;
  while (from < markRows.length && (markRows[from] as number) < first) from++;
  let to = from;
  while (to < markRows.length && (markRows[to] as number) < next) to++;
  out.varint(to - from);
  for (let i = from; i < to; i++) {
    out.varint((markRows[i] as number) - first);
    out.f64(markWatermarks[i] as number);
  }
}

function decodeMarks(input: ByteReader, batch: RecordBatch): void {
  let last = -1;
  for (let n = input.varint(); n > 0; n--) {
    const row = input.varint();
    if (row <= last || row > batch.count)
      throw new CorruptData(`a watermark before row ${row} of ${batch.count}, after row ${last}`);
    last = row;
    batch.markRows.push(row);
    batch.markWatermarks.push(input.f64());
  }
}

function encodeMarker(out: ByteWriter, { source, subtask, atMs }: LatencyMarker): void {
  out.string(source);
  out.varint(subtask);
  out.f64(atMs);
}

const decodeMarker = (input: ByteReader): LatencyMarker => ({
  source: input.string() as OperatorId,
  subtask: input.varint(),
  atMs: input.f64(),
});

function encodeBarrier(out: ByteWriter, barrier: Barrier): void {
  out.varint(barrier.checkpointId);
  out.f64(barrier.timestampMs);
  const { kind, isCancelled, directory, overtakesAfterMs, isFull } = barrier;
  out.byte(
    KINDS.indexOf(kind) * 4 +
      (overtakesAfterMs === undefined ? 0 : OVERTAKES) +
      (isFull === undefined ? 0 : FULL) +
      (directory === undefined ? 0 : 2) +
      (isCancelled ? 1 : 0),
  );
  if (overtakesAfterMs !== undefined) out.f64(overtakesAfterMs);
  if (directory !== undefined) out.string(directory);
}

function decodeBarrier(input: ByteReader): Barrier {
  const checkpointId = input.varint();
  const timestampMs = input.f64();
  const code = input.byte();
  const kind = KINDS[(code & ~OVERTAKES & ~FULL) >> 2];
  if (kind === undefined) throw new CorruptData(`barrier kind ${code}`);
  const barrier = {
    checkpointId,
    timestampMs,
    kind,
    isCancelled: (code & 1) === 1,
    ...((code & OVERTAKES) === 0 ? {} : { overtakesAfterMs: input.f64() }),
    ...((code & FULL) === 0 ? {} : { isFull: true as const }),
  };
  return (code & 2) === 0 ? barrier : { ...barrier, directory: input.string() };
}
