// Feeds a task's input to its chain: rows and watermarks in their order, until the batch is done or an
// operator has stopped for want of credit. What ends a batch (a barrier, the end of a channel) is handed to
// the task only when all in front of it is processed.

import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import type { RecordBatch } from '../network/record-batch.ts';
import type { BatchAtWork, InputGate } from './input-gate.ts';
import type { OperatorChain } from './operator-chain.ts';
import { TASK } from './task-metrics.ts';

const STEP_MS = 1;

export class InputProcessor {
  readonly gate: InputGate;
  readonly #chain: OperatorChain;
  readonly #entries: readonly ((value: unknown) => void)[];
  readonly #metrics: Float64Array;
  readonly #onControl: (channel: number, batch: RecordBatch) => void;
  #batch: RecordBatch | undefined;
  #channel = 0;
  #enter: (value: unknown) => void = () => undefined;
  #row = 0;
  #mark = 0;
  #record: unknown;
  #rowsPerStep: number = limits.frameRowsMax;

  /** `entries`: by input edge, sets the key if there is one and feeds the chain. */
  constructor(
    gate: InputGate,
    chain: OperatorChain,
    entries: readonly ((value: unknown) => void)[],
    metrics: Float64Array,
    onControl: (channel: number, batch: RecordBatch) => void,
  ) {
    this.gate = gate;
    this.#chain = chain;
    this.#entries = entries;
    this.#metrics = metrics;
    this.#onControl = onControl;
  }

  /** The batch of which rows are left; undefined between two. */
  get atWork(): BatchAtWork | undefined {
    if (this.#batch === undefined) return undefined;
    return { batch: this.#batch, channel: this.#channel, row: this.#row };
  }

  /** The record at work, for errors. */
  get record(): unknown {
    return this.#record;
  }

  /** As `step`, with as many rows as take a millisecond or so. */
  stepBriefly(clock: Clock): boolean {
    const beforeMs = clock.monotonic();
    const progressed = this.step(this.#rowsPerStep);
    const isSlow = clock.monotonic() - beforeMs > STEP_MS;
    this.#rowsPerStep = isSlow
      ? Math.max(1, this.#rowsPerStep >> 1)
      : Math.min(limits.frameRowsMax, this.#rowsPerStep << 1);
    return progressed;
  }

  /** Feeds at most `rows`; the chain is not paused. True when there was something to feed. */
  step(rows: number = limits.frameRowsMax): boolean {
    if (this.#batch === undefined && !this.#next()) return false;
    const batch = this.#batch as RecordBatch;
    const first = this.#row;
    const isDone = this.#feed(batch, Math.min(batch.count, first + rows));
    this.#metrics[TASK.recordsIn] = (this.#metrics[TASK.recordsIn] as number) + this.#row - first;
    if (!isDone) return true;
    this.#batch = undefined;
    this.#record = undefined;
    if (batch.barrier !== undefined || batch.end !== undefined)
      this.#onControl(this.#channel, batch);
    return true;
  }

  #next(): boolean {
    const input = this.gate.poll();
    if (input === undefined) return false;
    this.#batch = input.batch;
    this.#channel = input.channel;
    this.#enter = this.#entries[input.edge] as (value: unknown) => void;
    this.#row = 0;
    this.#mark = 0;
    if (input.batch.count > 0 && this.gate.valve.wake(input.channel)) this.#passWatermark();
    return true;
  }

  /** True when the batch is done: `until` is its count, or where to stop in it. */
  #feed(batch: RecordBatch, until: number): boolean {
    const chain = this.#chain;
    const { time } = chain;
    while (!chain.isPaused) {
      const markRow = batch.markRows[this.#mark];
      if (markRow !== undefined && markRow <= this.#row) {
        this.#record = undefined;
        this.#onWatermark(batch.markWatermarks[this.#mark++] as number);
      } else if (this.#row < until) {
        this.#record = batch.values[this.#row];
        time[0] = batch.times[this.#row] as number;
        this.#row++;
        this.#enter(this.#record);
        if (chain.hasOwnWatermarks) chain.advanceOwnWatermarks();
      } else {
        return until === batch.count;
      }
    }
    return false;
  }

  #onWatermark(watermark: number): void {
    if (this.gate.valve.update(this.#channel, watermark)) this.#passWatermark();
  }

  #passWatermark(): void {
    const { valve } = this.gate;
    if (valve.isIdle) this.#chain.markIdle();
    else this.#chain.advanceWatermark(valve.watermark);
  }
}
