// What the keys of a state have in one slice: pages by row, made when the first of their rows has something.
// Numbers and flat objects of numbers stand in typed cells, as in rows (row-layout.ts); all else is kept as it
// is. A page that a snapshot holds is copied before it is written to.

import type { RowLayout } from './row-layout.ts';

const PAGE_BITS = 8;
export const PAGE_ROWS = 1 << PAGE_BITS;
const ROW_MASK = PAGE_ROWS - 1;
/** 5 MB of numbers. */
const SPARE_PAGES_MAX = 2_048;

export interface SlicePage {
  /** 1 for rows that have something. */
  readonly has: Uint8Array;
  /** The same memory, four rows a word. */
  readonly hasWords: Int32Array;
  readonly cells: Float64Array;
  /** Undefined while there are cells. */
  readonly values: unknown[] | undefined;
  /** When it was made; a snapshot holds the pages of its own time and before. */
  readonly epoch: number;
}

export const pageIndexOf = (row: number): number => row >> PAGE_BITS;
export const placeOf = (row: number): number => row & ROW_MASK;

/** Pages of slices that are over, for those that come: memory that comes and goes with each costs a tenth. */
export class SparePages {
  #pages: SlicePage[] = [];

  /** Of a column that nobody reads any more, of the same layout. */
  keep(pages: readonly (SlicePage | undefined)[]): void {
    for (const page of pages) {
      if (page === undefined || this.#pages.length === SPARE_PAGES_MAX) continue;
      page.has.fill(0);
      page.values?.fill(undefined);
      this.#pages.push(page);
    }
  }

  take(epoch: number): SlicePage | undefined {
    const page = this.#pages.pop();
    return page && { ...page, epoch };
  }

  /** Another layout begins. */
  clear(): void {
    this.#pages = [];
  }
}

export class SliceColumn {
  readonly pages: (SlicePage | undefined)[] = [];
  /** Rows that have something, by its table's word. */
  used = 0;
  /** Since a snapshot that others go on from, by its table's word. */
  isChanged = true;
  readonly #spare: SparePages;
  readonly #layout: RowLayout | undefined;
  readonly #width: number;
  /** Values are numbers: asked for each element, of which a look at the layout would be a third. */
  readonly #isNumber: boolean;
  #borrowed: unknown;

  constructor(layout: RowLayout | undefined, spare: SparePages) {
    this.#spare = spare;
    this.#layout = layout;
    this.#width = layout?.width ?? 0;
    this.#isNumber = layout !== undefined && layout.names === undefined;
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
    if (page === undefined || page.has[at] === 0) return undefined;
    if (this.#isNumber) return page.cells[at];
    if (page.values !== undefined) return page.values[at];
    this.#borrowed ??= this.#layout?.read(page.cells, at * this.#width);
    return this.#layout?.load(page.cells, at * this.#width, this.#borrowed);
  }

  /** As `get`, with an object of its own for each row: the one that was handed out may be what is put now. */
  read(row: number): unknown {
    const page = this.pages[row >> PAGE_BITS];
    const at = row & ROW_MASK;
    if (page === undefined || page.has[at] === 0) return undefined;
    if (page.values !== undefined) return page.values[at];
    return this.#layout?.read(page.cells, at * this.#width);
  }

  /** False, and nothing has changed, when the cells do not take the value. `epoch`: of now. */
  set(row: number, value: unknown, epoch: number, sharedEpoch: number): boolean {
    const page = this.#own(row >> PAGE_BITS, epoch, sharedEpoch);
    const at = row & ROW_MASK;
    if (this.#isNumber) {
      if (typeof value !== 'number') return false;
      page.cells[at] = value;
    } else if (page.values !== undefined) page.values[at] = value;
    else if (this.#layout?.write(page.cells, at * this.#width, value) !== true) return false;
    page.has[at] = 1;
    return true;
  }

  /** The page of the row, where values are numbers and it may be written to as it is. */
  numbersOf(row: number, sharedEpoch: number): SlicePage | undefined {
    const page = this.pages[row >> PAGE_BITS];
    return this.#isNumber && page !== undefined && page.epoch > sharedEpoch ? page : undefined;
  }

  /** False: there was nothing. No snapshot is under way. */
  remove(row: number): boolean {
    if (!this.has(row)) return false;
    const page = this.pages[row >> PAGE_BITS] as SlicePage;
    page.has[row & ROW_MASK] = 0;
    if (page.values !== undefined) page.values[row & ROW_MASK] = undefined;
    return true;
  }

  /** The page is not shared with a snapshot afterwards. */
  ownPageOf(row: number, epoch: number, sharedEpoch: number): void {
    this.#own(row >> PAGE_BITS, epoch, sharedEpoch);
  }

  rows(): IterableIterator<number> {
    return rowsIn(this.pages);
  }

  #own(index: number, epoch: number, sharedEpoch: number): SlicePage {
    const page = this.pages[index];
    if (page !== undefined && page.epoch > sharedEpoch) return page;
    const own = page === undefined ? this.#newPage(epoch) : copyOf(page, epoch);
    while (this.pages.length < index) this.pages.push(undefined);
    this.pages[index] = own;
    return own;
  }

  #newPage(epoch: number): SlicePage {
    const spare = this.#spare.take(epoch);
    if (spare !== undefined) return spare;
    const isTyped = this.#layout !== undefined;
    const has = new Uint8Array(PAGE_ROWS);
    return {
      has,
      hasWords: new Int32Array(has.buffer),
      cells: new Float64Array(PAGE_ROWS * this.#width),
      values: isTyped ? undefined : new Array<unknown>(PAGE_ROWS).fill(undefined),
      epoch,
    };
  }
}

/** Those that have something. */
export function* rowsIn(pages: readonly (SlicePage | undefined)[]): IterableIterator<number> {
  for (const [index, page] of pages.entries()) {
    if (page === undefined) continue;
    for (let at = 0; at < PAGE_ROWS; at++) if (page.has[at] === 1) yield (index << PAGE_BITS) | at;
  }
}

function copyOf({ has, cells, values }: SlicePage, epoch: number): SlicePage {
  const own = has.slice();
  return {
    has: own,
    hasWords: new Int32Array(own.buffer),
    cells: cells.slice(),
    values: values?.slice(),
    epoch,
  };
}
