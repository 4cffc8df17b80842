// What the keys of a state have in one slice: pages by row, made when the first of their rows has something.
// Numbers and flat objects of numbers stand in typed cells, as in rows (row-layout.ts); all else is kept as it
// is. A page that a snapshot holds is copied before it is written to.
//
// Counts, and sums of whole numbers, are kept in four bytes for as long as they fit: what an element touches is
// mostly not in the cache, and of half the size half of it is; and what is whole is added up without a look at
// which rows have something.

import type { RowLayout } from './row-layout.ts';

const PAGE_BITS = 12;
export const PAGE_ROWS = 1 << PAGE_BITS;
const ROW_MASK = PAGE_ROWS - 1;
/** Of the first page, which grows. */
const FIRST_ROWS_MIN = 64;
/** 5 MB of numbers. */
const SPARE_PAGES_MAX = 128;

export interface SlicePage {
  /** 1 for rows that have something. Of the first page only as many as there are by now. */
  readonly has: Uint8Array;
  /** The same memory, four rows a word. */
  readonly hasWords: Int32Array;
  /** Numbers, while all of them are whole; 0 for rows that have nothing. */
  readonly whole: Int32Array | undefined;
  /** Empty while there is one of the others. */
  readonly cells: Float64Array;
  readonly values: unknown[] | undefined;
  /** When it was made; a snapshot holds the pages of its own time and before. */
  readonly epoch: number;
}

export const pageIndexOf = (row: number): number => row >> PAGE_BITS;
export const placeOf = (row: number): number => row & ROW_MASK;

/** Four bytes are enough for it. -0 is told from 0. */
export const isWhole = (value: number): boolean =>
  (value | 0) === value && (value !== 0 || 1 / value > 0);

/** Makes the pages of a table, all of one layout, of slices that are over: new memory for each costs a tenth. */
export class SlicePages {
  /** Of the values; undefined: any. */
  readonly layout: RowLayout | undefined;
  readonly isNumber: boolean;
  /** No number has come that is not. */
  areWhole: boolean;
  #spare: SlicePage[] = [];

  constructor(layout: RowLayout | undefined) {
    this.layout = layout;
    this.isNumber = layout !== undefined && layout.names === undefined;
    this.areWhole = this.isNumber;
  }

  /** Of a column that nobody reads any more. */
  keep(pages: readonly (SlicePage | undefined)[]): void {
    for (const page of pages) {
      if (page?.has.length !== PAGE_ROWS || this.#spare.length === SPARE_PAGES_MAX) continue;
      if ((page.whole !== undefined) !== this.areWhole) continue;
      page.has.fill(0);
      page.whole?.fill(0);
      page.values?.fill(undefined);
      this.#spare.push(page);
    }
  }

  /** With nothing in it. */
  make(rows: number, epoch: number): SlicePage {
    const spare = rows === PAGE_ROWS ? this.#spare.pop() : undefined;
    if (spare !== undefined) return { ...spare, epoch };
    const cells = this.areWhole || this.layout === undefined ? 0 : rows * this.layout.width;
    return {
      ...hasOf(new Uint8Array(rows)),
      whole: this.areWhole ? new Int32Array(rows) : undefined,
      cells: new Float64Array(cells),
      values: this.layout === undefined ? new Array<unknown>(rows).fill(undefined) : undefined,
      epoch,
    };
  }

  /** Of a whole page: numbers that are not may come. */
  widened({ whole, ...page }: SlicePage): SlicePage {
    this.areWhole = false;
    this.#spare = [];
    return { ...page, whole: undefined, cells: Float64Array.from(whole ?? []) };
  }
}

const hasOf = (has: Uint8Array): Pick<SlicePage, 'has' | 'hasWords'> => ({
  has,
  hasWords: new Int32Array(has.buffer),
});

export class SliceColumn {
  readonly pages: (SlicePage | undefined)[] = [];
  /** Rows that have something, by its table's word. */
  used = 0;
  /** Since a snapshot that others go on from, by its table's word. */
  isChanged = true;
  readonly #source: SlicePages;
  /** Values are numbers: asked for each element, of which a look at the layout would be a third. */
  readonly #isNumber: boolean;
  #borrowed: unknown;

  constructor(source: SlicePages) {
    this.#source = source;
    this.#isNumber = source.isNumber;
  }

  has(row: number): boolean {
    return this.pages[row >> PAGE_BITS]?.has[row & ROW_MASK] === 1;
  }

  /**
   * Undefined: nothing. An object that is made of cells is the same for all rows, and good until the next call;
   * another is the one that is kept.
   */
  get(row: number): unknown {
    const page = this.pages[row >> PAGE_BITS];
    const at = row & ROW_MASK;
    if (page?.has[at] !== 1) return undefined;
    if (this.#isNumber) return (page.whole ?? page.cells)[at];
    if (page.values !== undefined) return page.values[at];
    const { layout } = this.#source;
    const from = at * (layout?.width ?? 0);
    this.#borrowed ??= layout?.read(page.cells, from);
    return layout?.load(page.cells, from, this.#borrowed);
  }

  /** As `get`, with an object of its own for each row: the one that was handed out may be what is put now. */
  read(row: number): unknown {
    const page = this.pages[row >> PAGE_BITS];
    const at = row & ROW_MASK;
    if (page?.has[at] !== 1) return undefined;
    if (page.whole !== undefined) return page.whole[at];
    if (page.values !== undefined) return page.values[at];
    const { layout } = this.#source;
    return layout?.read(page.cells, at * layout.width);
  }

  /** False, and nothing has changed, when the cells do not take the value. `epoch`: of now. */
  set(row: number, value: unknown, epoch: number, sharedEpoch: number): boolean {
    const page = this.#own(row, epoch, sharedEpoch);
    const at = row & ROW_MASK;
    const { layout } = this.#source;
    if (this.#isNumber) {
      if (typeof value !== 'number') return false;
      if (page.whole === undefined) page.cells[at] = value;
      else if (isWhole(value)) page.whole[at] = value;
      else this.#widen(row >> PAGE_BITS, page).cells[at] = value;
    } else if (page.values !== undefined) page.values[at] = value;
    else if (layout?.write(page.cells, at * layout.width, value) !== true) return false;
    page.has[at] = 1;
    return true;
  }

  /** The page of the row, where values are numbers and it may be written to as it is. */
  numbersOf(row: number, sharedEpoch: number): SlicePage | undefined {
    const page = this.pages[row >> PAGE_BITS];
    if (!this.#isNumber || page === undefined || page.epoch <= sharedEpoch) return undefined;
    return (row & ROW_MASK) < page.has.length ? page : undefined;
  }

  /** False: there was nothing. No snapshot is under way. */
  remove(row: number): boolean {
    if (!this.has(row)) return false;
    const page = this.pages[row >> PAGE_BITS] as SlicePage;
    const at = row & ROW_MASK;
    page.has[at] = 0;
    if (page.whole !== undefined) page.whole[at] = 0;
    if (page.values !== undefined) page.values[at] = undefined;
    return true;
  }

  /** The page is not shared with a snapshot afterwards. */
  ownPageOf(row: number, epoch: number, sharedEpoch: number): void {
    this.#own(row, epoch, sharedEpoch);
  }

  rows(): IterableIterator<number> {
    return rowsIn(this.pages);
  }

  #own(row: number, epoch: number, sharedEpoch: number): SlicePage {
    const index = row >> PAGE_BITS;
    const page = this.pages[index];
    const rows = index === 0 ? firstRows(row) : PAGE_ROWS;
    const length = page?.has.length ?? 0;
    if (page !== undefined && page.epoch > sharedEpoch && length >= rows) return page;
    const own = this.#source.make(Math.max(rows, length), epoch);
    const filled = page === undefined ? own : this.#filled(own, page);
    while (this.pages.length < index) this.pages.push(undefined);
    this.pages[index] = filled;
    return filled;
  }

  /** A page with what another has, which stays as it is. */
  #filled(own: SlicePage, { has, whole, cells, values }: SlicePage): SlicePage {
    own.has.set(has);
    if (whole === undefined) {
      own.cells.set(cells);
      values?.forEach((value, at) => {
        if (own.values !== undefined) own.values[at] = value;
      });
      return own;
    }
    if (own.whole === undefined) own.cells.set(whole);
    else own.whole.set(whole);
    return own;
  }

  #widen(index: number, page: SlicePage): SlicePage {
    const wide = this.#source.widened(page);
    this.pages[index] = wide;
    return wide;
  }
}

/** With room for the row. */
function firstRows(row: number): number {
  let rows = FIRST_ROWS_MIN;
  while (rows <= row) rows *= 2;
  return rows;
}

/** Those that have something. */
function* rowsIn(pages: readonly (SlicePage | undefined)[]): IterableIterator<number> {
  for (const [index, page] of pages.entries()) {
    if (page === undefined) continue;
    for (let at = 0; at < page.has.length; at++)
      if (page.has[at] === 1) yield (index << PAGE_BITS) | at;
  }
}

/** By row, of so many: 1 where one of the columns has something. */
export function usedRows(columns: Iterable<SliceColumn>, count: number): Uint8Array {
  const used = new Uint8Array(Math.ceil(count / PAGE_ROWS) * PAGE_ROWS);
  const words = new Int32Array(used.buffer);
  for (const { pages } of columns)
    for (const [index, page] of pages.entries())
      if (page !== undefined) addWords(words, (index * PAGE_ROWS) / 4, page.hasWords);
  return used.subarray(0, count);
}

function addWords(words: Int32Array, from: number, more: Int32Array): void {
  const { length } = more;
  for (let i = 0; i < length; i++)
    words[from + i] = (words[from + i] as number) | (more[i] as number);
}
