// Watermarks of one sequence of records: a split of a source, or the input of an operator. They depend on
// the records and their number only, never on wall time, so that a replay at any speed drops the same late
// records: the strategy is evaluated every so many records (and that count is part of the snapshot), when a
// following source has fallen silent, and at the end. `pipeline.auto-watermark-interval` gives Flink's way.

import { NO_WATERMARK } from '../core/time.ts';
import type { WatermarkSpec } from '../graph/operator-params.ts';

export interface WatermarkFunctions {
  /** Absent: the records' own times are kept. */
  readonly timestamp?: (value: unknown, timeMs: number) => unknown;
  /** For `punctuated`: the watermark that a record carries, or undefined. */
  readonly punctuate?: (value: unknown, timeMs: number) => unknown;
  /** For `ingestion`: wall time, epoch ms. */
  readonly processingTime: () => number;
}

/** What a generator continues from. */
export interface WatermarkState {
  readonly highestMs: number;
  readonly watermark: number;
  readonly sinceEvaluation: number;
}

export class WatermarkGenerator {
  readonly #spec: WatermarkSpec;
  readonly #functions: WatermarkFunctions;
  /** Infinity: only the owner evaluates. */
  readonly #everyRecords: number;
  /** One element: the highest event time so far. Generated code raises it. */
  readonly highest = new Float64Array([NO_WATERMARK]);
  #watermark = NO_WATERMARK;
  #sinceEvaluation = 0;
  #isIdle = false;
  /** A record has come since the last look at the clock. */
  #isActive = true;
  #activeMs = Number.NaN;

  /** `byCount` false: watermarks move only when `evaluate` is called, as by Flink's interval. */
  constructor(spec: WatermarkSpec, functions: WatermarkFunctions, byCount = true) {
    this.#spec = spec;
    this.#functions = functions;
    this.#everyRecords = byCount ? Math.max(spec.everyRecords, 1) : Number.POSITIVE_INFINITY;
  }

  /** No element at or before it is expected. -Infinity at first; never falls. */
  get watermark(): number {
    return this.#watermark;
  }

  /** No record for `idleMs`: the sequence holds back nobody's time. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** The record's event time by this strategy. */
  assign(value: unknown, timeMs: number): number {
    const { timestamp, processingTime } = this.#functions;
    if (this.#spec.kind === 'ingestion') return Math.max(processingTime(), this.#highestMs);
    if (timestamp === undefined) return timeMs;
    const assigned = timestamp(value, timeMs);
    if (typeof assigned === 'number' && !Number.isNaN(assigned)) return assigned;
    return refuseTime(assigned);
  }

  /** After the record was emitted. True when the watermark rose: it follows this record. */
  onRecord(value: unknown, timeMs: number): boolean {
    this.#isActive = true;
    this.#isIdle = false;
    if (timeMs > this.#highestMs) this.highest[0] = timeMs;
    if (this.#spec.kind === 'punctuated') return this.#onPunctuated(value, timeMs);
    if (++this.#sinceEvaluation < this.#everyRecords) return false;
    return this.#evaluate();
  }

  /** Records after which the watermark is evaluated: so many `onRecords` may take at once. */
  get recordsLeft(): number {
    const isNever = this.#spec.kind === 'none';
    return isNever ? Number.POSITIVE_INFINITY : this.#everyRecords - this.#sinceEvaluation;
  }

  /** As `onRecord` for each of so many, up to `recordsLeft`, whose highest event time stands in `highest`. */
  onRecords(count: number): boolean {
    this.#isActive = true;
    this.#isIdle = false;
    if (this.#spec.kind === 'none') return false;
    this.#sinceEvaluation += count;
    return this.#sinceEvaluation >= this.#everyRecords && this.#evaluate();
  }

  /** Now, whatever the count: silence, or an interval. True when the watermark rose. */
  evaluate(): boolean {
    // Nothing can come with an earlier time than now.
    if (this.#spec.kind === 'ingestion') {
      this.highest[0] = Math.max(this.#highestMs, this.#functions.processingTime());
    }
    return this.#evaluate();
  }

  /** A look at the clock, now and then. True when a record has come since the last one. */
  onTime(nowMs: number): boolean {
    const wasActive = this.#isActive;
    this.#isActive = false;
    if (wasActive || Number.isNaN(this.#activeMs)) this.#activeMs = nowMs;
    const { idleMs } = this.#spec;
    if (idleMs !== null && nowMs - this.#activeMs >= idleMs) this.#isIdle = true;
    return wasActive;
  }

  snapshot(): WatermarkState {
    return {
      highestMs: this.#highestMs,
      watermark: this.#watermark,
      sinceEvaluation: this.#sinceEvaluation,
    };
  }

  restore(state: WatermarkState): void {
    this.highest[0] = state.highestMs;
    this.#watermark = state.watermark;
    this.#sinceEvaluation = state.sinceEvaluation;
  }

  get #highestMs(): number {
    return this.highest[0] as number;
  }

  #evaluate(): boolean {
    this.#sinceEvaluation = 0;
    switch (this.#spec.kind) {
      case 'bounded':
        return this.#raise(this.#highestMs - this.#spec.boundMs - 1);
      case 'ingestion':
        return this.#raise(this.#highestMs - 1);
      case 'punctuated':
      case 'none':
        return false;
    }
  }

  #onPunctuated(value: unknown, timeMs: number): boolean {
    const watermark = this.#functions.punctuate?.(value, timeMs);
    return typeof watermark === 'number' && this.#raise(watermark);
  }

  #raise(watermark: number): boolean {
    if (!(watermark > this.#watermark)) return false;
    this.#watermark = watermark;
    return true;
  }
}

/** @throws TypeError for what a timestamp function must not give. */
export function refuseTime(assigned: unknown): never {
  throw new TypeError(
    `the timestamp function gave ${String(assigned)}: it must give epoch milliseconds`,
  );
}

/** What several sequences that become one may promise: the least of each. */
export function leastOf(states: readonly WatermarkState[]): WatermarkState | undefined {
  if (states.length === 0) return undefined;
  return {
    highestMs: Math.min(...states.map((state) => state.highestMs)),
    watermark: Math.min(...states.map((state) => state.watermark)),
    sinceEvaluation: 0,
  };
}
