// Lets records pass for which the function says something truthy.

import type { InlineCall, OperatorContext, StreamOperator } from '../stream-operator.ts';

export class FilterOperator implements StreamOperator {
  readonly inline: InlineCall;
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.inline = { kind: 'filter', call: context.function('filter') as InlineCall['call'] };
  }

  processElement(value: unknown): void {
    if (this.inline.call(value)) this.#context.emit(value);
  }
}
