// One record in, one out.

import type { InlineFunction, OperatorContext, StreamOperator } from '../stream-operator.ts';

export class MapOperator implements StreamOperator {
  readonly inline: InlineFunction;
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.inline = { kind: 'map', call: context.function('map') as InlineFunction['call'] };
  }

  processElement(value: unknown): void {
    this.#context.emit(this.inline.call(value));
  }
}
