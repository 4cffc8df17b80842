// The handles of states on the heap. Each works on its table's Map under the current key. What `value`,
// `get` and `entries` return is the stored object itself: changing it in place without writing it back is
// visible to later calls and in snapshots, as on Flink's heap backend. Nobody should rely on it: a backend
// that stores bytes would lose the change. What goes in is copied (decision: value-copier.ts).

import { must } from '../../core/assert.ts';
import type {
  AggregatingState,
  Aggregator,
  ListState,
  MapState,
  NamespacedState,
  ReducingState,
  ValueState,
} from '../keyed-state.ts';
import { keyOfMapKey, type MapKey, mapKeyOf, ownedKey } from '../map-key.ts';
import type { Copier } from '../value-copier.ts';
import type { KeyContext } from './key-context.ts';
import type { KeyedTable, NamespacedTable } from './state-tables.ts';

/** What handles share: where they look, under which key, and how values come in. */
class Slot<S> {
  readonly #entries: Map<MapKey, S>;
  readonly #keys: KeyContext;
  readonly #name: string;

  constructor(table: KeyedTable, keys: KeyContext) {
    // The table holds what its handles put there; they are all of one kind.
    this.#entries = table.entries as Map<MapKey, S>;
    this.#keys = keys;
    this.#name = table.name;
  }

  get(): S | undefined {
    return this.#entries.get(this.#key());
  }

  set(stored: S): void {
    const entries = this.#entries;
    entries.set(ownedKey(entries, this.#key()), stored);
  }

  clear(): void {
    this.#entries.delete(this.#key());
  }

  #key(): MapKey {
    const { mapKey } = this.#keys;
    if (mapKey === undefined) {
      throw new TypeError(
        `state ${JSON.stringify(this.#name)} has no value outside the processing of an element or timer: there is no current key`,
      );
    }
    return mapKey;
  }
}

export class HeapValueState<T> implements ValueState<T> {
  readonly #slot: Slot<T>;
  readonly #copier: Copier;
  readonly #default: T;
  readonly #defaultCopier: Copier;

  constructor(
    table: KeyedTable,
    keys: KeyContext,
    copier: Copier,
    initial: { readonly value: T; readonly copier: Copier },
  ) {
    this.#slot = new Slot(table, keys);
    this.#copier = copier;
    this.#default = initial.value;
    this.#defaultCopier = initial.copier;
  }

  value(): T {
    const stored = this.#slot.get();
    // Each key gets its own default: one that is changed in place must not change the others'.
    return stored === undefined ? this.#defaultCopier.copy(this.#default) : stored;
  }

  update(value: T): void {
    if (value === undefined) this.#slot.clear();
    else this.#slot.set(this.#copier.copy(value));
  }

  clear(): void {
    this.#slot.clear();
  }
}

const NOTHING: readonly never[] = Object.freeze([]);

export class HeapListState<T> implements ListState<T> {
  readonly #slot: Slot<T[]>;
  readonly #copier: Copier;

  constructor(table: KeyedTable, keys: KeyContext, copier: Copier) {
    this.#slot = new Slot(table, keys);
    this.#copier = copier;
  }

  get(): readonly T[] {
    return this.#slot.get() ?? NOTHING;
  }

  add(value: T): void {
    const copy = this.#copier.copy(value);
    const values = this.#slot.get();
    if (values === undefined) this.#slot.set([copy]);
    else values.push(copy);
  }

  update(values: readonly T[]): void {
    if (values.length === 0) this.#slot.clear();
    else this.#slot.set(values.map((value) => this.#copier.copy(value)));
  }

  clear(): void {
    this.#slot.clear();
  }
}

export class HeapMapState<K, V> implements MapState<K, V> {
  readonly #slot: Slot<Map<MapKey, V>>;
  readonly #copier: Copier;

  constructor(table: KeyedTable, keys: KeyContext, copier: Copier) {
    this.#slot = new Slot(table, keys);
    this.#copier = copier;
  }

  get(key: K): V | undefined {
    return this.#slot.get()?.get(mapKeyOf(key));
  }

  put(key: K, value: V): void {
    const field = mapKeyOf(key);
    const copy = this.#copier.copy(value);
    let fields = this.#slot.get();
    if (fields === undefined) {
      fields = new Map();
      this.#slot.set(fields);
    }
    fields.set(ownedKey(fields, field), copy);
  }

  has(key: K): boolean {
    return this.#slot.get()?.has(mapKeyOf(key)) ?? false;
  }

  remove(key: K): void {
    const fields = this.#slot.get();
    if (fields?.delete(mapKeyOf(key)) === true && fields.size === 0) this.#slot.clear();
  }

  *entries(): IterableIterator<[K, V]> {
    for (const [field, value] of this.#slot.get() ?? NOTHING) {
      yield [keyOfMapKey(field) as K, value];
    }
  }

  *keys(): IterableIterator<K> {
    for (const [field] of this.#slot.get() ?? NOTHING) yield keyOfMapKey(field) as K;
  }

  values(): IterableIterator<V> {
    return (this.#slot.get() ?? new Map<MapKey, V>()).values();
  }

  isEmpty(): boolean {
    return this.#slot.get() === undefined;
  }

  clear(): void {
    this.#slot.clear();
  }
}

export class HeapReducingState<T> implements ReducingState<T> {
  readonly #slot: Slot<T>;
  readonly #copier: Copier;
  readonly #reduce: (a: T, b: T) => T;

  constructor(table: KeyedTable, keys: KeyContext, copier: Copier, reduce: (a: T, b: T) => T) {
    this.#slot = new Slot(table, keys);
    this.#copier = copier;
    this.#reduce = reduce;
  }

  get(): T | undefined {
    return this.#slot.get();
  }

  add(value: T): void {
    const current = this.#slot.get();
    const next = current === undefined ? value : this.#reduce(current, value);
    // What was changed in place is ours already.
    if (next === current) return;
    if (next === undefined)
      throw new TypeError('the reduce function of a state returned undefined');
    this.#slot.set(this.#copier.copy(next));
  }

  clear(): void {
    this.#slot.clear();
  }
}

export class HeapAggregatingState<I, A, O> implements AggregatingState<I, O> {
  readonly #slot: Slot<A>;
  readonly #copier: Copier;
  readonly #aggregator: Aggregator<I, A, O>;

  constructor(
    table: KeyedTable,
    keys: KeyContext,
    copier: Copier,
    aggregator: Aggregator<I, A, O>,
  ) {
    this.#slot = new Slot(table, keys);
    this.#copier = copier;
    this.#aggregator = aggregator;
  }

  get(): O | undefined {
    const accumulator = this.#slot.get();
    return accumulator === undefined ? undefined : this.#aggregator.result(accumulator);
  }

  add(value: I): void {
    const accumulator = this.#slot.get() ?? this.#aggregator.create();
    // A value is copied before the aggregator may keep it; accumulators are the aggregator's own.
    const next = this.#aggregator.add(accumulator, this.#copier.copy(value));
    if (next === undefined) throw new TypeError('add of an aggregating state returned undefined');
    this.#slot.set(next);
  }

  clear(): void {
    this.#slot.clear();
  }
}

/** For operators: stores what it is given. Who puts an object here has made it or copied it. */
export class HeapNamespacedState<N extends string | number, T> implements NamespacedState<N, T> {
  readonly #table: NamespacedTable;
  readonly #keys: KeyContext;
  // Elements come in runs of one window: most look-ups of the namespace are of the one before.
  #last: N | undefined;
  #lastEntries: Map<MapKey, T> | undefined;
  // An accumulator that was got, changed in place and is put again need not be looked up again.
  #gotKey: MapKey | undefined;
  #got: T | undefined;

  constructor(table: NamespacedTable, keys: KeyContext) {
    this.#table = table;
    this.#keys = keys;
  }

  get(namespace: N): T | undefined {
    const key = this.#key();
    const entries = namespace === this.#last ? this.#lastEntries : this.#find(namespace);
    const value = entries?.get(key);
    this.#gotKey = key;
    this.#got = value;
    return value;
  }

  put(namespace: N, value: T): void {
    const key = this.#key();
    if (key === this.#gotKey && namespace === this.#last) {
      if (value === this.#got) return;
      const entries = this.#lastEntries ?? this.#create(namespace);
      // What `get` has seen is whether the key is new: a look-up less for long string keys.
      entries.set(this.#got === undefined ? ownedKey(NONE, key) : key, value);
      this.#got = value;
      return;
    }
    const entries = namespace === this.#last ? this.#lastEntries : this.#find(namespace);
    if (entries === undefined) this.#create(namespace).set(ownedKey(NONE, key), value);
    else entries.set(ownedKey(entries, key), value);
    this.#gotKey = undefined;
  }

  remove(namespace: N): void {
    this.#gotKey = undefined;
    const entries = namespace === this.#last ? this.#lastEntries : this.#find(namespace);
    if (entries?.delete(this.#key()) !== true || entries.size > 0) return;
    this.#table.namespaces.delete(namespace);
    this.#lastEntries = undefined;
  }

  namespaces(): Iterable<N> {
    return this.#table.namespaces.keys() as Iterable<N>;
  }

  entries(namespace: N): Iterable<readonly [MapKey, T]> {
    return (this.#table.namespaces.get(namespace) as Map<MapKey, T> | undefined) ?? [];
  }

  clear(namespace: N): void {
    this.#gotKey = undefined;
    this.#table.namespaces.delete(namespace);
    if (namespace === this.#last) this.#lastEntries = undefined;
  }

  #find(namespace: N): Map<MapKey, T> | undefined {
    this.#gotKey = undefined;
    this.#last = namespace;
    this.#lastEntries = this.#table.namespaces.get(namespace) as Map<MapKey, T> | undefined;
    return this.#lastEntries;
  }

  #create(namespace: N): Map<MapKey, T> {
    this.#lastEntries = this.#table.entriesOf(namespace) as Map<MapKey, T>;
    return this.#lastEntries;
  }

  #key(): MapKey {
    return must(this.#keys.mapKey, 'a current key');
  }
}

const NONE: ReadonlyMap<MapKey, unknown> = new Map();
