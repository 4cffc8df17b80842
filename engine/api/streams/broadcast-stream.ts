// A stream that every subtask gets whole, to keep in broadcast state: rules, prices, settings that another
// stream is processed by.

import type { BroadcastProcessParams } from '../../graph/operator-params.ts';
import type {
  BroadcastProcessFunction,
  KeyedBroadcastProcessFunction,
} from '../../operators/functions.ts';
import type { AnyDescriptor, MapDescriptor } from '../../state/descriptors.ts';
import { Check, shown } from '../program-error.ts';
import type { TimeMark } from '../type-checks.ts';
import type { OperatorStream } from './data-stream.ts';
import { type Flow, flowOf, partitioned, record } from './flow.ts';

declare const recordType: unique symbol;

/** Any broadcast state, whatever is in it. */
export type BroadcastDescriptor = MapDescriptor<unknown, unknown>;

/** Made by `stream.broadcast(state, …)`; another stream connects with it. */
export class BroadcastStream<out B> {
  readonly [flowOf]: Flow;
  /** Names of the states that its records may be kept in. */
  readonly states: readonly string[];
  /** Exists for the type checker only. */
  declare readonly [recordType]?: B | undefined;

  constructor(flow: Flow, states: readonly BroadcastDescriptor[]) {
    const check = new Check('broadcast', flow.recorder);
    for (const state of states) {
      const given: Partial<AnyDescriptor> | undefined = state;
      if (given?.kind === undefined)
        check.fail(`what was given is ${shown(given)}; declare a state by map({ name: 'rules' })`);
      if (given.kind === 'map') continue;
      const name = JSON.stringify(given.name);
      check.fail(
        `the ${given.kind} state ${name} cannot be broadcast; declare it by map({ name: ${name} })`,
      );
    }
    const names = states.map(({ name }) => name);
    check.that(
      new Set(names).size === names.length,
      `two of the states have one name: ${names.join(', ')}; give each its own`,
    );
    this[flowOf] = partitioned(flow, { kind: 'broadcast' });
    this.states = names;
  }
}

/** A stream beside a broadcast one. */
export class BroadcastConnectedStream<out A, out B, out M extends TimeMark = TimeMark> {
  readonly #stream: Flow;
  readonly #broadcast: BroadcastStream<B>;
  readonly #isKeyed: boolean;

  constructor(stream: Flow, broadcast: BroadcastStream<B>, isKeyed: boolean) {
    this.#stream = stream;
    this.#broadcast = broadcast;
    this.#isKeyed = isKeyed;
  }

  /**
   * An object with `process`, which sees the stream and reads the state, and `processBroadcast`, which sees
   * the broadcast records and writes it.
   */
  process<R>(process: BroadcastProcessFunction<A, B, R>): OperatorStream<R, M> {
    new Check('process', this.#stream.recorder).methods('the function', process, [
      'process',
      'processBroadcast',
    ]);
    const recorded = record([this.#stream, this.#broadcast[flowOf]], {
      call: 'process',
      kind: 'broadcast-process',
      name: this.#isKeyed ? 'Co-Process-Broadcast-Keyed' : 'Co-Process-Broadcast',
      params: {
        keyed: this.#isKeyed,
        states: this.#broadcast.states,
      } satisfies BroadcastProcessParams,
      functions: { process },
      hasEventTime: this.#stream.hasEventTime,
    });
    return this.#stream.streams.operator(recorded);
  }
}

/** A keyed stream beside a broadcast one. */
export class KeyedBroadcastConnectedStream<
  out A,
  out B,
  out K,
  out M extends TimeMark = TimeMark,
> extends BroadcastConnectedStream<A, B, M> {
  /** As without keys; `process` has state and timers of its key too. */
  override process<R>(process: KeyedBroadcastProcessFunction<K, A, B, R>): OperatorStream<R, M> {
    return super.process(process as unknown as BroadcastProcessFunction<A, B, R>);
  }
}
