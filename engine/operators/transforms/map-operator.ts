// One record in, one out.

import type { InlineCall, OperatorContext, StreamOperator } from '../stream-operator.ts';

export class MapOperator implements StreamOperator {
  readonly inline: InlineCall;
  readonly #context: OperatorContext;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.inline = { kind: 'map', call: context.function('map') as InlineCall['call'] };
  }

  processElement(value: unknown): void {
    this.#context.emit(this.inline.call(value));
  }
}
