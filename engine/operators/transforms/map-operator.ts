// One record in, one out.

import type { OperatorContext, StreamOperator } from '../stream-operator.ts';

export class MapOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #map: (value: unknown) => unknown;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#map = context.function('map') as (value: unknown) => unknown;
  }

  processElement(value: unknown): void {
    this.#context.emit(this.#map(value));
  }
}
