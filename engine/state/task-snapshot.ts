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
const NOTHING = new Uint8Array();

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

export interface WrittenSnapshot {
  /** There is nothing to restore from it. */
  readonly isEmpty: boolean;
  /** CRC-32 of all bytes. */
  readonly crc: number;
}

export interface SnapshotPieces {
  /** What is done between two pieces, as bytes. */
  readonly budgetBytes: number;
  /** What a piece has, unless it is empty or the last. */
  readonly pieceBytes: number;
}

/**
 * The bytes, in pieces: an empty one is there for its caller to do something else before the next. A piece is
 * valid until the one after the next is asked for. What is frozen for it is released at its end, however that
 * comes about.
 */
export function* writeTaskSnapshot(
  operators: readonly OperatorStateInProgress[],
  inFlight: readonly InFlightSnapshot[],
  { budgetBytes, pieceBytes }: SnapshotPieces,
): Generator<Uint8Array, WrittenSnapshot> {
  const out = new PieceWriter(pieceBytes);
  let isEmpty = inFlight.length === 0 && operators.every(holdsNothing);
  try {
    out.head.bytes(Buffer.from(MAGIC));
    out.head.byte(VERSION);
    out.head.varint(operators.length);
    for (const operator of operators) {
      writeHead(out.head, operator);
      const { keyed } = operator;
      for (let blocks = keyed?.next(budgetBytes); blocks !== undefined; ) {
        for (const block of blocks) yield* out.keyGroup(block);
        if (blocks.length > 0) isEmpty = false;
        yield NOTHING;
        blocks = keyed?.next(budgetBytes);
      }
      out.head.varint(0);
    }
    out.head.varint(inFlight.length);
    for (const channel of inFlight) yield* writeInFlight(out, channel);
    yield* out.flush();
    return { isEmpty, crc: yield* out.end() };
  } finally {
    releaseState(operators);
  }
}

/** Cuts what is written into pieces, in two places in turn: nothing of the size of a piece is made anew. */
class PieceWriter {
  /** For what is short. */
  readonly head = new ByteWriter(1024);
  readonly #pieceBytes: number;
  #pieces: readonly [ByteWriter, ByteWriter] = [new ByteWriter(), new ByteWriter()];
  #crc = 0;

  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  *keyGroup({ keyGroup, bytes }: KeyGroupBlock): Iterable<Uint8Array> {
    this.head.varint(keyGroup + 1);
    yield* this.block(bytes);
  }

  *block(bytes: Uint8Array): Iterable<Uint8Array> {
    this.head.varint(bytes.length);
    this.head.u32(crc32(bytes));
    yield* this.flush();
    yield* this.#write(bytes);
  }

  /** What the head holds comes now. */
  *flush(): Iterable<Uint8Array> {
    yield* this.#write(this.head.view());
    this.head.truncate();
  }

  /** The last piece. Answers the CRC-32 of all. */
  *end(): Generator<Uint8Array, number> {
    const [piece] = this.#pieces;
    const crc = crc32(piece.view(), this.#crc);
    const end = new ByteWriter(CRC_BYTES);
    end.u32(reversed(crc));
    piece.bytes(end.view());
    yield piece.view();
    return crc32(end.view(), crc);
  }

  *#write(bytes: Uint8Array): Iterable<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const [piece, other] = this.#pieces;
      const some = bytes.subarray(at, at + this.#pieceBytes - piece.length);
      piece.bytes(some);
      at += some.length;
      if (piece.length < this.#pieceBytes) continue;
      this.#pieces = [other, piece];
      other.truncate();
      this.#crc = crc32(piece.view(), this.#crc);
      yield piece.view();
    }
  }
}

/** What is frozen for a snapshot that nobody writes, or goes on to write. */
export function releaseState(operators: readonly OperatorStateInProgress[]): void {
  for (const { keyed } of operators) keyed?.release();
}

function* writeInFlight(
  out: PieceWriter,
  { edgeId, channel, channels, frames }: InFlightSnapshot,
): Iterable<Uint8Array> {
  for (const number of [edgeId, channel, channels, frames.length]) out.head.varint(number);
  for (const frame of frames) yield* out.block(frame);
}

export interface TaskSnapshot {
  readonly operators: readonly OperatorSnapshot[];
  readonly inFlight: readonly InFlightSnapshot[];
}

/**
 * What the files of a chain say together: keyed state of all, changes behind what they change; of all else each
 * has the whole.
 */
export function joinSnapshots(chain: readonly TaskSnapshot[]): TaskSnapshot {
  const { operators = [], inFlight = [] } = chain.at(-1) ?? {};
  const keyedOf = (id: OperatorId): readonly KeyGroupBlock[] =>
    chain.flatMap((one) => one.operators.find(({ operatorId }) => operatorId === id)?.keyed ?? []);
  const joined = operators.map((own) => ({ ...own, keyed: keyedOf(own.operatorId) }));
  return { operators: chain.length > 1 ? joined : operators, inFlight };
}

/** @throws CorruptData when a byte is not what was written; SluiceError for a version that is not ours. */
export function readTaskSnapshot(bytes: Uint8Array): TaskSnapshot {
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
  const bytes = encodeOperatorState(lists);
  out.varint(bytes.length);
  out.u32(crc32(bytes));
  out.bytes(bytes);
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

function readBlock(input: ByteReader, what: string): Uint8Array {
  const length = input.varint();
  const expected = input.u32();
  const bytes = input.subarray(length);
  if (crc32(bytes) !== expected) throw new CorruptData(`${what} has changed since it was written`);
  return bytes;
}
