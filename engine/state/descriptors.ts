// How a user names a state: `ctx.state(value({ name: 'last', default: 0 }))`. A descriptor is plain data
// with the element type as a phantom; the process that runs the function turns it into a handle. The same
// descriptor may be asked for as often as one likes: it always means the same state.

import type { KeyElement } from '../core/key-hash.ts';
import type {
  AggregatingState,
  Aggregator,
  ListState,
  MapState,
  ReducingState,
  StateDescriptor,
  ValueState,
} from './keyed-state.ts';

declare const elementType: unique symbol;

interface Typed<T> extends StateDescriptor {
  /** Exists for the type checker only. */
  readonly [elementType]?: T;
}

export interface ValueDescriptor<T> extends Typed<T> {
  readonly kind: 'value';
  readonly defaultValue: T;
}

export interface ListDescriptor<T> extends Typed<T> {
  readonly kind: 'list';
}

export interface MapDescriptor<K, V> extends Typed<readonly [K, V]> {
  readonly kind: 'map';
}

export interface ReducingDescriptor<T> extends Typed<T> {
  readonly kind: 'reducing';
  // A method, so that a descriptor of numbers is a descriptor of unknown.
  reduce(a: T, b: T): T;
}

export interface AggregatingDescriptor<I, O> extends Typed<readonly [I, O]> {
  readonly kind: 'aggregating';
  readonly aggregator: MergingAggregator<I, unknown, O>;
}

/** An aggregator whose accumulators may be merged, as windows that grow together need it. */
interface MergingAggregator<I, A, O> extends Aggregator<I, A, O> {
  merge?(a: A, b: A): A;
}

export type AnyDescriptor =
  | ValueDescriptor<unknown>
  | ListDescriptor<unknown>
  | MapDescriptor<unknown, unknown>
  | ReducingDescriptor<unknown>
  | AggregatingDescriptor<unknown, unknown>;

/** What may be a key of a map state. Dates are compared by their time, tuples by their elements. */
type MapStateKey = KeyElement | readonly KeyElement[];

export interface StateOptions {
  /** Unique within its operator; part of the state's identity in savepoints. */
  readonly name: string;
  /**
   * Milliseconds of processing time after the last write at which a value (of a list or a map: an element)
   * is gone. Absent: it stays until it is cleared.
   */
  readonly ttl?: number;
}

/** One value per key. Without `default`, `value()` is undefined for a key that has none. */
export function value<T>(options: StateOptions & { readonly default: T }): ValueDescriptor<T>;
export function value<T>(options: StateOptions): ValueDescriptor<T | undefined>;
export function value<T>(
  options: StateOptions & { readonly default?: T },
): ValueDescriptor<T | undefined> {
  return { kind: 'value', ...common(options), defaultValue: options.default };
}

/** A list per key. */
export const list = <T>(options: StateOptions): ListDescriptor<T> => ({
  kind: 'list',
  ...common(options),
});

/** A map per key. */
export const map = <K extends MapStateKey, V>(options: StateOptions): MapDescriptor<K, V> => ({
  kind: 'map',
  ...common(options),
});

/** A value per key into which each added one is merged by `reduce`. */
export const reducing = <T>(
  options: StateOptions & { readonly reduce: (a: T, b: T) => T },
): ReducingDescriptor<T> => ({ kind: 'reducing', ...common(options), reduce: options.reduce });

/** An accumulator per key, into which values are added and whose result is read. */
export function aggregating<I, A, O>(
  options: StateOptions & MergingAggregator<I, A, O>,
): AggregatingDescriptor<I, O> {
  // From here on the accumulator's type is nobody's business but the aggregator's.
  const aggregator = options as unknown as MergingAggregator<I, unknown, O>;
  return { kind: 'aggregating', ...common(options), aggregator };
}

function common(options: StateOptions): StateDescriptor {
  const { name, ttl } = options;
  if (typeof name !== 'string' || name === '') throw new TypeError('a state needs a name');
  if (ttl === undefined) return { name };
  if (!(ttl > 0)) {
    throw new RangeError(
      `the ttl of state ${JSON.stringify(name)} is ${ttl} ms: it must be above 0`,
    );
  }
  return { name, ttlMs: ttl };
}

/** The handle that a descriptor gives. */
export type StateOf<D extends AnyDescriptor> =
  D extends ValueDescriptor<infer T>
    ? ValueState<T>
    : D extends ListDescriptor<infer T>
      ? ListState<T>
      : D extends MapDescriptor<infer K, infer V>
        ? MapState<K, V>
        : D extends ReducingDescriptor<infer T>
          ? ReducingState<T>
          : D extends AggregatingDescriptor<infer I, infer O>
            ? AggregatingState<I, O>
            : never;

/** Turns descriptors into handles; what `ctx.state` is. */
export interface StateAccess {
  state<T>(descriptor: ValueDescriptor<T>): ValueState<T>;
  state<T>(descriptor: ListDescriptor<T>): ListState<T>;
  state<K, V>(descriptor: MapDescriptor<K, V>): MapState<K, V>;
  state<T>(descriptor: ReducingDescriptor<T>): ReducingState<T>;
  state<I, O>(descriptor: AggregatingDescriptor<I, O>): AggregatingState<I, O>;
}
