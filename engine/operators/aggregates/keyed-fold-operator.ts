// A running aggregate per key: every record is added to the key's accumulator, whose result is emitted, as
// it is or through `output(key, value)`.

import { options } from '../../core/options.ts';
import type { KeyedFoldParams } from '../../graph/operator-params.ts';
import type { NamespacedState } from '../../state/keyed-state.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { type Aggregate, createAggregate } from './aggregate.ts';

export class KeyedFoldOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #aggregate: Aggregate;
  readonly #state: NamespacedState<number, unknown>;
  readonly #copier: Copier;
  readonly #toOutput: ((key: unknown, value: unknown) => unknown) | undefined;

  constructor(params: KeyedFoldParams, context: OperatorContext) {
    this.#context = context;
    this.#aggregate = createAggregate(params.aggregate, context);
    this.#state = context.keyedState.namespaced({ name: 'folded' });
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    this.#toOutput = context.hasFunction('output')
      ? (context.function('output') as (key: unknown, value: unknown) => unknown)
      : undefined;
  }

  processElement(value: unknown): void {
    const accumulator = this.#aggregate.add(this.#state.get(0), value);
    this.#state.put(0, accumulator);
    // The accumulator lives on: what is emitted must not be a part of it.
    const result = this.#copier.copy(this.#aggregate.result(accumulator));
    this.#context.emit(
      this.#toOutput === undefined
        ? result
        : this.#toOutput(this.#context.keyedState.currentKey(), result),
    );
  }
}
