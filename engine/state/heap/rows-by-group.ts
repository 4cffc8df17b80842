// Rows of frozen pages in the order of their key groups: a counting sort, page by page, so that its caller can
// stop in between and let elements pass.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import { FREE_ROW, PAGE_BITS, type Page } from './row-pages.ts';

/** Sorting a row weighs as much as writing this many bytes. */
const SORTED_ROW_BYTES = 1;

/** Rows of one page. */
export interface PageRows {
  /** Key groups by place in the page; places without an entry have none. */
  readonly groups: Uint16Array;
  /** Which places; undefined: all that have an entry. */
  readonly places: readonly number[] | undefined;
  /** The row at place 0. */
  readonly first: number;
}

export class RowsByGroup {
  readonly #start: number;
  readonly #starts: Uint32Array;
  #order = new Uint32Array(0);

  constructor({ start, end }: KeyGroupRange) {
    this.#start = start;
    this.#starts = new Uint32Array(end - start + 2);
  }

  get size(): number {
    return this.#order.length;
  }

  /** Once. Yields what it has done, in bytes. */
  *sort(pages: readonly PageRows[]): Iterable<number> {
    const starts = this.#starts;
    for (const page of pages) {
      countRows(page, starts, this.#start);
      yield page.groups.length * SORTED_ROW_BYTES;
    }
    for (let i = 1; i < starts.length; i++)
      starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    this.#order = new Uint32Array(starts.at(-1) as number);
    const next = starts.slice();
    for (const page of pages) {
      placeRows(page, next, this.#start, this.#order);
      yield page.groups.length * SORTED_ROW_BYTES;
    }
  }

  of(keyGroup: number): Uint32Array {
    const group = keyGroup - this.#start;
    return this.#order.subarray(this.#starts[group], this.#starts[group + 1]);
  }
}

/** All of a page; `index`: its number. */
export const pageRowsOf = ({ groups }: Page, index: number): PageRows => ({
  groups,
  places: undefined,
  first: index << PAGE_BITS,
});

/** Counts the rows of each group in the place behind its own. */
export function countRows({ groups, places }: PageRows, counts: Uint32Array, start: number): void {
  const { length } = places ?? groups;
  for (let i = 0; i < length; i++) {
    const group = groups[places === undefined ? i : (places[i] as number)] as number;
    if (group === FREE_ROW) continue;
    const at = group - start + 1;
    counts[at] = (counts[at] as number) + 1;
  }
}

function placeRows(
  { groups, places, first }: PageRows,
  next: Uint32Array,
  start: number,
  order: Uint32Array,
): void {
  const { length } = places ?? groups;
  for (let i = 0; i < length; i++) {
    const place = places === undefined ? i : (places[i] as number);
    const group = groups[place] as number;
    if (group === FREE_ROW) continue;
    const at = next[group - start] as number;
    order[at] = first + place;
    next[group - start] = at + 1;
  }
}
