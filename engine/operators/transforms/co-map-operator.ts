// Two inputs, each with its own function; one record in, one out.

import type { OperatorContext, StreamOperator } from '../stream-operator.ts';

type MapFunction = (value: unknown) => unknown;

export class CoMapOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #map1: MapFunction;
  readonly #map2: MapFunction;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#map1 = context.function('map1') as MapFunction;
    this.#map2 = context.function('map2') as MapFunction;
  }

  processElement(value: unknown): void {
    this.#context.emit(this.#map1(value));
  }

  processElement2(value: unknown): void {
    this.#context.emit(this.#map2(value));
  }
}
