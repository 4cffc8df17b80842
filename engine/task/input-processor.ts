// Feeds a task's input to its chain: rows and watermarks in their order, until the batch is done or an
// operator has stopped for want of credit. What ends a batch (a barrier, the end of a channel) is handed to
// the task only when all in front of it is processed.

import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';
import type { RecordBatch } from '../network/record-batch.ts';
import type { FeedRows } from './chain-entries.ts';
import type { BatchAtWork, InputGate } from './input-gate.ts';
import type { LatencyTracking } from './latency-tracking.ts';
import type { OperatorChain } from './operator-chain.ts';
import { TASK } from './task-metrics.ts';

const STEP_MS = 1;

export class InputProcessor {
  readonly gate: InputGate;
  readonly #chain: OperatorChain;
  readonly #metrics: Float64Array;
  readonly #onControl: (channel: number, batch: RecordBatch) => void;
  #batch: RecordBatch | undefined;
  readonly #clock: Clock | undefined;
  readonly #latency: LatencyTracking | undefined;
  #channel = 0;
  #edge = 0;
  #row = 0;
  #mark = 0;
  #record: unknown;
  /** Of a step. */
  #rowsMax: number = limits.frameRowsMax;

  /** `clock`: a step is as many rows as take a millisecond by it; absent: whole batches. */
  constructor(
    gate: InputGate,
    chain: OperatorChain,
    metrics: Float64Array,
    onControl: (channel: number, batch: RecordBatch) => void,
    clock?: Clock,
    latency?: LatencyTracking,
  ) {
    this.gate = gate;
    this.#chain = chain;
    this.#metrics = metrics;
    this.#onControl = onControl;
    this.#clock = clock;
    this.#latency = latency;
  }

  /** The batch of which rows are left; undefined between two. */
  get atWork(): BatchAtWork | undefined {
    if (this.#batch === undefined) return undefined;
    return { batch: this.#batch, channel: this.#channel, row: this.#row };
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
    const beforeMs = this.#clock?.monotonic() ?? 0;
    const progressed = this.#step();
    if (this.#clock !== undefined) this.#adapt(this.#clock.monotonic() - beforeMs);
    return progressed;
  }

  #adapt(tookMs: number): void {
    this.#rowsMax =
      tookMs > STEP_MS
        ? Math.max(1, this.#rowsMax >> 1)
        : Math.min(limits.frameRowsMax, this.#rowsMax << 1);
  }

  #step(): boolean {
    if (this.#batch === undefined && !this.#next()) return false;
    const batch = this.#batch as RecordBatch;
    const first = this.#row;
    const isDone = this.#feed(batch, Math.min(batch.count, first + this.#rowsMax));
    this.#metrics[TASK.recordsIn] = (this.#metrics[TASK.recordsIn] as number) + this.#row - first;
    if (!isDone) return true;
    this.#batch = undefined;
    this.#record = undefined;
    if (batch.marker !== undefined) this.#latency?.pass(batch.marker);
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

  /** True when the batch is done: `until` is its count, or where to stop in it. */
  #feed(batch: RecordBatch, until: number): boolean {
    const chain = this.#chain;
    this.#record = undefined;
    while (!chain.isPaused) {
      const markRow = batch.markRows[this.#mark];
      if (markRow !== undefined && markRow <= this.#row) {
        this.#onWatermark(batch.markWatermarks[this.#mark++] as number);
      } else if (this.#row < until) {
        this.#feedRows(batch, Math.min(until, markRow ?? until));
        if (chain.hasOwnWatermarks) chain.advanceOwnWatermarks();
      } else {
        return until === batch.count;
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
