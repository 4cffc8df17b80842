// A channel between two subtasks in one slot: batches are handed over by reference, nothing is serialised. Behind
// the first records, which are checked as if they were, they may take the short way (handover.ts).

import type { Barrier } from '../core/barrier.ts';
import { limits } from '../core/limits.ts';
import { type InputChannel, OutputChannel, type RecordRules } from './channel.ts';
import { FirstRecords } from './first-records.ts';
import { Handover } from './handover.ts';
import type { RecordBatch } from './record-batch.ts';

export class LocalChannel extends OutputChannel implements InputChannel {
  readonly #queue: RecordBatch[] = [];
  readonly capacity = limits.localBatchesMax;
  readonly bytes = 0;
  override readonly handover = new Handover();
  #closed = false;
  #first = new FirstRecords({ bytesMax: limits.recordBytesMax });
  #debt = 0;
  announced: Barrier | undefined;

  get queued(): number {
    return this.#queue.length;
  }

  poll(): RecordBatch | undefined {
    return this.#queue.shift();
  }

  override setRecordRules(rules: RecordRules): void {
    this.#first = new FirstRecords(rules);
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
    return this.#first.areChecked && !this.#closed && this.#queue.length === 0 && this.isDrained();
  }

  override hasCredit(): boolean {
    return this.handover.isOpen ? this.handover.hasCredit() : super.hasCredit();
  }

  protected override canSend(): boolean {
    return this.#closed || this.#queue.length + this.#debt < this.capacity;
  }

  protected override send(batch: RecordBatch): void {
    if (this.#closed) return;
    this.#first.check(batch);
    this.handover.isOpen = false; // what follows would overtake it
    this.#queue.push(batch);
  }
}
