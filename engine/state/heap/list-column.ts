// The elements that keys have in one slice on one side of a join: all in one place in the order in which they
// came, each linked to the one before it of the same key. Numbers and flat objects of numbers stand in typed
// cells (row-layout.ts); the first that does not turns the column into one of objects. Nothing is ever changed
// but added to, so a snapshot only remembers how many there were.

import { layoutFor, type RowLayout } from './row-layout.ts';

const ELEMENTS_MIN = 64;

/** What a snapshot reads: elements below `count` as they were. An element is known by its number + 1, 0 is none. */
export interface FrozenList {
  readonly count: number;
  /** Of the same key, also of elements that came since. */
  before(element: number): number;
  read(element: number): unknown;
}

export class ListColumn {
  #before: Int32Array;
  #cells = new Float64Array(0);
  #values: unknown[] | undefined;
  #layout: RowLayout | undefined;
  #width = 0;
  #count = 0;
  readonly #copy: (value: unknown) => unknown;

  /**
   * @param copy Makes an object that may be kept of one that may not.
   * @param elements As many as are expected.
   */
  constructor(copy: (value: unknown) => unknown, elements: number) {
    this.#copy = copy;
    this.#before = new Int32Array(Math.max(ELEMENTS_MIN, elements));
  }

  get count(): number {
    return this.#count;
  }

  /** As if new, with the room that it has: not while a snapshot reads it. */
  reset(): void {
    this.#count = 0;
    this.#values = undefined;
  }

  /** Behind the last element of its key, or 0. Returns the new one. */
  add(last: number, value: unknown): number {
    const index = this.#count;
    if (index === 0 && this.#values === undefined) this.#begin(value);
    if (index === this.#before.length) this.#grow();
    this.#store(index, value);
    this.#before[index] = last;
    this.#count++;
    return this.#count;
  }

  /** Those of a key, in order, by the last of them; objects that are kept go through `copy`. */
  list(last: number, copy: (value: unknown) => unknown): unknown[] {
    const list: unknown[] = [];
    for (let at = last; at > 0; at = this.#before[at - 1] as number) {
      const value = this.#read(at - 1);
      list.push(this.#values === undefined ? value : copy(value));
    }
    return list.length > 1 ? list.reverse() : list;
  }

  freeze(): FrozenList {
    const [values, cells, layout, width] = [this.#values, this.#cells, this.#layout, this.#width];
    return {
      count: this.#count,
      before: (element) => this.#before[element - 1] as number,
      read: (element) =>
        values === undefined ? layout?.read(cells, (element - 1) * width) : values[element - 1],
    };
  }

  #begin(value: unknown): void {
    this.#layout = layoutFor(value);
    this.#width = this.#layout?.width ?? 0;
    if (this.#layout === undefined) this.#values = [];
    else if (this.#cells.length !== this.#before.length * this.#width)
      this.#cells = new Float64Array(this.#before.length * this.#width);
  }

  #store(index: number, value: unknown): void {
    if (this.#values === undefined) {
      if (this.#layout?.write(this.#cells, index * this.#width, value) === true) return;
      this.#values = Array.from({ length: index }, (_, i) => this.#read(i));
      this.#cells = new Float64Array(0);
    }
    this.#values.push(this.#copy(value));
  }

  #read(index: number): unknown {
    if (this.#values !== undefined) return this.#values[index];
    return this.#layout?.read(this.#cells, index * this.#width);
  }

  #grow(): void {
    const elements = this.#before.length * 2;
    const before = new Int32Array(elements);
    before.set(this.#before);
    this.#before = before;
    if (this.#values !== undefined) return;
    const cells = new Float64Array(elements * this.#width);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}

/** The elements of a key as they were, by the last that it has now. */
export function listOf(list: FrozenList, last: number): unknown[] {
  const elements: unknown[] = [];
  for (let at = lastIn(list, last); at > 0; at = list.before(at)) elements.push(list.read(at));
  return elements.reverse();
}

/** The last element of a key that a snapshot has, by the last that it has now; 0: none. */
export function lastIn(list: FrozenList, last: number): number {
  let at = last;
  while (at > list.count) at = list.before(at);
  return at;
}
