// What the keys of a join have in one slice, by row: the last element of either side, one beside the other, so
// that an element costs one look at memory for its key; and the elements themselves, side by side.

import type { JoinSide, JoinSides } from '../keyed-state.ts';
import type { FrozenColumn } from './frozen-slices.ts';
import { ListColumn, lastIn, listOf } from './list-column.ts';

const ROWS_MIN = 64;

type Copy = (value: unknown) => unknown;

/** As many as are expected. */
export interface SidesRoom {
  readonly rows: number;
  readonly lefts: number;
  readonly rights: number;
}

export class SliceSides {
  /** Twice as many as rows (list-column.ts). */
  #lasts: Int32Array;
  readonly #left: ListColumn;
  readonly #right: ListColumn;
  /** That have something. */
  #rows = 0;

  /** @param copy Makes an object that may be kept of one that may not. */
  constructor(copy: Copy, { rows, lefts, rights }: SidesRoom) {
    this.#lasts = new Int32Array(rows * 2);
    this.#left = new ListColumn(copy, lefts);
    this.#right = new ListColumn(copy, rights);
  }

  get lefts(): number {
    return this.#left.count;
  }

  get rights(): number {
    return this.#right.count;
  }

  /** By row, of the left and of the right; 0 for none. */
  get lasts(): Int32Array {
    return this.#lasts;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  /** As if new, with the room that it has: not while a snapshot reads it. */
  reset(rows: number): void {
    if (rows * 2 > this.#lasts.length) this.#lasts = new Int32Array(rows * 2);
    else this.#lasts.fill(0);
    this.#left.reset();
    this.#right.reset();
    this.#rows = 0;
  }

  has(row: number): boolean {
    const at = row * 2;
    const lasts = this.#lasts;
    return at < lasts.length && (lasts[at] !== 0 || lasts[at + 1] !== 0);
  }

  hasBoth(row: number): boolean {
    return this.#lasts[row * 2] !== 0 && this.#lasts[row * 2 + 1] !== 0;
  }

  /** True: the row had nothing. */
  add(row: number, side: JoinSide, value: unknown): boolean {
    const at = row * 2;
    if (at >= this.#lasts.length) this.#extendTo(row);
    const lasts = this.#lasts;
    const isNew = lasts[at] === 0 && lasts[at + 1] === 0;
    if (side === 0) lasts[at] = this.#left.add(lasts[at] as number, value);
    else lasts[at + 1] = this.#right.add(lasts[at + 1] as number, value);
    if (isNew) this.#rows++;
    return isNew;
  }

  /** Of a row that has something. Objects that are kept go through `copy`. */
  sides(row: number, copy: Copy): JoinSides {
    return {
      lefts: this.#left.list(this.#lasts[row * 2] as number, copy),
      rights: this.#right.list(this.#lasts[row * 2 + 1] as number, copy),
    };
  }

  /** Of a row that has something. The elements stay where they are, of nobody's. No snapshot is under way. */
  remove(row: number): void {
    this.#lasts.fill(0, row * 2, row * 2 + 2);
    this.#rows--;
  }

  /** Gives rows new numbers. */
  renumber(rowFor: Int32Array): void {
    const lasts = this.#lasts;
    this.#lasts = new Int32Array(lasts.length);
    for (let row = 0; row * 2 < lasts.length; row++) {
      const to = (rowFor[row] ?? -1) * 2;
      if (to < 0) continue;
      this.#lasts[to] = lasts[row * 2] as number;
      this.#lasts[to + 1] = lasts[row * 2 + 1] as number;
    }
  }

  freeze(slice: number): FrozenColumn {
    const [lasts, left, right] = [this.#lasts, this.#left.freeze(), this.#right.freeze()];
    return {
      slice,
      rowCount: lasts.length / 2,
      has: (row) =>
        lastIn(left, lasts[row * 2] as number) + lastIn(right, lasts[row * 2 + 1] as number) > 0,
      read: (row) => ({
        lefts: listOf(left, lasts[row * 2] as number),
        rights: listOf(right, lasts[row * 2 + 1] as number),
      }),
    };
  }

  #extendTo(row: number): void {
    const rows = Math.max(ROWS_MIN, row + 1, this.#lasts.length);
    const lasts = new Int32Array(rows * 2);
    lasts.set(this.#lasts);
    this.#lasts = lasts;
  }
}
