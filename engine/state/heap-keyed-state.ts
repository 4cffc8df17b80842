// Keyed state on the heap. The backend owns the tables, hands out handles by descriptor, and writes and
// reads snapshots by key group. What a snapshot holds and no handle has asked for yet stays as bytes and is
// part of every later snapshot: an operator that was taken out of a program and comes back finds its state.

import { assert, must } from '../core/assert.ts';
import { ByteReader } from '../core/byte-buffer.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import { type KeyGroupRange, keyGroupOf } from '../core/key-groups.ts';
import { ValueReader } from '../core/value-reader.ts';
import { voidIn } from './covered.ts';
import { type Entries, type EntriesShape, EntryTable } from './heap/entry-table.ts';
import { HeapSnapshot, type UnclaimedSection } from './heap/heap-snapshot.ts';
import {
  HeapAggregatingState,
  HeapListState,
  HeapMapState,
  HeapNamespacedState,
  HeapReducingState,
  HeapValueState,
} from './heap/heap-states.ts';
import { HeapTimerQueue } from './heap/heap-timer-queue.ts';
import { KeyContext } from './heap/key-context.ts';
import { HeapSlicedJoinState, SliceLists } from './heap/slice-lists.ts';
import { HeapSlicedState, SliceTable } from './heap/slice-table.ts';
import {
  KeyedTable,
  NamespacedTable,
  type StateTable,
  type TableSurroundings,
  type Timed,
  TimerTable,
  TimeToLive,
} from './heap/state-tables.ts';
import {
  TtlAggregatingState,
  TtlListState,
  TtlMapState,
  TtlReducingState,
  TtlValueState,
} from './heap/ttl-states.ts';
import { adopting, ExpectedType, otherKeys, typeOf, typeOfKeys } from './heap/value-types.ts';
import {
  type KeyedSnapshot,
  type KeyGroupBlock,
  readBlock,
  type SnapshotExtent,
  type StateKind,
} from './keyed-snapshot.ts';
import type {
  AggregatingState,
  Aggregator,
  KeyedStateBackend,
  ListState,
  MapState,
  NamespacedState,
  OwnDescriptor,
  ReducingState,
  SlicedJoinState,
  SlicedState,
  StateDescriptor,
  StoredKey,
  TimerQueue,
  ValueState,
} from './keyed-state.ts';
import { keyOfMapKey, type MapKey } from './map-key.ts';
import { type Copier, copierFor, sharingCopier, ValueCopier } from './value-copier.ts';

export type NewEntries = (
  kind: StateKind,
  shape: EntriesShape,
  keyGroupOf: (key: MapKey) => number,
) => Entries;

export interface HeapStateOptions {
  readonly maxParallelism: number;
  /** The key groups of this subtask. */
  readonly keyGroups: KeyGroupRange;
  /** Tells the processing time that times to live are measured by. */
  readonly clock: Pick<Clock, 'now'>;
  /** `pipeline.object-reuse`: objects are stored without being copied. */
  readonly objectReuse: boolean;
}

export class HeapStateBackend implements KeyedStateBackend {
  readonly #options: HeapStateOptions;
  readonly #context = new KeyContext();
  /** By `idOf`, as below. */
  readonly #tables = new Map<string, StateTable>();
  readonly #namespaced = new Map<string, NamespacedState<never, unknown>>();
  /** What was restored and not asked for, by key group. */
  readonly #unclaimed = new Map<string, Map<number, UnclaimedSection[]>>();

  #isOfAnother = false;
  readonly #around: TableSurroundings;

  /** `newEntries`: where the entries of a state are kept, when that is not on the heap alone. */
  constructor(options: HeapStateOptions, newEntries?: NewEntries) {
    const { maxParallelism, keyGroups } = options;
    this.#options = options;
    this.#around = {
      keyGroups,
      keyGroupOf: (mapKey) => {
        const keyGroup = keyGroupOf(keyOfMapKey(mapKey), maxParallelism);
        this.#assertOwn(keyGroup);
        return keyGroup;
      },
      newEntries: (kind, shape) => {
        const { keyGroupOf } = this.#around;
        return newEntries?.(kind, shape, keyGroupOf) ?? new EntryTable(shape, keyGroupOf);
      },
    };
  }

  setCurrentKey(key: unknown): void {
    this.#context.setKey(key);
  }

  setStoredKey(key: StoredKey): void {
    this.#context.setMapKey(key);
  }

  currentKey(): unknown {
    return this.#context.key();
  }

  value<T>(descriptor: StateDescriptor, defaultValue: T): ValueState<T> {
    const table = this.#keyed(descriptor, 'value', () => defaultValue);
    const initial = { value: defaultValue, copier: new ValueCopier() };
    if (table.ttl === undefined) {
      return new HeapValueState(table, this.#copier(table), initial);
    }
    return new TtlValueState(this.#timedValue<T>(table), table.ttl, initial);
  }

  list<T>(descriptor: StateDescriptor): ListState<T> {
    const table = this.#keyed(descriptor, 'list');
    if (table.ttl === undefined) return new HeapListState(table, this.#copier(table));
    const inner = new HeapListState<Timed<T>>(table, this.#copier(table));
    return new TtlListState(inner, table.ttl);
  }

  map<K, V>(descriptor: StateDescriptor): MapState<K, V> {
    const table = this.#keyed(descriptor, 'map');
    if (table.ttl === undefined) return new HeapMapState(table, this.#copier(table));
    const inner = new HeapMapState<K, Timed<V>>(table, this.#copier(table));
    return new TtlMapState(inner, table.ttl);
  }

  reducing<T>(descriptor: StateDescriptor, reduce: (a: T, b: T) => T): ReducingState<T> {
    const table = this.#keyed(descriptor, 'reducing');
    const expected = this.#expectedIn(table);
    const checked = (a: T, b: T): T => {
      expected?.check(b);
      return reduce(a, b);
    };
    const merge = expected === undefined ? reduce : checked;
    if (table.ttl === undefined) {
      return new HeapReducingState(table, this.#copier(table), merge);
    }
    return new TtlReducingState(this.#timedValue<T>(table), table.ttl, merge);
  }

  aggregating<I, A, O>(
    descriptor: StateDescriptor,
    aggregator: Aggregator<I, A, O>,
  ): AggregatingState<I, O> {
    const table = this.#keyed(descriptor, 'aggregating', () => aggregator.create());
    if (table.ttl === undefined) {
      return new HeapAggregatingState(table, this.#copier(table), aggregator);
    }
    return new TtlAggregatingState(this.#timedValue<A>(table), table.ttl, aggregator);
  }

  namespaced<N extends string | number, T>(descriptor: OwnDescriptor): NamespacedState<N, T> {
    const { name } = descriptor;
    const adopt = this.#adoptIn(descriptor);
    const create = () => new NamespacedTable(name, this.#around, adopt);
    const table = this.#table(name, 'namespaced', create);
    assert(table instanceof NamespacedTable, `state ${name} has another table`);
    // One handle per table, since each remembers the Map it used last.
    const known = this.#namespaced.get(name);
    if (known !== undefined) return known as NamespacedState<N, T>;
    const state = new HeapNamespacedState<N, T>(table, this.#context);
    this.#namespaced.set(name, state as NamespacedState<never, unknown>);
    return state;
  }

  sliced(descriptor: OwnDescriptor): SlicedState {
    const { name } = descriptor;
    const adopt = this.#adoptIn(descriptor);
    const table = this.#table(name, 'namespaced', () => new SliceTable(name, this.#around, adopt));
    assert(table instanceof SliceTable, `state ${name} has another table`);
    return new HeapSlicedState(table, this.#context);
  }

  slicedJoin(descriptor: StateDescriptor): SlicedJoinState {
    const { name } = descriptor;
    const create = () => new SliceLists(name, this.#around, this.#copier());
    const table = this.#table(name, 'namespaced', create);
    assert(table instanceof SliceLists, `state ${name} has another table`);
    return new HeapSlicedJoinState(table, this.#context);
  }

  timers(name: string): TimerQueue {
    const table = this.#table(
      name,
      'timers',
      () => new TimerTable(name, new HeapTimerQueue(this.#context), this.#around),
    );
    assert(table instanceof TimerTable, `timers ${name} have another table`);
    return table.queue;
  }

  *keys(stateName?: string): IterableIterator<unknown> {
    const tables = [...this.#tables.values()].filter(
      ({ kind, name }) => stateName === undefined || (kind !== 'timers' && name === stateName),
    );
    for (const mapKey of new Set(tables.flatMap((table) => [...table.mapKeys()]))) {
      yield keyOfMapKey(mapKey);
    }
  }

  /** Called when nobody works with the state of the last key any more. */
  protected set beforeKey(call: () => void) {
    this.#context.beforeKey = call;
  }

  /** The state as it is now: it may change while the snapshot is written. */
  snapshot(extent: SnapshotExtent = 'whole'): KeyedSnapshot {
    const states = [...this.#tables.values()].flatMap((table) => {
      const frozen = table.freeze(extent);
      return frozen === undefined ? [] : [{ name: table.name, frozen }];
    });
    return new HeapSnapshot(
      states,
      extent === 'changes' ? [] : this.#unclaimedSections(),
      this.#options.keyGroups,
    );
  }

  /** By now each is on its own: what was restored beside it need not stay in memory. */
  #unclaimedSections(): readonly UnclaimedSection[] {
    for (const byGroup of this.#unclaimed.values())
      for (const [keyGroup, sections] of byGroup) byGroup.set(keyGroup, sections.map(withOwnBytes));
    return [...this.#unclaimed.values()].flatMap((byGroup) => [...byGroup.values()].flat());
  }

  /** Of the backend's own resources; nothing is to be asked of it afterwards. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Takes over what snapshots hold of this subtask's key groups (rescaling.ts selects them), changes behind what
   * they change. The bytes are its own from now on. Before any handle is asked for.
   * @param isOfAnother Another program may have written them: the first values of this one are held against theirs.
   * @throws CorruptData, SluiceError for bytes that are not such state.
   */
  restore(blocks: Iterable<KeyGroupBlock>, isOfAnother = false): void {
    assert(this.#tables.size === 0, 'restore after a state was asked for');
    this.#isOfAnother = isOfAnother;
    for (const block of blocks) {
      const { keyGroup } = block;
      this.#assertOwn(keyGroup);
      for (const section of readBlock(block)) {
        const id = idOf(section.kind, section.name);
        const byGroup = this.#unclaimed.get(id) ?? new Map<number, UnclaimedSection[]>();
        this.#unclaimed.set(id, byGroup);
        const before = section.changes ? (byGroup.get(keyGroup) ?? []) : [];
        byGroup.set(keyGroup, [...before, { ...section, keyGroup }]);
      }
    }
  }

  /** Of what is written to the table, if to one. */
  #copier(table?: KeyedTable): Copier {
    const copier = copierFor(this.#options.objectReuse);
    const expected = table === undefined ? undefined : this.#expectedIn(table);
    return expected?.copier(copier, table?.timed === true) ?? copier;
  }

  #expectedIn(table: KeyedTable): ExpectedType | undefined {
    return this.#isOfAnother ? table.expected : undefined;
  }

  #adoptIn({ adopt }: OwnDescriptor): OwnDescriptor['adopt'] {
    return this.#isOfAnother ? adopt : undefined;
  }

  /** From now on the first keys are held against those of the table. */
  #expectKeys(table: StateTable): void {
    const type = typeOfKeys(table.mapKeys());
    if (type === undefined) return;
    const expected = new ExpectedType(table.name, type, otherKeys);
    this.#context.checkKey = (key) => {
      expected.check(key);
      if (expected.isMet) this.#context.checkKey = undefined;
    };
  }

  #timedValue<T>(table: KeyedTable): ValueState<Timed<T> | undefined> {
    const none = { value: undefined, copier: sharingCopier };
    return new HeapValueState<Timed<T> | undefined>(table, this.#copier(table), none);
  }

  /** @param first A value such as it will hold; asked for once. */
  #keyed(
    descriptor: StateDescriptor,
    kind: KeyedTable['kind'],
    first: () => unknown = () => undefined,
  ): KeyedTable {
    const { name, ttlMs } = descriptor;
    const table = this.#table(name, kind, () => {
      const ttl = ttlMs === undefined ? undefined : new TimeToLive(ttlMs, this.#options.clock);
      const example = first();
      const isKnown = typeOf(example) !== undefined;
      const adopt = isKnown ? adopting(name, () => example) : undefined;
      const holds = { type: typeOf(example), adopt: this.#adoptIn({ name, adopt }) };
      return new KeyedTable(name, kind, ttl, holds, this.#context, this.#around);
    });
    assert(table instanceof KeyedTable, `state ${name} has another table`);
    return table;
  }

  #table(name: string, kind: StateKind, create: () => StateTable): StateTable {
    const id = idOf(kind, name);
    const known = this.#tables.get(id);
    if (known !== undefined) {
      if (known.kind !== kind) throw stateMismatch(name, known.kind, kind);
      return known;
    }
    const sections = [...(this.#unclaimed.get(id)?.values() ?? [])].flat();
    const stored = sections.find((section) => section.kind !== kind);
    if (stored !== undefined) throw stateMismatch(name, stored.kind, kind);
    const table = create();
    for (const ofGroup of this.#unclaimed.get(id)?.values() ?? []) {
      const voids = voidIn(ofGroup);
      for (const [i, section] of ofGroup.entries()) {
        const values = new ValueReader(new ByteReader(section.payload));
        table.read(section, values, must(voids[i], 'a section'));
      }
    }
    if (table instanceof TimerTable) table.finishRestore();
    if (this.#isOfAnother) this.#expectKeys(table);
    this.#unclaimed.delete(id);
    this.#tables.set(id, table);
    return table;
  }

  #assertOwn(keyGroup: number): void {
    const { start, end } = this.#options.keyGroups;
    assert(
      keyGroup >= start && keyGroup <= end,
      `key group ${keyGroup} in the state of subtask with key groups ${start} to ${end}`,
    );
  }
}

function withOwnBytes(section: UnclaimedSection): UnclaimedSection {
  const { payload } = section;
  const isOwn = payload.byteLength === payload.buffer.byteLength;
  return isOwn ? section : { ...section, payload: Uint8Array.from(payload) };
}

/** Timers have names of their own: no state of a user's takes the name of an operator's timers. */
const idOf = (kind: StateKind, name: string): string =>
  `${kind === 'timers' ? 'timers' : 'state'} ${name}`;

function stateMismatch(name: string, stored: StateKind, asked: StateKind): SluiceError {
  return new SluiceError(
    'state-mismatch',
    `state ${JSON.stringify(name)} is a ${stored} state and is asked for as a ${asked} state: give the new one another name, or start without the old state`,
  );
}
