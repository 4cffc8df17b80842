// Contents of windows as a snapshot sees them, written by key group: for each key what it has in each slice, as
// entries with a namespace (keyed-snapshot.ts).

import type { KeyGroupRange } from '../../core/key-groups.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { BlockWriter } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import type { FrozenState } from './frozen-table.ts';
import type { FrozenKeys } from './key-rows.ts';
import type { RowLayout } from './row-layout.ts';
import { Unstorable } from './row-pages.ts';
import { pageIndexOf, placeOf, type SlicePage } from './slice-column.ts';

/** Rows looked at between two yields. */
const ROWS_PER_STEP = 1_024;
const SORTED_ROW_BYTES = 1;

interface FrozenCells {
  readonly layout: RowLayout;
  /** By slice, page by page. */
  readonly pages: ReadonlyMap<number, readonly (SlicePage | undefined)[]>;
}

interface FrozenContents {
  readonly name: string;
  readonly keys: FrozenKeys;
  /** Where all is numbers. */
  readonly cells: FrozenCells | undefined;
  /** By slice, what a row has in it; undefined: nothing. */
  readonly columns: ReadonlyMap<number, (row: number) => unknown>;
  /** All there is, in place of what earlier snapshots hold. */
  readonly replaces: boolean;
}

export class FrozenSlices implements FrozenState {
  readonly #contents: FrozenContents;
  readonly #keyGroups: KeyGroupRange;
  readonly release: () => void;
  /** Row numbers by key group, and where each group begins among them. */
  #order = new Uint32Array(0);
  #starts = new Uint32Array(0);

  constructor(contents: FrozenContents, keyGroups: KeyGroupRange, release: () => void) {
    this.#contents = contents;
    this.#keyGroups = keyGroups;
    this.release = release;
  }

  /** A counting sort. */
  *prepare(): Iterable<number> {
    const { start, end } = this.#keyGroups;
    const { count, groups } = this.#contents.keys;
    const next = new Uint32Array(end - start + 2);
    for (let row = 0; row < count; row++) {
      const at = (groups[row] as number) - start + 1;
      next[at] = (next[at] as number) + 1;
    }
    yield count * SORTED_ROW_BYTES;
    for (let i = 1; i < next.length; i++) next[i] = (next[i] as number) + (next[i - 1] as number);
    this.#starts = next.slice();
    this.#order = new Uint32Array(count);
    for (let row = 0; row < count; row++) {
      const group = (groups[row] as number) - start;
      const at = next[group] as number;
      this.#order[at] = row;
      next[group] = at + 1;
      if (row % ROWS_PER_STEP === 0) yield ROWS_PER_STEP * SORTED_ROW_BYTES;
    }
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const group = keyGroup - this.#keyGroups.start;
    const rows = this.#order.subarray(this.#starts[group], this.#starts[group + 1]);
    const { name, keys, cells, replaces, columns } = this.#contents;
    if (rows.length === 0 && !replaces) return;
    const typed = keys.numbers !== undefined && cells !== undefined;
    const rest = { timed: false, typed, separate: false, changes: false };
    const values = block.section({ name, kind: 'namespaced', ...rest }, rows.length * columns.size);
    const count = typed
      ? yield* this.#writeCells(rows, cells, values)
      : yield* this.#writeValues(rows, block, values);
    block.endSection(count, replaces);
  }

  *#writeCells(
    rows: Uint32Array,
    { layout, pages }: FrozenCells,
    { out }: ValueWriter,
  ): Generator<number, number> {
    const width = 2 + layout.width;
    const { keys } = this.#contents;
    const names = layout.names ?? [];
    out.varint(names.length);
    for (const name of names) out.string(name);
    const rowsMax = Math.min(ROWS_PER_STEP, rows.length * pages.size);
    const buffer = new Float64Array(rowsMax * width);
    let at = 0;
    let count = 0;
    const flush = (): number => {
      const bytes = at * 8;
      out.bytes(new Uint8Array(buffer.buffer, 0, bytes));
      at = 0;
      return bytes;
    };
    for (const [slice, column] of pages) {
      for (const row of rows) {
        const page = column[pageIndexOf(row)];
        const place = placeOf(row);
        if (page === undefined || page.has[place] === 0) continue;
        buffer[at] = slice;
        buffer[at + 1] = keys.numbers?.[row] as number;
        for (let i = 0; i < layout.width; i++)
          buffer[at + 2 + i] = page.cells[place * layout.width + i] as number;
        at += width;
        count++;
        if (at === buffer.length) yield flush();
      }
      yield rows.length * SORTED_ROW_BYTES;
    }
    yield flush();
    return count;
  }

  *#writeValues(
    rows: Uint32Array,
    block: BlockWriter,
    values: ValueWriter,
  ): Generator<number, number> {
    const { columns, keys } = this.#contents;
    let written = block.size;
    let count = 0;
    for (const [slice, contentsOf] of columns) {
      for (const [i, row] of rows.entries()) {
        const stored = contentsOf(row);
        if (stored === undefined) continue;
        if (stored instanceof Unstorable) throw stored.cause;
        count++;
        values.write(slice);
        values.write(keyOfMapKey((keys.numbers?.[row] ?? keys.keys[row]) as MapKey));
        values.write(stored);
        if (block.size - written < ROWS_PER_STEP * 16 && i % ROWS_PER_STEP > 0) continue;
        yield block.size - written + 1;
        written = block.size;
      }
    }
    return count;
  }
}
