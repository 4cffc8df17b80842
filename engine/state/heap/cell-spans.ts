// The cells of frozen rows, some key groups at a time: pages are read from their first row to their last, and
// every row is put where its group is collected. To go from group to group instead would be to read memory at
// random, which takes ten times as long.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import { type FrozenRows, type Page, strideOf } from './row-pages.ts';
import { countRows, pageRowsOf } from './rows-by-group.ts';

/** What is collected at once: so many bytes, or this part of all, whatever is more. */
const SPAN_BYTES = 16 * 1024 * 1024;
const SPANS = 4;
/** Reading over a row weighs as much as writing this many bytes. */
const SEEN_ROW_BYTES = 1;

export class CellSpans {
  readonly #rows: FrozenRows;
  readonly #start: number;
  /** Rows before each group. */
  readonly #starts: Uint32Array;
  readonly #stride: number;
  /** Cells of an entry: its namespace, if it has one, and its row. */
  readonly #width: number;
  /** Groups that are collected, from the first to before the last, and their cells. */
  #span: { readonly first: number; readonly end: number } = { first: 0, end: 0 };
  #cells = new Float64Array(0);

  constructor(rows: FrozenRows, { start, end }: KeyGroupRange) {
    this.#rows = rows;
    this.#start = start;
    this.#starts = new Uint32Array(end - start + 2);
    this.#stride = strideOf(rows.format);
    this.#width = this.#stride + (rows.format.hasNamespaces ? 1 : 0);
  }

  /** Before all else. Yields what it has done, in bytes. */
  *count(): Iterable<number> {
    const starts = this.#starts;
    for (const [i, page] of this.#rows.pages.entries()) {
      countRows(pageRowsOf(page, i), starts, this.#start);
      yield page.groups.length * SEEN_ROW_BYTES;
    }
    for (let i = 1; i < starts.length; i++)
      starts[i] = (starts[i] as number) + (starts[i - 1] as number);
  }

  rowsOf(keyGroup: number): number {
    return this.#startOf(keyGroup + 1) - this.#startOf(keyGroup);
  }

  /** Groups by ascending number. Yields what it has done, in bytes. */
  *collect(keyGroup: number): Iterable<number> {
    if (keyGroup >= this.#span.first && keyGroup < this.#span.end) return;
    this.#span = { first: keyGroup, end: this.#endOfSpan(keyGroup) };
    const { first, end } = this.#span;
    const from = this.#startOf(first);
    const cells = (this.#startOf(end) - from) * this.#width;
    if (this.#cells.length < cells) this.#cells = new Float64Array(cells);
    const next = this.#starts.slice(first - this.#start, end - this.#start).map((at) => at - from);
    for (const page of this.#rows.pages) {
      const before = next.reduce((sum, at) => sum + at, 0);
      this.#take(page, next, first);
      const taken = next.reduce((sum, at) => sum + at, 0) - before;
      yield taken * this.#width * 8 + page.groups.length * SEEN_ROW_BYTES;
    }
  }

  /** Of a group that is collected; valid until the next is. */
  cellsOf(keyGroup: number): Uint8Array {
    const from = this.#startOf(keyGroup) - this.#startOf(this.#span.first);
    const width = this.#width * 8;
    return new Uint8Array(this.#cells.buffer, from * width, this.rowsOf(keyGroup) * width);
  }

  #startOf(keyGroup: number): number {
    return this.#starts[keyGroup - this.#start] as number;
  }

  #endOfSpan(first: number): number {
    const all = (this.#starts.at(-1) as number) * this.#width * 8;
    const bytesMax = Math.max(SPAN_BYTES, all / SPANS);
    const last = this.#start + this.#starts.length - 1;
    let end = first + 1;
    while (end < last) {
      const bytes = (this.#startOf(end + 1) - this.#startOf(first)) * this.#width * 8;
      if (bytes > bytesMax) break;
      end++;
    }
    return end;
  }

  /** `next`: by group of the span, the entry that its next row becomes. */
  #take({ groups, cells, namespaces }: Page, next: Uint32Array, first: number): void {
    const to = this.#cells;
    const stride = this.#stride;
    const width = this.#width;
    for (let place = 0; place < groups.length; place++) {
      const at = (groups[place] as number) - first;
      if (at < 0 || at >= next.length) continue;
      const entry = next[at] as number;
      next[at] = entry + 1;
      let cell = entry * width;
      if (namespaces !== undefined) to[cell++] = namespaces[place] as number;
      const from = place * stride;
      for (let i = 0; i < stride; i++) to[cell + i] = cells[from + i] as number;
    }
  }
}
