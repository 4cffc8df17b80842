// Runs through the columns of a window's slices side by side, row after row, and merges what each key has in
// them. It can be left alone between two keys.

import type { Merge, SliceCursor, StoredKey } from '../keyed-state.ts';
import { ValueCopier } from '../value-copier.ts';
import type { KeyRows } from './key-rows.ts';
import type { RowLayout } from './row-layout.ts';
import { PAGE_ROWS, type SliceColumn, type SlicePage, type SlicePages } from './slice-column.ts';

export class MergingCursor implements SliceCursor {
  key: StoredKey = 0;
  contents: unknown;
  isKept = false;
  readonly #keys: KeyRows | undefined;
  readonly #columns: readonly SliceColumn[];
  readonly #layout: RowLayout | undefined;
  readonly #isNumber: boolean;
  readonly #merge: Merge;
  readonly #preserve: (row: number) => void;
  readonly #copier = new ValueCopier((text) => text);
  /** Those of the rows at work, oldest slice first. */
  #pages: readonly SlicePage[] = [];
  #row = 0;
  #end = 0;

  constructor(
    keys: KeyRows | undefined,
    columns: readonly SliceColumn[],
    { layout, isNumber }: SlicePages,
    merge: Merge,
    preserve: (row: number) => void,
  ) {
    this.#keys = keys;
    this.#columns = columns;
    this.#layout = layout;
    this.#isNumber = isNumber;
    this.#merge = merge;
    this.#preserve = preserve;
  }

  next(): boolean {
    const keys = this.#keys;
    if (keys === undefined) return false;
    for (;;) {
      if (this.#row === this.#end && !this.#turn(keys.count)) return false;
      const row = this.#row++;
      const at = row & (PAGE_ROWS - 1);
      if (this.#mergeRow(row, at)) {
        this.key = keys.key(row);
        return true;
      }
    }
  }

  /** To the next page that one of the columns has. */
  #turn(count: number): boolean {
    while (this.#end < count) {
      const index = this.#end / PAGE_ROWS;
      this.#row = this.#end;
      this.#end += PAGE_ROWS;
      this.#pages = this.#columns.flatMap(({ pages }) => pages[index] ?? []);
      if (this.#pages.length > 0) return true;
    }
    this.#row = this.#end;
    return false;
  }

  #mergeRow(row: number, at: number): boolean {
    if (this.#isNumber) return this.#mergeNumbers(at);
    return this.#layout === undefined ? this.#mergeValues(row, at) : this.#mergeCells(at);
  }

  #mergeNumbers(at: number): boolean {
    const pages = this.#pages;
    let merged: unknown;
    for (let i = 0; i < pages.length; i++) {
      const { has, whole, cells } = pages[i] as SlicePage;
      if (has[at] !== 1) continue;
      const own = (whole ?? cells)[at];
      merged = merged === undefined ? own : this.#merge(merged, own);
    }
    this.contents = merged;
    return merged !== undefined;
  }

  #mergeCells(at: number): boolean {
    let merged: unknown;
    for (const { has, cells } of this.#pages) {
      if (has[at] !== 1) continue;
      const own = this.#layout?.read(cells, at * this.#width);
      merged = merged === undefined ? own : this.#merge(merged, own);
    }
    this.contents = merged;
    return merged !== undefined;
  }

  /** Merging may change what it is given, and other windows need the slices as they are. */
  #mergeValues(row: number, at: number): boolean {
    let merged: unknown;
    let parts = 0;
    for (const { values = [] } of this.#pages) {
      const own = values[at];
      if (own === undefined) continue;
      // Before it is handed out, not before it is read: what is frozen then is a copy.
      if (parts++ === 0) this.#preserve(row);
      if (parts === 1) merged = own;
      else
        merged = this.#merge(
          parts === 2 ? this.#copier.copy(merged) : merged,
          this.#copier.copy(own),
        );
    }
    this.contents = merged;
    this.isKept = parts === 1;
    return parts > 0;
  }

  get #width(): number {
    return this.#layout?.width ?? 0;
  }
}
