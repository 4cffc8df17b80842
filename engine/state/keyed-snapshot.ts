// Keyed state as bytes: one block per key group, a stable format (golden test: test/state/). A block is a
// version byte and sections, one per state; each section stands on its own, so one that no handle has asked
// for is carried from snapshot to snapshot unread.
//
//   block    version, varint count of sections, sections
//   section  name, kind, flags (1: each value is `{ value, at }` with the time of its last write; 2: cells;
//            4: each entry declares the shapes of its objects anew), varint count of entries, u32 length of the payload, payload
//   payload  per entry, as values (core/value-writer.ts):
//            value, reducing, aggregating, list   key, stored
//            map                                  key, varint size, pairs
//            namespaced                           namespace, key, stored
//            timers                               namespace, key, f64 time, varint position
//   cells    varint count of names, names of the stored object's fields (none: it is a number); then per entry
//            f64 namespace (namespaced only), f64 key, f64 for each field

import { ByteReader, ByteWriter, CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';
import { ValueWriter } from '../core/value-writer.ts';

const VERSION = 1;
const TIMED = 1;
const TYPED = 2;
const SEPARATE = 4;

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
 * A snapshot in progress: the state as it was when `snapshot()` was called, whatever happens to the backend
 * afterwards. It is asked for blocks between elements, so that writing them never holds the elements up.
 */
export interface KeyedSnapshot {
  /**
   * Works on for about as long as writing `budgetBytes` takes. What is finished by then, by ascending key group:
   * none, when there is more to do for the next; undefined: the snapshot is complete.
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
  readonly timed: boolean;
  readonly typed: boolean;
  readonly separate: boolean;
}

export interface Section extends SectionHead {
  readonly count: number;
  /** Of its own: does not hold the block. */
  readonly payload: Uint8Array;
}

/** Builds the block of one key group: the entries of one state after another. */
export class BlockWriter {
  readonly keyGroup: number;
  /** Two a section: its head and its payload. */
  readonly #parts: Uint8Array[] = [];
  #entries = 0;
  #values: ValueWriter | undefined;

  constructor(keyGroup: number) {
    this.keyGroup = keyGroup;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /** Bytes of the section at work. */
  get size(): number {
    return this.#values?.out.length ?? 0;
  }

  /** Where the next entries of the section at work go. */
  entries(count: number): ValueWriter {
    this.#entries += count;
    this.#values ??= new ValueWriter();
    return this.#values;
  }

  /** What `entries` were given since the last section; no section when that is nothing. */
  endSection(head: SectionHead): void {
    if (this.#values === undefined) return;
    this.#add(head, this.#entries, this.#values.out.view());
    this.#entries = 0;
    this.#values = undefined;
  }

  /** A section as it was read. */
  copy(section: Section): void {
    this.#add(section, section.count, section.payload);
  }

  toBlock(): KeyGroupBlock {
    const head = new ByteWriter(8);
    head.byte(VERSION);
    head.varint(this.#parts.length / 2);
    return { keyGroup: this.keyGroup, bytes: Buffer.concat([head.view(), ...this.#parts]) };
  }

  #add(
    { name, kind, timed, typed, separate }: SectionHead,
    count: number,
    payload: Uint8Array,
  ): void {
    const head = new ByteWriter(64);
    head.string(name);
    head.byte(STATE_KINDS.indexOf(kind));
    head.byte((timed ? TIMED : 0) | (typed ? TYPED : 0) | (separate ? SEPARATE : 0));
    head.varint(count);
    head.u32(payload.length);
    this.#parts.push(head.view(), payload);
  }
}

/** @throws CorruptData for bytes that no BlockWriter wrote; SluiceError for a version that is not ours. */
export function readBlock(block: KeyGroupBlock): Section[] {
  const input = new ByteReader(block.bytes);
  const version = input.byte();
  if (version !== VERSION) {
    throw new SluiceError(
      'state-version',
      `the state of key group ${block.keyGroup} has format version ${version}, this sluice reads version ${VERSION}: restore it with the sluice that wrote it, or a newer one`,
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
  if (flags > (TIMED | TYPED | SEPARATE))
    throw new CorruptData(`state ${JSON.stringify(name)} with flags ${flags}`);
  const count = input.varint();
  const payload = input.bytes(input.u32());
  return {
    name,
    kind,
    timed: (flags & TIMED) !== 0,
    typed: (flags & TYPED) !== 0,
    separate: (flags & SEPARATE) !== 0,
    count,
    payload,
  };
}
