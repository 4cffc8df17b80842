// Runs through the columns of a window's slices side by side where they hold numbers and merging is adding: all rows
// of a page are added before the first is asked for. Where all are whole every row is added, whether it has
// something or not; else what rows have is looked at four at a time, since most have something in few slices.

import type { SliceCursor, StoredKey } from '../keyed-state.ts';
import type { KeyRows } from './key-rows.ts';
import { PAGE_ROWS, type SliceColumn, type SlicePage } from './slice-column.ts';

export class SumCursor implements SliceCursor {
  readonly isKept = false;
  /** Of the page at work: its rows that have something, by their place in it; so many, and where `next` stands. */
  readonly places: Int32Array;
  count = 0;
  at = 0;
  /** By place. */
  readonly sums: Float64Array;
  readonly #has: Uint8Array;
  readonly #words: Int32Array;
  readonly #keys: KeyRows | undefined;
  readonly #columns: readonly SliceColumn[];
  #next = 0;

  constructor(keys: KeyRows | undefined, columns: readonly SliceColumn[]) {
    this.#keys = keys;
    this.#columns = columns;
    const lengths = columns.flatMap(({ pages }) => pages.map((page) => page?.has.length ?? 0));
    const rows = Math.max(0, ...lengths);
    this.places = new Int32Array(rows);
    this.sums = new Float64Array(rows);
    this.#has = new Uint8Array(rows);
    this.#words = new Int32Array(this.#has.buffer);
  }

  next(): boolean {
    if (this.at === this.count && !this.turn()) return false;
    this.at++;
    return true;
  }

  /** Of the row that `next` came to. */
  get key(): StoredKey {
    return this.keyAt(this.places[this.at - 1] as number);
  }

  get contents(): unknown {
    return this.sums[this.places[this.at - 1] as number];
  }

  /** Of a place in the page at work. */
  keyAt(place: number): StoredKey {
    return this.#keys?.key(this.#next - PAGE_ROWS + place) ?? 0;
  }

  /** To the next page that has something. False: there is none. */
  turn(): boolean {
    const rows = this.#keys?.count ?? 0;
    this.at = 0;
    this.count = 0;
    while (this.#next < rows) {
      const index = this.#next / PAGE_ROWS;
      this.#next += PAGE_ROWS;
      const pages = this.#columns.flatMap((column) => column.pages[index] ?? []);
      this.#addUp(pages);
      this.count = find(this.#has, this.places);
      if (this.count > 0) return true;
    }
    return false;
  }

  #addUp(pages: readonly SlicePage[]): void {
    const { sums } = this;
    const words = this.#words;
    const whole = pages.flatMap((page) => page.whole ?? []);
    words.fill(0);
    if (whole.length < pages.length) {
      sums.fill(-0); // to which everything adds as itself
      for (const { hasWords, whole: own, cells } of pages) add(sums, words, hasWords, own ?? cells);
      return;
    }
    sums.fill(0);
    for (const { hasWords } of pages) joinWords(words, hasWords);
    const isEven = whole.every(({ length }) => length === whole[0]?.length);
    let i = 0;
    if (isEven) for (; i + FOUR <= whole.length; i += FOUR) addFour(sums, whole, i);
    for (; i < whole.length; i++) addOne(sums, whole[i] as Int32Array);
  }
}

// In functions of their own, which hold one kind of array each: V8 then keeps what they are in registers.

function joinWords(words: Int32Array, more: Int32Array): void {
  const { length } = more;
  for (let i = 0; i < length; i++) words[i] = (words[i] as number) | (more[i] as number);
}

function addOne(sums: Float64Array, whole: Int32Array): void {
  const { length } = whole;
  for (let at = 0; at < length; at++) sums[at] = (sums[at] as number) + (whole[at] as number);
}

/** Of one length. A sum is loaded and stored once for four of them: half the time. */
function addFour(sums: Float64Array, pages: readonly Int32Array[], from: number): void {
  const [a, b, c, d] = pages.slice(from, from + FOUR) as readonly Int32Array[] as FourPages;
  const { length } = a;
  for (let at = 0; at < length; at++)
    sums[at] =
      (sums[at] as number) +
      (a[at] as number) +
      (b[at] as number) +
      (c[at] as number) +
      (d[at] as number);
}

function add(
  sums: Float64Array,
  words: Int32Array,
  hasWords: Int32Array,
  cells: Float64Array | Int32Array,
): void {
  const { length } = hasWords;
  for (let i = 0, at = 0; i < length; i++, at += 4) {
    const word = hasWords[i] as number;
    if (word === 0) continue;
    words[i] = (words[i] as number) | word;
    if ((word & FIRST) !== 0) sums[at] = (sums[at] as number) + (cells[at] as number);
    if ((word & SECOND) !== 0) sums[at + 1] = (sums[at + 1] as number) + (cells[at + 1] as number);
    if ((word & THIRD) !== 0) sums[at + 2] = (sums[at + 2] as number) + (cells[at + 2] as number);
    if ((word & FOURTH) !== 0) sums[at + 3] = (sums[at + 3] as number) + (cells[at + 3] as number);
  }
}

/** Returns how many there are. Without a branch, which would be guessed wrong for every third row. */
function find(has: Uint8Array, places: Int32Array): number {
  const { length } = has;
  let count = 0;
  for (let at = 0; at < length; at++) {
    places[count] = at;
    count += has[at] as number;
  }
  return count;
}

const FOUR = 4;
type FourPages = readonly [Int32Array, Int32Array, Int32Array, Int32Array, ...Int32Array[]];

// Of the four bytes in a word, in the order of memory.
const [FIRST = 0, SECOND = 0, THIRD = 0, FOURTH = 0] = Array.from({ length: 4 }, (_, i) => {
  const bytes = new Uint8Array(4);
  bytes[i] = 1;
  return new Int32Array(bytes.buffer)[0] as number;
});
