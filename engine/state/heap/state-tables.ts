// The data of one state, over all keys of a subtask: one table, never one per key group (up to 70 % slower
// at a million keys). Handles (heap-states.ts) work on it; a snapshot freezes it (frozen-table.ts); at a
// restore the entries of all key groups are read back.

import type { Clock } from '../../core/clock.ts';
import type { KeyGroupRange } from '../../core/key-groups.ts';
import type { ValueReader } from '../../core/value-reader.ts';
import type { ValueWriter } from '../../core/value-writer.ts';
import type { IsVoid } from '../covered.ts';
import type { Section, SectionHead, SnapshotExtent, StateKind } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey, mapKeyOf } from '../map-key.ts';
import { goneOf, NAMESPACED, readEntries } from './entry-sections.ts';
import { type Entries, type EntriesShape, NO_NAMESPACE } from './entry-table.ts';
import type { FrozenState, RowWriting } from './frozen-table.ts';
import { FrozenTimers } from './frozen-timers.ts';
import type { HeapTimerQueue, StoredTimer, TimerNamespace } from './heap-timer-queue.ts';
import type { KeyContext } from './key-context.ts';
import { KeyedSlot } from './keyed-slot.ts';
import { ExpectedType, otherType, typeOfStored } from './value-types.ts';

/** What tables know of their subtask. */
export interface TableSurroundings {
  readonly keyGroups: KeyGroupRange;
  readonly keyGroupOf: (key: MapKey) => number;
  /** Where the entries of a new state are kept. */
  newEntries(kind: StateKind, shape: EntriesShape): Entries;
}

/** What a snapshot asks of a table. */
export interface StateTable extends Pick<SectionHead, 'name' | 'kind' | 'timed'> {
  /** The table as it is now; undefined when it has never held anything. */
  freeze(extent: SnapshotExtent): FrozenState | undefined;
  /** Reads the entries of a section, but for those that later ones make void. */
  read(section: Section, values: ValueReader, isVoid: IsVoid): void;
  mapKeys(): Iterable<MapKey>;
}

/** A value with the time of its last write: what states with a time to live store. */
export interface Timed<T> {
  readonly value: T;
  readonly at: number;
}

export class TimeToLive {
  readonly #ttlMs: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(ttlMs: number, clock: Pick<Clock, 'now'>) {
    this.#ttlMs = ttlMs;
    this.#clock = clock;
  }

  stamp<T>(value: T): Timed<T> {
    return { value, at: this.#clock.now() };
  }

  isAlive(stored: Timed<unknown>): boolean {
    return stored.at + this.#ttlMs > this.#clock.now();
  }
}

/** Makes a value of this program of one that another has left. */
type Adopt = (stored: unknown) => unknown;

const asItIs: Adopt = (stored) => stored;

type KeyedKind = Exclude<StateKind, 'namespaced' | 'timers'>;

/** Value, reducing and aggregating states store the value, lists an array, maps a Map by map key. */
export class KeyedTable implements StateTable {
  readonly name: string;
  readonly kind: KeyedKind;
  readonly entries: Entries;
  /** What all handles work on. */
  readonly slot: KeyedSlot;
  readonly ttl: TimeToLive | undefined;
  readonly #holds: string | undefined;
  readonly #adopt: Adopt | undefined;
  /** Types that the restored sections say, undefined where one does not know. */
  readonly #restored = new Set<string | undefined>();
  readonly #around: TableSurroundings;

  /** @param holds The type of its values, where it is known, and how those of another program become such. */
  constructor(
    name: string,
    kind: KeyedKind,
    ttl: TimeToLive | undefined,
    holds: { readonly type: string | undefined; readonly adopt: Adopt | undefined },
    keys: KeyContext,
    around: TableSurroundings,
  ) {
    this.name = name;
    this.kind = kind;
    this.ttl = ttl;
    this.#holds = holds.type;
    this.#adopt = holds.adopt;
    this.#around = around;
    const takesNumbers = kind !== 'list' && kind !== 'map';
    this.entries = around.newEntries(kind, { hasNamespaces: false, takesNumbers });
    this.slot = new KeyedSlot(name, this.entries, keys);
  }

  get timed(): boolean {
    return this.ttl !== undefined;
  }

  mapKeys(): Iterable<MapKey> {
    return this.entries.keys();
  }

  freeze(extent: SnapshotExtent): FrozenState | undefined {
    const { name, kind, timed, entries, ttl } = this;
    const alive = (stored: unknown): unknown =>
      ttl === undefined ? stored : this.#alive(stored, ttl);
    const writeValue = valueWriterOf(kind);
    const holds = this.#holds ?? typeOfStored(entries.entries(NO_NAMESPACE), kind, timed);
    return entries.freeze(
      { head: { name, kind, timed, holds }, alive, writeValue },
      this.#around.keyGroups,
      extent,
    );
  }

  /** What is left of an entry now; undefined: nothing. */
  #alive(stored: unknown, ttl: TimeToLive): unknown {
    if (stored instanceof Map) {
      const alive = [...(stored as Map<MapKey, Timed<unknown>>)].filter(([, v]) => ttl.isAlive(v));
      return alive.length > 0 ? new Map(alive) : undefined;
    }
    if (this.kind === 'list') {
      const alive = (stored as readonly Timed<unknown>[]).filter((v) => ttl.isAlive(v));
      return alive.length > 0 ? alive : undefined;
    }
    return ttl.isAlive(stored as Timed<unknown>) ? stored : undefined;
  }

  read(section: Section, values: ValueReader): void {
    const { timed } = section;
    this.#checkType(section);
    const store = storing(section, this.entries);
    readGone(section, values, this.entries, false);
    const readValue = valueReaderOf(this.kind);
    readEntries(section, values, { hasNamespaces: false, readValue }, (_, key, stored) =>
      store(NO_NAMESPACE, key, this.#converted(this.#adopted(stored, timed), timed)),
    );
  }

  /** Of what is restored, where nothing but the values that come can tell whether it is what they are. */
  get expected(): ExpectedType | undefined {
    const [type, ...others] = this.#restored;
    if (type === undefined || others.length > 0 || this.#holds !== undefined) return undefined;
    return new ExpectedType(this.name, type);
  }

  /** @throws SluiceError when the program keeps values of another type under that name now. */
  #checkType({ holds, count }: Section): void {
    if (count > 0) this.#restored.add(holds);
    if (holds !== undefined && this.#holds !== undefined && holds !== this.#holds)
      throw otherType(this.name, holds, this.#holds);
  }

  #adopted(stored: unknown, timed: boolean): unknown {
    if (this.#adopt === undefined) return stored;
    if (!timed) return this.#adopt(stored);
    const { value, at } = stored as Timed<unknown>;
    return { value: this.#adopt(value), at };
  }

  #converted(stored: unknown, timed: boolean): unknown {
    if (timed === this.timed) return stored;
    if (stored instanceof Map && this.kind === 'map')
      return new Map([...stored].map(([field, value]) => [field, this.#convert(value, timed)]));
    if (this.kind === 'list')
      return (stored as unknown[]).map((item) => this.#convert(item, timed));
    return this.#convert(stored, timed);
  }

  /** A time to live may be added, changed and taken away: what had none counts as written now. */
  #convert(stored: unknown, timed: boolean): unknown {
    if (timed) return this.timed ? stored : (stored as Timed<unknown>).value;
    return this.ttl === undefined ? stored : this.ttl.stamp(stored);
  }
}

export class NamespacedTable implements StateTable {
  readonly name: string;
  readonly kind = 'namespaced';
  readonly timed = false;
  readonly entries: Entries;
  readonly #around: TableSurroundings;
  readonly #adopt: Adopt;

  /** @param adopt Of what is read: values of another program. */
  constructor(name: string, around: TableSurroundings, adopt: Adopt = asItIs) {
    this.name = name;
    this.#around = around;
    this.#adopt = adopt;
    this.entries = around.newEntries('namespaced', { hasNamespaces: true, takesNumbers: true });
  }

  mapKeys(): Iterable<MapKey> {
    return this.entries.keys();
  }

  freeze(extent: SnapshotExtent): FrozenState | undefined {
    const { name, kind, timed } = this;
    const alive = (stored: unknown): unknown => stored;
    return this.entries.freeze(
      { head: { name, kind, timed }, alive, writeValue: writeStored },
      this.#around.keyGroups,
      extent,
    );
  }

  read(section: Section, values: ValueReader, isVoid: IsVoid): void {
    const store = storing(section, this.entries);
    readGone(section, values, this.entries, true);
    readEntries(section, values, NAMESPACED, (namespace, key, stored) => {
      if (!isVoid(namespace)) store(namespace, key, this.#adopt(stored));
    });
  }
}

/** Puts what a section holds into the entries: of changes, over what is there. */
function storing(
  { changes }: Section,
  entries: Entries,
): (namespace: TimerNamespace, key: MapKey, stored: unknown) => void {
  return (namespace, key, stored) => {
    const row = changes ? rowOf(entries, namespace, key) : -1;
    if (row < 0) entries.insert(namespace, key, stored);
    else entries.put(row, stored);
    entries.tidy();
  };
}

/** Takes away what a section of changes says is gone. */
function readGone(
  section: Section,
  values: ValueReader,
  entries: Entries,
  hasNamespaces: boolean,
): void {
  for (const [namespace, key] of goneOf(section, values, hasNamespaces)) {
    const row = rowOf(entries, namespace, key);
    if (row >= 0) entries.remove(namespace, key, row);
    entries.tidy();
  }
}

function rowOf(entries: Entries, namespace: TimerNamespace, key: MapKey): number {
  const row = entries.index(namespace)?.find(key) ?? -1;
  return row < 0 ? entries.load(namespace, key) : row;
}

/** How what a state of this kind stores is written. */
export const valueWriterOf = (kind: StateKind): RowWriting['writeValue'] =>
  kind === 'map' ? writeFields : writeStored;

/** The opposite. */
export const valueReaderOf = (kind: StateKind): ((values: ValueReader) => unknown) =>
  kind === 'map' ? readFields : (values) => values.read();

const writeStored = (values: ValueWriter, stored: unknown): void => values.write(stored);

function writeFields(values: ValueWriter, stored: unknown): void {
  const fields = stored as ReadonlyMap<MapKey, unknown>;
  values.out.varint(fields.size);
  for (const [field, value] of fields) {
    values.write(keyOfMapKey(field));
    values.write(value);
  }
}

function readFields(values: ValueReader): Map<MapKey, unknown> {
  const fields = new Map<MapKey, unknown>();
  for (let n = values.in.varint(); n > 0; n--) {
    const field = mapKeyOf(values.read());
    fields.set(field, values.read());
  }
  return fields;
}

export class TimerTable implements StateTable {
  readonly name: string;
  readonly kind = 'timers';
  readonly timed = false;
  readonly queue: HeapTimerQueue;
  readonly #around: TableSurroundings;
  #restored: StoredTimer[] = [];

  constructor(name: string, queue: HeapTimerQueue, around: TableSurroundings) {
    this.name = name;
    this.queue = queue;
    this.#around = around;
  }

  *mapKeys(): Iterable<MapKey> {
    for (const timer of this.queue.stored()) yield timer.mapKey;
  }

  freeze(extent: SnapshotExtent): FrozenState {
    return new FrozenTimers(this.name, this.queue, this.#around, extent);
  }

  read({ count, changes }: Section, values: ValueReader, isVoid: IsVoid): void {
    if (changes) values.in.varint(); // none is gone on its own
    for (let i = 0; i < count; i++) {
      const namespace = values.read() as TimerNamespace;
      const mapKey = mapKeyOf(values.read());
      const timeMs = values.in.f64();
      const position = values.in.varint();
      if (!isVoid(timeMs)) this.#restored.push({ namespace, mapKey, timeMs, position });
    }
  }

  /** All key groups are read: only now is the order of timers of one time known. */
  finishRestore(): void {
    this.queue.restore(this.#restored);
    this.#restored = [];
  }
}
