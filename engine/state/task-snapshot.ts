// The state of one subtask at one checkpoint, as one sequence of bytes: what travels inside an
// acknowledgement or stands in a file. The whole carries a CRC-32, so that a flipped bit or a cut file is
// found before any of it is used; every block has one of its own, which says what was damaged.
//
//   "SLTS", version byte, u32 CRC-32 of all that follows, varint count of operators; per operator:
//     id, f64 watermark given, f64 watermark passed on, block of operator state,
//     varint count of key groups, per key group: varint number, block
//   varint count of channels with records in flight, which an unaligned checkpoint's barrier has overtaken; per
//   channel: varint edge, varint number in the edge, varint channels of the edge, varint count of frames, per
//     frame a block. (Version 1 ends in front of these.)
//   block: varint length, u32 CRC-32, bytes

import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';
import type { OperatorId } from '../core/ids.ts';
import { NO_WATERMARK } from '../core/time.ts';
import type { KeyGroupBlock } from './keyed-snapshot.ts';
import {
  decodeOperatorState,
  encodeOperatorState,
  type OperatorStateSnapshot,
} from './operator-snapshot.ts';

const MAGIC = 'SLTS';
const VERSION = 2;
const CRC_AT = MAGIC.length + 1;

export interface OperatorSnapshot {
  readonly operatorId: OperatorId;
  /** The highest watermark that the operator was given, and the one that follows its output. */
  readonly watermarks: readonly [given: number, passed: number];
  readonly lists: OperatorStateSnapshot;
  readonly keyed: readonly KeyGroupBlock[];
}

/** Records that were on their way to the head of the task, as frames of the network. */
export interface InFlightSnapshot {
  readonly edgeId: number;
  /** Index among the channels of the edge. */
  readonly channel: number;
  readonly channels: number;
  readonly frames: readonly Uint8Array[];
}

/** The state as it is now, to which records in flight may still be added. */
export class TaskSnapshotWriter {
  readonly #out: ByteWriter;

  constructor(operators: readonly OperatorSnapshot[]) {
    this.#out = encodeOperators(operators);
  }

  finish(inFlight: readonly InFlightSnapshot[]): Uint8Array {
    const out = this.#out;
    out.varint(inFlight.length);
    for (const { edgeId, channel, channels, frames } of inFlight) {
      for (const number of [edgeId, channel, channels, frames.length]) out.varint(number);
      for (const frame of frames) writeBlock(out, frame);
    }
    out.setU32(CRC_AT, crc32(out.view().subarray(CRC_AT + 4)));
    return out.toBytes();
  }
}

function encodeOperators(operators: readonly OperatorSnapshot[]): ByteWriter {
  const out = new ByteWriter(1024);
  out.bytes(Buffer.from(MAGIC));
  out.byte(VERSION);
  out.u32(0);
  out.varint(operators.length);
  for (const { operatorId, watermarks, lists, keyed } of operators) {
    out.string(operatorId);
    out.f64(watermarks[0]);
    out.f64(watermarks[1]);
    writeBlock(out, encodeOperatorState(lists));
    out.varint(keyed.length);
    for (const { keyGroup, bytes } of keyed) {
      out.varint(keyGroup);
      writeBlock(out, bytes);
    }
  }
  return out;
}

/** @throws CorruptData when a byte is not what was written; SluiceError for a version that is not ours. */
export function decodeTaskSnapshot(bytes: Uint8Array): readonly OperatorSnapshot[] {
  return readTaskSnapshot(bytes).operators;
}

/** As `decodeTaskSnapshot`. */
export function readTaskSnapshot(bytes: Uint8Array): {
  readonly operators: readonly OperatorSnapshot[];
  readonly inFlight: readonly InFlightSnapshot[];
} {
  const input = new ByteReader(bytes);
  if (Buffer.from(input.bytes(MAGIC.length)).toString() !== MAGIC)
    throw new CorruptData('not the state of a task');
  const version = input.byte();
  if (version < 1 || version > VERSION) {
    throw new SluiceError(
      'state-version',
      `task state of format version ${version}, this sluice reads version ${VERSION}: restore it with the sluice that wrote it, or a newer one`,
    );
  }
  const expected = input.u32();
  const isIntact = crc32(bytes.subarray(CRC_AT + 4)) === expected;
  const operators = readOperators(input);
  const inFlight = version === 1 ? [] : readInFlight(input);
  if (!isIntact) throw new CorruptData('the state of a task has changed since it was written');
  if (input.remaining > 0)
    throw new CorruptData(`${input.remaining} bytes behind the state of a task`);
  return { operators, inFlight };
}

/** Whether there is anything to restore from it. */
export const isEmptySnapshot = (operators: readonly OperatorSnapshot[]): boolean =>
  operators.every(
    ({ lists, keyed, watermarks }) =>
      keyed.length === 0 &&
      lists.every(({ items }) => items.length === 0) &&
      watermarks.every((watermark) => watermark === NO_WATERMARK),
  );

function readInFlight(input: ByteReader): InFlightSnapshot[] {
  const found: InFlightSnapshot[] = [];
  for (let n = input.varint(); n > 0; n--) {
    const [edgeId, channel, channels] = [input.varint(), input.varint(), input.varint()];
    const frames: Uint8Array[] = [];
    for (let left = input.varint(); left > 0; left--)
      frames.push(readBlock(input, `what was in flight on edge ${edgeId}`));
    found.push({ edgeId, channel, channels, frames });
  }
  return found;
}

function readOperators(input: ByteReader): OperatorSnapshot[] {
  const operators: OperatorSnapshot[] = [];
  for (let n = input.varint(); n > 0; n--) operators.push(readOperator(input));
  return operators;
}

function readOperator(input: ByteReader): OperatorSnapshot {
  const operatorId = input.string() as OperatorId;
  const watermarks = [input.f64(), input.f64()] as const;
  const lists = decodeOperatorState(readBlock(input, `operator state of ${operatorId}`));
  const keyed: KeyGroupBlock[] = [];
  for (let n = input.varint(); n > 0; n--) {
    const keyGroup = input.varint();
    const bytes = readBlock(input, `key group ${keyGroup} of ${operatorId}`);
    keyed.push({ keyGroup, bytes });
  }
  return { operatorId, watermarks, lists, keyed };
}

function writeBlock(out: ByteWriter, bytes: Uint8Array): void {
  out.varint(bytes.length);
  out.u32(crc32(bytes));
  out.bytes(bytes);
}

function readBlock(input: ByteReader, what: string): Uint8Array {
  const length = input.varint();
  const expected = input.u32();
  const bytes = input.bytes(length);
  if (crc32(bytes) !== expected) throw new CorruptData(`${what} has changed since it was written`);
  return bytes;
}
