// A CoProcessFunction without key: two inputs, one function object.

import { ElementOutput } from '../element-output.ts';
import type { CoProcessFunction } from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { FunctionContext, OpenFunctionContext } from './function-context.ts';
import { UserObjectOperator, userObject } from './user-object.ts';

type UserFunction = CoProcessFunction<unknown, unknown, unknown>;

export class CoProcessOperator extends UserObjectOperator<UserFunction> implements StreamOperator {
  readonly #output: ElementOutput;
  readonly #functionContext: FunctionContext;

  constructor(context: OperatorContext) {
    super(context, userObject<UserFunction>(context, 'process', ['process1', 'process2']));
    this.#output = new ElementOutput(context);
    this.#functionContext = new FunctionContext(context, this.#output);
  }

  open(): void {
    this.object.open?.(new OpenFunctionContext(this.context));
  }

  processElement(value: unknown): void {
    this.#output.takeElementTime();
    this.object.process1(value, this.#functionContext, this.#output);
  }

  processElement2(value: unknown): void {
    this.#output.takeElementTime();
    this.object.process2(value, this.#functionContext, this.#output);
  }
}
