// A ProcessFunction without key: side outputs, event time, the watermark.

import { ElementOutput } from '../element-output.ts';
import type { ProcessFunction } from '../functions.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { FunctionContext, OpenFunctionContext } from './function-context.ts';
import { UserObjectOperator, userObject } from './user-object.ts';

type UserFunction = ProcessFunction<unknown, unknown>;

export class ProcessOperator extends UserObjectOperator<UserFunction> implements StreamOperator {
  readonly #output: ElementOutput;
  readonly #functionContext: FunctionContext;

  constructor(context: OperatorContext) {
    super(context, userObject<UserFunction>(context, 'process', ['process']));
    this.#output = new ElementOutput(context);
    this.#functionContext = new FunctionContext(context, this.#output);
  }

  open(): void {
    this.object.open?.(new OpenFunctionContext(this.context));
  }

  processElement(value: unknown): void {
    this.#output.takeElementTime();
    this.object.process(value, this.#functionContext, this.#output);
  }
}
