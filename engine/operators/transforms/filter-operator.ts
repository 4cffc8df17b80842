// Lets records pass for which the function says something truthy.

import type { InlineFunction, OperatorContext, StreamOperator } from '../stream-operator.ts';

export class FilterOperator implements StreamOperator {
  readonly inline: InlineFunction;
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.inline = { kind: 'filter', call: context.function('filter') as InlineFunction['call'] };
  }

  processElement(value: unknown): void {
    if (this.inline.call(value)) this.#context.emit(value);
  }
}
