// Which row has the partial aggregate of a key in a slice: open addressing for keys that are numbers, Maps for the
// others. It is small, emptied as a whole, and its rows are in the order in which their first elements came.

import { keyOfMapKey, type MapKey } from '../../state/map-key.ts';

const ROWS_BITS = 12;
/** With its slots it stays in a core's own cache. */
export const PARTIALS_MAX = 1 << ROWS_BITS;
const SLOTS_BITS = ROWS_BITS + 1;
const SLOT_MASK = (1 << SLOTS_BITS) - 1;

const words = new Int32Array(2);
const float = new Float64Array(words.buffer);

/** Fibonacci hashing: ids that follow one another lie far apart. */
function slotOf(key: number, seed: number): number {
  let h = key | 0;
  if (h !== key) {
    float[0] = key;
    h = (words[0] as number) ^ Math.imul(words[1] as number, 0x85ebca6b);
  }
  return Math.imul(h ^ seed, 0x9e3779b1) >>> (32 - SLOTS_BITS);
}

export class PartialTable {
  /** Rows in use. */
  count = 0;
  /** Elements of each row; 0 when it has just been made. */
  readonly elements = new Int32Array(PARTIALS_MAX);
  readonly slices = new Float64Array(PARTIALS_MAX);
  readonly #numbers = new Float64Array(PARTIALS_MAX);
  /** Row number + 1, 0 for none. */
  readonly #slots = new Int32Array(1 << SLOTS_BITS);
  /** Keys that are no numbers; undefined for the others. */
  #others: (MapKey | undefined)[] = [];
  readonly #maps = new Map<number, Map<MapKey, number>>();
  #map: Map<MapKey, number> | undefined;
  #slice = Number.NaN;
  #seed = 0;

  /** The slice of the rows that are asked for next. */
  turnTo(slice: number): void {
    this.#slice = slice;
    this.#seed = slotOf(slice, 0);
    this.#map = this.#maps.get(slice);
  }

  /** A new one where there is none; one is free. */
  rowOf(key: MapKey): number {
    if (typeof key !== 'number') return this.#rowInMap(key);
    const slots = this.#slots;
    for (let at = slotOf(key, this.#seed); ; at = (at + 1) & SLOT_MASK) {
      const row = (slots[at] as number) - 1;
      if (row < 0) {
        slots[at] = this.count + 1;
        this.#numbers[this.count] = key;
        return this.#newRow();
      }
      if (this.#numbers[row] === key && this.slices[row] === this.#slice) return row;
    }
  }

  keyOf(row: number): unknown {
    return keyOfMapKey(this.#others[row] ?? (this.#numbers[row] as number));
  }

  clear(): void {
    if (this.count === 0) return;
    this.count = 0;
    this.#slots.fill(0);
    this.#others = [];
    this.#maps.clear();
    this.#map = undefined;
  }

  #rowInMap(key: MapKey): number {
    this.#map ??= new Map();
    this.#maps.set(this.#slice, this.#map);
    const found = this.#map.get(key);
    if (found !== undefined) return found;
    this.#map.set(key, this.count);
    this.#others[this.count] = key;
    return this.#newRow();
  }

  #newRow(): number {
    const row = this.count++;
    this.elements[row] = 0;
    this.slices[row] = this.#slice;
    return row;
  }
}
