// States with a time to live: handles around the plain ones, whose values carry the time of their last
// write (processing time). An expired value is never seen; it is dropped when it is met, and no snapshot
// holds one. In lists and maps every element has its own time.

import type {
  AggregatingState,
  Aggregator,
  ListState,
  MapState,
  ReducingState,
  ValueState,
} from '../keyed-state.ts';
import type { Copier } from '../value-copier.ts';
import type { Timed, TimeToLive } from './state-tables.ts';

export class TtlValueState<T> implements ValueState<T> {
  readonly #inner: ValueState<Timed<T> | undefined>;
  readonly #ttl: TimeToLive;
  readonly #default: T;
  readonly #copier: Copier;

  constructor(
    inner: ValueState<Timed<T> | undefined>,
    ttl: TimeToLive,
    initial: { readonly value: T; readonly copier: Copier },
  ) {
    this.#inner = inner;
    this.#ttl = ttl;
    this.#default = initial.value;
    this.#copier = initial.copier;
  }

  value(): T {
    const stored = aliveValue(this.#inner, this.#ttl);
    return stored === undefined ? this.#copier.copy(this.#default) : stored.value;
  }

  update(value: T): void {
    this.#inner.update(value === undefined ? undefined : this.#ttl.stamp(value));
  }

  clear(): void {
    this.#inner.clear();
  }
}

export class TtlListState<T> implements ListState<T> {
  readonly #inner: ListState<Timed<T>>;
  readonly #ttl: TimeToLive;

  constructor(inner: ListState<Timed<T>>, ttl: TimeToLive) {
    this.#inner = inner;
    this.#ttl = ttl;
  }

  get(): readonly T[] {
    const stored = this.#inner.get();
    const alive = stored.filter((item) => this.#ttl.isAlive(item));
    if (alive.length < stored.length) this.#inner.update(alive);
    return this.#inner.get().map((item) => item.value);
  }

  add(value: T): void {
    this.#inner.add(this.#ttl.stamp(value));
  }

  update(values: readonly T[]): void {
    this.#inner.update(values.map((value) => this.#ttl.stamp(value)));
  }

  clear(): void {
    this.#inner.clear();
  }
}

export class TtlMapState<K, V> implements MapState<K, V> {
  readonly #inner: MapState<K, Timed<V>>;
  readonly #ttl: TimeToLive;

  constructor(inner: MapState<K, Timed<V>>, ttl: TimeToLive) {
    this.#inner = inner;
    this.#ttl = ttl;
  }

  get(key: K): V | undefined {
    return this.#alive(key)?.value;
  }

  put(key: K, value: V): void {
    this.#inner.put(key, this.#ttl.stamp(value));
  }

  has(key: K): boolean {
    return this.#alive(key) !== undefined;
  }

  remove(key: K): void {
    this.#inner.remove(key);
  }

  *entries(): IterableIterator<[K, V]> {
    for (const [key, stored] of this.#inner.entries()) {
      if (this.#ttl.isAlive(stored)) yield [key, stored.value];
      else this.#inner.remove(key);
    }
  }

  *keys(): IterableIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): IterableIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  isEmpty(): boolean {
    return this.entries().next().done === true;
  }

  clear(): void {
    this.#inner.clear();
  }

  #alive(key: K): Timed<V> | undefined {
    const stored = this.#inner.get(key);
    if (stored === undefined || this.#ttl.isAlive(stored)) return stored;
    this.#inner.remove(key);
    return undefined;
  }
}

export class TtlReducingState<T> implements ReducingState<T> {
  readonly #inner: ValueState<Timed<T> | undefined>;
  readonly #ttl: TimeToLive;
  readonly #reduce: (a: T, b: T) => T;

  constructor(inner: ValueState<Timed<T> | undefined>, ttl: TimeToLive, reduce: (a: T, b: T) => T) {
    this.#inner = inner;
    this.#ttl = ttl;
    this.#reduce = reduce;
  }

  get(): T | undefined {
    return aliveValue(this.#inner, this.#ttl)?.value;
  }

  add(value: T): void {
    const current = aliveValue(this.#inner, this.#ttl);
    const next = current === undefined ? value : this.#reduce(current.value, value);
    this.#inner.update(this.#ttl.stamp(next));
  }

  clear(): void {
    this.#inner.clear();
  }
}

export class TtlAggregatingState<I, A, O> implements AggregatingState<I, O> {
  readonly #inner: ValueState<Timed<A> | undefined>;
  readonly #ttl: TimeToLive;
  readonly #aggregator: Aggregator<I, A, O>;

  constructor(
    inner: ValueState<Timed<A> | undefined>,
    ttl: TimeToLive,
    aggregator: Aggregator<I, A, O>,
  ) {
    this.#inner = inner;
    this.#ttl = ttl;
    this.#aggregator = aggregator;
  }

  get(): O | undefined {
    const stored = aliveValue(this.#inner, this.#ttl);
    return stored === undefined ? undefined : this.#aggregator.result(stored.value);
  }

  add(value: I): void {
    const stored = aliveValue(this.#inner, this.#ttl);
    const accumulator = stored === undefined ? this.#aggregator.create() : stored.value;
    this.#inner.update(this.#ttl.stamp(this.#aggregator.add(accumulator, value)));
  }

  clear(): void {
    this.#inner.clear();
  }
}

function aliveValue<T>(
  state: ValueState<Timed<T> | undefined>,
  ttl: TimeToLive,
): Timed<T> | undefined {
  const stored = state.value();
  if (stored === undefined || ttl.isAlive(stored)) return stored;
  state.clear();
  return undefined;
}
