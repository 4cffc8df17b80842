// Lets records pass for which the function says something truthy.

import type { OperatorContext, StreamOperator } from '../stream-operator.ts';

export class FilterOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #filter: (value: unknown) => unknown;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#filter = context.function('filter') as (value: unknown) => unknown;
  }

  processElement(value: unknown): void {
    if (this.#filter(value)) this.#context.emit(value);
  }
}
