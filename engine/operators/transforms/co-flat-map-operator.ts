// Two inputs, each with its own function, one output.

import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { Expansion } from './expansion.ts';

type FlatMap = (value: unknown) => Iterable<unknown>;

export class CoFlatMapOperator implements StreamOperator {
  readonly #expansion: Expansion;
  readonly #flatMap1: FlatMap;
  readonly #flatMap2: FlatMap;

  constructor(context: OperatorContext) {
    this.#expansion = new Expansion(context);
    this.#flatMap1 = context.function('flatMap1') as FlatMap;
    this.#flatMap2 = context.function('flatMap2') as FlatMap;
  }

  processElement(value: unknown): void {
    this.#expansion.process(this.#flatMap1, value);
  }

  processElement2(value: unknown): void {
    this.#expansion.process(this.#flatMap2, value);
  }

  resume(): boolean {
    return this.#expansion.resume();
  }

  close(): void {
    this.#expansion.close();
  }
}
