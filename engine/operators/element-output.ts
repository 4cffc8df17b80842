// What functions emit through. It puts the event time of the element or timer at work in front of every
// record, since whatever ran downstream of the one before may have changed the chain's time cell, and it
// counts, so that firings know when to look at the credit (firing-gate.ts).

import type { Collector, OutputTag } from './functions.ts';
import type { OperatorContext, TimeCell } from './stream-operator.ts';

export class ElementOutput implements Collector<unknown> {
  /** Of what is emitted next; NaN for none. */
  timeMs = Number.NaN;
  /** Records so far, side outputs included. */
  emitted = 0;
  readonly #context: OperatorContext;
  readonly #time: TimeCell;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#time = context.time;
  }

  /** The element at work is the one whose time stands in the chain's cell. */
  takeElementTime(): void {
    this.timeMs = this.#time[0] as number;
  }

  collect(value: unknown): void {
    this.emitted++;
    this.#time[0] = this.timeMs;
    this.#context.emit(value);
  }

  output(tag: OutputTag<unknown>, value: unknown): void {
    this.emitted++;
    this.#time[0] = this.timeMs;
    this.#context.emitSide(tag.name, value);
  }
}
