// Elements in the order in which they came. Numbers and flat objects of numbers stand in typed cells (row-layout.ts);
// the first that does not turns the column into one of objects. Nothing is ever changed but added to, so a snapshot
// only remembers how many there were.

import { layoutFor, type RowLayout } from './row-layout.ts';

const ELEMENTS_MIN = 64;

export class ListColumn {
  #cells = new Float64Array(0);
  #values: unknown[] | undefined;
  #layout: RowLayout | undefined;
  #width = 0;
  /** Elements that the cells have room for. */
  #room: number;
  #count = 0;
  readonly #copy: (value: unknown) => unknown;

  /**
   * @param copy Makes an object that may be kept of one that may not.
   * @param elements As many as are expected.
   */
  constructor(copy: (value: unknown) => unknown, elements: number) {
    this.#copy = copy;
    this.#room = Math.max(ELEMENTS_MIN, elements);
  }

  get count(): number {
    return this.#count;
  }

  /** Elements are objects, not made anew by `read`. */
  get hasObjects(): boolean {
    return this.#values !== undefined;
  }

  /** As if new, with the room that it has: not while a snapshot reads it. */
  reset(): void {
    this.#count = 0;
    this.#values = undefined;
  }

  add(value: unknown): void {
    const index = this.#count++;
    if (index === 0) this.#begin(value);
    else if (index === this.#room) this.#grow();
    if (this.#values !== undefined) this.#values.push(this.#copy(value));
    else if (this.#layout?.write(this.#cells, index * this.#width, value) !== true)
      this.#toObjects(index, value);
  }

  read(index: number): unknown {
    if (this.#values !== undefined) return this.#values[index];
    return this.#layout?.read(this.#cells, index * this.#width);
  }

  /** Reads what there is now, whatever comes. */
  freeze(): (index: number) => unknown {
    const [values, cells, layout, width] = [this.#values, this.#cells, this.#layout, this.#width];
    return (index) => (values === undefined ? layout?.read(cells, index * width) : values[index]);
  }

  #begin(value: unknown): void {
    this.#layout = layoutFor(value);
    this.#width = this.#layout?.width ?? 0;
    if (this.#layout === undefined) this.#values = [];
    else if (this.#cells.length !== this.#room * this.#width)
      this.#cells = new Float64Array(this.#room * this.#width);
  }

  #toObjects(count: number, value: unknown): void {
    this.#values = Array.from({ length: count }, (_, i) => this.read(i));
    this.#cells = new Float64Array(0);
    this.#values.push(this.#copy(value));
  }

  #grow(): void {
    this.#room *= 2;
    if (this.#values !== undefined) return;
    const cells = new Float64Array(this.#room * this.#width);
    cells.set(this.#cells);
    this.#cells = cells;
  }
}
