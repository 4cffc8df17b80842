// Values by key, or by namespace and key: an index per namespace over rows that all of them share. The first
// entry decides how rows are laid out: keys and values that are numbers, or flat objects of numbers, stand
// in typed arrays. Whatever deviates later turns the whole table into rows of objects, and nothing is lost.

import { ownString } from '../../core/own-string.ts';
import type { MapKey } from '../map-key.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';
import { KeyIndex } from './key-index.ts';
import { layoutFor } from './row-layout.ts';
import { type FrozenRows, RowPages } from './row-pages.ts';

/** The namespace of states that have none. */
export const NO_NAMESPACE = 0;

export class EntryTable {
  readonly #hasNamespaces: boolean;
  readonly #takesNumbers: boolean;
  readonly #keyGroupOf: (key: MapKey) => number;
  #rows: RowPages | undefined;
  readonly #indexes = new Map<TimerNamespace, KeyIndex>();
  // An object made of cells, handed out to be changed in place: it is put back when the next is asked for.
  #lent: unknown;
  #lentRow = -1;

  /** `takesNumbers`: values may be numbers or objects of numbers, not only containers. */
  constructor(
    shape: { readonly hasNamespaces: boolean; readonly takesNumbers: boolean },
    keyGroupOf: (key: MapKey) => number,
  ) {
    this.#hasNamespaces = shape.hasNamespaces;
    this.#takesNumbers = shape.takesNumbers;
    this.#keyGroupOf = keyGroupOf;
  }

  get size(): number {
    return this.#rows?.size ?? 0;
  }

  /** Undefined while the namespace has no entry. Valid until it has none again. */
  index(namespace: TimerNamespace): KeyIndex | undefined {
    return this.#indexes.get(namespace);
  }

  /** A change of what it returns is to be written. */
  read(row: number): unknown {
    return (this.#rows as RowPages).get(row);
  }

  /** What it returns may be changed in place until another row is lent. */
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

  /** In place of what was lent. */
  put(row: number, value: unknown): void {
    if (row === this.#lentRow) this.#lentRow = -1;
    this.write(row, value);
  }

  write(row: number, value: unknown): void {
    const rows = this.#rows as RowPages;
    if (rows.set(row, value)) return;
    rows.convert({ layout: undefined });
    rows.set(row, value);
  }

  /** An entry that is not there yet. Returns its row. */
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

  *keys(): IterableIterator<MapKey> {
    const rows = this.#rows;
    if (rows === undefined) return;
    for (const index of this.#indexes.values()) for (const row of index.rows()) yield rows.key(row);
  }

  /** All entries as they are now; undefined when there was never one. */
  freeze(): FrozenRows | undefined {
    this.#settle();
    return this.#rows?.freeze();
  }

  release(frozen: FrozenRows): void {
    this.#rows?.release(frozen);
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
