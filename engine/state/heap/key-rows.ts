// The keys of a state that is kept in columns: each has a row, which is the same in all columns. A row whose last
// column has gone stays for a while, since most keys come back; when there are far more of those than of rows in
// use, all are numbered anew.

import { ownString } from '../../core/own-string.ts';
import type { MapKey } from '../map-key.ts';
import { KeyIndex, type RowKeys } from './key-index.ts';

const ROWS_MIN = 256;
const ROWS_KEPT = 4_096;

/** As they were: rows are only added to them. */
export interface FrozenKeys {
  readonly count: number;
  readonly numbers: Float64Array | undefined;
  readonly keys: readonly MapKey[];
  readonly groups: Uint16Array;
}

export class KeyRows implements RowKeys {
  hasNumberKeys: boolean;
  readonly #keyGroupOf: (key: MapKey) => number;
  #index: KeyIndex;
  #numbers = new Float64Array(ROWS_MIN);
  #keys: MapKey[] = [];
  #groups = new Uint16Array(ROWS_MIN);
  /** In how many columns a row has something. */
  #uses = new Uint32Array(ROWS_MIN);
  #count = 0;
  #idle = 0;

  constructor(first: MapKey, keyGroupOf: (key: MapKey) => number) {
    this.hasNumberKeys = typeof first === 'number';
    this.#keyGroupOf = keyGroupOf;
    this.#index = new KeyIndex(this);
  }

  /** Rows there are, idle ones included. */
  get count(): number {
    return this.#count;
  }

  /** Rows that some column has something for. */
  get used(): number {
    return this.#count - this.#idle;
  }

  /** So few rows are used at a time that the others had better go. */
  isSparseFor(used: number): boolean {
    return this.#count > ROWS_KEPT && used * 4 < this.#count;
  }

  numberKey(row: number): number {
    return this.#numbers[row] as number;
  }

  key(row: number): MapKey {
    return this.hasNumberKeys ? (this.#numbers[row] as number) : (this.#keys[row] as MapKey);
  }

  /** -1 for none. */
  find(key: MapKey): number {
    return this.#index.find(key);
  }

  /** Of a key that has none. */
  add(key: MapKey): number {
    if (this.hasNumberKeys && typeof key !== 'number') this.#toAnyKeys();
    if (this.#count === this.#groups.length) this.#grow();
    const row = this.#count++;
    // Strings are copied: slices would keep whole frames alive. -0 is 0.
    const kept = typeof key === 'string' ? ownString(key) : typeof key === 'number' ? key + 0 : key;
    if (this.hasNumberKeys) this.#numbers[row] = kept as number;
    else this.#keys[row] = kept;
    this.#groups[row] = this.#keyGroupOf(key);
    this.#uses[row] = 0;
    this.#idle++;
    this.#index.add(kept, row);
    return row;
  }

  /** A column has got something for the row. */
  use(row: number): void {
    if (this.#uses[row] === 0) this.#idle--;
    this.#uses[row] = (this.#uses[row] as number) + 1;
  }

  /** A column has lost it. */
  leave(row: number): void {
    const uses = (this.#uses[row] as number) - 1;
    this.#uses[row] = uses;
    if (uses === 0) this.#idle++;
  }

  /**
   * Drops idle rows. Returns the new number of each old row, -1 for none.
   * @param uses By row: 0 for idle ones, where that is not told by `use` and `leave`.
   */
  compact(uses: Uint32Array | Uint8Array = this.#uses): Int32Array {
    const rows = new Int32Array(this.#count).fill(-1);
    const [keys, groups] = [this.#allKeys(), this.#groups];
    this.#clear();
    for (const [row, key] of keys.entries()) {
      if (uses[row] === 0) continue;
      if (this.#count === this.#groups.length) this.#grow();
      const to = this.#count++;
      if (this.hasNumberKeys) this.#numbers[to] = key as number;
      else this.#keys[to] = key;
      this.#groups[to] = groups[row] as number;
      this.#uses[to] = uses[row] as number;
      this.#index.add(key, to);
      rows[row] = to;
    }
    return rows;
  }

  freeze(): FrozenKeys {
    return {
      count: this.#count,
      numbers: this.hasNumberKeys ? this.#numbers : undefined,
      keys: this.#keys,
      groups: this.#groups,
    };
  }

  /** `uses` as above. */
  *keysUsed(uses: Uint32Array | Uint8Array = this.#uses): IterableIterator<MapKey> {
    for (let row = 0; row < this.#count; row++) if (uses[row] !== 0) yield this.key(row);
  }

  #clear(): void {
    this.#numbers = new Float64Array(ROWS_MIN);
    this.#keys = [];
    this.#groups = new Uint16Array(ROWS_MIN);
    this.#uses = new Uint32Array(ROWS_MIN);
    this.#count = 0;
    this.#idle = 0;
    this.#index = new KeyIndex(this);
  }

  #allKeys(): MapKey[] {
    if (!this.hasNumberKeys) return this.#keys;
    return Array.from(this.#numbers.subarray(0, this.#count));
  }

  #toAnyKeys(): void {
    this.#keys = this.#allKeys();
    this.#index.toMaps();
    this.hasNumberKeys = false;
  }

  /** What is frozen keeps the arrays that it has. */
  #grow(): void {
    const rows = this.#groups.length * 2;
    if (this.hasNumberKeys) this.#numbers = grown(this.#numbers, new Float64Array(rows));
    this.#groups = grown(this.#groups, new Uint16Array(rows));
    this.#uses = grown(this.#uses, new Uint32Array(rows));
  }
}

function grown<A extends Float64Array | Uint16Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
