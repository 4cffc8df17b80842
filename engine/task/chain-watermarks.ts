// The watermarks inside a chain: which each operator was given, and which follows its output. An operator
// passes on what it was given, unless it makes its own. An output is idle when the input is, or when the
// operator says so; one that wakes up says its watermark again, which makes it count with its receivers.

import { END_OF_TIME, NO_WATERMARK } from '../core/time.ts';
import { IDLE } from '../network/record-batch.ts';
import type { ChainedOperator, ChainOutput } from './chain-code.ts';

export type OperatorWatermarks = readonly [given: number, passed: number];

export class ChainWatermarks {
  readonly #operators: readonly ChainedOperator[];
  readonly #outputs: readonly ChainOutput[];
  /** By operator: the highest that it was given, and the one that follows its output. Neither falls. */
  readonly #given: number[];
  readonly #passed: number[];
  readonly #isIdle: boolean[];
  #input = NO_WATERMARK;
  #isInputIdle = false;

  /** `operators` may still be filled. */
  constructor(
    count: number,
    operators: readonly ChainedOperator[],
    outputs: readonly ChainOutput[],
  ) {
    this.#operators = operators;
    this.#outputs = outputs;
    this.#given = new Array<number>(count).fill(NO_WATERMARK);
    this.#passed = new Array<number>(count).fill(NO_WATERMARK);
    this.#isIdle = new Array<boolean>(count).fill(false);
  }

  get input(): number {
    return this.#input;
  }

  /** Of the head's input. `isIdle`: nothing comes for a while. */
  setInput(watermark: number, isIdle: boolean): void {
    this.#input = Math.max(this.#input, watermark);
    this.#isInputIdle = isIdle;
  }

  given(operator: number): number {
    return this.#given[operator] as number;
  }

  passed(operator: number): number {
    return this.#passed[operator] as number;
  }

  /** What the operator is to be given now, and then counts as given; undefined when it has had it. */
  take(operator: number): number | undefined {
    const { after } = this.#operators[operator] as ChainedOperator;
    const watermark = after === -1 ? this.#input : (this.#passed[after] as number);
    if (watermark <= (this.#given[operator] as number)) return undefined;
    this.#given[operator] = watermark;
    return watermark;
  }

  /** The operator has done what its watermark asked for: those behind the chain hear what follows its output. */
  pass(operator: number): void {
    const { operator: own, after } = this.#operators[operator] as ChainedOperator;
    const watermark = own.ownWatermark?.() ?? (this.#given[operator] as number);
    const isInputIdle = after === -1 ? this.#isInputIdle : this.#isIdle[after] === true;
    // At the end of time nothing is expected any more: there is no idleness.
    const isIdle = watermark !== END_OF_TIME && (isInputIdle || (own.ownIdle?.() ?? false));
    const hasRisen = watermark > (this.#passed[operator] as number);
    if (!hasRisen && isIdle === this.#isIdle[operator]) return;
    if (isIdle) own.onIdle?.();
    if (hasRisen) this.#passed[operator] = watermark;
    this.#isIdle[operator] = isIdle;
    this.#tell(operator, isIdle ? IDLE : (this.#passed[operator] as number));
  }

  /** By operator. */
  snapshot(): readonly OperatorWatermarks[] {
    return this.#given.map((given, i) => [given, this.#passed[i] as number]);
  }

  /** Nothing at or below these fires again. Those behind the chain are told at once. */
  restore(watermarks: readonly (OperatorWatermarks | undefined)[]): void {
    for (const [i, restored] of watermarks.entries()) {
      this.#given[i] = restored?.[0] ?? NO_WATERMARK;
      this.#passed[i] = restored?.[1] ?? NO_WATERMARK;
      if (this.#passed[i] !== NO_WATERMARK) this.#tell(i, this.#passed[i]);
    }
    this.#input = this.#given[0] ?? NO_WATERMARK;
  }

  #tell(operator: number, watermark: number): void {
    for (const { writer, from } of this.#outputs)
      if (from === operator) writer.emitWatermark(watermark);
  }
}
