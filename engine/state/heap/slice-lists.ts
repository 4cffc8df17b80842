// The elements of window joins by slice. They are kept as they come, one log for each side of a slice (slice-log.ts),
// and are put together by key when the window fires, or a snapshot is written: all at once, which costs a fraction of
// a look at the key's place in memory for every element.

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
import { FrozenLogs } from './frozen-logs.ts';
import { SliceChanges } from './frozen-slices.ts';
import type { FrozenState } from './frozen-table.ts';
import type { KeyContext } from './key-context.ts';
import { KeyRows } from './key-rows.ts';
import { KeyedSides } from './keyed-sides.ts';
import { LogRoom, type Logs, SliceLog } from './slice-log.ts';
import type { StateTable, TableSurroundings } from './state-tables.ts';

export class SliceLists implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly #around: TableSurroundings;
  readonly #copier: Copier;
  /** For elements that are handed out while a snapshot needs them. */
  readonly #ownCopier = new ValueCopier((text) => text);
  readonly #slices = new Map<number, Logs>();
  // Elements come in runs of one slice.
  #slice = Number.NaN;
  #logs: Logs | undefined;
  readonly #room = [new LogRoom(), new LogRoom()] as const;
  /** Of the last cursor. */
  #keyed: KeyedSides | undefined;
  #frozen = 0;
  readonly #changes = new SliceChanges();
  /** Slices, since a snapshot that others go on from. */
  readonly #changed = new Set<number>();
  /** By slice and key, until anything is asked for: later sections may take some of it away. */
  #restored: Map<number, Map<MapKey, JoinSides>> | undefined;

  constructor(name: string, around: TableSurroundings, copier: Copier) {
    this.name = name;
    this.#around = around;
    this.#copier = copier;
  }

  slices(): IterableIterator<number> {
    this.#settle();
    return this.#slices.keys();
  }

  add(slice: number, key: MapKey, side: JoinSide, value: unknown): void {
    this.logs(slice)[side].add(key, value);
  }

  logs(slice: number): Logs {
    return slice === this.#slice ? (this.#logs as Logs) : this.#turnTo(slice);
  }

  clear(slice: number): void {
    this.#settle();
    const logs = this.#slices.get(slice);
    if (logs === undefined) return;
    this.#slices.delete(slice);
    this.#changed.delete(slice);
    this.#slice = Number.NaN;
    if (this.#frozen === 0) for (const log of logs) log.giveBack();
  }

  cursor(slice: number, needsBoth: boolean): SidesCursor {
    this.#settle();
    const logs = this.#slices.get(slice);
    if (logs === undefined) return NO_KEYS;
    const hasObjects = logs[0].hasObjects || logs[1].hasObjects;
    const copy = (value: unknown): unknown =>
      hasObjects && this.#frozen > 0 ? this.#ownCopier.copy(value) : value;
    const sides = new KeyedSides(logs, new KeyRows(firstKeyOf(logs), () => 0), this.#keyed);
    this.#keyed = sides;
    if (needsBoth) sides.linkBoth();
    else for (const side of [0, 1] as const) sides.link(side, 0);
    return new RowsCursor(sides, needsBoth, copy);
  }

  *mapKeys(): Iterable<MapKey> {
    this.#settle();
    const keys = new Set<MapKey>();
    for (const logs of this.#slices.values())
      for (const log of logs) for (let i = 0; i < log.count; i++) keys.add(log.key(i));
    yield* keys;
  }

  freeze(extent: SnapshotExtent): FrozenState | undefined {
    this.#settle();
    const slices = [...this.#slices.keys()];
    const covers = this.#changes.take(extent, slices, (slice) => this.#changed.has(slice));
    const logs = [...this.#slices]
      .filter(([slice]) => covers === undefined || this.#changed.has(slice))
      .map(([slice, [left, right]]) => [slice, [left.freeze(), right.freeze()]] as const);
    if (extent !== 'whole') this.#expectChanges();
    this.#frozen++;
    const replaces = extent === 'changes' && covers === undefined;
    const contents = { name: this.name, logs, replaces, covers };
    return new FrozenLogs(contents, this.#around, () => this.#frozen--);
  }

  /** Whoever adds to a slice from now on turns to it first. */
  #expectChanges(): void {
    this.#changed.clear();
    this.#slice = Number.NaN;
  }

  /** Also of a backend whose snapshots hold changes of entries. */
  read(section: Section, values: ValueReader, isVoid: IsVoid): void {
    const restored = this.#restored ?? new Map<number, Map<MapKey, JoinSides>>();
    this.#restored = restored;
    for (const [slice, key] of goneOf(section, values, true))
      restored.get(slice as number)?.delete(key);
    readEntries(section, values, NAMESPACED, (namespace, key, stored) => {
      if (isVoid(namespace)) return;
      const slice = namespace as number;
      const ofSlice = restored.get(slice) ?? new Map<MapKey, JoinSides>();
      restored.set(slice, ofSlice.set(key, stored as JoinSides));
    });
  }

  #settle(): void {
    const restored = this.#restored;
    if (restored === undefined) return;
    this.#restored = undefined;
    for (const [slice, ofSlice] of restored)
      for (const [key, { lefts, rights }] of ofSlice) {
        for (const value of lefts) this.add(slice, key, 0, value);
        for (const value of rights) this.add(slice, key, 1, value);
      }
    this.#expectChanges();
  }

  #turnTo(slice: number): Logs {
    this.#settle();
    const logs = this.#slices.get(slice) ?? this.#newLogs();
    this.#slices.set(slice, logs);
    this.#changed.add(slice);
    this.#slice = slice;
    this.#logs = logs;
    return logs;
  }

  #newLogs(): Logs {
    const copy = (value: unknown): unknown => this.#copier.copy(value);
    const [left, right] = this.#room;
    return [new SliceLog(copy, left), new SliceLog(copy, right)];
  }
}

/** It tells how keys are kept at first. */
const firstKeyOf = (logs: Logs): MapKey => {
  const log = logs.find(({ count }) => count > 0);
  return log?.numberKeys === undefined ? (log?.key(0) ?? 0) : 0;
};

const NO_KEYS: SidesCursor = {
  next: () => false,
  key: 0,
  sides: () => ({ lefts: [], rights: [] }),
};

class RowsCursor implements SidesCursor {
  readonly #sides: KeyedSides;
  readonly #needsBoth: boolean;
  readonly #copy: (value: unknown) => unknown;
  #row = -1;

  constructor(sides: KeyedSides, needsBoth: boolean, copy: (value: unknown) => unknown) {
    this.#sides = sides;
    this.#needsBoth = needsBoth;
    this.#copy = copy;
  }

  get key(): StoredKey {
    return this.#sides.key(this.#row);
  }

  next(): boolean {
    const { rows } = this.#sides;
    do this.#row++;
    while (this.#row < rows && !this.#isMeant());
    return this.#row < rows;
  }

  sides(): JoinSides {
    return this.#sides.sides(this.#row, this.#copy);
  }

  #isMeant(): boolean {
    return this.#needsBoth ? this.#sides.hasBoth(this.#row) : this.#sides.has(this.#row);
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

  logs(slice: number): Logs {
    return this.#lists.logs(slice);
  }

  clear(slice: number): void {
    this.#lists.clear(slice);
  }

  cursor(slice: number, needsBoth: boolean): SidesCursor {
    return this.#lists.cursor(slice, needsBoth);
  }
}
