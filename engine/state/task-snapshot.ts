// The state of one subtask at one checkpoint, as one sequence of bytes: what travels inside an
// acknowledgement or stands in a file. It is made piece by piece, while elements pass in between. The whole
// carries a CRC-32, so that a flipped bit or a cut file is found before any of it is used; every block has one
// of its own, which says what was damaged.
//
//   "SLTS", version byte, varint count of operators; per operator:
//     id, f64 watermark given, f64 watermark passed on, block of operator state,
//     per key group: varint number + 1, block; 0 behind the last
//   varint count of channels with records in flight, which an unaligned checkpoint's barrier has overtaken; per
//   channel: varint edge, varint number in the edge, varint channels of the edge, varint count of frames, per
//     frame a block
//   u32 CRC-32 of all before it, its bytes in reverse: in their own order they would make the CRC-32 of every
//     whole file the same, and one file could stand in for another
//   block: varint length, u32 CRC-32, bytes

import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';
import type { OperatorId } from '../core/ids.ts';
import { NO_WATERMARK } from '../core/time.ts';
import type { KeyedSnapshot, KeyGroupBlock } from './keyed-snapshot.ts';
import {
  decodeOperatorState,
  encodeOperatorState,
  type OperatorStateSnapshot,
} from './operator-snapshot.ts';

const MAGIC = 'SLTS';
const VERSION = 2;
const CRC_BYTES = 4;

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

/** What a snapshot is made of, before keyed state is bytes. */
export interface OperatorStateInProgress extends Omit<OperatorSnapshot, 'keyed'> {
  readonly keyed: KeyedSnapshot | undefined;
}

/** Says whether there is anything to restore from what was written. */
export interface WrittenSnapshot {
  readonly isEmpty: boolean;
}

/**
 * The bytes, in pieces that each take about as long as writing `budgetBytes`: a piece may be empty. What is
 * frozen for it is released at its end, however that comes about.
 */
export function* writeTaskSnapshot(
  operators: readonly OperatorStateInProgress[],
  inFlight: readonly InFlightSnapshot[],
  budgetBytes: number,
): Generator<Uint8Array, WrittenSnapshot> {
  const out = new ByteWriter(1024);
  let crc = 0;
  const takePiece = (): Uint8Array => {
    const piece = out.toBytes();
    out.truncate();
    crc = crc32(piece, crc);
    return piece;
  };
  let isEmpty = inFlight.length === 0 && operators.every(holdsNothing);
  try {
    out.bytes(Buffer.from(MAGIC));
    out.byte(VERSION);
    out.varint(operators.length);
    for (const operator of operators) {
      writeHead(out, operator);
      const { keyed } = operator;
      for (let blocks = keyed?.next(budgetBytes); blocks !== undefined; ) {
        for (const block of blocks) writeKeyGroup(out, block);
        if (blocks.length > 0) isEmpty = false;
        yield takePiece();
        blocks = keyed?.next(budgetBytes);
      }
      out.varint(0);
    }
    writeInFlight(out, inFlight);
    const last = takePiece();
    const end = new ByteWriter(CRC_BYTES);
    end.u32(reversed(crc));
    yield Buffer.concat([last, end.view()]);
    return { isEmpty };
  } finally {
    releaseState(operators);
  }
}

/** What is frozen for a snapshot that nobody writes, or goes on to write. */
export function releaseState(operators: readonly OperatorStateInProgress[]): void {
  for (const { keyed } of operators) keyed?.release();
}

function writeInFlight(out: ByteWriter, inFlight: readonly InFlightSnapshot[]): void {
  out.varint(inFlight.length);
  for (const { edgeId, channel, channels, frames } of inFlight) {
    for (const number of [edgeId, channel, channels, frames.length]) out.varint(number);
    for (const frame of frames) writeBlock(out, frame);
  }
}

/** @throws CorruptData when a byte is not what was written; SluiceError for a version that is not ours. */
export function readTaskSnapshot(bytes: Uint8Array): {
  readonly operators: readonly OperatorSnapshot[];
  readonly inFlight: readonly InFlightSnapshot[];
} {
  const input = new ByteReader(bytes);
  if (Buffer.from(input.bytes(MAGIC.length)).toString() !== MAGIC)
    throw new CorruptData('not the state of a task');
  const version = input.byte();
  if (version !== VERSION) {
    throw new SluiceError(
      'state-version',
      `task state of format version ${version}, this sluice reads version ${VERSION}: restore it with the sluice that wrote it, or a newer one`,
    );
  }
  const isIntact = crc32(bytes.subarray(0, -CRC_BYTES)) === crcBehind(bytes);
  const operators = readOperators(input);
  const inFlight = readInFlight(input);
  if (!isIntact) throw new CorruptData('the state of a task has changed since it was written');
  input.u32();
  if (input.remaining > 0)
    throw new CorruptData(`${input.remaining} bytes behind the state of a task`);
  return { operators, inFlight };
}

function crcBehind(bytes: Uint8Array): number {
  if (bytes.length < CRC_BYTES) return -1;
  return reversed(new ByteReader(bytes.subarray(-CRC_BYTES)).u32());
}

const reversed = (u32: number): number =>
  ((u32 << 24) | ((u32 & 0xff00) << 8) | ((u32 >>> 8) & 0xff00) | (u32 >>> 24)) >>> 0;

/** But for keyed state. */
const holdsNothing = ({ lists, watermarks }: OperatorStateInProgress): boolean =>
  lists.every(({ items }) => items.length === 0) &&
  watermarks.every((watermark) => watermark === NO_WATERMARK);

function writeHead(
  out: ByteWriter,
  { operatorId, watermarks, lists }: OperatorStateInProgress,
): void {
  out.string(operatorId);
  out.f64(watermarks[0]);
  out.f64(watermarks[1]);
  writeBlock(out, encodeOperatorState(lists));
}

function writeKeyGroup(out: ByteWriter, { keyGroup, bytes }: KeyGroupBlock): void {
  out.varint(keyGroup + 1);
  writeBlock(out, bytes);
}

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
  for (let next = input.varint(); next > 0; next = input.varint()) {
    const keyGroup = next - 1;
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
