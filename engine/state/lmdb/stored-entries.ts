// The entries of one state in an LmdbStore: looked up, listed by namespace, and frozen for snapshots.

import { ByteReader } from '../../core/byte-buffer.ts';
import type { KeyGroupRange } from '../../core/key-groups.ts';
import { ValueReader } from '../../core/value-reader.ts';
import { ValueWriter } from '../../core/value-writer.ts';
import type { FrozenState, RowWriting } from '../heap/frozen-table.ts';
import type { TimerNamespace } from '../heap/heap-timer-queue.ts';
import { valueReaderOf, valueWriterOf } from '../heap/state-tables.ts';
import type { SnapshotExtent, StateKind } from '../keyed-snapshot.ts';
import { type MapKey, mapKeyOf } from '../map-key.ts';
import { ChangedKeys } from './changed-keys.ts';
import { EntryIds, isHashed } from './entry-ids.ts';
import { FrozenEntries, readerOf } from './frozen-entries.ts';
import type { LmdbStore, StoredEntry, StoreView } from './lmdb-store.ts';

export class StoredEntries {
  readonly #store: LmdbStore;
  readonly #kind: StateKind;
  readonly #ids: EntryIds;
  readonly #changes: ChangedKeys;
  readonly #value = new ValueWriter();
  readonly #writeValue: RowWriting['writeValue'];
  readonly #readValue: (values: ValueReader) => unknown;
  /** An entry may be where no namespace leads to. */
  #hasHashed = false;

  /** `state`: its number, unique in the store. */
  constructor(
    store: LmdbStore,
    state: number,
    kind: StateKind,
    keyGroupOf: (key: MapKey) => number,
  ) {
    this.#store = store;
    this.#kind = kind;
    this.#ids = new EntryIds(state, kind, keyGroupOf);
    this.#changes = new ChangedKeys(store, state);
    this.#writeValue = valueWriterOf(kind);
    this.#readValue = valueReaderOf(kind);
  }

  /** The value, and what it takes; undefined when there is none. */
  get(
    namespace: TimerNamespace,
    key: MapKey,
  ): { readonly value: unknown; readonly bytes: number } | undefined {
    const id = this.#ids.of(namespace, key);
    const bytes = this.#store.get(id);
    if (bytes === undefined) return undefined;
    const values = new ValueReader(new ByteReader(bytes));
    if (isHashed(id)) this.#skipId(values);
    return { value: this.#readValue(values), bytes: bytes.length };
  }

  /** Within a batch. Returns what it takes. */
  put(namespace: TimerNamespace, key: MapKey, stored: unknown): number {
    const id = this.#ids.of(namespace, key);
    const { out } = this.#value;
    out.truncate();
    this.#value.resetShapes();
    if (isHashed(id)) this.#hasHashed = true;
    if (isHashed(id)) this.#ids.write(this.#value, namespace, key);
    this.#note(id, out.view());
    this.#writeValue(this.#value, stored);
    this.#store.put(id, out.view());
    return out.length;
  }

  /** Within a batch. */
  remove(namespace: TimerNamespace, key: MapKey): void {
    const id = this.#ids.of(namespace, key);
    const { out } = this.#value;
    out.truncate();
    if (isHashed(id)) this.#ids.write(this.#value, namespace, key);
    this.#note(id, out.view());
    this.#store.remove(id);
  }

  *keys(keyGroups: KeyGroupRange): IterableIterator<MapKey> {
    for (const entry of this.#over(keyGroups, (view, group) => this.#groupOf(view, group))) {
      const values = readerOf(entry);
      if (this.#kind === 'namespaced') values.read();
      yield mapKeyOf(values.read());
    }
  }

  /** One look for each of them in each key group. */
  namespaces(keyGroups: KeyGroupRange): Iterable<TimerNamespace> {
    const found = new Set<TimerNamespace>();
    for (const entry of this.#over(keyGroups, (view, group) => this.#firstOfEach(view, group)))
      found.add(readerOf(entry).read() as TimerNamespace);
    return found;
  }

  /** Reads no others, but for those with long keys. */
  *entries(
    namespace: TimerNamespace,
    keyGroups: KeyGroupRange,
  ): IterableIterator<readonly [MapKey, unknown]> {
    const within = (view: StoreView, group: number): Iterable<StoredEntry> =>
      this.#within(view, group, namespace);
    for (const entry of this.#over(keyGroups, within)) {
      const values = readerOf(entry);
      if (this.#kind === 'namespaced' && values.read() !== namespace) continue;
      yield [mapKeyOf(values.read()), this.#readValue(values)];
    }
  }

  freeze(writing: RowWriting, extent: SnapshotExtent): FrozenState {
    const since = this.#changes.advance(extent);
    return new FrozenEntries(this.#store.view(), this.#ids, this.#changes, writing, {
      extent,
      since,
      readValue: this.#readValue,
    });
  }

  /** `longKey`: of an id that does not tell it. */
  #note(id: Uint8Array, longKey: Uint8Array): void {
    this.#changes.note(id, isHashed(id) ? longKey : undefined);
  }

  *#over(
    { start, end }: KeyGroupRange,
    entriesOf: (view: StoreView, keyGroup: number) => Iterable<StoredEntry>,
  ): IterableIterator<StoredEntry> {
    const view = this.#store.view();
    try {
      for (let keyGroup = start; keyGroup <= end; keyGroup++) yield* entriesOf(view, keyGroup);
    } finally {
      view.close();
    }
  }

  #groupOf(view: StoreView, keyGroup: number): Iterable<StoredEntry> {
    return view.range(...this.#ids.group(keyGroup));
  }

  *#within(
    view: StoreView,
    keyGroup: number,
    namespace: TimerNamespace,
  ): IterableIterator<StoredEntry> {
    if (this.#kind !== 'namespaced') return yield* this.#groupOf(view, keyGroup);
    yield* view.range(...this.#ids.namespace(keyGroup, namespace));
    if (this.#hasHashed) yield* view.range(...this.#ids.hashed(keyGroup));
  }

  *#firstOfEach(view: StoreView, keyGroup: number): IterableIterator<StoredEntry> {
    let [from] = this.#ids.group(keyGroup);
    for (;;) {
      const entry = first(view.range(...this.#ids.from(keyGroup, from)));
      if (entry === undefined) break;
      yield entry;
      const namespace = readerOf(entry).read() as TimerNamespace;
      [, from] = this.#ids.namespace(keyGroup, namespace);
    }
    if (this.#hasHashed) yield* view.range(...this.#ids.hashed(keyGroup));
  }

  #skipId(values: ValueReader): void {
    if (this.#kind === 'namespaced') values.read();
    values.read();
  }
}

function first<T>(all: Iterable<T>): T | undefined {
  for (const one of all) return one;
  return undefined;
}
