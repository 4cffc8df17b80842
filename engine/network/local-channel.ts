// A channel between two subtasks in one slot: batches are handed over by reference, nothing is serialised.

import { limits } from '../core/limits.ts';
import { type InputChannel, OutputChannel } from './channel.ts';
import type { RecordBatch } from './record-batch.ts';

export class LocalChannel extends OutputChannel implements InputChannel {
  readonly #queue: RecordBatch[] = [];
  readonly capacity = limits.localBatchesMax;
  readonly bytes = 0;
  #closed = false;

  get queued(): number {
    return this.#queue.length;
  }

  poll(): RecordBatch | undefined {
    return this.#queue.shift();
  }

  /** A closed channel swallows: its reader is gone, and its writer is about to be. */
  override close(): void {
    this.#closed = true;
    this.#queue.length = 0;
  }

  protected override canSend(): boolean {
    return this.#closed || this.#queue.length < this.capacity;
  }

  protected override send(batch: RecordBatch): void {
    if (!this.#closed) this.#queue.push(batch);
  }
}
