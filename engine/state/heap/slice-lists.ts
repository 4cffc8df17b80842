// The elements of window joins by slice and key. A key has one row for all slices, and each slice a column for
// either side, as for aggregates (slice-table.ts): a key whose elements meet none costs some numbers, and no
// object.

import { must } from '../../core/assert.ts';
import type { ValueReader } from '../../core/value-reader.ts';
import type { IsVoid } from '../covered.ts';
import type { Section, SnapshotExtent } from '../keyed-snapshot.ts';
import type {
  JoinSide,
  JoinSides,
  SidesCursor,
  SlicedJoinState,
  StoredKey,
} from '../keyed-state.ts';
import { type MapKey, mapKeyOf } from '../map-key.ts';
import { type Copier, ValueCopier } from '../value-copier.ts';
import { type FrozenColumn, FrozenSlices, SliceChanges } from './frozen-slices.ts';
import type { FrozenState } from './frozen-table.ts';
import type { KeyContext } from './key-context.ts';
import { KeyRows } from './key-rows.ts';
import { type FrozenList, hasList, ListColumn, listOf } from './list-column.ts';
import { goneOf, type StateTable, type TableSurroundings } from './state-tables.ts';

const SPARE_MAX = 2;

type Columns = readonly [ListColumn, ListColumn];

export class SliceLists implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly #around: TableSurroundings;
  readonly #copier: Copier;
  /** For elements that are handed out while a snapshot needs them. */
  readonly #ownCopier = new ValueCopier((text) => text);
  #keys: KeyRows | undefined;
  readonly #slices = new Map<number, Columns>();
  // Elements come in runs of one slice.
  #slice = Number.NaN;
  #columns: Columns | undefined;
  /** Of slices that are over. */
  readonly #spare: Columns[] = [];
  #frozen = 0;
  readonly #changes = new SliceChanges();
  /** Slices, since a snapshot that others go on from. */
  readonly #changed = new Set<number>();

  constructor(name: string, around: TableSurroundings, copier: Copier) {
    this.name = name;
    this.#around = around;
    this.#copier = copier;
  }

  slices(): IterableIterator<number> {
    return this.#slices.keys();
  }

  add(slice: number, key: MapKey, side: JoinSide, value: unknown): void {
    this.#keys ??= new KeyRows(key, this.#around.keyGroupOf);
    let row = this.#keys.find(key);
    if (row < 0) row = this.#keys.add(key);
    const columns = slice === this.#slice ? this.#columns : this.#turnTo(slice);
    const [left, right] = columns as Columns;
    if (!left.has(row) && !right.has(row)) this.#keys.use(row);
    (side === 0 ? left : right).add(row, value);
  }

  clear(slice: number): void {
    const columns = this.#slices.get(slice);
    if (columns === undefined || this.#keys === undefined) return;
    const { count, used } = this.#keys;
    for (let row = 0; row < count; row++)
      if (columns[0].has(row) || columns[1].has(row)) this.#keys.leave(row);
    this.#slices.delete(slice);
    this.#changed.delete(slice);
    this.#slice = Number.NaN;
    if (this.#frozen === 0 && this.#spare.length < SPARE_MAX) this.#spare.push(columns);
    if (!this.#keys.isSparseFor(used)) return;
    const rows = this.#keys.compact();
    for (const sides of this.#slices.values()) for (const side of sides) side.renumber(rows);
  }

  cursor(slice: number): SidesCursor {
    const columns = this.#slices.get(slice);
    if (this.#keys === undefined || columns === undefined) return NO_KEYS;
    const copy = (value: unknown): unknown =>
      this.#frozen === 0 ? value : this.#ownCopier.copy(value);
    return new RowsCursor(this.#keys, columns, copy);
  }

  mapKeys(): Iterable<MapKey> {
    return this.#keys?.keysUsed() ?? [];
  }

  freeze(extent: SnapshotExtent): FrozenState | undefined {
    if (this.#keys === undefined) return undefined;
    const slices = [...this.#slices.keys()];
    const covers = this.#changes.take(extent, slices, (slice) => this.#changed.has(slice));
    const columns = [...this.#slices]
      .filter(([slice]) => covers === undefined || this.#changed.has(slice))
      .map(([slice, [left, right]]) => frozenColumn(slice, left.freeze(), right.freeze()));
    if (extent !== 'whole') this.#expectChanges();
    this.#frozen++;
    const keys = this.#keys.freeze();
    const replaces = extent === 'changes' && covers === undefined;
    const contents = { name: this.name, keys, layout: undefined, columns, replaces, covers };
    return new FrozenSlices(contents, this.#around.keyGroups, () => this.#frozen--);
  }

  /** Whoever adds to a slice from now on turns to it first. */
  #expectChanges(): void {
    this.#changed.clear();
    this.#slice = Number.NaN;
  }

  /** Also of a backend whose snapshots hold changes of entries. */
  read(section: Section, values: ValueReader, isVoid: IsVoid): void {
    for (const [slice, key] of goneOf(section, values, true)) this.#remove(slice as number, key);
    for (let i = 0; i < section.count; i++) {
      if (section.separate) values.resetShapes();
      const slice = values.read() as number;
      const key = mapKeyOf(values.read());
      const { lefts, rights } = values.read() as JoinSides;
      if (isVoid(slice)) continue;
      if (section.changes) this.#remove(slice, key);
      for (const value of lefts) this.add(slice, key, 0, value);
      for (const value of rights) this.add(slice, key, 1, value);
    }
  }

  #remove(slice: number, key: MapKey): void {
    const row = this.#keys?.find(key) ?? -1;
    const columns = this.#slices.get(slice);
    if (row < 0 || columns === undefined || !columns.some((column) => column.has(row))) return;
    for (const column of columns) column.remove(row);
    this.#keys?.leave(row);
    if (columns.every((column) => column.isEmpty)) this.clear(slice);
  }

  #turnTo(slice: number): Columns {
    const columns = this.#slices.get(slice) ?? this.#newColumns();
    this.#slices.set(slice, columns);
    this.#changed.add(slice);
    this.#slice = slice;
    this.#columns = columns;
    return columns;
  }

  /** Those of a slice that is over, or as large: memory that comes and goes with each slice costs a fifth. */
  #newColumns(): Columns {
    const rows = this.#keys?.count ?? 0;
    const spare = this.#spare.pop();
    if (spare !== undefined) {
      for (const column of spare) column.reset(rows);
      return spare;
    }
    const copy = (value: unknown): unknown => this.#copier.copy(value);
    const [lefts, rights] = this.#columns?.map(({ count }) => count) ?? [0, 0];
    return [new ListColumn(copy, rows, lefts ?? 0), new ListColumn(copy, rows, rights ?? 0)];
  }
}

const frozenColumn = (slice: number, left: FrozenList, right: FrozenList): FrozenColumn => ({
  slice,
  *rows() {
    const rows = Math.max(left.heads.length, right.heads.length);
    for (let row = 0; row < rows; row++) if (hasList(left, row) || hasList(right, row)) yield row;
  },
  read: (row) => ({ lefts: listOf(left, row), rights: listOf(right, row) }),
});

const NO_KEYS: SidesCursor = {
  next: () => false,
  key: 0,
  hasBoth: false,
  sides: () => ({ lefts: [], rights: [] }),
};

class RowsCursor implements SidesCursor {
  readonly #keys: KeyRows;
  readonly #left: ListColumn;
  readonly #right: ListColumn;
  readonly #copy: (value: unknown) => unknown;
  #row = -1;

  constructor(keys: KeyRows, [left, right]: Columns, copy: (value: unknown) => unknown) {
    this.#keys = keys;
    this.#left = left;
    this.#right = right;
    this.#copy = copy;
  }

  get key(): StoredKey {
    return this.#keys.key(this.#row);
  }

  get hasBoth(): boolean {
    return this.#left.has(this.#row) && this.#right.has(this.#row);
  }

  next(): boolean {
    const { count } = this.#keys;
    do this.#row++;
    while (this.#row < count && !this.#left.has(this.#row) && !this.#right.has(this.#row));
    return this.#row < count;
  }

  sides(): JoinSides {
    return {
      lefts: this.#left.list(this.#row, this.#copy),
      rights: this.#right.list(this.#row, this.#copy),
    };
  }
}

/** The handle: everything under the current key. */
export class HeapSlicedJoinState implements SlicedJoinState {
  readonly #lists: SliceLists;
  readonly #keys: KeyContext;

  constructor(lists: SliceLists, keys: KeyContext) {
    this.#lists = lists;
    this.#keys = keys;
  }

  slices(): Iterable<number> {
    return this.#lists.slices();
  }

  add(slice: number, side: JoinSide, value: unknown): void {
    this.#lists.add(slice, must(this.#keys.mapKey, 'a current key'), side, value);
  }

  clear(slice: number): void {
    this.#lists.clear(slice);
  }

  cursor(slice: number): SidesCursor {
    return this.#lists.cursor(slice);
  }
}
