// Assigns event times and makes watermarks in the middle of a stream. Watermarks of the input are swallowed,
// but for the last: at the end of input everything is complete.

import { options } from '../core/options.ts';
import { END_OF_TIME } from '../core/time.ts';
import type { TimestampsParams } from '../graph/operator-params.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';
import {
  leastOf,
  type WatermarkFunctions,
  WatermarkGenerator,
  type WatermarkState,
} from './watermark-generator.ts';

/** Without a record for so long, an unbounded input is silent: its last records are not waited for. */
const SILENCE_MS = 200;

interface Stored extends WatermarkState {
  readonly subtask: number;
  readonly parallelism: number;
}

export class TimestampsOperator implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #generator: WatermarkGenerator;
  readonly #stored: OperatorList<Stored>;
  /** Time between two looks at the clock; 0: the clock does not matter. */
  readonly #lookMs: number;
  readonly #isByInterval: boolean;
  readonly #isIdleness: boolean;
  #isLooking = false;
  #isEnded = false;

  constructor({ watermarks }: TimestampsParams, context: OperatorContext) {
    const intervalMs = context.configuration.get(options.watermarkInterval);
    this.#context = context;
    this.#isByInterval = intervalMs > 0;
    this.#isIdleness = watermarks.idleMs !== null;
    const silenceMs = context.isInputBounded && !this.#isIdleness ? 0 : SILENCE_MS;
    const lookMs = this.#isByInterval ? intervalMs : silenceMs;
    this.#lookMs = Math.min(lookMs, watermarks.idleMs ?? Number.POSITIVE_INFINITY);
    this.#generator = new WatermarkGenerator(watermarks, functions(context), !this.#isByInterval);
    this.#stored = context.operatorState.list('watermarks', 'union');
  }

  open(): void {
    const { index, parallelism } = this.#context.subtask;
    const all = this.#stored.get();
    const own = all.find((one) => one.subtask === index && one.parallelism === parallelism);
    const state = own ?? leastOf(all);
    if (state !== undefined) this.#generator.restore(state);
    // Records from before the restore may wait for silence; an input may be idle from the start.
    const isWaiting = this.#isIdleness || (state?.sinceEvaluation ?? 0) > 0;
    if (isWaiting && this.#lookMs > 0) this.#lookLater();
  }

  processElement(value: unknown): void {
    const { time } = this.#context;
    const timeMs = this.#generator.assign(value, time[0] as number);
    time[0] = timeMs;
    this.#context.emit(value);
    this.#generator.onRecord(value, timeMs);
    if (!this.#isLooking && this.#lookMs > 0) this.#lookLater();
  }

  onWatermark(watermark: number): boolean {
    if (watermark === END_OF_TIME) this.#isEnded = true;
    return true;
  }

  onProcessingTime(now: number): boolean {
    const isActive = this.#generator.onTime(now);
    if (this.#isByInterval || !(isActive || this.#context.isInputBounded)) {
      this.#generator.evaluate();
    }
    // Once all that silence can do is done, the next record starts the looks again.
    this.#isLooking = false;
    if (isActive || (this.#isIdleness && !this.#generator.isIdle)) this.#lookLater();
    return true;
  }

  ownWatermark(): number {
    return this.#isEnded ? END_OF_TIME : this.#generator.watermark;
  }

  ownIdle(): boolean {
    return this.#generator.isIdle && !this.#isEnded;
  }

  snapshot(): void {
    const { index, parallelism } = this.#context.subtask;
    this.#stored.update([{ subtask: index, parallelism, ...this.#generator.snapshot() }]);
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#context.wakeAt(this.#context.processingTime() + this.#lookMs);
  }
}

function functions(context: OperatorContext): WatermarkFunctions {
  type Given = (value: unknown, timeMs: number) => unknown;
  const given = (slot: 'timestamp' | 'punctuate'): Partial<WatermarkFunctions> =>
    context.hasFunction(slot) ? { [slot]: context.function(slot) as unknown as Given } : {};
  return {
    processingTime: () => context.processingTime(),
    ...given('timestamp'),
    ...given('punctuate'),
  };
}
