// Feeds a task's input to its chain: rows and watermarks in their order, until the batch is done or an
// operator has stopped for want of credit. What ends a batch (a barrier, the end of a channel) is handed to
// the task only when all in front of it is processed.

import type { RecordBatch } from '../network/record-batch.ts';
import type { FeedRows } from './chain-entries.ts';
import type { InputGate } from './input-gate.ts';
import type { OperatorChain } from './operator-chain.ts';
import { TASK } from './task-metrics.ts';

export class InputProcessor {
  readonly gate: InputGate;
  readonly #chain: OperatorChain;
  readonly #metrics: Float64Array;
  readonly #onControl: (channel: number, batch: RecordBatch) => void;
  #batch: RecordBatch | undefined;
  #channel = 0;
  #edge = 0;
  #row = 0;
  #mark = 0;
  #record: unknown;

  constructor(
    gate: InputGate,
    chain: OperatorChain,
    metrics: Float64Array,
    onControl: (channel: number, batch: RecordBatch) => void,
  ) {
    this.gate = gate;
    this.#chain = chain;
    this.#metrics = metrics;
    this.#onControl = onControl;
  }

  /** The record that stopped the chain, for errors while it goes on. */
  get record(): unknown {
    return this.#record;
  }

  /** No batch is half done. */
  get isBetweenBatches(): boolean {
    return this.#batch === undefined;
  }

  /** The chain is not paused. True when there was something to feed. */
  step(): boolean {
    if (this.#batch === undefined && !this.#next()) return false;
    const batch = this.#batch as RecordBatch;
    const first = this.#row;
    const isDone = this.#feed(batch);
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
    this.#edge = input.edge;
    this.#row = 0;
    this.#mark = 0;
    if (input.batch.count > 0 && this.gate.valve.wake(input.channel)) this.#passWatermark();
    return true;
  }

  /** True when the batch is done. */
  #feed(batch: RecordBatch): boolean {
    const chain = this.#chain;
    this.#record = undefined;
    while (!chain.isPaused) {
      const markRow = batch.markRows[this.#mark];
      if (markRow !== undefined && markRow <= this.#row) {
        this.#onWatermark(batch.markWatermarks[this.#mark++] as number);
      } else if (this.#row < batch.count) {
        this.#feedRows(batch, Math.min(batch.count, markRow ?? batch.count));
        if (chain.hasOwnWatermarks) chain.advanceOwnWatermarks();
      } else {
        return true;
      }
    }
    return false;
  }

  #feedRows({ values, times }: RecordBatch, to: number): void {
    const feed = this.#chain.ways.rows[this.#edge] as FeedRows;
    this.#row = feed(values, times, this.#row, this.#chain.hasOwnWatermarks ? this.#row + 1 : to);
    if (this.#chain.isPaused) this.#record = values[this.#row - 1];
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
