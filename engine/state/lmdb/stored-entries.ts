// The entries of one state in an LmdbStore: how keys and values become bytes. Sorted by key group first, so a
// snapshot reads each group in one go, and copies the bytes as they are.
//
//   key    u16 key group, u16 number of the state, 0, namespace (namespaced states), key
//          or, where that is too long: u16, u16, 1, SHA-256 of namespace and key
//   value  the stored value; of a long key: namespace, key, the stored value

import { createHash } from 'node:crypto';
import { ByteReader, ByteWriter } from '../../core/byte-buffer.ts';
import type { KeyGroupRange } from '../../core/key-groups.ts';
import { ValueReader } from '../../core/value-reader.ts';
import { ValueWriter } from '../../core/value-writer.ts';
import type { FrozenState, RowWriting } from '../heap/frozen-table.ts';
import type { TimerNamespace } from '../heap/heap-timer-queue.ts';
import { valueReaderOf, valueWriterOf } from '../heap/state-tables.ts';
import type { BlockWriter, StateKind } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey, mapKeyOf } from '../map-key.ts';
import { KEY_BYTES_MAX, type LmdbStore, type StoredEntry, type StoreView } from './lmdb-store.ts';

const PREFIX_BYTES = 5;
const TAG_AT = 4;
const INLINE = 0;
const HASHED = 1;
/** Between two yields of a snapshot. */
const BYTES_PER_STEP = 32 * 1024;

export class StoredEntries {
  readonly #store: LmdbStore;
  readonly #state: number;
  readonly #kind: StateKind;
  readonly #keyGroupOf: (key: MapKey) => number;
  readonly #key = new ValueWriter();
  readonly #value = new ValueWriter();
  readonly #writeValue: RowWriting['writeValue'];
  readonly #readValue: (values: ValueReader) => unknown;

  /** `state`: its number, unique in the store. */
  constructor(
    store: LmdbStore,
    state: number,
    kind: StateKind,
    keyGroupOf: (key: MapKey) => number,
  ) {
    this.#store = store;
    this.#state = state;
    this.#kind = kind;
    this.#keyGroupOf = keyGroupOf;
    this.#writeValue = valueWriterOf(kind);
    this.#readValue = valueReaderOf(kind);
  }

  /** The value, and what it takes; undefined when there is none. */
  get(
    namespace: TimerNamespace,
    key: MapKey,
  ): { readonly value: unknown; readonly bytes: number } | undefined {
    const id = this.#idOf(namespace, key);
    const bytes = this.#store.get(id);
    if (bytes === undefined) return undefined;
    const values = new ValueReader(new ByteReader(bytes));
    if (id[TAG_AT] === HASHED) this.#skipId(values);
    return { value: this.#readValue(values), bytes: bytes.length };
  }

  /** Within a batch. Returns what it takes. */
  put(namespace: TimerNamespace, key: MapKey, stored: unknown): number {
    const id = this.#idOf(namespace, key);
    const { out } = this.#value;
    out.truncate();
    this.#value.resetShapes();
    if (id[TAG_AT] === HASHED) this.#writeId(this.#value, namespace, key);
    this.#writeValue(this.#value, stored);
    this.#store.put(id, out.view());
    return out.length;
  }

  /** Within a batch. */
  remove(namespace: TimerNamespace, key: MapKey): void {
    this.#store.remove(this.#idOf(namespace, key));
  }

  *keys({ start, end }: KeyGroupRange): IterableIterator<MapKey> {
    const view = this.#store.view();
    try {
      for (let keyGroup = start; keyGroup <= end; keyGroup++)
        for (const entry of this.#groupOf(view, keyGroup)) yield mapKeyOf(this.#keyIn(entry));
    } finally {
      view.close();
    }
  }

  freeze(writing: RowWriting): FrozenState {
    const view = this.#store.view();
    return {
      prepare: () => [],
      writeGroup: (keyGroup, block) => this.#writeGroup(view, keyGroup, block, writing),
      release: () => view.close(),
    };
  }

  *#writeGroup(
    view: StoreView,
    keyGroup: number,
    block: BlockWriter,
    writing: RowWriting,
  ): Iterable<number> {
    const { timed } = writing.head;
    let yielded = 0;
    for (const entry of this.#groupOf(view, keyGroup)) {
      if (timed) this.#writeAlive(entry, block, writing);
      else {
        const { out } = block.entries(1);
        if (entry.key[TAG_AT] === INLINE) out.bytes(entry.key.subarray(PREFIX_BYTES));
        out.bytes(entry.value);
      }
      if (block.size - yielded < BYTES_PER_STEP) continue;
      yield block.size - yielded;
      yielded = block.size;
    }
    block.endSection({ ...writing.head, typed: false, separate: true });
  }

  /** What has expired stays behind. */
  #writeAlive(entry: StoredEntry, block: BlockWriter, writing: RowWriting): void {
    const values = this.#readerOf(entry);
    const key = values.read();
    const alive = writing.alive(this.#readValue(values));
    if (alive === undefined) return;
    const to = block.entries(1);
    to.resetShapes();
    to.write(key);
    writing.writeValue(to, alive);
  }

  #groupOf(view: StoreView, keyGroup: number): Iterable<StoredEntry> {
    const next = this.#state + 1;
    return view.range(prefixOf(keyGroup, this.#state), prefixOf(keyGroup, next));
  }

  #keyIn(entry: StoredEntry): unknown {
    const values = this.#readerOf(entry);
    if (this.#kind === 'namespaced') values.read();
    return values.read();
  }

  /** Namespace, key and value, one after another. */
  #readerOf({ key, value }: StoredEntry): ValueReader {
    const whole =
      key[TAG_AT] === INLINE ? Buffer.concat([key.subarray(PREFIX_BYTES), value]) : value;
    return new ValueReader(new ByteReader(whole));
  }

  /** Valid until the next call. */
  #idOf(namespace: TimerNamespace, key: MapKey): Uint8Array {
    const { out } = this.#key;
    out.truncate();
    out.bytes(prefixOf(this.#keyGroupOf(key), this.#state));
    out.byte(INLINE);
    this.#writeId(this.#key, namespace, key);
    const id = out.view();
    if (id.length <= KEY_BYTES_MAX) return id;
    const short = new ByteWriter(64);
    short.bytes(id.subarray(0, TAG_AT));
    short.byte(HASHED);
    short.bytes(createHash('sha256').update(id.subarray(PREFIX_BYTES)).digest());
    return short.view();
  }

  /** Equal keys give equal bytes: that of a map key, which is one for all that are equal. */
  #writeId(values: ValueWriter, namespace: TimerNamespace, key: MapKey): void {
    if (this.#kind === 'namespaced') values.write(namespace);
    values.write(keyOfMapKey(typeof key === 'number' ? canonical(key) : key));
  }

  #skipId(values: ValueReader): void {
    if (this.#kind === 'namespaced') values.read();
    values.read();
  }
}

/** One zero, and one NaN, whatever its bits. */
const canonical = (key: number): number => (Number.isNaN(key) ? Number.NaN : key + 0);

function prefixOf(keyGroup: number, state: number): Uint8Array {
  const prefix = Buffer.alloc(TAG_AT);
  prefix.writeUInt16BE(keyGroup);
  prefix.writeUInt16BE(state, 2);
  return prefix;
}
