// Contents of windows by slice and key. A key has one row for all slices, and each slice is a column over the rows:
// an element costs one look-up, however many slices are live; a window that fires runs through its columns in
// the order of memory; and a slice that is over is let go as a whole.

import { must } from '../../core/assert.ts';
import type { ValueReader } from '../../core/value-reader.ts';
import type { IsVoid } from '../covered.ts';
import type { Section, SnapshotExtent } from '../keyed-snapshot.ts';
import type { Merge, SliceCursor, SlicedState } from '../keyed-state.ts';
import type { MapKey } from '../map-key.ts';
import { ValueCopier } from '../value-copier.ts';
import { goneOf, NAMESPACED, readEntries } from './entry-sections.ts';
import { type FrozenColumn, FrozenSlices, SliceChanges } from './frozen-slices.ts';
import type { FrozenState } from './frozen-table.ts';
import type { KeyContext } from './key-context.ts';
import { type FrozenKeys, KeyRows } from './key-rows.ts';
import { layoutFor, type RowLayout } from './row-layout.ts';
import { keptCopy } from './row-pages.ts';
import {
  isWhole,
  PAGE_ROWS,
  pageIndexOf,
  placeOf,
  SliceColumn,
  type SlicePage,
  SlicePages,
  usedRows,
} from './slice-column.ts';
import { MergingCursor } from './slice-cursor.ts';
import type { StateTable, TableSurroundings } from './state-tables.ts';
import { SumCursor } from './sum-cursor.ts';

type Adopt = (stored: unknown) => unknown;
type FrozenPages = ReadonlyMap<number, readonly (SlicePage | undefined)[]>;

export class SliceTable implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly #around: TableSurroundings;
  readonly #adopt: Adopt;
  #keys: KeyRows | undefined;
  readonly #columns = new Map<number, SliceColumn>();
  #pages = new SlicePages(undefined);
  // Elements come in runs of one slice.
  #slice = Number.NaN;
  #column: SliceColumn | undefined;
  // What was got is mostly put next.
  #gotKey: MapKey | undefined;
  #gotRow = -1;
  #clearsUntilLook = 0;
  #epoch = 1;
  /** Of the last snapshot under way; 0: none. Pages of it and before it are shared. */
  #sharedEpoch = 0;
  #frozen: { readonly pages: FrozenPages; readonly epoch: number }[] = [];
  readonly #changes = new SliceChanges();
  readonly #copier = new ValueCopier((text) => text);

  /** @param adopt Of what is read: contents of another program. */
  constructor(name: string, around: TableSurroundings, adopt: Adopt = (stored) => stored) {
    this.name = name;
    this.#around = around;
    this.#adopt = adopt;
  }

  slices(): IterableIterator<number> {
    return this.#columns.keys();
  }

  get(slice: number, key: MapKey): unknown {
    const row = this.#keys?.find(key) ?? -1;
    this.#gotKey = key;
    this.#gotRow = row;
    if (slice !== this.#slice) this.#turnTo(slice);
    if (row < 0 || this.#column === undefined) return undefined;
    const value = this.#column.get(row);
    if (this.#sharedEpoch > 0 && typeof value === 'object') this.#preserve(slice, row, value);
    return value;
  }

  put(slice: number, key: MapKey, value: unknown): void {
    const keys = this.#keys ?? this.#begin(key, value);
    let row = key === this.#gotKey ? this.#gotRow : keys.find(key);
    if (row < 0) row = keys.add(key);
    this.#gotKey = key;
    this.#gotRow = row;
    if (slice !== this.#slice) this.#turnTo(slice);
    const column = this.#column ?? this.#addColumn(slice);
    if (!column.has(row)) column.used++;
    if (column.set(row, value, this.#epoch, this.#sharedEpoch)) return;
    this.#toObjects();
    this.#columns.get(slice)?.set(row, value, this.#epoch, this.#sharedEpoch);
  }

  /** Puts what `add` makes of what there is and the value. */
  update(slice: number, key: MapKey, value: unknown, add: Merge): void {
    if (slice !== this.#slice) this.#turnTo(slice);
    const keys = this.#keys;
    const column = this.#column;
    const row = keys?.find(key) ?? -1;
    const page = row < 0 ? undefined : column?.numbersOf(row, this.#sharedEpoch);
    if (keys === undefined || column === undefined || page === undefined)
      return this.put(slice, key, add(this.get(slice, key), value));
    const { has, whole, cells } = page;
    const at = placeOf(row);
    const isNew = has[at] === 0;
    const after = add(isNew ? undefined : (whole ?? cells)[at], value);
    if (typeof after !== 'number') return this.put(slice, key, after);
    if (whole === undefined) cells[at] = after;
    else if (isWhole(after)) whole[at] = after;
    else return this.put(slice, key, after);
    if (!isNew) return;
    has[at] = 1;
    column.used++;
  }

  clear(slice: number): void {
    const column = this.#columns.get(slice);
    if (column === undefined || this.#keys === undefined) return;
    const isSparse = this.#frozen.length === 0 && this.#isSparse(this.#keys);
    this.#columns.delete(slice);
    this.#forget();
    if (this.#frozen.length === 0) this.#pages.keep(column.pages);
    if (isSparse) this.#compact(this.#keys);
  }

  /** So many rows are of keys that are gone that all had better be numbered anew. */
  #isSparse(keys: KeyRows): boolean {
    for (const { used } of this.#columns.values()) if (!keys.isSparseFor(used)) return false;
    // To go through all columns costs what a firing does: not with each slice that goes.
    if (--this.#clearsUntilLook > 0) return false;
    this.#clearsUntilLook = this.#columns.size;
    const used = usedRows(this.#columns.values(), keys.count).reduce((sum, is) => sum + is, 0);
    return keys.isSparseFor(used);
  }

  /** Over the keys that have something in one of the slices. Nothing is put or cleared until it is done. */
  cursor(slices: readonly number[], merge: Merge, isSum: boolean): SliceCursor {
    const columns = slices.flatMap((slice) => this.#columns.get(slice) ?? []);
    if (isSum && this.#pages.isNumber) return new SumCursor(this.#keys, columns);
    const preserve = (row: number): void => {
      if (this.#sharedEpoch === 0) return;
      for (const slice of slices) {
        const value = this.#columns.get(slice)?.get(row);
        if (typeof value === 'object') this.#preserve(slice, row, value);
      }
    };
    return new MergingCursor(this.#keys, columns, this.#pages, merge, preserve);
  }

  mapKeys(): Iterable<MapKey> {
    const keys = this.#keys;
    return keys?.keysUsed(usedRows(this.#columns.values(), keys.count)) ?? [];
  }

  freeze(extent: SnapshotExtent): FrozenState | undefined {
    if (this.#keys === undefined) return undefined;
    const pages: FrozenPages = new Map([...this.#columns].map(([s, c]) => [s, [...c.pages]]));
    const frozen = { pages, epoch: this.#epoch };
    this.#frozen.push(frozen);
    this.#sharedEpoch = this.#epoch++;
    const { layout } = this.#pages;
    const changed = new Set([...pages.keys()].filter((s) => this.#columns.get(s)?.isChanged));
    const covers = this.#changes.take(extent, [...pages.keys()], (slice) => changed.has(slice));
    if (extent !== 'whole') this.#expectChanges();
    const written = [...pages].filter(([slice]) => covers === undefined || changed.has(slice));
    const keys = this.#keys.freeze();
    const contents = {
      name: this.name,
      layout,
      columns: written.map(([slice, column]) => frozenColumn(slice, keys, column, layout)),
      replaces: extent === 'changes' && covers === undefined,
      covers,
    };
    return new FrozenSlices(contents, this.#around.keyGroups, () => {
      this.#frozen = this.#frozen.filter((one) => one !== frozen);
      this.#sharedEpoch = this.#frozen.at(-1)?.epoch ?? 0;
    });
  }

  /** Also of a backend whose snapshots hold changes of entries. */
  read(section: Section, values: ValueReader, isVoid: IsVoid): void {
    for (const [slice, key] of goneOf(section, values, true)) this.#remove(slice as number, key);
    readEntries(section, values, NAMESPACED, (slice, key, value) => {
      if (!isVoid(slice)) this.put(slice as number, key, this.#adopt(value));
    });
  }

  /** Whoever changes a slice from now on turns to it first. */
  #expectChanges(): void {
    for (const column of this.#columns.values()) column.isChanged = false;
    this.#forget();
  }

  #remove(slice: number, key: MapKey): void {
    const row = this.#keys?.find(key) ?? -1;
    const column = this.#columns.get(slice);
    if (row < 0 || column?.remove(row) !== true) return;
    if (--column.used === 0) this.clear(slice);
  }

  #begin(key: MapKey, value: unknown): KeyRows {
    this.#pages = new SlicePages(layoutFor(value));
    this.#keys = new KeyRows(key, this.#around.keyGroupOf);
    return this.#keys;
  }

  #turnTo(slice: number): void {
    this.#slice = slice;
    this.#column = this.#columns.get(slice);
    if (this.#column !== undefined) this.#column.isChanged = true;
  }

  #addColumn(slice: number): SliceColumn {
    const column = new SliceColumn(this.#pages);
    this.#columns.set(slice, column);
    this.#column = column;
    return column;
  }

  #forget(): void {
    this.#slice = Number.NaN;
    this.#column = undefined;
    this.#gotKey = undefined;
  }

  /** A value came that the cells do not take. */
  #toObjects(): void {
    this.#pages = new SlicePages(undefined);
    this.#replaceColumns((row) => row);
  }

  #compact(keys: KeyRows): void {
    const rows = keys.compact(usedRows(this.#columns.values(), keys.count));
    this.#replaceColumns((row) => rows[row] as number);
  }

  #replaceColumns(rowFor: (row: number) => number): void {
    for (const [slice, column] of this.#columns) {
      const copy = new SliceColumn(this.#pages);
      for (const row of column.rows())
        copy.set(rowFor(row), column.read(row), this.#epoch, this.#sharedEpoch);
      copy.used = column.used;
      copy.isChanged = column.isChanged;
      this.#columns.set(slice, copy);
    }
    this.#forget();
  }

  /** The snapshots under way keep a copy of the object, which may be changed from now on. */
  #preserve(slice: number, row: number, value: unknown): void {
    if (this.#pages.layout !== undefined) return;
    this.#columns.get(slice)?.ownPageOf(row, this.#epoch, this.#sharedEpoch);
    const at = placeOf(row);
    for (const { pages } of this.#frozen) {
      const values = pages.get(slice)?.[pageIndexOf(row)]?.values;
      if (values !== undefined && values[at] === value) values[at] = keptCopy(value, this.#copier);
    }
  }
}

const frozenColumn = (
  slice: number,
  keys: FrozenKeys,
  pages: readonly (SlicePage | undefined)[],
  layout: RowLayout | undefined,
): FrozenColumn => ({
  slice,
  keys,
  rowCount: pages.length * PAGE_ROWS,
  has: (row) => pages[pageIndexOf(row)]?.has[placeOf(row)] === 1,
  read(row) {
    const { whole, cells, values } = pages[pageIndexOf(row)] as SlicePage;
    const at = placeOf(row);
    if (whole !== undefined) return whole[at];
    return values === undefined ? layout?.read(cells, at * layout.width) : values[at];
  },
});

/** The handle: everything under the current key. */
export class HeapSlicedState implements SlicedState {
  readonly #table: SliceTable;
  readonly #keys: KeyContext;

  constructor(table: SliceTable, keys: KeyContext) {
    this.#table = table;
    this.#keys = keys;
  }

  slices(): Iterable<number> {
    return this.#table.slices();
  }

  get(slice: number): unknown {
    return this.#table.get(slice, must(this.#keys.mapKey, 'a current key'));
  }

  put(slice: number, contents: unknown): void {
    this.#table.put(slice, must(this.#keys.mapKey, 'a current key'), contents);
  }

  update(slice: number, value: unknown, add: Merge): void {
    this.#table.update(slice, must(this.#keys.mapKey, 'a current key'), value, add);
  }

  clear(slice: number): void {
    this.#table.clear(slice);
  }

  cursor(slices: readonly number[], merge: Merge, isSum = false): SliceCursor {
    return this.#table.cursor(slices, merge, isSum);
  }
}
