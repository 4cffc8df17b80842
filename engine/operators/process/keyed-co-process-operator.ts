// A KeyedCoProcessFunction: two inputs that share keys, state and timers.

import type { KeyedCoProcessFunction } from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { KeyedFunctionContext } from './function-context.ts';
import { KeyedFunctionOperator } from './keyed-function-operator.ts';
import { userObject } from './user-object.ts';

type UserFunction = KeyedCoProcessFunction<unknown, unknown, unknown, unknown>;

export class KeyedCoProcessOperator
  extends KeyedFunctionOperator<UserFunction>
  implements StreamOperator
{
  constructor(context: OperatorContext) {
    super(
      context,
      userObject<UserFunction>(context, 'process', ['process1', 'process2']),
      (...parts) => new KeyedFunctionContext(...parts),
    );
  }

  processElement(value: unknown): void {
    this.output.takeElementTime();
    this.object.process1(value, this.functionContext, this.output);
  }

  processElement2(value: unknown): void {
    this.output.takeElementTime();
    this.object.process2(value, this.functionContext, this.output);
  }
}
