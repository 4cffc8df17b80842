// What a barrier has overtaken: the batches of some channels from the snapshot to the barrier, copied as frames
// before anything else is done with them, so that they become part of the snapshot.

import { ByteWriter } from '../core/byte-buffer.ts';
import { FrameEncoder } from '../network/frame-codec.ts';
import type { RecordBatch } from '../network/record-batch.ts';

/** Frames of one channel in their order, each readable on its own. */
export interface ChannelFrames {
  /** Index in the gate. */
  readonly channel: number;
  readonly frames: readonly Uint8Array[];
}

export class InFlightRecord {
  readonly checkpointId: number;
  /** Resolves when the barrier has arrived everywhere; undefined when its checkpoint was given up. */
  readonly whole: Promise<readonly ChannelFrames[] | undefined>;
  readonly #settle: (frames: readonly ChannelFrames[] | undefined) => void;
  readonly #fail: (error: unknown) => void;
  readonly #open: Set<number>;
  readonly #frames = new Map<number, Uint8Array[]>();
  readonly #out = new ByteWriter();
  readonly #encoder = new FrameEncoder(this.#out);

  /** @param behind Channels on which the barrier has not arrived. */
  constructor(checkpointId: number, behind: readonly number[]) {
    const { promise, resolve, reject } = Promise.withResolvers<
      readonly ChannelFrames[] | undefined
    >();
    this.checkpointId = checkpointId;
    this.whole = promise;
    this.#settle = resolve;
    this.#fail = reject;
    this.#open = new Set(behind);
  }

  /** The barrier has not been reached there. */
  isOpen(channel: number): boolean {
    return this.#open.has(channel);
  }

  /** Rows from `first` on, and their watermarks. Returns the bytes that they take. */
  add(channel: number, batch: RecordBatch, first: number): number {
    if (first === batch.count && batch.markRows.every((row) => row < first)) return 0;
    const frames = this.#frames.get(channel) ?? [];
    this.#frames.set(channel, frames);
    let bytes = 0;
    try {
      let next = first;
      do {
        this.#out.truncate();
        next = this.#encoder.encode(batch, next);
        frames.push(this.#out.toBytes());
        bytes += this.#out.length;
      } while (next < batch.count);
    } catch (error) {
      this.#fail(error); // a record that cannot be stored: the checkpoint fails, and not the task
    }
    return bytes;
  }

  reach(channel: number): void {
    this.#open.delete(channel);
  }

  finish(): void {
    this.#settle([...this.#frames].map(([channel, frames]) => ({ channel, frames })));
  }

  drop(): void {
    this.#settle(undefined);
  }
}
