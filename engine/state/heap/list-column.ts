// The elements that keys have in one slice on one side of a join: all in one place in the order in which they
// came, those of a key linked from one to the next. Numbers and flat objects of numbers stand in typed cells
// (row-layout.ts); the first that does not turns the column into one of objects. Nothing is ever changed but
// added to, so a snapshot only remembers how many there were.

import { layoutFor, type RowLayout } from './row-layout.ts';

const ELEMENTS_MIN = 64;

/** What a snapshot reads: elements below `count` as they were. */
export interface FrozenList {
  readonly count: number;
  /** By row; by element. Element number + 1, 0 for none. */
  readonly heads: Int32Array;
  readonly next: Int32Array;
  read(element: number): unknown;
}

export class ListColumn {
  #heads: Int32Array;
  #tails: Int32Array;
  #next: Int32Array;
  #cells = new Float64Array(0);
  #values: unknown[] | undefined;
  #layout: RowLayout | undefined;
  #width = 0;
  #count = 0;
  /** That have something. */
  #rows = 0;
  readonly #copy: (value: unknown) => unknown;

  /**
   * @param copy Makes an object that may be kept of one that may not.
   * @param rows, elements As many as are expected.
   */
  constructor(copy: (value: unknown) => unknown, rows: number, elements: number) {
    this.#copy = copy;
    this.#heads = new Int32Array(rows);
    this.#tails = new Int32Array(rows);
    this.#next = new Int32Array(Math.max(ELEMENTS_MIN, elements));
  }

  get count(): number {
    return this.#count;
  }

  /** As if new, with the room that it has: not while a snapshot reads it. */
  reset(rows: number): void {
    if (rows > this.#heads.length) this.#extendTo(rows - 1);
    this.#heads.fill(0);
    this.#tails.fill(0);
    this.#count = 0;
    this.#rows = 0;
    this.#values = undefined;
  }

  has(row: number): boolean {
    return row < this.#heads.length && this.#heads[row] !== 0;
  }

  add(row: number, value: unknown): void {
    const element = this.#count;
    if (element === 0 && this.#values === undefined) this.#begin(value);
    if (element === this.#next.length) this.#grow();
    this.#store(element, value);
    this.#count++;
    if (row >= this.#heads.length) this.#extendTo(row);
    this.#next[element] = 0;
    const tail = this.#tails[row] as number;
    if (tail === 0) {
      this.#heads[row] = element + 1;
      this.#rows++;
    } else this.#next[tail - 1] = element + 1;
    this.#tails[row] = element + 1;
  }

  /** Those of the row, in order; objects that are kept go through `copy`. */
  list(row: number, copy: (value: unknown) => unknown): unknown[] {
    const list: unknown[] = [];
    for (let at = this.#heads[row] ?? 0; at > 0; at = this.#next[at - 1] as number) {
      const element = this.#read(at - 1);
      list.push(this.#values === undefined ? element : copy(element));
    }
    return list;
  }

  get isEmpty(): boolean {
    return this.#rows === 0;
  }

  /** The elements stay where they are, of nobody's. */
  remove(row: number): void {
    if (!this.has(row)) return;
    this.#heads[row] = 0;
    this.#tails[row] = 0;
    this.#rows--;
  }

  /** Gives rows new numbers. */
  renumber(rowFor: Int32Array): void {
    const [heads, tails] = [this.#heads, this.#tails];
    this.#heads = new Int32Array(heads.length);
    this.#tails = new Int32Array(heads.length);
    for (const [row, head] of heads.entries()) {
      if (head === 0) continue;
      const to = rowFor[row] as number;
      this.#heads[to] = head;
      this.#tails[to] = tails[row] as number;
    }
  }

  freeze(): FrozenList {
    const [values, cells, layout, width] = [this.#values, this.#cells, this.#layout, this.#width];
    return {
      count: this.#count,
      heads: this.#heads,
      next: this.#next,
      read: (element) =>
        values === undefined ? layout?.read(cells, element * width) : values[element],
    };
  }

  #begin(value: unknown): void {
    this.#layout = layoutFor(value);
    this.#width = this.#layout?.width ?? 0;
    if (this.#layout === undefined) this.#values = [];
    else if (this.#cells.length !== this.#next.length * this.#width)
      this.#cells = new Float64Array(this.#next.length * this.#width);
  }

  #store(element: number, value: unknown): void {
    if (this.#values === undefined) {
      if (this.#layout?.write(this.#cells, element * this.#width, value) === true) return;
      this.#values = Array.from({ length: element }, (_, i) => this.#read(i));
      this.#cells = new Float64Array(0);
    }
    this.#values.push(this.#copy(value));
  }

  #read(element: number): unknown {
    if (this.#values !== undefined) return this.#values[element];
    return this.#layout?.read(this.#cells, element * this.#width);
  }

  #grow(): void {
    const elements = this.#next.length * 2;
    const next = new Int32Array(elements);
    next.set(this.#next);
    this.#next = next;
    if (this.#values !== undefined) return;
    const cells = new Float64Array(elements * this.#width);
    cells.set(this.#cells);
    this.#cells = cells;
  }

  #extendTo(row: number): void {
    const rows = Math.max(ELEMENTS_MIN, row + 1, this.#heads.length * 2);
    const [heads, tails] = [new Int32Array(rows), new Int32Array(rows)];
    heads.set(this.#heads);
    tails.set(this.#tails);
    [this.#heads, this.#tails] = [heads, tails];
  }
}

/** There were elements of the row. */
export function hasList({ count, heads }: FrozenList, row: number): boolean {
  const head = heads[row] ?? 0;
  return head > 0 && head <= count;
}

/** The elements of a row as they were. */
export function listOf({ count, heads, next, read }: FrozenList, row: number): unknown[] {
  const list: unknown[] = [];
  for (let at = heads[row] ?? 0; at > 0 && at <= count; at = next[at - 1] as number)
    list.push(read(at - 1));
  return list;
}
