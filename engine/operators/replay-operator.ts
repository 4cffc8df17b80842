// Lets records pass at the pace of their event time. A record that is early waits, and everything behind it;
// those that wait are operator state. The first record after a start or a restore sets the pace anew.

import { assert } from '../core/assert.ts';
import { limits } from '../core/limits.ts';
import type { ReplayParams } from '../graph/operator-params.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';

interface Held {
  readonly value: unknown;
  /** The record's event time, which it keeps. */
  readonly timeMs: number;
}

export class ReplayOperator implements StreamOperator {
  readonly canSnapshotPending = true;
  readonly #context: OperatorContext;
  readonly #speed: number;
  readonly #timeOf: ((value: unknown) => number) | undefined;
  readonly #stored: OperatorList<Held>;
  readonly #held: Held[] = [];
  /** Where event time and wall time stood when the first record passed. */
  #startMs = Number.NaN;
  #startWallMs = 0;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor({ speed }: ReplayParams, context: OperatorContext) {
    this.#context = context;
    this.#speed = speed ?? Number.POSITIVE_INFINITY;
    this.#timeOf = context.hasFunction('time')
      ? (context.function('time') as (value: unknown) => number)
      : undefined;
    this.#stored = context.operatorState.list('held', 'split');
  }

  open(): void {
    for (const held of this.#stored.get()) this.#held.push(held);
    if (this.#held.length === 0) return;
    this.#context.pend();
    this.#context.wakeAt(this.#context.processingTime());
  }

  processElement(value: unknown): void {
    const timeMs = this.#context.time[0] as number;
    if (
      this.#held.length === 0 &&
      this.#dueMs({ value, timeMs }) <= this.#context.processingTime()
    ) {
      this.#pass({ value, timeMs });
      return;
    }
    const isFirst = this.#held.length === 0;
    this.#held.push({ value, timeMs });
    assert(
      this.#held.length <= limits.overdraftRecordsMax,
      `${this.#held.length} records wait at operator ${this.#context.name}`,
    );
    if (!isFirst) return;
    this.#context.pend();
    this.#wakeForFirst();
  }

  onProcessingTime(): boolean {
    this.#context.wake();
    return true;
  }

  resume(): boolean {
    for (let first = this.#held[0]; first !== undefined; first = this.#held[0]) {
      if (this.#dueMs(first) > this.#context.processingTime()) {
        this.#wakeForFirst();
        return false;
      }
      if (!this.#context.hasCredit()) return false;
      this.#held.shift();
      this.#pass(first);
    }
    return true;
  }

  snapshot(): void {
    this.#stored.update(this.#held);
  }

  #pass(record: Held): void {
    const timeMs = this.#paceTime(record);
    if (Number.isNaN(this.#startMs) && !Number.isNaN(timeMs)) {
      this.#startMs = timeMs;
      this.#startWallMs = this.#context.processingTime();
    }
    if (timeMs > this.#lastMs) this.#lastMs = timeMs;
    this.#context.time[0] = record.timeMs;
    this.#context.emit(record.value);
  }

  /** Wall time at which the record may pass; -Infinity: at once. */
  #dueMs(record: Held): number {
    const timeMs = this.#paceTime(record);
    // No pace yet, no time, or earlier than one that has passed.
    if (!(timeMs > this.#lastMs) || Number.isNaN(this.#startMs)) return Number.NEGATIVE_INFINITY;
    return this.#startWallMs + (timeMs - this.#startMs) / this.#speed;
  }

  #paceTime(record: Held): number {
    return this.#timeOf === undefined ? record.timeMs : this.#timeOf(record.value);
  }

  #wakeForFirst(): void {
    const first = this.#held[0];
    if (first !== undefined) this.#context.wakeAt(Math.ceil(this.#dueMs(first)));
  }
}
