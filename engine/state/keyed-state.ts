// Keyed state as operators and users see it. One backend per chain head with keyed input; the chain sets
// the current key before each element, the timer service before each timer. Handles are made once, by
// descriptor, and always mean the current key. Objects that a handle returns may be changed in place only
// until the end of the call; what is to last is written by `update`, `put` or `add`.

import type { CellRows } from './heap/cell-rows.ts';
import type { Logs } from './heap/slice-log.ts';
import type { MapKey } from './map-key.ts';

export interface StateDescriptor {
  /** Unique within its operator. */
  readonly name: string;
  readonly ttlMs?: number;
}

/** Of states that operators keep. */
export interface OwnDescriptor extends StateDescriptor {
  /** Makes a value of this program of one that another has left. @throws SluiceError when that cannot be. */
  readonly adopt?: ((stored: unknown) => unknown) | undefined;
}

export interface ValueState<T> {
  /** Undefined, or the descriptor's default, when the key has none. */
  value(): T;
  update(value: T): void;
  clear(): void;
}

export interface ListState<T> {
  get(): readonly T[];
  add(value: T): void;
  update(values: readonly T[]): void;
  clear(): void;
}

export interface MapState<K, V> {
  get(key: K): V | undefined;
  put(key: K, value: V): void;
  has(key: K): boolean;
  remove(key: K): void;
  entries(): IterableIterator<[K, V]>;
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  isEmpty(): boolean;
  clear(): void;
}

export interface ReducingState<T> {
  get(): T | undefined;
  add(value: T): void;
  clear(): void;
}

export interface AggregatingState<I, O> {
  get(): O | undefined;
  add(value: I): void;
  clear(): void;
}

/**
 * One value per (current key, namespace): what windows, joins and running aggregates keep. For operators
 * only: values are not copied on entry, and whoever changes one in place puts it again.
 */
export interface NamespacedState<N, T> {
  get(namespace: N): T | undefined;
  /** As `get`, until the next call: to be changed and put, never to be kept or handed on. */
  borrow(namespace: N): T | undefined;
  put(namespace: N, value: T): void;
  /**
   * The value as cells, when it is an object of numbers and the table holds it so: its fields in their order, from
   * `cellsAt` on. They may be changed in place until the end of the call.
   */
  cells(namespace: N): Float64Array | undefined;
  /** Of the last `cells`. */
  readonly cellsAt: number;
  /**
   * For code that looks at an entry of the namespace with each element, and never removes one; undefined where there
   * is no short way to them.
   */
  cellRows(namespace: N): CellRows | undefined;
  remove(namespace: N): void;
  /** Those in which some key has a value, in no order. */
  namespaces(): Iterable<N>;
  /** Of all keys with a value, in no order. Until the state changes. */
  entries(namespace: N): Iterable<readonly [StoredKey, T]>;
  /** Removes the values of all keys. */
  clear(namespace: N): void;
}

/**
 * What windows hold that are merged from slices: contents per (slice, current key). For operators only: values
 * are not copied on entry, and whoever changes one in place puts it again.
 */
export interface SlicedState {
  /** Those in which some key has something, in no order. */
  slices(): Iterable<number>;
  /** Undefined: nothing. Good until the next call: to be changed and put, never to be kept or handed on. */
  get(slice: number): unknown;
  put(slice: number, contents: unknown): void;
  /** Puts what `add` makes of what there is, or undefined, and the value. */
  update(slice: number, value: unknown, add: Merge): void;
  /** Removes what all keys have in it. */
  clear(slice: number): void;
  /**
   * Over all keys that have something in one of the slices, in no order. `merge` may change what it is given.
   * Until the state changes.
   * @param slices Oldest first.
   * @param isSum Numbers are merged by adding them.
   */
  cursor(slices: readonly number[], merge: Merge, isSum?: boolean): SliceCursor;
}

export type JoinSide = 0 | 1;

export interface JoinSides {
  readonly lefts: readonly unknown[];
  readonly rights: readonly unknown[];
}

/** The elements of a window join by (slice, current key, side), in the order in which they came. */
export interface SlicedJoinState {
  /** Those in which some key has something, in no order. */
  slices(): Iterable<number>;
  /** The value is copied, as values of states are. */
  add(slice: number, side: JoinSide, value: unknown): void;
  /**
   * Where the slice's elements are added, for code that does it itself, until the state is asked for anything but
   * `add`; absent where there is no short way to them.
   */
  logs?(slice: number): Logs;
  /** Removes what all keys have in it. */
  clear(slice: number): void;
  /**
   * Over all keys that have something in the slice, or on both sides of it, in no order. Until the slice changes, or
   * another is asked for.
   * @param needsBoth Keys with elements on one side only are left out.
   */
  cursor(slice: number, needsBoth: boolean): SidesCursor;
}

export interface SidesCursor {
  /** To the next key. False: there is none. */
  next(): boolean;
  readonly key: StoredKey;
  /** Nobody else has them, if the slice is cleared next. */
  sides(): JoinSides;
}

export type Merge = (a: unknown, b: unknown) => unknown;

export interface SliceCursor {
  /** To the next key. False: there is none. */
  next(): boolean;
  readonly key: StoredKey;
  /** Merged from all slices. */
  readonly contents: unknown;
  /** They are a slice's own: who wants to change them, or hand them on while the slice lives, copies them. */
  readonly isKept: boolean;
}

/** A key as a backend knows it: for `setStoredKey`, and for Maps. */
export type StoredKey = MapKey;

export interface Aggregator<I, A, O> {
  create(): A;
  add(accumulator: A, value: I): A;
  result(accumulator: A): O;
}

export interface KeyedStateBackend {
  setCurrentKey(key: unknown): void;
  setStoredKey(key: StoredKey): void;
  currentKey(): unknown;
  value<T>(descriptor: StateDescriptor, defaultValue: T): ValueState<T>;
  list<T>(descriptor: StateDescriptor): ListState<T>;
  map<K, V>(descriptor: StateDescriptor): MapState<K, V>;
  reducing<T>(descriptor: StateDescriptor, reduce: (a: T, b: T) => T): ReducingState<T>;
  aggregating<I, A, O>(
    descriptor: StateDescriptor,
    aggregator: Aggregator<I, A, O>,
  ): AggregatingState<I, O>;
  namespaced<N extends string | number, T>(descriptor: OwnDescriptor): NamespacedState<N, T>;
  sliced(descriptor: OwnDescriptor): SlicedState;
  slicedJoin(descriptor: StateDescriptor): SlicedJoinState;
  /** Timers of the operator under this name, part of the snapshot. Fires in time order. */
  timers(name: string): TimerQueue;
  /** Keys that have state, or this state, in no order. */
  keys(stateName?: string): IterableIterator<unknown>;
}

/** Timers per key and namespace. Registering one twice is registering it once. */
export interface TimerQueue {
  /** For the current key. */
  register(timeMs: number, namespace: string | number): void;
  /** For the current key; whoever registers it so knows that it is not there. */
  registerNew(timeMs: number, namespace: string | number): void;
  /** For the current key. */
  remove(timeMs: number, namespace: string | number): void;
  /** Earliest time registered for any key, +Infinity for none. */
  nextTimeMs(): number;
  /**
   * Takes the earliest timer with time <= `upToMs`, makes its key the current one and returns it; undefined
   * when none is left. Timers of one time come in the order in which they were registered.
   */
  poll(upToMs: number): FiredTimer | undefined;
}

export interface FiredTimer {
  readonly timeMs: number;
  readonly namespace: string | number;
}
