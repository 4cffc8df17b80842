// From a key to the row that holds it. While all keys are numbers: whole numbers that lie close together, as ids
// do, are places in an array; others are found by open addressing over row numbers, whose keys stand in the rows
// themselves (8 bytes a key, 2 to 3 times as fast as a Map). Bits that a row number leaves free are of the key's
// hash, so that hardly any row is looked at but the right one. With the first key of another type it becomes
// Maps: several, since one ends at 2^24 entries.

import type { MapKey } from '../map-key.ts';

const SLOTS_MIN = 8;
/** Places for each key, up to which an array of places pays. */
const PLACES_PER_KEY = 2;
const FEW_PLACES = 64;
/** Of a slot, for row numbers: at least so many, and when rows are to come, one more than are needed. */
const ROW_BITS_MIN = 16;
const ROW_BITS_MAX = 31;
/** What V8's Map holds at most is 2^24. */
const MAP_ENTRIES_MAX = 2 ** 24 - 16;

/** Where the keys of numbered rows are. */
export interface RowKeys {
  readonly hasNumberKeys: boolean;
  numberKey(row: number): number;
}

const words = new Int32Array(2);
const float = new Float64Array(words.buffer);

function hashOf(key: number): number {
  let h = key | 0;
  if (h !== key) {
    float[0] = key;
    h = (words[0] as number) ^ Math.imul(words[1] as number, 0x85ebca6b);
  }
  h = Math.imul(h ^ (h >>> 16), 0x9e3779b1);
  return h ^ (h >>> 15);
}

export class KeyIndex {
  readonly #rows: RowKeys;
  readonly #mapEntriesMax: number;
  /**
   * Row number + 1, 0 for none; empty when keys are in the maps. Found by hash: with the key's hash in the bits
   * above `#rowMask`.
   */
  #slots = new Int32Array(0);
  /** The key of the first slot; NaN: slots are found by the key's hash. */
  #base = 0;
  #mask = 0;
  #rowMask = 0;
  /** All keys that were ever added: others will hardly come close together. */
  #areWhole = true;
  #maps: Map<MapKey, number>[] = [];
  /** NaN equals no key, itself included. */
  #nanRow = -1;
  #size = 0;

  constructor(rows: RowKeys, mapEntriesMax = MAP_ENTRIES_MAX) {
    this.#rows = rows;
    this.#mapEntriesMax = mapEntriesMax;
    if (rows.hasNumberKeys) this.#slots = new Int32Array(SLOTS_MIN);
  }

  get size(): number {
    return this.#size;
  }

  /** -1 for none. */
  find(key: MapKey): number {
    if (typeof key !== 'number') return this.#findInMaps(key);
    const slots = this.#slots;
    const at = (key - this.#base) >>> 0;
    // Back from the place: what is left of a fraction in a difference may be nothing.
    return at + this.#base === key && at < slots.length
      ? (slots[at] as number) - 1
      : this.#search(key);
  }

  /** The key is not there; its row holds it already. A string is one that may be kept. */
  add(key: MapKey, row: number): void {
    this.#size++;
    if (this.#slots.length === 0) this.#addToMaps(key, row);
    else if (Number.isNaN(key)) this.#nanRow = row;
    else this.#place(key as number, row);
  }

  /** The key is there, and its row still holds it. */
  remove(key: MapKey, row: number): void {
    this.#size--;
    if (this.#slots.length === 0) {
      for (const map of this.#maps) if (map.delete(key)) return;
    } else if (row === this.#nanRow) {
      this.#nanRow = -1;
    } else if (this.#isHashed) {
      this.#vacate(key as number, row);
    } else {
      this.#slots[(key as number) - this.#base] = 0;
    }
  }

  /** Rows, with their keys. */
  *rows(): IterableIterator<number> {
    for (const map of this.#maps) yield* map.values();
    for (const slot of this.#slots) if (slot !== 0) yield this.#rowIn(slot);
    if (this.#nanRow >= 0) yield this.#nanRow;
  }

  /** From now on keys may be of any type. */
  toMaps(): void {
    const rows = [...this.rows()];
    this.#slots = new Int32Array(0);
    for (const row of rows) this.#addToMaps(this.#rows.numberKey(row), row);
    this.#nanRow = -1;
  }

  get #isHashed(): boolean {
    return Number.isNaN(this.#base);
  }

  /** A number that is not in its place. */
  #search(key: number): number {
    const slots = this.#slots;
    if (slots.length === 0) return this.#findInMaps(key);
    if (Number.isNaN(key)) return this.#nanRow;
    if (!this.#isHashed) return -1;
    const mask = this.#mask;
    const rowMask = this.#rowMask;
    const hash = hashOf(key);
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = slots[at] as number;
      if (slot === 0) return -1;
      if (((slot ^ hash) & ~rowMask) !== 0) continue;
      const row = (slot & rowMask) - 1;
      if (this.#rows.numberKey(row) === key) return row;
    }
  }

  #rowIn(slot: number): number {
    return (this.#isHashed ? slot & this.#rowMask : slot) - 1;
  }

  #findInMaps(key: MapKey): number {
    for (let i = 0; i < this.#maps.length; i++) {
      const row = this.#maps[i]?.get(key);
      if (row !== undefined) return row;
    }
    return -1;
  }

  #addToMaps(key: MapKey, row: number): void {
    let map = this.#maps.find(({ size }) => size < this.#mapEntriesMax);
    if (map === undefined) {
      map = new Map();
      this.#maps.push(map);
    }
    map.set(key, row);
  }

  #place(key: number, row: number): void {
    this.#areWhole &&= Number.isSafeInteger(key);
    const at = (key - this.#base) >>> 0;
    if (at + this.#base === key && at < this.#slots.length) this.#slots[at] = row + 1;
    else if (this.#hasRoomFor(row)) this.#hashed(key, row);
    else this.#rebuild(key, row);
  }

  #hasRoomFor(row: number): boolean {
    return this.#isHashed && this.#size * 4 <= this.#slots.length * 3 && row < this.#rowMask;
  }

  #hashed(key: number, row: number): void {
    const hash = hashOf(key);
    let at = hash & this.#mask;
    while (this.#slots[at] !== 0) at = (at + 1) & this.#mask;
    this.#slots[at] = (hash & ~this.#rowMask) | (row + 1);
  }

  /** With a key that has no place, or for which there is no room. */
  #rebuild(key: number, row: number): void {
    const rowMask = this.#isHashed ? this.#rowMask : -1;
    const slots = this.#slots.filter((slot) => slot !== 0);
    if (!this.#areWhole || !this.#toPlaces(key, slots, rowMask)) this.#toHashed(row);
    for (let at = 0; at < slots.length; at++) {
      const other = ((slots[at] as number) & rowMask) - 1;
      this.#put(this.#rows.numberKey(other), other);
    }
    this.#put(key, row);
  }

  /** There is room. */
  #put(key: number, row: number): void {
    if (this.#isHashed) this.#hashed(key, row);
    else this.#slots[key - this.#base] = row + 1;
  }

  /** With room on the side where keys come. False: they do not lie close together. */
  #toPlaces(key: number, slots: Int32Array, rowMask: number): boolean {
    let [least, most] = [key, key];
    for (let at = 0; at < slots.length; at++) {
      const other = this.#rows.numberKey(((slots[at] as number) & rowMask) - 1);
      least = Math.min(least, other);
      most = Math.max(most, other);
    }
    const places = most - least + 1;
    if (places > Math.max(FEW_PLACES, this.#size * PLACES_PER_KEY)) return false;
    const room = places >> 1;
    this.#base = key === least ? least - room : least;
    this.#slots = new Int32Array(Math.max(SLOTS_MIN, places + room));
    return true;
  }

  /** With room for this row and twice as many. */
  #toHashed(row: number): void {
    let length = SLOTS_MIN;
    while (this.#size * 2 > length) length *= 2;
    const rowBits = Math.max(ROW_BITS_MIN, 33 - Math.clz32(row + 1));
    // All bits but the sign: a row of 2^31 would not be found.
    this.#rowMask = 2 ** Math.min(ROW_BITS_MAX, rowBits) - 1;
    this.#base = Number.NaN;
    this.#slots = new Int32Array(length);
    this.#mask = length - 1;
  }

  /** Those behind it that would not be found any more move up. */
  #vacate(key: number, row: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = hashOf(key) & mask;
    while (this.#rowIn(slots[hole] as number) !== row) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; slots[at] !== 0; at = (at + 1) & mask) {
      const home = hashOf(this.#rows.numberKey(this.#rowIn(slots[at] as number))) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      slots[hole] = slots[at] as number;
      hole = at;
    }
    slots[hole] = 0;
  }
}
