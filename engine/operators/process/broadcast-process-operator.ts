// A BroadcastProcessFunction without key: input 0 is the stream, input 1 what is broadcast.

import type { BroadcastProcessParams } from '../../graph/operator-params.ts';
import { ElementOutput } from '../element-output.ts';
import type { BroadcastProcessFunction } from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { BroadcastStates } from './broadcast-states.ts';
import { BroadcastFunctionContext, OpenFunctionContext } from './function-context.ts';
import { UserObjectOperator, userObject } from './user-object.ts';

type UserFunction = BroadcastProcessFunction<unknown, unknown, unknown>;

export class BroadcastProcessOperator
  extends UserObjectOperator<UserFunction>
  implements StreamOperator
{
  readonly #output: ElementOutput;
  readonly #states: BroadcastStates;
  readonly #functionContext: BroadcastFunctionContext;

  constructor(params: BroadcastProcessParams, context: OperatorContext) {
    super(context, userObject<UserFunction>(context, 'process', ['process', 'processBroadcast']));
    this.#output = new ElementOutput(context);
    this.#states = new BroadcastStates(context, params.states);
    this.#functionContext = new BroadcastFunctionContext(context, this.#output, this.#states);
  }

  open(): void {
    this.object.open?.(new OpenFunctionContext(this.context));
  }

  processElement(value: unknown): void {
    this.#output.takeElementTime();
    this.object.process(value, this.#functionContext, this.#output);
  }

  processElement2(value: unknown): void {
    this.#output.takeElementTime();
    this.object.processBroadcast(value, this.#functionContext, this.#output);
  }

  override snapshot(checkpointId: number): void {
    super.snapshot(checkpointId);
    this.#states.snapshot();
  }
}
