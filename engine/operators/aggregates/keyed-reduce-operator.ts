// A running reduction per key: every record is merged into the key's value, which is emitted.

import { options } from '../../core/options.ts';
import type { NamespacedState } from '../../state/keyed-state.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import type { OperatorContext, StreamOperator } from '../stream-operator.ts';

export class KeyedReduceOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #reduce: (a: unknown, b: unknown) => unknown;
  readonly #state: NamespacedState<number, unknown>;
  readonly #copier: Copier;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#reduce = context.function('reduce') as (a: unknown, b: unknown) => unknown;
    this.#state = context.keyedState.namespaced({ name: 'reduced' });
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
  }

  processElement(value: unknown): void {
    const current = this.#state.get(0);
    const reduced = current === undefined ? value : this.#reduce(current, value);
    if (reduced === undefined) throw new TypeError('the reduce function returned undefined');
    // Who gets the record may change it: the state keeps a copy, also of what was reduced in place.
    this.#state.put(0, this.#copier.copy(reduced));
    this.#context.emit(reduced);
  }
}
