// Entries of which only those lately used are in memory: a table on the heap before a store on the disk. What
// is written stays in the table until so many rows have changed; then they go to the store in one transaction.
// A table that has grown too large is dropped as a whole, once all of it is in the store.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import { limits } from '../../core/limits.ts';
import { type Entries, type EntriesShape, EntryTable } from '../heap/entry-table.ts';
import type { FrozenState, RowWriting } from '../heap/frozen-table.ts';
import type { TimerNamespace } from '../heap/heap-timer-queue.ts';
import type { KeyIndex } from '../heap/key-index.ts';
import type { SnapshotExtent } from '../keyed-snapshot.ts';
import type { MapKey } from '../map-key.ts';
import type { LmdbStore } from './lmdb-store.ts';
import type { StoredEntries } from './stored-entries.ts';

const ENTRIES_WEIGHED = 64;

export interface SpillSettings {
  readonly keyGroups: KeyGroupRange;
  /** Of the entries in memory, as the store has them. */
  readonly cacheBytesMax: number;
}

export class SpilledEntries implements Entries {
  generation = 0;
  readonly #store: LmdbStore;
  readonly #stored: StoredEntries;
  readonly #settings: SpillSettings;
  readonly #create: () => EntryTable;
  #cache: EntryTable;
  /** Of what was read and written lately, in bytes; what is in memory is taken to be like it. */
  #entryBytes = 0;
  /** Rows that the store does not have as they are. */
  readonly #changed = new Set<number>();
  /** Keys that the store still has. */
  readonly #removed = new Map<TimerNamespace, Set<MapKey>>();
  #removedCount = 0;

  constructor(
    store: LmdbStore,
    stored: StoredEntries,
    settings: SpillSettings,
    shape: EntriesShape,
    keyGroupOf: (key: MapKey) => number,
  ) {
    this.#store = store;
    this.#stored = stored;
    this.#settings = settings;
    this.#create = () => new EntryTable(shape, keyGroupOf);
    this.#cache = this.#create();
  }

  index(namespace: TimerNamespace): KeyIndex | undefined {
    return this.#cache.index(namespace);
  }

  load(namespace: TimerNamespace, key: MapKey): number {
    if (this.#removed.get(namespace)?.has(key) === true) return -1;
    const found = this.#stored.get(namespace, key);
    if (found === undefined) return -1;
    this.#weigh(found.bytes);
    return this.#cache.insert(namespace, key, found.value);
  }

  read(row: number): unknown {
    return this.#cache.read(row);
  }

  borrow(row: number): unknown {
    return this.#cache.borrow(row);
  }

  /** It may be changed in place: what is lent counts as changed. */
  lend(row: number): unknown {
    const value = this.#cache.lend(row);
    if (typeof value === 'object') this.#changed.add(row);
    return value;
  }

  write(row: number, value: unknown): void {
    this.#changed.add(row);
    this.#cache.write(row, value);
  }

  cells(row: number): Float64Array | undefined {
    this.#changed.add(row);
    return this.#cache.cells(row);
  }

  cellsAt(row: number): number {
    return this.#cache.cellsAt(row);
  }

  cellRows(): undefined {
    // What is changed is written down, each time.
  }

  put(row: number, value: unknown): void {
    this.#changed.add(row);
    this.#cache.put(row, value);
  }

  insert(namespace: TimerNamespace, key: MapKey, value: unknown): number {
    if (this.#removed.get(namespace)?.delete(key) === true) this.#removedCount--;
    const row = this.#cache.insert(namespace, key, value);
    this.#changed.add(row);
    return row;
  }

  remove(namespace: TimerNamespace, key: MapKey, row: number): void {
    this.#cache.remove(namespace, key, row);
    this.#changed.delete(row);
    const keys = this.#removed.get(namespace) ?? new Set<MapKey>();
    this.#removed.set(namespace, keys.add(key));
    this.#removedCount++;
  }

  clear(namespace: TimerNamespace): void {
    const keys = Array.from(this.entries(namespace), ([key]) => key);
    this.#store.batch(() => {
      for (const key of keys) this.#stored.remove(namespace, key);
    });
    this.#cache.clear(namespace);
  }

  namespaces(): Iterable<TimerNamespace> {
    this.#flush();
    return this.#stored.namespaces(this.#settings.keyGroups);
  }

  entries(namespace: TimerNamespace): Iterable<readonly [MapKey, unknown]> {
    this.#flush();
    return this.#stored.entries(namespace, this.#settings.keyGroups);
  }

  keys(): Iterable<MapKey> {
    this.#flush();
    return this.#stored.keys(this.#settings.keyGroups);
  }

  freeze(writing: RowWriting, _: KeyGroupRange, extent: SnapshotExtent): FrozenState {
    this.#flush();
    return this.#stored.freeze(writing, extent);
  }

  tidy(): void {
    if (this.#changed.size + this.#removedCount >= limits.changedEntriesMax) this.#flush();
    const bytes = this.#cache.size * (this.#entryBytes + limits.cachedEntryBytes);
    if (bytes <= this.#settings.cacheBytesMax) return;
    this.#flush();
    this.#cache = this.#create();
    this.generation++;
  }

  #weigh(bytes: number): void {
    this.#entryBytes += (bytes - this.#entryBytes) / ENTRIES_WEIGHED;
  }

  #flush(): void {
    if (this.#changed.size + this.#removedCount === 0) return;
    this.#store.batch(() => {
      for (const [namespace, keys] of this.#removed)
        for (const key of keys) this.#stored.remove(namespace, key);
      for (const row of this.#changed) {
        const { namespace, key, value } = this.#cache.entry(row);
        this.#weigh(this.#stored.put(namespace, key, value));
      }
    });
    this.#changed.clear();
    this.#removed.clear();
    this.#removedCount = 0;
  }
}
