// The two ends of a channel over a ring: batches become frames and frames batches.

import { ByteWriter } from '../core/byte-buffer.ts';
import { type InputChannel, OutputChannel } from './channel.ts';
import { decodeFrame, FrameEncoder } from './frame-codec.ts';
import type { RecordBatch } from './record-batch.ts';
import type { RingConsumer, RingProducer } from './ring.ts';

export class RingOutputChannel extends OutputChannel {
  readonly #ring: RingProducer;
  readonly #out = new ByteWriter(64 * 1024);
  readonly #encoder = new FrameEncoder(this.#out);
  /** Bytes of the frame in `#out` that have left; the frame is done when all have. */
  #sent = 0;
  #bytes = 0;

  constructor(ring: RingProducer) {
    super();
    this.#ring = ring;
  }

  get queued(): number {
    return this.#ring.used;
  }

  get capacity(): number {
    return this.#ring.capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  override close(): void {
    this.#ring.close();
  }

  protected override canSend(): boolean {
    return !this.isSending() && (this.#ring.hasFreeSlot() || this.#ring.isClosed);
  }

  protected override send(batch: RecordBatch): void {
    if (this.#ring.isClosed) return;
    this.#out.truncate();
    this.#sent = 0;
    this.#encoder.encode(batch);
    this.#bytes += this.#out.length;
    this.continueSending();
  }

  protected override continueSending(): boolean {
    const frame = this.#out.view();
    const from = this.#sent;
    while (this.#sent < frame.length && this.#ring.hasFreeSlot()) {
      const end = Math.min(this.#sent + this.#ring.slotBytes, frame.length);
      this.#ring.writeSlot(frame.subarray(this.#sent, end), end < frame.length);
      this.#sent = end;
    }
    if (this.#ring.isClosed) this.#sent = frame.length;
    return this.#sent > from;
  }

  protected override isSending(): boolean {
    return this.#sent < this.#out.length;
  }
}

export class RingInputChannel implements InputChannel {
  readonly #ring: RingConsumer;
  #parts: Buffer[] = [];
  #bytes = 0;

  constructor(ring: RingConsumer) {
    this.#ring = ring;
  }

  get queued(): number {
    return this.#ring.used;
  }

  get capacity(): number {
    return this.#ring.capacity;
  }

  get bytes(): number {
    return this.#bytes;
  }

  poll(): RecordBatch | undefined {
    for (let slot = this.#ring.peek(); slot !== undefined; slot = this.#ring.peek()) {
      this.#bytes += slot.bytes.length;
      const batch = this.#take(slot.bytes, slot.continues);
      this.#ring.release();
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  close(): void {
    this.#ring.close();
  }

  /** A frame in one slot is decoded where it lies; the parts of a longer one are copied out and joined. */
  #take(bytes: Buffer, continues: boolean): RecordBatch | undefined {
    if (!continues && this.#parts.length === 0) return decodeFrame(bytes);
    this.#parts.push(Buffer.from(bytes));
    if (continues) return undefined;
    const frame = Buffer.concat(this.#parts);
    this.#parts = [];
    return decodeFrame(frame);
  }
}
