// A running aggregate per key: every record is added to the key's accumulator, whose result is emitted, as
// it is or through `output(key, value)`.

import { options } from '../../core/options.ts';
import type { KeyedFoldParams } from '../../graph/operator-params.ts';
import type { KeyedStateBackend, NamespacedState } from '../../state/keyed-state.ts';
import { type Copier, copierFor, ValueCopier } from '../../state/value-copier.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';
import { type Aggregate, createAggregate } from './aggregate.ts';

export class KeyedFoldOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #aggregate: Aggregate;
  readonly #state: NamespacedState<number, unknown>;
  readonly #keys: KeyedStateBackend;
  readonly #copier: Copier;
  readonly #ownCopier = new ValueCopier();
  readonly #toOutput: ((key: unknown, value: unknown) => unknown) | undefined;

  constructor(params: KeyedFoldParams, context: OperatorContext) {
    this.#context = context;
    this.#aggregate = createAggregate(params.aggregate, context);
    this.#keys = context.keyedState;
    this.#state = this.#keys.namespaced({ name: 'folded' });
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    this.#toOutput = context.hasFunction('output')
      ? (context.function('output') as (key: unknown, value: unknown) => unknown)
      : undefined;
  }

  processElement(value: unknown): void {
    const accumulator = this.#aggregate.add(this.#state.borrow(0), value);
    this.#state.put(0, accumulator);
    const result = this.#aggregate.result(accumulator);
    const toOutput = this.#toOutput;
    // The accumulator lives on: what is emitted must not be a part of it.
    if (toOutput === undefined) {
      const copier = result === accumulator ? this.#ownCopier : this.#copier;
      return this.#context.emit(copier.copy(result));
    }
    this.#context.emit(toOutput(this.#keys.currentKey(), this.#copier.copy(result)));
  }
}
