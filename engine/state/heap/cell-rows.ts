// The values of one namespace for code that is generated around them: where those of a key stand in cells, so that a
// look at one, its change and its way back are part of the loop over the elements (task/chain-code.ts).

import type { MapKey } from '../map-key.ts';
import type { KeyIndex } from './key-index.ts';
import type { RowLayout } from './row-layout.ts';
import type { RowPages } from './row-pages.ts';

/** What it is made of, when there is an entry. */
export interface CellSource {
  readonly rows: RowPages;
  /** The namespace's, which keeps an entry from now on. */
  readonly index: KeyIndex;
}

/** Not in cells: whether the key has a value, and which, the state's handle tells. */
export const NOT_IN_CELLS = -2;

export class CellRows {
  /** Of the values, when `find` has found one; its functions are for cells of these rows alone. */
  layout: RowLayout | undefined;
  /** For `layout.load`: what it holds is good until the next element. */
  borrowed: unknown;
  readonly #source: () => CellSource | undefined;
  #rows: RowPages | undefined;
  #index: KeyIndex | undefined;

  constructor(source: () => CellSource | undefined) {
    this.#source = source;
  }

  /** The row whose cells may be read and written until the next call; -1: the key has no value; NOT_IN_CELLS. */
  find(key: MapKey): number {
    const rows = this.#rows ?? this.#begin();
    if (rows === undefined) return -1;
    if (rows.layout === undefined) return NOT_IN_CELLS;
    return (this.#index as KeyIndex).find(key);
  }

  /** To be changed, from `at` on, within the layout's width. */
  cells(row: number): Float64Array {
    return (this.#rows as RowPages).ownCells(row);
  }

  at(row: number): number {
    return (this.#rows as RowPages).cellsAt(row);
  }

  /** Undefined: there is no value yet. */
  #begin(): RowPages | undefined {
    const source = this.#source();
    if (source === undefined) return undefined;
    const { layout } = source.rows;
    this.#rows = source.rows;
    this.#index = source.index;
    this.layout = layout;
    this.borrowed = layout?.read(new Float64Array(layout.width), 0);
    return this.#rows;
  }
}
