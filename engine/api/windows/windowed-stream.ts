// Records gathered in windows, on their way to a result: for each key, or (windowAll) all together, which
// is a window without a key. The settings return a new object; the operator is made by the call that ends
// the sentence: reduce, aggregate, process or apply.

import type { UserFunction } from '../../core/user-function.ts';
import type { AggregateSpec, WindowParams } from '../../graph/operator-params.ts';
import type {
  OutputTag,
  ProcessWindowFunction,
  TimestampedValue,
  Trigger,
  Window,
} from '../../operators/functions.ts';
import { type Aggregate, type AggregateFunction, asAggregate } from '../aggregates.ts';
import { Check } from '../program-error.ts';
import type { OperatorStream } from '../streams/data-stream.ts';
import { type Flow, record } from '../streams/flow.ts';
import type { TimeMark } from '../type-checks.ts';
import type { WindowEvictor, WindowTrigger } from './triggers.ts';
import { checkFires, isMerging } from './window-checks.ts';
import * as drafts from './window-draft.ts';
import { assignerName, describeWindow } from './window-names.ts';

/** What becomes of a window's result: a record for each window. */
export type WindowFunction<K, V, R> = (key: K, window: Window, value: V) => R;

/** What a result may be handed to: a function that makes a record, or an object that makes any number. */
type Finish<K, V, R> = WindowFunction<K, V, R> | ProcessWindowFunction<V, R, K>;

/** A tag whose records may be those that are late: of their type, or a wider one. */
type LateTag<T> = {
  readonly [P in keyof OutputTag<T>]: P extends 'name' ? string : (value: T) => unknown;
};

/** An `Evictor<T>`: it gives back some of the elements that it is given. */
export type OwnEvictor<T> = (
  elements: readonly TimestampedValue<T>[],
  window: Window,
) => readonly TimestampedValue<unknown>[];

type Functions = Readonly<Record<string, UserFunction | object>>;

/** The windows of each key; of `windowAll` those of all records, and the key of its functions is undefined. */
export class WindowedStream<out T, out K, out M extends TimeMark = TimeMark> {
  readonly #flow: Flow;
  readonly #draft: drafts.WindowDraft;
  readonly #isKeyed: boolean;

  constructor(flow: Flow, draft: drafts.WindowDraft, isKeyed: boolean) {
    this.#flow = flow;
    this.#draft = draft;
    this.#isKeyed = isKeyed;
  }

  /** Fires by another rule than the windows' own: one of `triggers`, or an object of yours. */
  trigger(trigger: WindowTrigger<T> | Trigger<T>): WindowedStream<T, K, M> {
    return this.#with(drafts.withTrigger(this.#flow, this.#draft, trigger));
  }

  /** Which elements a window has when it fires: one of `evictors`, or a function of yours. */
  evictor(evictor: WindowEvictor | OwnEvictor<T>): WindowedStream<T, K, M> {
    return this.#with(drafts.withEvictor(this.#flow, this.#draft, evictor));
  }

  /** Windows are kept so many milliseconds beyond their end, and fire again for each late record. */
  allowedLateness(lateness: number): WindowedStream<T, K, M> {
    return this.#with(drafts.withLateness(this.#flow, this.#draft, lateness));
  }

  /** Records late to all their windows go to `result.getSideOutput(tag)`; else they are dropped and counted. */
  sideOutputLateData(tag: LateTag<T>): WindowedStream<T, K, M> {
    return this.#with(drafts.withLateTag(this.#flow, this.#draft, tag));
  }

  /** Merges records two by two; what is left is the result. */
  reduce(reduce: (a: T, b: T) => T): OperatorStream<T, M>;
  reduce<R>(reduce: (a: T, b: T) => T, finish: Finish<K, T, R>): OperatorStream<R, M>;
  reduce(reduce: UserFunction, finish?: Finish<K, T, unknown>): OperatorStream<unknown, M> {
    return this.#end('reduce', { kind: 'reduce' }, { reduce }, finish);
  }

  /**
   * One of the ready aggregates, or your own. Without a second function the result stands alone, without
   * its key and window.
   *
   * ```ts
   * .aggregate(mean((f) => f.delay), (airport, window, minutes) => ({ airport, until: window.end, minutes }))
   * ```
   */
  aggregate<R>(aggregate: Aggregate<T, R>): OperatorStream<R, M>;
  aggregate<A, R = A>(aggregate: AggregateFunction<T, A, R>): OperatorStream<R, M>;
  aggregate<V, R>(aggregate: Aggregate<T, V>, finish: Finish<K, V, R>): OperatorStream<R, M>;
  aggregate<A, V = A, R = unknown>(
    aggregate: AggregateFunction<T, A, V>,
    finish: Finish<K, V, R>,
  ): OperatorStream<R, M>;
  aggregate(
    aggregate: Aggregate<T, unknown> | AggregateFunction<T, unknown, unknown>,
    finish?: Finish<K, unknown, unknown>,
  ): OperatorStream<unknown, M> {
    const check = new Check('aggregate', this.#flow.recorder);
    const { spec, functions } = asAggregate(check, aggregate);
    return this.#end('aggregate', spec, functions, finish);
  }

  /** All elements of the window, with a context: state, side outputs, any number of results. */
  process<R>(
    process: ProcessWindowFunction<T, R, K> | ProcessWindowFunction<T, R, K>['process'],
  ): OperatorStream<R, M> {
    new Check('process', this.#flow.recorder).methods('the function', process, ['process']);
    return this.#end('process', { kind: 'list' }, { process });
  }

  /** A record for each window, made from all its elements. */
  apply<R>(apply: WindowFunction<K, readonly T[], R>): OperatorStream<R, M> {
    return this.#end('apply', { kind: 'list' }, { window: apply });
  }

  #with(draft: drafts.WindowDraft): WindowedStream<T, K, M> {
    return new WindowedStream(this.#flow, draft, this.#isKeyed);
  }

  #end<R>(
    call: string,
    aggregate: AggregateSpec,
    functions: Functions,
    finish?: Finish<K, never, unknown>,
  ): OperatorStream<R, M> {
    const { spec: window, functions: ofWindow } = this.#draft;
    const check = new Check(call, this.#flow.recorder);
    checkFires(check, window);
    if (isMerging(window.assigner) && aggregate.kind === 'own' && !('merge' in functions))
      check.fail('session windows grow together, and the aggregate cannot; give it merge(a, b)');
    const recorded = record([this.#flow], {
      call,
      kind: 'window',
      name: assignerName(window.assigner),
      description: describeWindow(window, aggregate.kind),
      params: { window, aggregate, keyed: this.#isKeyed } satisfies WindowParams,
      functions: { ...ofWindow, ...functions, ...finishing(check, finish) },
      ...(this.#isKeyed ? {} : { single: 'windowAll gathers all records in one place' }),
    });
    return this.#flow.streams.operator(recorded);
  }
}

function finishing(check: Check, finish: Finish<never, never, unknown> | undefined): Functions {
  if (finish === undefined) return {};
  if (typeof finish === 'function') return { window: finish };
  check.methods('the second argument', finish, ['process']);
  return { process: finish };
}
