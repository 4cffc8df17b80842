// Values by key, or by namespace and key: an index per namespace over rows that all of them share. The first
// entry decides how rows are laid out: keys and values that are numbers, or flat objects of numbers, stand
// in typed arrays. Whatever deviates later turns the whole table into rows of objects, and nothing is lost.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import { ownString } from '../../core/own-string.ts';
import type { SnapshotExtent } from '../keyed-snapshot.ts';
import type { MapKey } from '../map-key.ts';
import { CellRows } from './cell-rows.ts';
import { type FrozenState, FrozenTable, type RowWriting } from './frozen-table.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';
import { KeyIndex } from './key-index.ts';
import { layoutFor } from './row-layout.ts';
import { RowPages } from './row-pages.ts';

/** The namespace of states that have none. */
export const NO_NAMESPACE = 0;

/** Entries as handles use them: rows by number, which an index tells. */
export interface Entries {
  /** Counts the times that all row numbers and indexes have become void. */
  readonly generation: number;
  /** Of what is at hand; undefined while the namespace has no entry. Valid until it has none again. */
  index(namespace: TimerNamespace): KeyIndex | undefined;
  /** The row of an entry that the index does not have; -1 when there is none. */
  load(namespace: TimerNamespace, key: MapKey): number;
  /** A change of what it returns is to be written. */
  read(row: number): unknown;
  /** As `read`, until the next call: it may be the same object for all rows. */
  borrow(row: number): unknown;
  /** What it returns may be changed in place until another row is lent. */
  lend(row: number): unknown;
  write(row: number, value: unknown): void;
  /** Of an object of numbers: its fields in their order, from `cellsAt` on, to be changed in place. */
  cells(row: number): Float64Array | undefined;
  cellsAt(row: number): number;
  /** Of a namespace whose entries stay; undefined: not all are at hand, always. */
  cellRows(namespace: TimerNamespace): CellRows | undefined;
  /** In place of what was lent. */
  put(row: number, value: unknown): void;
  /** An entry that is not there yet. Returns its row. */
  insert(namespace: TimerNamespace, key: MapKey, value: unknown): number;
  remove(namespace: TimerNamespace, key: MapKey, row: number): void;
  /** Removes all entries of the namespace. */
  clear(namespace: TimerNamespace): void;
  /** Those that have an entry. */
  namespaces(): Iterable<TimerNamespace>;
  /** Until one changes. */
  entries(namespace: TimerNamespace): Iterable<readonly [MapKey, unknown]>;
  keys(): Iterable<MapKey>;
  /** All entries as they are now, or their changes; undefined when there was never one. */
  freeze(
    writing: RowWriting,
    keyGroups: KeyGroupRange,
    extent: SnapshotExtent,
  ): FrozenState | undefined;
  /** Between two elements, when no row is in use. */
  tidy(): void;
}

export interface EntriesShape {
  readonly hasNamespaces: boolean;
  /** Values may be numbers or objects of numbers, not only containers. */
  readonly takesNumbers: boolean;
}

export class EntryTable implements Entries {
  readonly generation = 0;
  readonly #hasNamespaces: boolean;
  readonly #takesNumbers: boolean;
  readonly #keyGroupOf: (key: MapKey) => number;
  #rows: RowPages | undefined;
  readonly #indexes = new Map<TimerNamespace, KeyIndex>();
  // An object made of cells, handed out to be changed in place: it is put back when the next is asked for.
  #lent: unknown;
  #lentRow = -1;

  constructor(shape: EntriesShape, keyGroupOf: (key: MapKey) => number) {
    this.#hasNamespaces = shape.hasNamespaces;
    this.#takesNumbers = shape.takesNumbers;
    this.#keyGroupOf = keyGroupOf;
  }

  get size(): number {
    return this.#rows?.size ?? 0;
  }

  index(namespace: TimerNamespace): KeyIndex | undefined {
    return this.#indexes.get(namespace);
  }

  load(): number {
    return -1;
  }

  tidy(): void {
    // All entries are at hand, always.
  }

  read(row: number): unknown {
    return (this.#rows as RowPages).get(row);
  }

  borrow(row: number): unknown {
    return (this.#rows as RowPages).borrow(row);
  }

  lend(row: number): unknown {
    if (row === this.#lentRow) return this.#lent;
    this.#settle();
    const rows = this.#rows as RowPages;
    const value = rows.get(row);
    if (rows.format.layout?.names === undefined) return value;
    this.#lent = value;
    this.#lentRow = row;
    return value;
  }

  put(row: number, value: unknown): void {
    if (row === this.#lentRow) this.#lentRow = -1;
    this.write(row, value);
  }

  cells(row: number): Float64Array | undefined {
    return (this.#rows as RowPages).cells(row);
  }

  cellsAt(row: number): number {
    return (this.#rows as RowPages).cellsAt(row);
  }

  cellRows(namespace: TimerNamespace): CellRows {
    return new CellRows(() => {
      const [rows, index] = [this.#rows, this.#indexes.get(namespace)];
      return rows === undefined || index === undefined ? undefined : { rows, index };
    });
  }

  write(row: number, value: unknown): void {
    const rows = this.#rows as RowPages;
    if (rows.set(row, value)) return;
    // What was borrowed becomes the row's own: no cells, nothing is borrowed any more.
    rows.convert({ layout: undefined });
    rows.set(row, value);
  }

  insert(namespace: TimerNamespace, key: MapKey, value: unknown): number {
    const rows = this.#rows ?? this.#begin(key, value);
    if (rows.hasNumberKeys && typeof key !== 'number') this.#toAnyKeys(rows);
    const kept = keptKey(key);
    const row = rows.add(kept, namespace, this.#keyGroupOf(key));
    this.#indexOf(namespace, rows).add(kept, row);
    this.write(row, value);
    return row;
  }

  remove(namespace: TimerNamespace, key: MapKey, row: number): void {
    const index = this.#indexes.get(namespace) as KeyIndex;
    if (row === this.#lentRow) this.#lentRow = -1;
    index.remove(key, row);
    (this.#rows as RowPages).remove(row);
    if (index.size === 0 && this.#hasNamespaces) this.#indexes.delete(namespace);
  }

  clear(namespace: TimerNamespace): void {
    const index = this.#indexes.get(namespace);
    if (index === undefined) return;
    this.#lentRow = -1;
    for (const row of index.rows()) (this.#rows as RowPages).remove(row);
    this.#indexes.delete(namespace);
  }

  namespaces(): IterableIterator<TimerNamespace> {
    return this.#indexes.keys();
  }

  *entries(namespace: TimerNamespace): IterableIterator<readonly [MapKey, unknown]> {
    const rows = this.#rows;
    const index = this.#indexes.get(namespace);
    if (rows === undefined || index === undefined) return;
    for (const row of index.rows()) yield [rows.key(row), rows.get(row)];
  }

  *keys(): IterableIterator<MapKey> {
    const rows = this.#rows;
    if (rows === undefined) return;
    for (const index of this.#indexes.values()) for (const row of index.rows()) yield rows.key(row);
  }

  freeze(
    writing: RowWriting,
    keyGroups: KeyGroupRange,
    extent: SnapshotExtent,
  ): FrozenState | undefined {
    this.#settle();
    const rows = this.#rows;
    if (rows === undefined) return undefined;
    const frozen = rows.freeze(extent);
    return new FrozenTable(frozen, writing, keyGroups, () => rows.release(frozen));
  }

  /** The entry of a row in use. */
  entry(row: number): {
    readonly namespace: TimerNamespace;
    readonly key: MapKey;
    readonly value: unknown;
  } {
    const rows = this.#rows as RowPages;
    const value = row === this.#lentRow ? this.#lent : rows.get(row);
    return { namespace: rows.namespace(row), key: rows.key(row), value };
  }

  #settle(): void {
    const row = this.#lentRow;
    if (row < 0) return;
    this.#lentRow = -1;
    this.write(row, this.#lent);
  }

  #begin(key: MapKey, value: unknown): RowPages {
    this.#rows = new RowPages({
      hasNumberKeys: typeof key === 'number',
      layout: this.#takesNumbers ? layoutFor(value) : undefined,
      hasNamespaces: this.#hasNamespaces,
    });
    return this.#rows;
  }

  #indexOf(namespace: TimerNamespace, rows: RowPages): KeyIndex {
    let index = this.#indexes.get(namespace);
    if (index === undefined) {
      index = new KeyIndex(rows);
      this.#indexes.set(namespace, index);
    }
    return index;
  }

  #toAnyKeys(rows: RowPages): void {
    for (const index of this.#indexes.values()) index.toMaps();
    rows.convert({ hasNumberKeys: false });
  }
}

/** Strings are copied: slices would keep whole frames alive. -0 is 0. */
function keptKey(key: MapKey): MapKey {
  if (typeof key === 'string') return ownString(key);
  return typeof key === 'number' ? key + 0 : key;
}
