// The entries of a state as a snapshot sees them, read from a view of the store: all of a key group, or those
// with a mark that they have changed. Bytes are copied as they are, unless entries have a time to live.

import { ByteReader } from '../../core/byte-buffer.ts';
import { ValueReader } from '../../core/value-reader.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { FrozenState, RowWriting } from '../heap/frozen-table.ts';
import type { BlockWriter, SnapshotExtent } from '../keyed-snapshot.ts';
import type { ChangedKeys } from './changed-keys.ts';
import { type EntryIds, isHashed, PREFIX_BYTES } from './entry-ids.ts';
import type { StoredEntry, StoreView } from './lmdb-store.ts';

/** Between two yields of a snapshot. */
const BYTES_PER_STEP = 32 * 1024;
const MARKS_PER_STEP = 256;

interface Reading {
  readonly extent: SnapshotExtent;
  /** The epoch of the changes that are written; undefined: all entries are. */
  readonly since: number | undefined;
  readonly readValue: (values: ValueReader) => unknown;
}

export class FrozenEntries implements FrozenState {
  readonly #view: StoreView;
  readonly #ids: EntryIds;
  readonly #changes: ChangedKeys;
  readonly #writing: RowWriting;
  readonly #reading: Reading;

  constructor(
    view: StoreView,
    ids: EntryIds,
    changes: ChangedKeys,
    writing: RowWriting,
    reading: Reading,
  ) {
    this.#view = view;
    this.#ids = ids;
    this.#changes = changes;
    this.#writing = writing;
    this.#reading = reading;
  }

  prepare(): Iterable<number> {
    return [];
  }

  release(): void {
    this.#view.close();
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const { extent, since } = this.#reading;
    yield* since === undefined
      ? this.#writeAll(keyGroup, block)
      : this.#writeChanges(keyGroup, since, block);
    if (extent !== 'whole') yield* this.#changes.forget(this.#view, keyGroup, MARKS_PER_STEP);
  }

  *#writeAll(keyGroup: number, block: BlockWriter): Iterable<number> {
    const values = block.section(this.#head(false), 0);
    let count = 0;
    let yielded = 0;
    for (const entry of this.#view.range(...this.#ids.group(keyGroup))) {
      if (this.#write(entry, values)) count++;
      if (block.size - yielded < BYTES_PER_STEP) continue;
      yield block.size - yielded;
      yielded = block.size;
    }
    block.endSection(count, this.#reading.extent === 'changes');
  }

  *#writeChanges(keyGroup: number, since: number, block: BlockWriter): Iterable<number> {
    const { changed, gone } = yield* this.#find(keyGroup, since);
    if (changed.length + gone.length === 0) return;
    const values = block.section(this.#head(true), changed.length);
    values.out.varint(gone.length);
    for (const key of gone) values.out.bytes(key);
    let yielded = 0;
    for (const id of changed) {
      const value = this.#view.get(id);
      if (value !== undefined) this.#copy({ key: id, value }, values);
      if (block.size - yielded < BYTES_PER_STEP) continue;
      yield block.size - yielded;
      yielded = block.size;
    }
    block.endSection(changed.length, true);
  }

  /** Ids of what is there, namespaces and keys of what is not. */
  *#find(
    keyGroup: number,
    since: number,
  ): Generator<number, { readonly changed: Uint8Array[]; readonly gone: Uint8Array[] }> {
    const [changed, gone]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const { id, longKey } of this.#changes.of(this.#view, keyGroup, since)) {
      const value = this.#view.get(id);
      if (value !== undefined && this.#isAlive({ key: id, value })) changed.push(id);
      else gone.push(isHashed(id) ? longKey : id.subarray(PREFIX_BYTES));
      if ((changed.length + gone.length) % MARKS_PER_STEP === 0) yield BYTES_PER_STEP;
    }
    return { changed, gone };
  }

  #head(changes: boolean): Parameters<BlockWriter['section']>[0] {
    return { ...this.#writing.head, typed: false, separate: true, changes };
  }

  /** False, and nothing is written, of what has expired. */
  #write(entry: StoredEntry, values: ValueWriter): boolean {
    if (!this.#writing.head.timed) {
      this.#copy(entry, values);
      return true;
    }
    const from = readerOf(entry);
    const key = from.read();
    const alive = this.#writing.alive(this.#reading.readValue(from));
    if (alive === undefined) return false;
    values.resetShapes();
    values.write(key);
    this.#writing.writeValue(values, alive);
    return true;
  }

  #isAlive(entry: StoredEntry): boolean {
    if (!this.#writing.head.timed) return true;
    const from = readerOf(entry);
    from.read();
    return this.#writing.alive(this.#reading.readValue(from)) !== undefined;
  }

  #copy({ key, value }: StoredEntry, { out }: ValueWriter): void {
    if (!isHashed(key)) out.bytes(key.subarray(PREFIX_BYTES));
    out.bytes(value);
  }
}

/** Namespace, key and value, one after another. */
export const readerOf = ({ key, value }: StoredEntry): ValueReader =>
  new ValueReader(
    new ByteReader(isHashed(key) ? value : Buffer.concat([key.subarray(PREFIX_BYTES), value])),
  );
