// Runs through the columns of a window's slices side by side where they hold numbers and merging is adding: all rows
// of a page are added before the first is asked for. Most keys have something in few of the slices: what they have
// is looked at four rows at a time.

import type { SliceCursor, StoredKey } from '../keyed-state.ts';
import type { KeyRows } from './key-rows.ts';
import { PAGE_ROWS, type SliceColumn, type SlicePage } from './slice-column.ts';

export class SumCursor implements SliceCursor {
  readonly isKept = false;
  /** Of the page at work: rows that have something, and their sums. */
  readonly has = new Uint8Array(PAGE_ROWS);
  readonly sums = new Float64Array(PAGE_ROWS);
  /** The next row to be looked at, in the page at work. */
  at = PAGE_ROWS;
  readonly #words = new Int32Array(this.has.buffer);
  readonly #keys: KeyRows | undefined;
  readonly #columns: readonly SliceColumn[];
  #next = 0;

  constructor(keys: KeyRows | undefined, columns: readonly SliceColumn[]) {
    this.#keys = keys;
    this.#columns = columns;
  }

  next(): boolean {
    for (;;) {
      while (this.at < PAGE_ROWS) if (this.has[this.at++] === 1) return true;
      if (!this.turn()) return false;
    }
  }

  /** Of the row that `next` came to. */
  get key(): StoredKey {
    return this.keyAt(this.at - 1);
  }

  get contents(): unknown {
    return this.sums[this.at - 1];
  }

  /** Of a row of the page at work. */
  keyAt(at: number): StoredKey {
    return this.#keys?.key(this.#next - PAGE_ROWS + at) ?? 0;
  }

  /** To the next page that one of the columns has. False: there is none. */
  turn(): boolean {
    const count = this.#keys?.count ?? 0;
    while (this.#next < count) {
      const index = this.#next / PAGE_ROWS;
      this.#next += PAGE_ROWS;
      this.#words.fill(0);
      this.sums.fill(-0); // to which everything adds as itself
      let isEmpty = true;
      for (const { pages } of this.#columns) {
        const page = pages[index];
        if (page === undefined) continue;
        this.#add(page);
        isEmpty = false;
      }
      this.at = 0;
      if (!isEmpty) return true;
    }
    this.at = PAGE_ROWS;
    return false;
  }

  #add({ hasWords, cells }: SlicePage): void {
    const [words, sums] = [this.#words, this.sums];
    for (let i = 0, at = 0; at < PAGE_ROWS; i++, at += 4) {
      const word = hasWords[i] as number;
      if (word === 0) continue;
      words[i] = (words[i] as number) | word;
      if ((word & FIRST) !== 0) sums[at] = (sums[at] as number) + (cells[at] as number);
      if ((word & SECOND) !== 0)
        sums[at + 1] = (sums[at + 1] as number) + (cells[at + 1] as number);
      if ((word & THIRD) !== 0) sums[at + 2] = (sums[at + 2] as number) + (cells[at + 2] as number);
      if ((word & FOURTH) !== 0)
        sums[at + 3] = (sums[at + 3] as number) + (cells[at + 3] as number);
    }
  }
}

// Of the four bytes in a word, in the order of memory.
const [FIRST = 0, SECOND = 0, THIRD = 0, FOURTH = 0] = Array.from({ length: 4 }, (_, i) => {
  const bytes = new Uint8Array(4);
  bytes[i] = 1;
  return new Int32Array(bytes.buffer)[0] as number;
});
