// The elements of window joins by slice and key. A key has one row for all slices, as for aggregates
// (slice-table.ts), and each slice has its elements by row (slice-sides.ts): a key whose elements meet none costs
// some numbers, and no object.

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
import type { MapKey } from '../map-key.ts';
import { type Copier, ValueCopier } from '../value-copier.ts';
import { goneOf, NAMESPACED, readEntries } from './entry-sections.ts';
import { FrozenSlices, SliceChanges } from './frozen-slices.ts';
import type { FrozenState } from './frozen-table.ts';
import type { KeyContext } from './key-context.ts';
import { KeyRows } from './key-rows.ts';
import { SliceSides } from './slice-sides.ts';
import type { StateTable, TableSurroundings } from './state-tables.ts';

const SPARE_MAX = 4;

export class SliceLists implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly #around: TableSurroundings;
  readonly #copier: Copier;
  /** For elements that are handed out while a snapshot needs them. */
  readonly #ownCopier = new ValueCopier((text) => text);
  #keys: KeyRows | undefined;
  readonly #slices = new Map<number, SliceSides>();
  // Elements come in runs of one slice.
  #slice = Number.NaN;
  #sides: SliceSides | undefined;
  /** Of slices that are over. */
  readonly #spare: SliceSides[] = [];
  /** Elements of the fullest slice so far: another will have about as many. */
  #lefts = 0;
  #rights = 0;
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
    const sides = slice === this.#slice ? this.#sides : this.#turnTo(slice);
    if ((sides as SliceSides).add(row, side, value)) this.#keys.use(row);
  }

  clear(slice: number): void {
    const sides = this.#slices.get(slice);
    if (sides === undefined || this.#keys === undefined) return;
    const { used } = this.#keys;
    this.#keys.leaveAllOfPairs(sides.lasts);
    this.#slices.delete(slice);
    this.#changed.delete(slice);
    this.#slice = Number.NaN;
    this.#lefts = Math.max(this.#lefts, sides.lefts);
    this.#rights = Math.max(this.#rights, sides.rights);
    if (this.#frozen === 0 && this.#spare.length < SPARE_MAX) this.#spare.push(sides);
    if (!this.#keys.isSparseFor(used)) return;
    const rows = this.#keys.compact();
    for (const others of this.#slices.values()) others.renumber(rows);
  }

  cursor(slice: number): SidesCursor {
    const sides = this.#slices.get(slice);
    if (this.#keys === undefined || sides === undefined) return NO_KEYS;
    const copy = (value: unknown): unknown =>
      this.#frozen === 0 ? value : this.#ownCopier.copy(value);
    return new RowsCursor(this.#keys, sides, copy);
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
      .map(([slice, sides]) => sides.freeze(slice));
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
    readEntries(section, values, NAMESPACED, (namespace, key, stored) => {
      if (isVoid(namespace)) return;
      const slice = namespace as number;
      const { lefts, rights } = stored as JoinSides;
      if (section.changes) this.#remove(slice, key);
      for (const value of lefts) this.add(slice, key, 0, value);
      for (const value of rights) this.add(slice, key, 1, value);
    });
  }

  #remove(slice: number, key: MapKey): void {
    const row = this.#keys?.find(key) ?? -1;
    const sides = this.#slices.get(slice);
    if (row < 0 || sides?.has(row) !== true) return;
    sides.remove(row);
    this.#keys?.leave(row);
    if (sides.isEmpty) this.clear(slice);
  }

  #turnTo(slice: number): SliceSides {
    const sides = this.#slices.get(slice) ?? this.#newSides();
    this.#slices.set(slice, sides);
    this.#changed.add(slice);
    this.#slice = slice;
    this.#sides = sides;
    return sides;
  }

  /** Those of a slice that is over, or as large: memory that comes and goes with each slice costs a fifth. */
  #newSides(): SliceSides {
    const rows = this.#keys?.count ?? 0;
    const spare = this.#spare.pop();
    spare?.reset(rows);
    const room = {
      rows,
      lefts: Math.max(this.#lefts, this.#sides?.lefts ?? 0),
      rights: Math.max(this.#rights, this.#sides?.rights ?? 0),
    };
    return spare ?? new SliceSides((value) => this.#copier.copy(value), room);
  }
}

const NO_KEYS: SidesCursor = {
  next: () => false,
  key: 0,
  hasBoth: false,
  sides: () => ({ lefts: [], rights: [] }),
};

class RowsCursor implements SidesCursor {
  readonly #keys: KeyRows;
  readonly #sides: SliceSides;
  readonly #copy: (value: unknown) => unknown;
  #row = -1;

  constructor(keys: KeyRows, sides: SliceSides, copy: (value: unknown) => unknown) {
    this.#keys = keys;
    this.#sides = sides;
    this.#copy = copy;
  }

  get key(): StoredKey {
    return this.#keys.key(this.#row);
  }

  get hasBoth(): boolean {
    return this.#sides.hasBoth(this.#row);
  }

  next(): boolean {
    const { count } = this.#keys;
    do this.#row++;
    while (this.#row < count && !this.#sides.has(this.#row));
    return this.#row < count;
  }

  sides(): JoinSides {
    return this.#sides.sides(this.#row, this.#copy);
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
