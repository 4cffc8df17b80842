// Keyed state as bytes: one block per key group, a stable format (golden test: test/state/). A block is a
// version byte and sections, one per state; each section stands on its own, so one that no handle has asked
// for is carried from snapshot to snapshot unread.
//
//   block    version, varint count of sections, sections
//   section  name, kind, flags (1: each value is `{ value, at }` with the time of its last write; 2: cells;
//            4: each entry declares the shapes of its objects anew; 8: changes; 16: what values it holds follows;
//            32: changes by slices, and which it covers; 64: columns), what it holds, what it covers (covered.ts),
//            varint count of entries, u32 length of the payload, payload
//   payload  per entry, as values (core/value-writer.ts):
//            value, reducing, aggregating, list   key, stored
//            map                                  key, varint size, pairs
//            namespaced                           namespace, key, stored
//            timers                               namespace, key, f64 time, varint position
//   cells    varint count of names, names of the stored object's fields (none: it is a number); then per entry
//            f64 namespace (namespaced only), f64 key, f64 for each field
//   columns  runs of entries: varint count, namespaces (namespaced only), keys, stored, each as a column
//            (core/column-format.ts)
//   changes  to what an earlier snapshot holds of the state: varint count of the entries that are gone, for each
//            namespace (namespaced only) and key; then the payload of those that are new or others
// A block with changes is of version 2, by slices of version 3, with columns of version 4. Without that flag a section takes the place of all
// earlier ones.

import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { ColumnWriter } from '../core/column-writer.ts';
import { SluiceError } from '../core/errors.ts';
import { ValueWriter } from '../core/value-writer.ts';
import { type Covered, readCovered, writeCovered } from './covered.ts';

/** Of blocks that need no other to be read, of those with changes, of entries and of slices, and with columns. */
const WHOLE = 1;
const CHANGES = 2;
const SLICES = 3;
const COLUMNED = 4;
const TIMED = 1;
const TYPED = 2;
const SEPARATE = 4;
const CHANGED = 8;
const HOLDS = 16;
const COVERS = 32;
const COLUMNS = 64;

/** The order is the format. */
const STATE_KINDS = [
  'value',
  'list',
  'map',
  'reducing',
  'aggregating',
  'namespaced',
  'timers',
] as const;

export type StateKind = (typeof STATE_KINDS)[number];

export interface KeyGroupBlock {
  readonly keyGroup: number;
  readonly bytes: Uint8Array;
}

/**
 * What a snapshot holds: all there is, or what has changed since the last one that was a `base` or `changes`.
 * No snapshot is one of changes since a `whole` one.
 */
export type SnapshotExtent = 'whole' | 'base' | 'changes';

/**
 * A snapshot in progress: the state as it was when `snapshot()` was called, whatever happens to the backend
 * afterwards. It is asked for blocks between elements, so that writing them never holds the elements up.
 */
export interface KeyedSnapshot {
  /**
   * Works on for about as long as writing `budgetBytes` takes. What is finished by then, by ascending key group,
   * and valid until the next call: none, when there is more to do for the next; undefined: the snapshot is complete.
   * @throws SluiceError naming the state that cannot be stored; then it is over.
   */
  next(budgetBytes: number): readonly KeyGroupBlock[] | undefined;
  /** Gives it up, if it is not complete. */
  release(): void;
}

/** All blocks at once, for state that is small. */
export function wholeSnapshot(snapshot: KeyedSnapshot): readonly KeyGroupBlock[] {
  const blocks = snapshot.next(Number.POSITIVE_INFINITY) ?? [];
  snapshot.release();
  return blocks;
}

export interface SectionHead {
  readonly name: string;
  readonly kind: StateKind;
  /** The type of its values, by its default or empty accumulator; absent: not known. */
  readonly holds?: string | undefined;
  readonly timed: boolean;
  readonly typed: boolean;
  readonly separate: boolean;
  /** Its entries stand in columns. */
  readonly columns?: boolean;
  /** What has changed since an earlier snapshot; else all there is. */
  readonly changes: boolean;
  /** Of changes: slices that are here in full. */
  readonly covers?: Covered | undefined;
}

export interface Section extends SectionHead {
  readonly count: number;
  /** A view into the block. */
  readonly payload: Uint8Array;
}

/** Version, and the count of up to 127 sections. */
const BLOCK_HEAD_BYTES = 2;

/**
 * Builds blocks, one after another: the entries of one state after another. All are made in the same memory, so
 * that a snapshot of any size takes no more of it than some blocks at a time.
 */
export class BlockWriter {
  readonly #values = new ValueWriter();
  /** Writes into the section at work. */
  readonly columns = new ColumnWriter(this.#values);
  #keyGroup = 0;
  /** Where the block at work begins, its section at work, and that one's payload. */
  #blockAt = 0;
  #sectionAt = 0;
  #payloadAt = 0;
  #sections = 0;
  #head: SectionHead | undefined;
  #version = WHOLE;
  /** Finished ones lie before `#blockAt`. */
  #finished: { readonly keyGroup: number; readonly from: number; readonly to: number }[] = [];

  /** Bytes of the section at work. */
  get size(): number {
    return this.#values.out.length - this.#payloadAt;
  }

  /** Into the section at work. */
  varint(value: number): void {
    this.#values.out.varint(value);
  }

  begin(keyGroup: number): void {
    const { out } = this.#values;
    this.#keyGroup = keyGroup;
    this.#blockAt = out.length;
    this.#sections = 0;
    this.#version = WHOLE;
    for (let i = 0; i < BLOCK_HEAD_BYTES; i++) out.byte(0);
  }

  /** A section begins, of so many entries or fewer, which go where this answers. */
  section(head: SectionHead, count: number): ValueWriter {
    const { out } = this.#values;
    this.#values.resetShapes();
    this.#head = head;
    this.#sectionAt = out.length;
    out.bytes(headBytes(head, count));
    this.#payloadAt = out.length;
    return this.#values;
  }

  /** It has so many entries. With none it is left out, unless it says so that there are none any more. */
  endSection(count: number, isKeptEmpty = false): void {
    const { out } = this.#values;
    const head = this.#head as SectionHead;
    if (count === 0 && !isKeptEmpty) return out.truncate(this.#sectionAt);
    const bytes = headBytes(head, count);
    const by = this.#sectionAt + bytes.length - this.#payloadAt;
    if (by !== 0) out.shift(this.#payloadAt, by);
    this.#payloadAt += by;
    bytes.writeUInt32LE(this.size, bytes.length - 4);
    out.view().set(bytes, this.#sectionAt);
    this.#version = Math.max(this.#version, versionOf(head));
    this.#sections++;
  }

  /** A section as it was read. */
  copy(section: Section): void {
    this.section(section, section.count).out.bytes(section.payload);
    this.endSection(section.count, true);
  }

  /** The block at work is finished, and one of `take` unless nothing is in it. */
  end(): void {
    const { out } = this.#values;
    if (this.#sections === 0) return out.truncate(this.#blockAt);
    const head = new ByteWriter(8);
    head.byte(this.#version);
    head.varint(this.#sections);
    if (head.length > BLOCK_HEAD_BYTES)
      out.shift(this.#blockAt + BLOCK_HEAD_BYTES, head.length - BLOCK_HEAD_BYTES);
    out.view().set(head.view(), this.#blockAt);
    this.#finished.push({ keyGroup: this.#keyGroup, from: this.#blockAt, to: out.length });
    this.#blockAt = out.length;
  }

  /** What is finished; valid until `forget`. */
  take(): readonly KeyGroupBlock[] {
    const all = this.#values.out.view();
    return this.#finished.map(({ keyGroup, from, to }) => ({
      keyGroup,
      bytes: new Uint8Array(all.buffer, all.byteOffset + from, to - from),
    }));
  }

  /** Of what was finished, whose memory is used again. */
  forget(): void {
    if (this.#finished.length === 0) return;
    this.#finished = [];
    const from = this.#blockAt;
    this.#values.out.shift(from, -from);
    this.#blockAt = 0;
    this.#sectionAt -= from;
    this.#payloadAt -= from;
  }
}

function versionOf({ changes, covers, columns }: SectionHead): number {
  if (columns === true) return COLUMNED;
  if (!changes) return WHOLE;
  return covers === undefined ? CHANGES : SLICES;
}

function headBytes({ name, kind, holds, covers, ...flags }: SectionHead, count: number): Buffer {
  const head = new ByteWriter(64);
  head.string(name);
  head.byte(STATE_KINDS.indexOf(kind));
  head.byte(
    (flags.timed ? TIMED : 0) |
      (flags.typed ? TYPED : 0) |
      (flags.separate ? SEPARATE : 0) |
      (flags.changes ? CHANGED : 0) |
      (flags.columns === true ? COLUMNS : 0) |
      (holds === undefined ? 0 : HOLDS) |
      (covers === undefined ? 0 : COVERS),
  );
  if (holds !== undefined) head.string(holds);
  if (covers !== undefined) writeCovered(head, covers);
  head.varint(count);
  head.u32(0);
  return head.view();
}

/** @throws CorruptData for bytes that no BlockWriter wrote; SluiceError for a version that is not ours. */
export function readBlock(block: KeyGroupBlock): Section[] {
  const input = new ByteReader(block.bytes);
  const version = input.byte();
  if (version < WHOLE || version > COLUMNED) {
    throw new SluiceError(
      'state-version',
      `the state of key group ${block.keyGroup} has format version ${version}, this sluice reads versions ${WHOLE} to ${COLUMNED}: restore it with the sluice that wrote it, or a newer one`,
    );
  }
  const sections = Array.from({ length: input.varint() }, () => readSection(input));
  if (input.remaining > 0) {
    throw new CorruptData(
      `${input.remaining} bytes behind the state of key group ${block.keyGroup}`,
    );
  }
  return sections;
}

function readSection(input: ByteReader): Section {
  const name = input.string();
  const code = input.byte();
  const kind = STATE_KINDS[code];
  if (kind === undefined) throw new CorruptData(`state ${JSON.stringify(name)} of kind ${code}`);
  const flags = input.byte();
  if (flags > (TIMED | TYPED | SEPARATE | CHANGED | HOLDS | COVERS | COLUMNS))
    throw new CorruptData(`state ${JSON.stringify(name)} with flags ${flags}`);
  const holds = (flags & HOLDS) === 0 ? undefined : input.string();
  const covers = (flags & COVERS) === 0 ? undefined : readCovered(input);
  const count = input.varint();
  const payload = input.subarray(input.u32());
  return {
    name,
    kind,
    holds,
    timed: (flags & TIMED) !== 0,
    typed: (flags & TYPED) !== 0,
    separate: (flags & SEPARATE) !== 0,
    columns: (flags & COLUMNS) !== 0,
    changes: (flags & CHANGED) !== 0,
    covers,
    count,
    payload,
  };
}
