// A KeyedBroadcastProcessFunction: the stream's side has keys, state and timers; the broadcast side may
// visit the state of all keys.

import type { BroadcastProcessParams } from '../../graph/operator-params.ts';
import type { AnyDescriptor, MapDescriptor, StateOf } from '../../state/descriptors.ts';
import type {
  KeyedBroadcastProcessFunction,
  KeyedBroadcastReadContext,
  KeyedBroadcastWriteContext,
  ReadOnlyBroadcastState,
} from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { BroadcastStates } from './broadcast-states.ts';
import { BroadcastFunctionContext, KeyedFunctionContext } from './function-context.ts';
import { KeyedFunctionOperator } from './keyed-function-operator.ts';
import { stateAccess } from './state-access.ts';
import { userObject } from './user-object.ts';

type UserFunction = KeyedBroadcastProcessFunction<unknown, unknown, unknown, unknown>;

export class KeyedBroadcastProcessOperator
  extends KeyedFunctionOperator<UserFunction, ReadContext>
  implements StreamOperator
{
  readonly #states: BroadcastStates;
  readonly #write: WriteContext;

  constructor(params: BroadcastProcessParams, context: OperatorContext) {
    const states = new BroadcastStates(context, params.states);
    super(
      context,
      userObject<UserFunction>(context, 'process', ['process', 'processBroadcast']),
      (...parts) => new ReadContext(states, ...parts),
    );
    this.#states = states;
    this.#write = new WriteContext(context, this.output, states);
  }

  processElement(value: unknown): void {
    this.output.takeElementTime();
    this.object.process(value, this.functionContext, this.output);
  }

  processElement2(value: unknown): void {
    this.output.takeElementTime();
    this.object.processBroadcast(value, this.#write, this.output);
  }

  override snapshot(checkpointId: number): void {
    super.snapshot(checkpointId);
    this.#states.snapshot();
  }
}

class ReadContext extends KeyedFunctionContext implements KeyedBroadcastReadContext<unknown> {
  readonly #states: BroadcastStates;

  constructor(
    states: BroadcastStates,
    ...parts: ConstructorParameters<typeof KeyedFunctionContext>
  ) {
    super(...parts);
    this.#states = states;
  }

  broadcastState<K, V>(descriptor: MapDescriptor<K, V>): ReadOnlyBroadcastState<K, V> {
    return this.#states.state(descriptor);
  }
}

class WriteContext extends BroadcastFunctionContext implements KeyedBroadcastWriteContext<unknown> {
  applyToKeyedState<D extends AnyDescriptor>(
    descriptor: D,
    call: (key: unknown, state: StateOf<D>) => void,
  ): void {
    const { keyedState } = this.context;
    // The kind of descriptor decides the kind of handle; the overloads of `state` say the same.
    const open = stateAccess(keyedState) as (descriptor: AnyDescriptor) => unknown;
    const state = open(descriptor) as StateOf<D>;
    for (const key of [...keyedState.keys(descriptor.name)]) {
      keyedState.setCurrentKey(key);
      call(key, state);
    }
  }
}
