// The logs of a join as a snapshot sees them: put together by key while the snapshot is written, not when it begins,
// and then written as the contents of any other windows (frozen-slices.ts).

import type { Covered } from '../covered.ts';
import type { BlockWriter } from '../keyed-snapshot.ts';
import { type FrozenColumn, FrozenSlices } from './frozen-slices.ts';
import type { FrozenState } from './frozen-table.ts';
import { type FrozenKeys, KeyRows } from './key-rows.ts';
import { KeyedSides } from './keyed-sides.ts';
import type { LogReading } from './slice-log.ts';
import type { TableSurroundings } from './state-tables.ts';

/** Elements between two yields. */
const ELEMENTS_PER_STEP = 1_024;
/** To find the key of an element weighs as much as writing this many bytes. */
const ELEMENT_BYTES = 4;

type Logs = readonly [left: LogReading, right: LogReading];

interface FrozenContents {
  readonly name: string;
  readonly logs: readonly (readonly [slice: number, logs: Logs])[];
  readonly replaces: boolean;
  readonly covers: Covered | undefined;
}

export class FrozenLogs implements FrozenState {
  readonly #contents: FrozenContents;
  readonly #around: TableSurroundings;
  readonly release: () => void;
  #slices: FrozenSlices | undefined;

  constructor(contents: FrozenContents, around: TableSurroundings, release: () => void) {
    this.#contents = contents;
    this.#around = around;
    this.release = release;
  }

  *prepare(): Iterable<number> {
    const { name, logs, replaces, covers } = this.#contents;
    const columns: FrozenColumn[] = [];
    for (const [slice, ofSlice] of logs) {
      // Of its own: rows for keys of other slices would be most of them.
      const keys = new KeyRows(0, this.#around.keyGroupOf);
      const sides = new KeyedSides(ofSlice, keys);
      yield* linking(sides, ofSlice);
      columns.push(columnOf(slice, keys.freeze(), sides));
    }
    const contents = { name, layout: undefined, columns, replaces, covers };
    this.#slices = new FrozenSlices(contents, this.#around.keyGroups, () => undefined);
    yield* this.#slices.prepare();
  }

  writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    return this.#slices?.writeGroup(keyGroup, block) ?? [];
  }
}

function* linking(sides: KeyedSides, logs: Logs): Iterable<number> {
  for (const side of [0, 1] as const)
    for (let to = logs[side].count; to > 0; to -= ELEMENTS_PER_STEP) {
      sides.link(side, Math.max(0, to - ELEMENTS_PER_STEP), to);
      yield ELEMENTS_PER_STEP * ELEMENT_BYTES;
    }
}

const columnOf = (slice: number, keys: FrozenKeys, sides: KeyedSides): FrozenColumn => ({
  slice,
  keys,
  rowCount: sides.rows,
  has: (row) => sides.has(row),
  read: (row) => sides.sides(row, (value) => value),
});
