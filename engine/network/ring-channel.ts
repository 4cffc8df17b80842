// The two ends of a channel over a ring: batches become frames and frames batches.

import type { Barrier } from '../core/barrier.ts';
import { ByteWriter } from '../core/byte-buffer.ts';
import { type InputChannel, OutputChannel, type RecordRules } from './channel.ts';
import { decodeFrame, FrameEncoder } from './frame-codec.ts';
import type { RecordBatch } from './record-batch.ts';
import type { RingConsumer, RingProducer } from './ring.ts';

/** What frames are made of, and where the memory of a long one is given back. */
const FRAME_CAPACITY = 64 * 1024;

export class RingOutputChannel extends OutputChannel {
  readonly #ring: RingProducer;
  #out = new ByteWriter(FRAME_CAPACITY);
  #encoder: FrameEncoder;
  #rules: RecordRules | undefined;
  /** Bytes of the frame in `#out` that have left; the frame is done when all have. */
  #sent = 0;
  /** What is being sent, from row `#next` on; undefined when its last frame is in `#out`. */
  #batch: RecordBatch | undefined;
  #next = 0;
  #bytes = 0;

  constructor(ring: RingProducer) {
    super();
    this.#ring = ring;
    this.#encoder = new FrameEncoder(this.#out);
  }

  override setRecordRules(rules: RecordRules): void {
    this.#rules = rules;
    this.#encoder.setRecordRules(rules);
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

  override announce(barrier: Barrier): void {
    this.#ring.announce(barrier);
  }

  protected override canSend(): boolean {
    const ring = this.#ring;
    return !this.isSending() && (ring.used + ring.debt < ring.capacity || ring.isClosed);
  }

  protected override send(batch: RecordBatch): void {
    this.#batch = batch;
    this.#next = 0;
    this.continueSending();
  }

  protected override continueSending(): boolean {
    let hasSent = false;
    while (this.isSending()) {
      if (this.#ring.isClosed) return this.#dropRest();
      if (!this.#ring.hasFreeSlot()) break;
      if (this.#sent === this.#out.length) this.#encodeNext();
      this.#sendSlot();
      hasSent = true;
    }
    return hasSent;
  }

  protected override isSending(): boolean {
    return this.#batch !== undefined || this.#sent < this.#out.length;
  }

  #encodeNext(): void {
    const batch = this.#batch as RecordBatch;
    this.#reset();
    // Nothing of a frame that could not be made may be sent.
    this.#batch = undefined;
    const next = this.#encoder.encode(batch, this.#next);
    this.#sent = 0;
    this.#bytes += this.#out.length;
    this.#next = next;
    if (next < batch.count) this.#batch = batch;
  }

  #sendSlot(): void {
    const { slotBytes } = this.#ring;
    const end = Math.min(this.#sent + slotBytes, this.#out.length);
    this.#ring.writeSlot(this.#out.view().subarray(this.#sent, end), end < this.#out.length);
    this.#sent = end;
  }

  #dropRest(): boolean {
    this.#batch = undefined;
    this.#sent = this.#out.length;
    return true;
  }

  #reset(): void {
    if (this.#out.length > 2 * FRAME_CAPACITY) {
      this.#out = new ByteWriter(FRAME_CAPACITY);
      this.#encoder = new FrameEncoder(this.#out);
      if (this.#rules !== undefined) this.#encoder.setRecordRules(this.#rules);
    }
    this.#out.truncate();
    this.#sent = Number.POSITIVE_INFINITY;
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

  get announced(): Barrier | undefined {
    return this.#ring.announced;
  }

  /** A batch takes a slot, or more. */
  setDebt(batches: number): void {
    this.#ring.setDebt(batches);
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
