// A table as a snapshot sees it: rows that do not change any more, sorted by key group, written group by
// group. Sorting and writing are generators which yield what they have done in bytes, or as good as, so that
// their caller can stop in between and let elements pass.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { BlockWriter, SectionHead } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import {
  FREE_ROW,
  type FrozenRows,
  keyIn,
  pageOf,
  placeOf,
  strideOf,
  Unstorable,
  valueIn,
} from './row-pages.ts';

/** Rows written between two yields. */
const ROWS_PER_STEP = 512;
/** Sorting a row weighs as much as writing this many bytes. */
const SORTED_ROW_BYTES = 1;

/** What the snapshot of a backend is made of. */
export interface FrozenState {
  /** Comes first. Yields its progress in bytes. */
  prepare(): Iterable<number>;
  writeGroup(keyGroup: number, block: BlockWriter): Iterable<number>;
  /** The snapshot is complete, or given up. */
  release(): void;
}

export interface RowWriting {
  readonly head: Pick<SectionHead, 'name' | 'kind' | 'timed'>;
  /** Tells the part of the value that is to be written; undefined: nothing. */
  readonly alive: (stored: unknown) => unknown;
  readonly writeValue: (values: ValueWriter, stored: unknown) => void;
}

export class FrozenTable implements FrozenState {
  readonly #rows: FrozenRows;
  readonly #writing: RowWriting;
  readonly #keyGroups: KeyGroupRange;
  readonly #release: () => void;
  /** Row numbers by key group, and where each group begins among them. */
  #order = new Uint32Array(0);
  #starts = new Uint32Array(0);

  constructor(
    rows: FrozenRows,
    writing: RowWriting,
    keyGroups: KeyGroupRange,
    release: () => void,
  ) {
    this.#rows = rows;
    this.#writing = writing;
    this.#keyGroups = keyGroups;
    this.#release = release;
  }

  release(): void {
    this.#release();
  }

  /** A counting sort, page by page. */
  *prepare(): Iterable<number> {
    const { start, end } = this.#keyGroups;
    const next = new Uint32Array(end - start + 2);
    for (const { groups } of this.#rows.pages) {
      for (const group of groups)
        if (group !== FREE_ROW) next[group - start + 1] = (next[group - start + 1] as number) + 1;
      yield groups.length * SORTED_ROW_BYTES;
    }
    for (let i = 1; i < next.length; i++) next[i] = (next[i] as number) + (next[i - 1] as number);
    this.#starts = next.slice();
    this.#order = new Uint32Array(next.at(-1) as number);
    let row = 0;
    for (const { groups } of this.#rows.pages) {
      for (const group of groups) {
        if (group !== FREE_ROW) {
          const at = next[group - start] as number;
          this.#order[at] = row;
          next[group - start] = at + 1;
        }
        row++;
      }
      yield groups.length * SORTED_ROW_BYTES;
    }
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const group = keyGroup - this.#keyGroups.start;
    const rows = this.#order.subarray(this.#starts[group], this.#starts[group + 1]);
    if (rows.length === 0) return;
    const typed = this.#canWriteCells(rows);
    yield* typed ? this.#writeCells(rows, block) : this.#writeValues(rows, block);
    block.endSection({ ...this.#writing.head, typed, separate: false });
  }

  /** Keys, values and namespaces are all numbers. */
  #canWriteCells(rows: Uint32Array): boolean {
    const { format } = this.#rows;
    if (!format.hasNumberKeys || format.layout === undefined || this.#writing.head.timed)
      return false;
    return !format.hasNamespaces || rows.every((row) => typeof this.#namespace(row) === 'number');
  }

  *#writeCells(rows: Uint32Array, block: BlockWriter): Iterable<number> {
    const { format } = this.#rows;
    const { out } = block.entries(rows.length);
    const names = format.layout?.names ?? [];
    out.varint(names.length);
    for (const name of names) out.string(name);
    const stride = strideOf(format);
    const width = stride + (format.hasNamespaces ? 1 : 0);
    const cells = new Float64Array(Math.min(ROWS_PER_STEP, rows.length) * width);
    for (let first = 0; first < rows.length; first += ROWS_PER_STEP) {
      const some = rows.subarray(first, first + ROWS_PER_STEP);
      let at = 0;
      for (const row of some) {
        if (format.hasNamespaces) cells[at++] = this.#namespace(row) as number;
        const from = pageOf(this.#rows, row).cells;
        const begin = placeOf(row) * stride;
        for (let i = 0; i < stride; i++) cells[at++] = from[begin + i] as number;
      }
      out.bytes(new Uint8Array(cells.buffer, 0, at * 8));
      yield at * 8;
    }
  }

  *#writeValues(rows: Uint32Array, block: BlockWriter): Iterable<number> {
    const { format } = this.#rows;
    let written = block.size;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const page = pageOf(this.#rows, row);
      const stored = valueIn(page, placeOf(row), format);
      if (stored instanceof Unstorable) throw stored.cause;
      const alive = this.#writing.alive(stored);
      if (alive !== undefined) {
        const values = block.entries(1);
        if (format.hasNamespaces) values.write(this.#namespace(row));
        values.write(keyOfMapKey(keyIn(page, placeOf(row), format) as MapKey));
        this.#writing.writeValue(values, alive);
      }
      // Values differ in size: a step is so many rows or so many bytes.
      if (block.size - written < ROWS_PER_STEP * 16 && i % ROWS_PER_STEP > 0) continue;
      yield block.size - written + 1;
      written = block.size;
    }
  }

  #namespace(row: number): string | number | undefined {
    return pageOf(this.#rows, row).namespaces?.[placeOf(row)];
  }
}
