// A channel between two subtasks in one slot: batches are handed over by reference, nothing is serialised. What
// could not be serialised is refused all the same, as far as the first records show it: where tasks are placed
// must not decide what a program may do. Behind those, records may take the short way (handover.ts).

import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';
import { findUnsupported } from '../core/unsupported-value.ts';
import { type InputChannel, OutputChannel, type RecordRules } from './channel.ts';
import { refusedRecord } from './frame-codec.ts';
import { Handover } from './handover.ts';
import type { RecordBatch } from './record-batch.ts';

/** All records of the first batch are looked at, then one of each batch. */
const BATCHES_CHECKED = 8;

export class LocalChannel extends OutputChannel implements InputChannel {
  readonly #queue: RecordBatch[] = [];
  readonly capacity = limits.localBatchesMax;
  readonly bytes = 0;
  override readonly handover = new Handover();
  #rules: RecordRules = { bytesMax: limits.recordBytesMax };
  #closed = false;
  #batches = 0;
  #debt = 0;
  announced: Barrier | undefined;

  get queued(): number {
    return this.#queue.length;
  }

  poll(): RecordBatch | undefined {
    return this.#queue.shift();
  }

  override setRecordRules(rules: RecordRules): void {
    this.#rules = rules;
  }

  override announce(barrier: Barrier): void {
    this.announced = barrier;
  }

  setDebt(batches: number): void {
    this.#debt = batches;
  }

  /** A closed channel swallows: its reader is gone, and its writer is about to be. */
  override close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.handover.isOpen = false;
  }

  override isReadyForHandover(): boolean {
    const isFirst = this.#batches < BATCHES_CHECKED;
    return !isFirst && !this.#closed && this.#queue.length === 0 && this.isDrained();
  }

  override hasCredit(): boolean {
    return this.handover.isOpen ? this.handover.hasCredit() : super.hasCredit();
  }

  protected override canSend(): boolean {
    return this.#closed || this.#queue.length + this.#debt < this.capacity;
  }

  protected override send(batch: RecordBatch): void {
    if (this.#closed) return;
    if (this.#batches < BATCHES_CHECKED) this.#check(batch, this.#batches++ === 0);
    this.handover.isOpen = false; // what follows would overtake it
    this.#queue.push(batch);
  }

  #check({ values, count }: RecordBatch, all: boolean): void {
    for (let i = 0; i < (all ? count : Math.min(1, count)); i++) {
      const problem = findUnsupported(values[i]);
      if (problem !== undefined) throw refusedRecord(values[i], problem, this.#rules);
    }
  }
}
