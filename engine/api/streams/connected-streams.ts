// Two streams for one operator that sees both, each through its own function. With keys on both sides the
// operator keeps state by key.

import type { CoProcessFunction, KeyedCoProcessFunction } from '../../operators/functions.ts';
import { Check } from '../program-error.ts';
import type { KeyCheck, SameKey, TimeMark } from '../type-checks.ts';
import type { OperatorStream } from './data-stream.ts';
import { type Flow, type NewOperator, partitioned, record } from './flow.ts';

/** Two streams, side by side. */
export class ConnectedStreams<out A, out B, out M extends TimeMark = TimeMark> {
  readonly #first: Flow;
  readonly #second: Flow;

  constructor(first: Flow, second: Flow) {
    this.#first = first;
    this.#second = second;
  }

  /** One record for each, of either side. */
  map<R>(first: (value: A) => R, second: (value: B) => R): OperatorStream<R, M> {
    return this.operator({
      call: 'map',
      kind: 'co-map',
      name: 'Co-Map',
      functions: { map1: first, map2: second },
    });
  }

  /** Any number of records for each, of either side. */
  flatMap<R>(
    first: (value: A) => Iterable<R>,
    second: (value: B) => Iterable<R>,
  ): OperatorStream<R, M> {
    return this.operator({
      call: 'flatMap',
      kind: 'co-flat-map',
      name: 'Co-Flat Map',
      functions: { flatMap1: first, flatMap2: second },
    });
  }

  /** Side outputs and any number of results: an object with `process1` and `process2`. */
  process<R>(process: CoProcessFunction<A, B, R>): OperatorStream<R, M> {
    this.check('process').methods('the function', process, ['process1', 'process2']);
    return this.operator({
      call: 'process',
      kind: 'co-process',
      name: 'Co-Process',
      functions: { process },
    });
  }

  /** Records of both sides meet by key, of one type. */
  keyBy<const K, const K2>(
    first: (value: A) => K & KeyCheck<K>,
    second: (value: B) => K2 & KeyCheck<K2> & SameKey<K, K2>,
  ): KeyedConnectedStreams<A, B, K | K2, M> {
    const check = this.check('keyBy');
    check.syncFunction('the first key', first);
    check.syncFunction('the second key', second);
    return new KeyedConnectedStreams(
      partitioned(this.#first, { kind: 'hash' }, { key: first }),
      partitioned(this.#second, { kind: 'hash' }, { key: second }),
    );
  }

  protected operator<R>(operator: NewOperator): OperatorStream<R, M> {
    return this.#first.streams.operator(record([this.#first, this.#second], operator));
  }

  protected check(call: string): Check {
    return new Check(call, this.#first.recorder);
  }
}

/** Two streams with keys of one type, and state by key. */
export class KeyedConnectedStreams<
  out A,
  out B,
  out K,
  out M extends TimeMark = TimeMark,
> extends ConnectedStreams<A, B, M> {
  /** State and timers by key, side outputs: an object with `process1` and `process2`. */
  override process<R>(process: KeyedCoProcessFunction<K, A, B, R>): OperatorStream<R, M> {
    this.check('process').methods('the function', process, ['process1', 'process2']);
    return this.operator({
      call: 'process',
      kind: 'keyed-co-process',
      name: 'Co-Keyed-Process',
      functions: { process },
    });
  }
}
