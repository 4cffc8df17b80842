// What windows that overlap are merged from: the slices of one window side by side, a row for each key, so that a
// firing runs through memory in order instead of looking every key up in every slice. Nothing but a view of
// the state: the next window takes over all slices but its newest, and it is made anew after a restore.

import type { NamespacedState, StoredKey } from '../../state/keyed-state.ts';

export class SliceView {
  readonly #slices: NamespacedState<number, unknown>;
  readonly #rowOf = new Map<StoredKey, number>();
  readonly #keys: StoredKey[] = [];
  /** By slice, what each row has in it. */
  readonly #columns = new Map<number, unknown[]>();
  #emptyRows = 0;

  constructor(slices: NamespacedState<number, unknown>) {
    this.#slices = slices;
  }

  /** By row. */
  get keys(): readonly StoredKey[] {
    return this.#keys;
  }

  /** The slice has got an element. */
  forget(slice: number): void {
    this.#columns.delete(slice);
  }

  /** Columns of these slices, in their order. Valid until the next call. */
  columnsOf(slices: readonly number[]): readonly (readonly unknown[])[] {
    for (const slice of this.#columns.keys())
      if (!slices.includes(slice)) this.#columns.delete(slice);
    if (this.#emptyRows * 2 > this.#keys.length) this.#empty();
    this.#emptyRows = 0;
    return slices.map((slice) => this.#columns.get(slice) ?? this.#load(slice));
  }

  /** No column has anything in one of the rows. */
  countEmptyRow(): void {
    this.#emptyRows++;
  }

  #load(slice: number): unknown[] {
    const column: unknown[] = new Array<unknown>(this.#keys.length).fill(undefined);
    for (const [key, contents] of this.#slices.entries(slice)) column[this.#row(key)] = contents;
    this.#columns.set(slice, column);
    return column;
  }

  #row(key: StoredKey): number {
    let row = this.#rowOf.get(key);
    if (row === undefined) {
      row = this.#keys.push(key) - 1;
      this.#rowOf.set(key, row);
    }
    return row;
  }

  #empty(): void {
    this.#rowOf.clear();
    this.#keys.length = 0;
    this.#columns.clear();
  }
}
