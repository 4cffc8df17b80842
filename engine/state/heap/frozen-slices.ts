// Contents of windows as a snapshot sees them, written by key group: for each key what it has in each slice, as
// entries with a namespace (keyed-snapshot.ts). Of changes that is all of the slices that have changed.

import type { KeyGroupRange } from '../../core/key-groups.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import { type Covered, coveredSince } from '../covered.ts';
import type { BlockWriter, SnapshotExtent } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import { EntryRuns, RUNS_FROM } from './entry-runs.ts';
import type { FrozenState } from './frozen-table.ts';
import type { FrozenKeys } from './key-rows.ts';
import type { RowLayout } from './row-layout.ts';
import { Unstorable } from './row-pages.ts';

/** Entries between two yields. */
const ENTRIES_PER_STEP = 1_024;
/** Rows looked at between two yields, each of which weighs as much as writing a byte. */
const ROWS_PER_STEP = 4_096;

export interface FrozenColumn {
  readonly slice: number;
  /** Of its rows; other columns may have the same. */
  readonly keys: FrozenKeys;
  /** Rows beyond have nothing. */
  readonly rowCount: number;
  /** The row has something in the slice. */
  has(row: number): boolean;
  read(row: number): unknown;
}

interface FrozenContents {
  readonly name: string;
  /** Of what is read, where all of it can be written as cells. */
  readonly layout: RowLayout | undefined;
  readonly columns: readonly FrozenColumn[];
  /** All there is, in place of what earlier snapshots hold. */
  readonly replaces: boolean;
  /** Of changes: what the columns are. */
  readonly covers: Covered | undefined;
}

/** What has changed in slices since the last snapshot that others may go on from. */
export class SliceChanges {
  /** The slices that it had. */
  #base: ReadonlySet<number> | undefined;

  /** Undefined: all there is belongs into this snapshot. `wasChanged` tells of each slice since the last one. */
  take(
    extent: SnapshotExtent,
    all: readonly number[],
    wasChanged: (slice: number) => boolean,
  ): Covered | undefined {
    const base = this.#base;
    if (extent !== 'whole') this.#base = new Set(all);
    if (extent !== 'changes' || base === undefined) return undefined;
    return coveredSince(base, { all, isChanged: wasChanged });
  }
}

export class FrozenSlices implements FrozenState {
  readonly #contents: FrozenContents;
  readonly #keyGroups: KeyGroupRange;
  readonly release: () => void;
  /** Entries by key group, and where each group begins among them. */
  #rows = new Uint32Array(0);
  #columns = new Uint32Array(0);
  #starts = new Uint32Array(0);
  readonly #runs = new EntryRuns();

  constructor(contents: FrozenContents, keyGroups: KeyGroupRange, release: () => void) {
    this.#contents = contents;
    this.#keyGroups = keyGroups;
    this.release = release;
  }

  /** A counting sort. */
  *prepare(): Iterable<number> {
    const { start, end } = this.#keyGroups;
    const next = new Uint32Array(end - start + 2);
    yield* this.#eachEntry((group) => {
      const at = group - start + 1;
      next[at] = (next[at] as number) + 1;
    });
    for (let i = 1; i < next.length; i++) next[i] = (next[i] as number) + (next[i - 1] as number);
    this.#starts = next.slice();
    const count = next.at(-1) as number;
    this.#rows = new Uint32Array(count);
    this.#columns = new Uint32Array(count);
    yield* this.#eachEntry((keyGroup, row, column) => {
      const group = keyGroup - start;
      const at = next[group] as number;
      this.#rows[at] = row;
      this.#columns[at] = column;
      next[group] = at + 1;
    });
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const group = keyGroup - this.#keyGroups.start;
    const from = this.#starts[group] as number;
    const to = this.#starts[group + 1] as number;
    const { name, layout, columns: all, replaces, covers } = this.#contents;
    if (from === to && !replaces && covers === undefined) return;
    const typed = layout !== undefined && all.every(({ keys }) => keys.numbers !== undefined);
    const columns = !typed && to - from >= RUNS_FROM;
    const head = {
      name,
      kind: 'namespaced',
      timed: false,
      typed,
      separate: false,
      columns,
    } as const;
    const changes = covers !== undefined;
    const values = block.section({ ...head, changes, covers }, to - from);
    if (changes) values.out.varint(0); // no entry is gone on its own
    if (typed) yield* this.#writeCells(from, to, layout, values);
    else if (columns) yield* this.#writeRuns(from, to, block);
    else yield* this.#writeValues(from, to, block, values);
    block.endSection(to - from, replaces || changes);
  }

  *#eachEntry(visit: (keyGroup: number, row: number, column: number) => void): Iterable<number> {
    for (const [i, column] of this.#contents.columns.entries()) {
      const { groups } = column.keys;
      for (let first = 0; first < column.rowCount; first += ROWS_PER_STEP) {
        const end = Math.min(first + ROWS_PER_STEP, column.rowCount);
        for (let row = first; row < end; row++)
          if (column.has(row)) visit(groups[row] as number, row, i);
        yield end - first;
      }
    }
  }

  *#writeCells(
    from: number,
    to: number,
    layout: RowLayout,
    { out }: ValueWriter,
  ): Iterable<number> {
    const names = layout.names ?? [];
    out.varint(names.length);
    for (const name of names) out.string(name);
    const { columns } = this.#contents;
    const width = 2 + layout.width;
    const cells = new Float64Array(Math.min(ENTRIES_PER_STEP, to - from) * width);
    for (let first = from; first < to; first += ENTRIES_PER_STEP) {
      let at = 0;
      for (let i = first; i < Math.min(to, first + ENTRIES_PER_STEP); i++) {
        const row = this.#rows[i] as number;
        const { slice, keys, read } = columns[this.#columns[i] as number] as FrozenColumn;
        cells[at] = slice;
        cells[at + 1] = keys.numbers?.[row] as number;
        layout.write(cells, at + 2, read(row));
        at += width;
      }
      out.bytes(new Uint8Array(cells.buffer, 0, at * 8));
      yield at * 8;
    }
  }

  *#writeRuns(from: number, to: number, block: BlockWriter): Iterable<number> {
    const { columns } = this.#contents;
    for (let i = from; i < to; i++) {
      const row = this.#rows[i] as number;
      const { slice, keys, read } = columns[this.#columns[i] as number] as FrozenColumn;
      this.#runs.add(slice, keyIn(keys, row), read(row));
      if (this.#runs.isFull) yield this.#runs.write(block);
    }
    yield this.#runs.write(block);
  }

  *#writeValues(
    from: number,
    to: number,
    block: BlockWriter,
    values: ValueWriter,
  ): Iterable<number> {
    const { columns } = this.#contents;
    let written = block.size;
    for (let i = from; i < to; i++) {
      const row = this.#rows[i] as number;
      const { slice, keys, read } = columns[this.#columns[i] as number] as FrozenColumn;
      const stored = read(row);
      if (stored instanceof Unstorable) throw stored.cause;
      values.write(slice);
      values.write(keyOfMapKey(keyIn(keys, row)));
      values.write(stored);
      // Values differ in size: a step is so many entries or so many bytes.
      if (block.size - written < ENTRIES_PER_STEP * 16 && (i - from) % ENTRIES_PER_STEP > 0)
        continue;
      yield block.size - written + 1;
      written = block.size;
    }
  }
}

const keyIn = ({ numbers, keys }: FrozenKeys, row: number): MapKey =>
  (numbers ?? keys)[row] as MapKey;
