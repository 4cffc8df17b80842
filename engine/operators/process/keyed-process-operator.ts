// A KeyedProcessFunction: state and timers per key.

import type { KeyedProcessFunction } from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { KeyedFunctionContext } from './function-context.ts';
import { KeyedFunctionOperator } from './keyed-function-operator.ts';
import { userObject } from './user-object.ts';

type UserFunction = KeyedProcessFunction<unknown, unknown, unknown>;

export class KeyedProcessOperator
  extends KeyedFunctionOperator<UserFunction>
  implements StreamOperator
{
  constructor(context: OperatorContext) {
    super(
      context,
      userObject<UserFunction>(context, 'process', ['process']),
      (...parts) => new KeyedFunctionContext(...parts),
    );
  }

  processElement(value: unknown): void {
    this.output.takeElementTime();
    this.object.process(value, this.functionContext, this.output);
  }
}
