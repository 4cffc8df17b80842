// The rows of one state: key, namespace, key group and value of each, in pages. A page that a snapshot holds is
// copied before it is written to (copy on write), so freezing a million rows is taking a list of 250 pages.
// Objects are handed out and changed in place: while a snapshot is under way a copy of each goes into
// the frozen page before it is handed out for the first time.

import type { SnapshotExtent } from '../keyed-snapshot.ts';
import type { MapKey } from '../map-key.ts';
import { ValueCopier } from '../value-copier.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';
import type { RowKeys } from './key-index.ts';
import type { RowLayout } from './row-layout.ts';

export const PAGE_BITS = 12;
const PAGE_ROWS = 1 << PAGE_BITS;
const ROW_MASK = PAGE_ROWS - 1;
/** Of the first page, which grows: most states are small. */
const FIRST_PAGE_ROWS = 16;
/** In place of a key group. */
export const FREE_ROW = 0xffff;

/** Row by row; what the format does not use is undefined or without width. */
export interface Page {
  readonly cells: Float64Array;
  readonly groups: Uint16Array;
  readonly keys: MapKey[] | undefined;
  readonly values: unknown[] | undefined;
  readonly namespaces: TimerNamespace[] | undefined;
  /** When it was made; a snapshot holds the pages of its own time and before. */
  readonly epoch: number;
}

export interface RowFormat {
  /** The key is the first cell. */
  readonly hasNumberKeys: boolean;
  /** Of the value, in the cells behind the key; undefined: values are objects. */
  readonly layout: RowLayout | undefined;
  readonly hasNamespaces: boolean;
}

/** Rows as they were; `release` when they are no longer needed. */
export interface FrozenRows {
  readonly format: RowFormat;
  readonly pages: Page[];
  readonly rowCount: number;
  /** As the snapshot saw them whose changes are asked for; undefined: all rows are. */
  readonly since: readonly Page[] | undefined;
  /** Changes were asked for, and these rows stand for all that earlier snapshots hold. */
  readonly replaces: boolean;
}

/** In the pages of the last snapshot: the object was handed out since, and may be another. */
const CHANGED = Symbol('changed');

/** Stands for a value that could not be copied: the snapshot fails when it comes to it. */
export class Unstorable {
  readonly cause: unknown;
  constructor(cause: unknown) {
    this.cause = cause;
  }
}

export class RowPages implements RowKeys {
  #format: RowFormat;
  #layout: RowLayout | undefined;
  hasNumberKeys: boolean;
  #keyCells: number;
  #stride: number;
  #pages: Page[] = [];
  /** Rows beyond were never used. */
  #end = 0;
  readonly #free: number[] = [];
  #epoch = 1;
  /** Of the last snapshot under way; 0: none. Pages of it and before it are shared. */
  #sharedEpoch = 0;
  #frozen: { readonly rows: FrozenRows; readonly epoch: number }[] = [];
  /** The last snapshot whose changes may be asked for. */
  #base: { readonly pages: Page[]; readonly format: RowFormat; readonly epoch: number } | undefined;
  readonly #copier = new ValueCopier((text) => text);
  #borrowed: unknown;

  constructor(format: RowFormat) {
    this.#format = format;
    this.#layout = format.layout;
    this.hasNumberKeys = format.hasNumberKeys;
    this.#keyCells = format.hasNumberKeys ? 1 : 0;
    this.#stride = this.#keyCells + (format.layout?.width ?? 0);
  }

  get format(): RowFormat {
    return this.#format;
  }

  /** Of values that stand in cells. */
  get layout(): RowLayout | undefined {
    return this.#layout;
  }

  /** Rows in use. */
  get size(): number {
    return this.#end - this.#free.length;
  }

  numberKey(row: number): number {
    const { cells } = this.#pages[row >> PAGE_BITS] as Page;
    return cells[(row & ROW_MASK) * this.#stride] as number;
  }

  key(row: number): MapKey {
    return keyIn(this.#pages[row >> PAGE_BITS] as Page, row & ROW_MASK, this.#format);
  }

  namespace(row: number): TimerNamespace {
    return this.#pages[row >> PAGE_BITS]?.namespaces?.[row & ROW_MASK] ?? 0;
  }

  /** What is returned may be changed in place, and is in the row, when values are objects. */
  get(row: number): unknown {
    const page = this.#pages[row >> PAGE_BITS] as Page;
    const at = row & ROW_MASK;
    if (this.#layout !== undefined)
      return this.#layout.read(page.cells, at * this.#stride + this.#keyCells);
    const value = (page.values as unknown[])[at];
    if (this.#sharedEpoch > 0 && typeof value === 'object') this.#preserve(row, value);
    return value;
  }

  /** As `get`; an object made of cells is the same for all rows. */
  borrow(row: number): unknown {
    const layout = this.#layout;
    if (layout?.names === undefined) return this.get(row);
    const { cells } = this.#pages[row >> PAGE_BITS] as Page;
    const at = (row & ROW_MASK) * this.#stride + this.#keyCells;
    this.#borrowed ??= layout.read(cells, at);
    return layout.load(cells, at, this.#borrowed);
  }

  /** False, and nothing has changed, when the format does not take the value. */
  set(row: number, value: unknown): boolean {
    const page = this.#own(row >> PAGE_BITS);
    const at = row & ROW_MASK;
    if (this.#layout !== undefined)
      return this.#layout.write(page.cells, at * this.#stride + this.#keyCells, value);
    (page.values as unknown[])[at] = value;
    return true;
  }

  /** Where values are objects of numbers: cells of which the row's, from `cellsAt` on, may be changed. */
  cells(row: number): Float64Array | undefined {
    return this.#layout?.names === undefined ? undefined : this.ownCells(row);
  }

  /** Where values stand in cells: as `cells`. */
  ownCells(row: number): Float64Array {
    return this.#own(row >> PAGE_BITS).cells;
  }

  cellsAt(row: number): number {
    return (row & ROW_MASK) * this.#stride + this.#keyCells;
  }

  /** A row for this key, whose value is still to be set. */
  add(key: MapKey, namespace: TimerNamespace, keyGroup: number): number {
    const row = this.#free.pop() ?? this.#append();
    const page = this.#own(row >> PAGE_BITS);
    const at = row & ROW_MASK;
    page.groups[at] = keyGroup;
    if (page.keys === undefined) page.cells[at * this.#stride] = key as number;
    else page.keys[at] = key;
    if (page.namespaces !== undefined) page.namespaces[at] = namespace;
    return row;
  }

  remove(row: number): void {
    const page = this.#own(row >> PAGE_BITS);
    const at = row & ROW_MASK;
    page.groups[at] = FREE_ROW;
    if (page.keys !== undefined) page.keys[at] = 0;
    if (page.values !== undefined) page.values[at] = undefined;
    this.#free.push(row);
  }

  /** All as it is now, whatever happens to it afterwards. */
  freeze(extent: SnapshotExtent = 'whole'): FrozenRows {
    const [format, pages, base] = [this.#format, [...this.#pages], this.#base];
    const isChanges = extent === 'changes';
    const since = isChanges && base?.format === format ? base.pages : undefined;
    const replaces = isChanges && since === undefined;
    const rows = { format, pages, rowCount: this.#end, since, replaces };
    this.#frozen.push({ rows, epoch: this.#epoch });
    if (extent !== 'whole') this.#base = { pages, format, epoch: this.#epoch };
    this.#sharedEpoch = this.#epoch++;
    return rows;
  }

  release(rows: FrozenRows): void {
    this.#frozen = this.#frozen.filter((frozen) => frozen.rows !== rows);
    this.#sharedEpoch = Math.max(this.#frozen.at(-1)?.epoch ?? 0, this.#base?.epoch ?? 0);
  }

  /** The same rows under the same numbers. */
  convert(changes: { readonly hasNumberKeys?: false; readonly layout?: undefined }): void {
    const from = this.#format;
    const format = { ...from, ...changes };
    this.#pages = this.#pages.map((page) => converted(page, from, format, this.#epoch));
    this.#format = format;
    this.#layout = format.layout;
    this.hasNumberKeys = format.hasNumberKeys;
    this.#keyCells = format.hasNumberKeys ? 1 : 0;
    this.#stride = strideOf(format);
  }

  #append(): number {
    const row = this.#end++;
    const index = row >> PAGE_BITS;
    const page = this.#pages[index];
    if (page === undefined) {
      const rows = index === 0 ? FIRST_PAGE_ROWS : PAGE_ROWS;
      this.#pages.push(emptyPage(this.#format, rows, this.#epoch));
    } else if ((row & ROW_MASK) === page.groups.length) {
      this.#pages[index] = copyOf(page, this.#format, page.groups.length * 4, this.#epoch);
    }
    return row;
  }

  #own(index: number): Page {
    const page = this.#pages[index] as Page;
    if (page.epoch > this.#sharedEpoch) return page;
    const copy = copyOf(page, this.#format, page.groups.length, this.#epoch);
    this.#pages[index] = copy;
    return copy;
  }

  /** The snapshots under way keep a copy of the object, which may be changed from now on. */
  #preserve(row: number, value: unknown): void {
    const index = row >> PAGE_BITS;
    const at = row & ROW_MASK;
    this.#own(index);
    for (const { rows } of this.#frozen) {
      const values = rows.pages[index]?.values;
      if (values !== undefined && values[at] === value) values[at] = keptCopy(value, this.#copier);
    }
    const before = this.#base?.pages[index]?.values;
    if (before !== undefined && before[at] === value) before[at] = CHANGED;
  }
}

/** For a snapshot, of an object that may be changed from now on. */
export function keptCopy(value: unknown, copier: ValueCopier): unknown {
  try {
    return copier.copy(value);
  } catch (cause) {
    return new Unstorable(cause);
  }
}

/** `row`: within its page. */
export const keyIn = (page: Page, row: number, format: RowFormat): MapKey =>
  page.keys === undefined
    ? (page.cells[row * strideOf(format)] as number)
    : (page.keys[row] as MapKey);

/** The value as it stands there: not a copy. */
export function valueIn(page: Page, row: number, format: RowFormat): unknown {
  const { layout, hasNumberKeys } = format;
  if (layout === undefined) return page.values?.[row];
  return layout.read(page.cells, row * strideOf(format) + (hasNumberKeys ? 1 : 0));
}

/** The page that holds the row, and its place there. */
export const pageOf = (pages: readonly Page[], row: number): Page =>
  pages[row >> PAGE_BITS] as Page;
export const placeOf = (row: number): number => row & ROW_MASK;

export const strideOf = ({ hasNumberKeys, layout }: RowFormat): number =>
  (hasNumberKeys ? 1 : 0) + (layout?.width ?? 0);

function emptyPage(format: RowFormat, rows: number, epoch: number): Page {
  const list = <T>(isUsed: boolean, empty: T): T[] | undefined =>
    isUsed ? new Array<T>(rows).fill(empty) : undefined;
  return {
    cells: new Float64Array(rows * strideOf(format)),
    groups: new Uint16Array(rows).fill(FREE_ROW),
    keys: list<MapKey>(!format.hasNumberKeys, 0),
    values: list<unknown>(format.layout === undefined, undefined),
    namespaces: list<TimerNamespace>(format.hasNamespaces, 0),
    epoch,
  };
}

/** Of as many rows, or more. */
function copyOf(page: Page, format: RowFormat, rows: number, epoch: number): Page {
  const more = rows - page.groups.length;
  const extended = <T>(list: T[] | undefined, empty: T): T[] | undefined =>
    more === 0 ? list?.slice() : list?.concat(new Array<T>(more).fill(empty));
  const cells = new Float64Array(rows * strideOf(format));
  cells.set(page.cells);
  const groups = new Uint16Array(rows).fill(FREE_ROW, rows - more);
  groups.set(page.groups);
  return {
    cells,
    groups,
    keys: extended<MapKey>(page.keys, 0),
    values: extended<unknown>(page.values, undefined),
    namespaces: extended<TimerNamespace>(page.namespaces, 0),
    epoch,
  };
}

function converted(page: Page, from: RowFormat, to: RowFormat, epoch: number): Page {
  const rows = page.groups.length;
  const copy = emptyPage(to, rows, epoch);
  copy.groups.set(page.groups);
  const stride = strideOf(to);
  for (let row = 0; row < rows; row++) {
    if (page.groups[row] === FREE_ROW) continue;
    const key = keyIn(page, row, from);
    if (copy.keys === undefined) copy.cells[row * stride] = key as number;
    else copy.keys[row] = key;
    const value = valueIn(page, row, from);
    if (copy.values !== undefined) copy.values[row] = value;
    else to.layout?.write(copy.cells, row * stride + (to.hasNumberKeys ? 1 : 0), value);
    if (copy.namespaces !== undefined) copy.namespaces[row] = page.namespaces?.[row] ?? 0;
  }
  return copy;
}
