// A running aggregate per key: every record is added to the key's accumulator, whose result is emitted, as
// it is or through `output(key, value)`.

import { options } from '../../core/options.ts';
import type { KeyedFoldParams } from '../../graph/operator-params.ts';
import { ownDescriptor } from '../../state/heap/value-types.ts';
import type { KeyedStateBackend, NamespacedState } from '../../state/keyed-state.ts';
import { type Copier, copierFor, sharingCopier, ValueCopier } from '../../state/value-copier.ts';
import type { InlineKeyedFold, OperatorContext, StreamOperator } from '../stream-operator.ts';
import { type Aggregate, createAggregate } from './aggregate.ts';
import { itself } from './ready-aggregates.ts';

type ToOutput = (key: unknown, value: unknown) => unknown;

export class KeyedFoldOperator implements StreamOperator {
  readonly inline: InlineKeyedFold | undefined;
  readonly #context: OperatorContext;
  readonly #aggregate: Aggregate;
  readonly #state: NamespacedState<number, unknown>;
  readonly #keys: KeyedStateBackend;
  readonly #copier: Copier;
  readonly #ownCopier = new ValueCopier();
  readonly #toOutput: ToOutput | undefined;

  constructor(params: KeyedFoldParams, context: OperatorContext) {
    this.#context = context;
    this.#aggregate = createAggregate(params.aggregate, context);
    this.#keys = context.keyedState;
    this.#state = this.#keys.namespaced(ownDescriptor('folded', this.#aggregate.example));
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    this.#toOutput = context.hasFunction('output')
      ? (context.function('output') as ToOutput)
      : undefined;
    this.inline = this.#createInline();
  }

  processElement(value: unknown): void {
    this.#keep(this.#aggregate.add(this.#state.borrow(0), value));
  }

  #keep(accumulator: unknown): void {
    this.#state.put(0, accumulator);
    this.#context.emit(this.#emitted(this.#keys.currentKey(), accumulator));
  }

  #emitted(key: unknown, accumulator: unknown): unknown {
    const result = this.#aggregate.result(accumulator);
    const toOutput = this.#toOutput;
    if (toOutput !== undefined) return toOutput(key, this.#copier.copy(result));
    // The accumulator lives on: what is emitted must not be a part of it.
    return (result === accumulator ? this.#ownCopier : this.#copier).copy(result);
  }

  #begin(): void {
    const empty = this.#aggregate.steps?.create();
    if (empty !== undefined) this.#state.put(0, empty);
  }

  #createInline(): InlineKeyedFold | undefined {
    const rows = this.#state.cellRows(0);
    if (rows === undefined) return undefined;
    const { add, steps, result } = this.#aggregate;
    const isItself = result === itself;
    return {
      kind: 'keyed-fold',
      rows,
      call: steps?.add ?? add,
      begin: () => this.#begin(),
      output: isItself ? this.#toOutput : (key, held) => this.#emitted(key, held),
      copies: isItself && this.#copier !== sharingCopier,
      take: steps?.take ?? itself,
      keep: (next) => this.#keep(next),
    };
  }
}
