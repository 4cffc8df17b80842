// A stream whose records are dealt out by key: all of one key meet in one subtask, which keeps state for it.
// Running results come out after every record; windows give theirs when they are over.

import type { AggregateSpec, KeyedFoldParams } from '../../graph/operator-params.ts';
import type { KeyedProcessFunction } from '../../operators/functions.ts';
import { value } from '../../state/descriptors.ts';
import * as ready from '../aggregates.ts';
import { Check } from '../program-error.ts';
import type { SameKey, TimeMark, Together } from '../type-checks.ts';
import { counting, type EventTimeAssigner, type WindowAssigner } from '../windows/assigners.ts';
import { draftOf } from '../windows/window-draft.ts';
import { WindowedStream } from '../windows/windowed-stream.ts';
import { BroadcastStream, KeyedBroadcastConnectedStream } from './broadcast-stream.ts';
import { KeyedConnectedStreams } from './connected-streams.ts';
import { DataStream, type OperatorStream } from './data-stream.ts';
import { flowOf, flowOfArgument, type NewOperator, record } from './flow.ts';
import { IntervalJoin } from './interval-join.ts';

declare const keyType: unique symbol;

/** Records by key. */
export class KeyedStream<out T, out K, out M extends TimeMark = TimeMark> extends DataStream<T, M> {
  /** Exists for the type checker only. */
  declare readonly [keyType]?: K | undefined;

  /** Merges the records of a key two by two, and emits what is left after each. */
  reduce(reduce: (a: T, b: T) => T): OperatorStream<T, M> {
    return this.#keyed({
      call: 'reduce',
      kind: 'keyed-reduce',
      name: 'Keyed Reduce',
      functions: { reduce },
    });
  }

  /** How many records a key has had so far: `[key, count]` after each. */
  count(): OperatorStream<readonly [K, number], M> {
    return this.#fold('count', ready.count(), pair);
  }

  /** The sum so far: `[key, sum]` after each record. */
  sum<N extends number | bigint>(
    of: (value: T) => N,
  ): OperatorStream<readonly [K, ready.Sum<N>], M> {
    return this.#fold('sum', ready.sum(of), pair);
  }

  /** The least value so far: `[key, value]` after each record. */
  min<V extends ready.Comparable>(of: (value: T) => V): OperatorStream<readonly [K, V], M> {
    return this.#fold('min', ready.min(of), pair);
  }

  /** The largest value so far: `[key, value]` after each record. */
  max<V extends ready.Comparable>(of: (value: T) => V): OperatorStream<readonly [K, V], M> {
    return this.#fold('max', ready.max(of), pair);
  }

  /** The record with the least value so far, after each record; of equal ones the first. */
  minBy(of: (value: T) => ready.Comparable): OperatorStream<T, M> {
    return this.#fold('minBy', ready.minBy(of));
  }

  /** The record with the largest value so far, after each record; of equal ones the first. */
  maxBy(of: (value: T) => ready.Comparable): OperatorStream<T, M> {
    return this.#fold('maxBy', ready.maxBy(of));
  }

  /** Any aggregate so far, ready or own, after each record: alone, or as `output` makes it. */
  aggregate<R>(aggregate: ready.Aggregate<T, R>): OperatorStream<R, M>;
  aggregate<A, R = A>(aggregate: ready.AggregateFunction<T, A, R>): OperatorStream<R, M>;
  aggregate<V, R>(
    aggregate: ready.Aggregate<T, V>,
    output: (key: K, value: V) => R,
  ): OperatorStream<R, M>;
  aggregate<A, V = A, R = unknown>(
    aggregate: ready.AggregateFunction<T, A, V>,
    output: (key: K, value: V) => R,
  ): OperatorStream<R, M>;
  aggregate(
    aggregate: ready.Aggregate<T, unknown> | ready.AggregateFunction<T, unknown, unknown>,
    output?: (key: K, value: unknown) => unknown,
  ): OperatorStream<unknown, M> {
    const check = new Check('aggregate', this[flowOf].recorder);
    return this.#fold('aggregate', ready.asAggregate(check, aggregate), output);
  }

  /**
   * The first record of each key; the others are dropped. Remembers every key, for ever or for `ttl`
   * milliseconds.
   */
  distinct(options: { readonly ttl?: number } = {}): OperatorStream<T, M> {
    if (options.ttl !== undefined)
      new Check('distinct', this[flowOf].recorder).duration('the ttl', options.ttl);
    const seen = value({ ...options, name: 'seen', default: false });
    const process: KeyedProcessFunction<unknown, T, T>['process'] = (record, ctx, out) => {
      const state = ctx.state(seen);
      if (state.value()) return;
      state.update(true);
      out.collect(record);
    };
    return this.#keyed({
      call: 'distinct',
      kind: 'keyed-process',
      name: 'Distinct',
      functions: { process },
    });
  }

  /** State and timers by key, side outputs, any number of results: an object, or just its `process`. */
  override process<R>(
    process: KeyedProcessFunction<K, T, R> | KeyedProcessFunction<K, T, R>['process'],
  ): OperatorStream<R, M> {
    new Check('process', this[flowOf].recorder).methods('the function', process, ['process']);
    return this.#keyed({
      call: 'process',
      kind: 'keyed-process',
      name: 'KeyedProcess',
      functions: { process },
    });
  }

  /** Gathers the records of a key in windows: `tumbling`, `sliding`, `session`, `cumulative`, `global`. */
  window(assigner: WindowAssigner<T, 'nothing'>): WindowedStream<T, K, M>;
  window(assigner: EventTimeAssigner<T, M>): WindowedStream<T, K, 'event time'>;
  window(assigner: WindowAssigner<T>): WindowedStream<T, K> {
    return new WindowedStream(this[flowOf], draftOf([this[flowOf]], 'window', assigner), true);
  }

  /** A window of the last `size` records of a key, every `slide` of them; without `slide`, side by side. */
  countWindow(size: number, slide: number = size): WindowedStream<T, K, M> {
    const draft = draftOf([this[flowOf]], 'countWindow', counting(size, slide));
    return new WindowedStream(this[flowOf], draft, true);
  }

  /**
   * Pairs of records of one key whose event times are near:
   * `a.intervalJoin(b).between(minutes(-5), minutes(5)).process((a, b) => …)`.
   */
  intervalJoin<U, K2, N extends TimeMark>(
    other: KeyedStream<U, K2, N> & SameKey<K, K2>,
  ): IntervalJoin<T, U, 'event time'> {
    const check = new Check('intervalJoin', this[flowOf].recorder);
    return new IntervalJoin(this[flowOf], flowOfArgument(check, 'the other side', other));
  }

  /** Two keyed streams, or one with a broadcast one, for one operator that sees both and keeps state by key. */
  override connect<B>(other: BroadcastStream<B>): KeyedBroadcastConnectedStream<T, B, K, M>;
  override connect<U, K2, N extends TimeMark>(
    other: KeyedStream<U, K2, N> & SameKey<K, K2>,
  ): KeyedConnectedStreams<T, U, K | K2, Together<M, N>>;
  override connect(
    other: BroadcastStream<unknown> | KeyedStream<unknown, unknown>,
  ): KeyedBroadcastConnectedStream<T, unknown, K, M> | KeyedConnectedStreams<T, unknown, K> {
    const flow = this[flowOf];
    if (other instanceof BroadcastStream)
      return new KeyedBroadcastConnectedStream(flow, other, true);
    const check = new Check('connect', flow.recorder);
    check.that(
      other instanceof KeyedStream,
      'one side has a key and the other has none; key both, or connect first and then keyBy(…, …)',
    );
    return new KeyedConnectedStreams(flow, flowOfArgument(check, 'the other stream', other));
  }

  #fold<V, R = V>(
    call: string,
    { spec, functions }: ready.Aggregate<T, V>,
    output?: (key: K, value: V) => R,
  ): OperatorStream<R, M> {
    return this.#keyed({
      call,
      kind: 'keyed-fold',
      name: `Keyed ${AGGREGATE_NAMES[spec.kind]}`,
      params: { aggregate: spec } satisfies KeyedFoldParams,
      functions: output === undefined ? functions : { ...functions, output },
    });
  }

  #keyed<R>(operator: NewOperator): OperatorStream<R, M> {
    return this[flowOf].streams.operator(record([this[flowOf]], operator));
  }
}

const pair = <K, V>(key: K, value: V): readonly [K, V] => [key, value];

const AGGREGATE_NAMES: Readonly<Record<AggregateSpec['kind'], string>> = {
  own: 'Aggregate',
  reduce: 'Reduce',
  count: 'Count',
  sum: 'Sum',
  mean: 'Mean',
  min: 'Min',
  max: 'Max',
  'min-by': 'MinBy',
  'max-by': 'MaxBy',
  top: 'TopN',
  'distinct-count': 'CountDistinct',
  list: 'List',
};
