// The two ends of a channel over a ring: batches become frames and frames batches.

import type { Barrier } from '../core/barrier.ts';
import { ByteReader, ByteWriter } from '../core/byte-buffer.ts';
import { type InputChannel, OutputChannel, type RecordRules } from './channel.ts';
import { FirstRecords } from './first-records.ts';
import { decodeFrame, FrameEncoder, readFrame } from './frame-codec.ts';
import type { RecordBatch } from './record-batch.ts';
import type { RingConsumer, RingProducer, RingSlot } from './ring.ts';

export class RingOutputChannel extends OutputChannel {
  readonly #ring: RingProducer;
  readonly #out = new ByteWriter(0);
  readonly #encoder = new FrameEncoder(this.#out);
  /** Where not all of a record is serialised. */
  #first: FirstRecords | undefined;
  /** Bytes of the frame in `#out` that have left; the frame is done when all have. */
  #sent = 0;
  /** What is being sent, from row `#next` on; undefined when its last frame is in `#out`. */
  #batch: RecordBatch | undefined;
  #next = 0;
  #bytes = 0;

  constructor(ring: RingProducer) {
    super();
    this.#ring = ring;
  }

  override setRecordRules(rules: RecordRules): void {
    this.#encoder.setRecordRules(rules);
    this.#first = rules.fields && new FirstRecords(rules);
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
    this.#first?.check(batch);
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

  /** Into the slot itself, as far as the frame fits there. */
  #encodeNext(): void {
    const batch = this.#batch as RecordBatch;
    const slot = this.#ring.freeSlot;
    this.#out.reset(slot);
    // Nothing of a frame that could not be made may be sent.
    this.#sent = Number.POSITIVE_INFINITY;
    this.#batch = undefined;
    const next = this.#encoder.encode(batch, this.#next);
    this.#sent = 0;
    this.#bytes += this.#out.length;
    this.#next = next;
    if (next < batch.count) this.#batch = batch;
  }

  #sendSlot(): void {
    const { slotBytes, freeSlot } = this.#ring;
    const end = Math.min(this.#sent + slotBytes, this.#out.length);
    const continues = end < this.#out.length;
    if (this.#out.isWithin(freeSlot)) this.#ring.commit(end, continues);
    else this.#ring.writeSlot(this.#out.view().subarray(this.#sent, end), continues);
    this.#sent = end;
  }

  #dropRest(): boolean {
    this.#batch = undefined;
    this.#sent = this.#out.length;
    return true;
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
      this.#bytes += slot.length;
      const batch = this.#take(slot);
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
  #take({ memory, length, continues }: RingSlot): RecordBatch | undefined {
    if (!continues && this.#parts.length === 0) return readFrame(new ByteReader(memory, length));
    this.#parts.push(Buffer.from(memory.subarray(0, length)));
    if (continues) return undefined;
    const frame = Buffer.concat(this.#parts);
    this.#parts = [];
    return decodeFrame(frame);
  }
}
