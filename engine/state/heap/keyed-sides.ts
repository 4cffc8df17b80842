// The elements of a slice by key, made of its logs when they are asked for: a row for each key, and in a row the
// first element of either side, each with the next one of the same key. Where only keys with elements on both sides
// count, those of the side that has fewer get rows, and the other's are looked for among them: that index is small,
// and stays in the cache.

import type { JoinSide, JoinSides } from '../keyed-state.ts';
import type { MapKey } from '../map-key.ts';
import type { KeyRows } from './key-rows.ts';
import type { LogReading } from './slice-log.ts';

type Logs = readonly [left: LogReading, right: LogReading];
type Copy = (value: unknown) => unknown;

const ROWS_MIN = 64;
const WASTE_MAX = 4;

export class KeyedSides {
  readonly #logs: Logs;
  readonly #keys: KeyRows;
  /** By row, of the left and of the right: its first element + 1; 0 for none. */
  #firsts: Int32Array;
  /** By side and element: the next of its key, as above. */
  readonly #nexts: readonly [Int32Array, Int32Array];

  /**
   * @param keys For the rows.
   * @param before Of which nobody asks any more: memory that comes and goes with each slice costs a fifth.
   */
  constructor(logs: Logs, keys: KeyRows, before?: KeyedSides) {
    this.#logs = logs;
    this.#keys = keys;
    const [left, right] = [logs[0].count, logs[1].count];
    if (before === undefined) {
      this.#firsts = new Int32Array(ROWS_MIN * 2);
      this.#nexts = [new Int32Array(left), new Int32Array(right)];
    } else {
      this.#firsts = before.#firsts.fill(0);
      this.#nexts = [withRoom(before.#nexts[0], left), withRoom(before.#nexts[1], right)];
    }
  }

  /** Rows there may be something in. */
  get rows(): number {
    return Math.min(this.#keys.count, this.#firsts.length / 2);
  }

  key(row: number): MapKey {
    return this.#keys.key(row);
  }

  has(row: number): boolean {
    return this.#firsts[row * 2] !== 0 || this.#firsts[row * 2 + 1] !== 0;
  }

  hasBoth(row: number): boolean {
    return this.#firsts[row * 2] !== 0 && this.#firsts[row * 2 + 1] !== 0;
  }

  /** Of a row, each in the order in which they came; through `copy`. */
  sides(row: number, copy: Copy): JoinSides {
    return { lefts: this.#list(row, 0, copy), rights: this.#list(row, 1, copy) };
  }

  /** All elements, but for those of keys on one side only, which may be left out. */
  linkBoth(): void {
    const [left, right] = this.#logs;
    const few: JoinSide = left.count < right.count ? 0 : 1;
    this.link(few, 0);
    this.#linkKnown(few === 0 ? 1 : 0);
  }

  /** Elements of a side, from its last down to this one: what was linked comes behind them. */
  link(side: JoinSide, from: number, to = this.#logs[side].count): void {
    const log = this.#logs[side];
    for (let i = to - 1; i >= from; i--) {
      const key = log.key(i);
      let row = this.#keys.find(key);
      if (row < 0) row = this.#keys.add(key);
      if (row * 2 >= this.#firsts.length) this.#extendTo(row);
      this.#put(row, side, i);
    }
  }

  /** Those alone whose key has a row. */
  #linkKnown(side: JoinSide): void {
    const { numberKeys } = this.#logs[side];
    if (numberKeys !== undefined) return this.#linkNumbers(side, numberKeys);
    const log = this.#logs[side];
    for (let i = log.count - 1; i >= 0; i--) {
      const row = this.#keys.find(log.key(i));
      if (row >= 0) this.#put(row, side, i);
    }
  }

  #linkNumbers(side: JoinSide, numbers: Float64Array): void {
    const keys = this.#keys;
    for (let i = this.#logs[side].count - 1; i >= 0; i--) {
      const row = keys.find(numbers[i] as number);
      if (row >= 0) this.#put(row, side, i);
    }
  }

  #put(row: number, side: JoinSide, element: number): void {
    const at = row * 2 + side;
    this.#nexts[side][element] = this.#firsts[at] as number;
    this.#firsts[at] = element + 1;
  }

  #list(row: number, side: JoinSide, copy: Copy): unknown[] {
    const list: unknown[] = [];
    const [log, nexts] = [this.#logs[side], this.#nexts[side]];
    for (let at = this.#firsts[row * 2 + side] as number; at > 0; at = nexts[at - 1] as number)
      list.push(copy(log.read(at - 1)));
    return list;
  }

  #extendTo(row: number): void {
    const firsts = new Int32Array(Math.max(this.#firsts.length, row + 1) * 2);
    firsts.set(this.#firsts);
    this.#firsts = firsts;
  }
}

const withRoom = (array: Int32Array, elements: number): Int32Array =>
  array.length < elements || array.length > elements * WASTE_MAX + ROWS_MIN
    ? new Int32Array(elements)
    : array;
