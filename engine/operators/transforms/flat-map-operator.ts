// One record in, any number out.

import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { Expansion } from './expansion.ts';

export class FlatMapOperator implements StreamOperator {
  readonly #expansion: Expansion;
  readonly #flatMap: (value: unknown) => Iterable<unknown>;

  constructor(context: OperatorContext) {
    this.#expansion = new Expansion(context);
    this.#flatMap = context.function('flatMap') as (value: unknown) => Iterable<unknown>;
  }

  processElement(value: unknown): void {
    this.#expansion.process(this.#flatMap, value);
  }

  resume(): boolean {
    return this.#expansion.resume();
  }

  close(): void {
    this.#expansion.close();
  }
}
