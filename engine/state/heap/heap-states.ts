// The handles of states on the heap. Each works on its table under the current key. What `value`, `get` and
// `entries` return may be changed in place until the end of the call: that is visible to later calls and in
// snapshots, as on Flink's heap backend. Nobody should rely on it: a backend that stores bytes would lose
// the change. What goes in is copied (decision: value-copier.ts).

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
import type { CellRows } from './cell-rows.ts';
import type { Entries } from './entry-table.ts';
import type { KeyContext } from './key-context.ts';
import type { KeyIndex } from './key-index.ts';
import type { KeyedSlot } from './keyed-slot.ts';
import type { KeyedTable, NamespacedTable } from './state-tables.ts';

export class HeapValueState<T> implements ValueState<T> {
  readonly #slot: KeyedSlot<T>;
  readonly #copier: Copier;
  readonly #default: T;
  readonly #defaultCopier: Copier;

  constructor(
    table: KeyedTable,
    copier: Copier,
    initial: { readonly value: T; readonly copier: Copier },
  ) {
    this.#slot = table.slot as KeyedSlot<T>;
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
  readonly #slot: KeyedSlot<T[]>;
  readonly #copier: Copier;

  constructor(table: KeyedTable, copier: Copier) {
    this.#slot = table.slot as KeyedSlot<T[]>;
    this.#copier = copier;
  }

  get(): readonly T[] {
    return this.#slot.get() ?? NOTHING;
  }

  add(value: T): void {
    const copy = this.#copier.copy(value);
    const values = this.#slot.get();
    if (values === undefined) return this.#slot.set([copy]);
    values.push(copy);
    this.#slot.set(values);
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
  readonly #slot: KeyedSlot<Map<MapKey, V>>;
  readonly #copier: Copier;

  constructor(table: KeyedTable, copier: Copier) {
    this.#slot = table.slot as KeyedSlot<Map<MapKey, V>>;
    this.#copier = copier;
  }

  get(key: K): V | undefined {
    return this.#slot.get()?.get(mapKeyOf(key));
  }

  put(key: K, value: V): void {
    const field = mapKeyOf(key);
    const copy = this.#copier.copy(value);
    const fields = this.#slot.get() ?? new Map<MapKey, V>();
    fields.set(ownedKey(fields, field), copy);
    this.#slot.set(fields);
  }

  has(key: K): boolean {
    return this.#slot.get()?.has(mapKeyOf(key)) ?? false;
  }

  remove(key: K): void {
    const fields = this.#slot.get();
    if (fields?.delete(mapKeyOf(key)) !== true) return;
    if (fields.size === 0) this.#slot.clear();
    else this.#slot.set(fields);
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
  readonly #slot: KeyedSlot<T>;
  readonly #copier: Copier;
  readonly #reduce: (a: T, b: T) => T;

  constructor(table: KeyedTable, copier: Copier, reduce: (a: T, b: T) => T) {
    this.#slot = table.slot as KeyedSlot<T>;
    this.#copier = copier;
    this.#reduce = reduce;
  }

  get(): T | undefined {
    return this.#slot.get();
  }

  add(value: T): void {
    const current = this.#slot.get();
    const next = current === undefined ? value : this.#reduce(current, value);
    if (next === undefined)
      throw new TypeError('the reduce function of a state returned undefined');
    // What was changed in place is ours already.
    this.#slot.set(next === current ? next : this.#copier.copy(next));
  }

  clear(): void {
    this.#slot.clear();
  }
}

export class HeapAggregatingState<I, A, O> implements AggregatingState<I, O> {
  readonly #slot: KeyedSlot<A>;
  readonly #copier: Copier;
  readonly #aggregator: Aggregator<I, A, O>;

  constructor(table: KeyedTable, copier: Copier, aggregator: Aggregator<I, A, O>) {
    this.#slot = table.slot as KeyedSlot<A>;
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
  cellsAt = 0;
  readonly #table: Entries;
  readonly #keys: KeyContext;
  // Elements come in runs of one window: most look-ups of the namespace are of the one before.
  #namespace: N | undefined;
  #index: KeyIndex | undefined;
  // What was got, changed in place and is put again need not be looked up again.
  #gotKey: MapKey | undefined;
  #gotRow = -1;
  #generation = 0;

  constructor(table: NamespacedTable, keys: KeyContext) {
    this.#table = table.entries;
    this.#keys = keys;
  }

  get(namespace: N): T | undefined {
    const row = this.#look(namespace);
    return row < 0 ? undefined : (this.#table.read(row) as T);
  }

  borrow(namespace: N): T | undefined {
    const row = this.#look(namespace);
    return row < 0 ? undefined : (this.#table.borrow(row) as T);
  }

  put(namespace: N, value: T): void {
    const key = this.#key();
    const isGot =
      key === this.#gotKey &&
      namespace === this.#namespace &&
      this.#generation === this.#table.generation;
    const row = isGot ? this.#gotRow : this.#find(namespace, key);
    if (row >= 0) return this.#table.write(row, value);
    this.#gotRow = this.#table.insert(namespace, key, value);
    this.#gotKey = key;
    this.#index = this.#table.index(namespace);
  }

  cells(namespace: N): Float64Array | undefined {
    const key = this.#key();
    const row = this.#find(namespace, key);
    this.#gotKey = key;
    this.#gotRow = row;
    if (row < 0) return undefined;
    this.cellsAt = this.#table.cellsAt(row);
    return this.#table.cells(row);
  }

  cellRows(namespace: N): CellRows | undefined {
    return this.#table.cellRows(namespace);
  }

  remove(namespace: N): void {
    const key = this.#key();
    const row = this.#find(namespace, key);
    this.#gotKey = undefined;
    if (row < 0) return;
    this.#table.remove(namespace, key, row);
    this.#index = this.#table.index(namespace);
  }

  namespaces(): Iterable<N> {
    return this.#table.namespaces() as Iterable<N>;
  }

  entries(namespace: N): Iterable<readonly [MapKey, T]> {
    return this.#table.entries(namespace) as Iterable<readonly [MapKey, T]>;
  }

  clear(namespace: N): void {
    this.#gotKey = undefined;
    this.#table.clear(namespace);
    if (namespace === this.#namespace) this.#index = undefined;
  }

  #look(namespace: N): number {
    const key = this.#key();
    const row = this.#find(namespace, key);
    this.#gotKey = key;
    this.#gotRow = row;
    return row;
  }

  #find(namespace: N, key: MapKey): number {
    const { generation } = this.#table;
    if (namespace !== this.#namespace || generation !== this.#generation) {
      this.#namespace = namespace;
      this.#generation = generation;
      this.#index = this.#table.index(namespace);
      this.#gotKey = undefined;
    }
    const row = this.#index === undefined ? -1 : this.#index.find(key);
    return row < 0 ? this.#load(namespace, key) : row;
  }

  #load(namespace: N, key: MapKey): number {
    const row = this.#table.load(namespace, key);
    if (row >= 0) this.#index = this.#table.index(namespace);
    return row;
  }

  #key(): MapKey {
    return must(this.#keys.mapKey, 'a current key');
  }
}
