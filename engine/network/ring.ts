// A channel between two threads of one process: a single-producer, single-consumer ring of fixed slots in
// one SharedArrayBuffer. A frame longer than a slot spans several. The consumer's free slots are the
// producer's credit; each side rings the other's doorbell after it has moved its own counter. Beside the slots
// stand the latest barrier that was announced, and how much credit the consumer holds back.

import { assert } from '../core/assert.ts';
import type { Barrier } from '../core/barrier.ts';
import { copyBytes } from '../core/byte-buffer.ts';
import { limits } from '../core/limits.ts';

const PRODUCED = 0;
const CONSUMED = 1;
const CLOSED = 2;
const ANNOUNCED = 3;
/** A Float64 in two words. */
const TIMESTAMP = 4;
const OVERTAKES_AFTER = 6;
const DEBT = 7;
const LENGTHS = 16;
/** In a slot's length: the frame goes on in the next slot. */
const CONTINUES = 1 << 30;

/** In front of each slot: for whoever reads it and sends it on. */
export const SLOT_ROOM_BYTES = 16;

export interface RingMemory {
  readonly buffer: SharedArrayBuffer;
  readonly slots: number;
  readonly slotBytes: number;
}

export function newRingMemory(
  slots: number = limits.ringSlots,
  slotBytes: number = limits.ringSlotBytes,
): RingMemory {
  const control = (LENGTHS + slots) * 4;
  const size = control + slots * (SLOT_ROOM_BYTES + slotBytes);
  return { buffer: new SharedArrayBuffer(size), slots, slotBytes };
}

class Ring {
  readonly words: Int32Array;
  readonly timestamp: Float64Array;
  /** Each with the room in front of it. */
  readonly roomy: readonly Buffer[];
  readonly slots: readonly Buffer[];
  readonly slotBytes: number;
  #announced: Barrier | undefined;

  constructor(memory: RingMemory) {
    // Else the slot would jump where the counters wrap.
    assert(2 ** 32 % memory.slots === 0, `a ring of ${memory.slots} slots`);
    const control = LENGTHS + memory.slots;
    this.words = new Int32Array(memory.buffer, 0, control);
    this.timestamp = new Float64Array(memory.buffer, TIMESTAMP * 4, 1);
    this.slotBytes = memory.slotBytes;
    const size = SLOT_ROOM_BYTES + memory.slotBytes;
    this.roomy = Array.from({ length: memory.slots }, (_, i) =>
      Buffer.from(memory.buffer, control * 4 + i * size, size),
    );
    this.slots = this.roomy.map((slot) => slot.subarray(SLOT_ROOM_BYTES));
  }

  /** Slots that hold something. The counters wrap; their difference does not. */
  get used(): number {
    return (Atomics.load(this.words, PRODUCED) - Atomics.load(this.words, CONSUMED)) | 0;
  }

  get isClosed(): boolean {
    return Atomics.load(this.words, CLOSED) === 1;
  }

  /** The latest; undefined before the first. */
  get announced(): Barrier | undefined {
    const checkpointId = Atomics.load(this.words, ANNOUNCED);
    if (checkpointId === 0 || checkpointId === this.#announced?.checkpointId)
      return this.#announced;
    const timestampMs = this.timestamp[0] as number;
    const overtakesAfterMs = Atomics.load(this.words, OVERTAKES_AFTER);
    // Else another one is being written: the bell rings when it is there.
    if (Atomics.load(this.words, ANNOUNCED) === checkpointId)
      this.#announced = {
        checkpointId,
        timestampMs,
        overtakesAfterMs,
        kind: 'checkpoint',
        isCancelled: false,
      };
    return this.#announced;
  }

  announce({ checkpointId, timestampMs, overtakesAfterMs = 0 }: Barrier): void {
    Atomics.store(this.words, ANNOUNCED, 0);
    this.timestamp[0] = timestampMs;
    Atomics.store(this.words, OVERTAKES_AFTER, Math.min(overtakesAfterMs, 2 ** 31 - 1));
    Atomics.store(this.words, ANNOUNCED, checkpointId);
  }

  close(): void {
    Atomics.store(this.words, CLOSED, 1);
  }

  slotAt(counter: number): number {
    return (counter >>> 0) % this.slots.length;
  }
}

export class RingProducer {
  readonly #ring: Ring;
  readonly #ringBell: () => void;
  #produced: number;

  constructor(memory: RingMemory, ringBell: () => void) {
    this.#ring = new Ring(memory);
    this.#ringBell = ringBell;
    this.#produced = Atomics.load(this.#ring.words, PRODUCED);
  }

  get used(): number {
    return this.#ring.used;
  }

  get capacity(): number {
    return this.#ring.slots.length;
  }

  get slotBytes(): number {
    return this.#ring.slotBytes;
  }

  /** The consumer is gone: whatever is written may be dropped. */
  get isClosed(): boolean {
    return this.#ring.isClosed;
  }

  /** Slots that the consumer holds back. */
  get debt(): number {
    return Atomics.load(this.#ring.words, DEBT);
  }

  /** A barrier follows, of a checkpoint that may overtake. */
  announce(barrier: Barrier): void {
    this.#ring.announce(barrier);
    this.#ringBell();
  }

  hasFreeSlot(): boolean {
    return this.#ring.used < this.#ring.slots.length;
  }

  /** The memory of the next slot, to be written to before `commit`; there must be a free one. */
  get freeSlot(): Buffer {
    assert(this.hasFreeSlot(), 'a slot that the ring has not');
    return this.#ring.slots[this.#ring.slotAt(this.#produced)] as Buffer;
  }

  /** Copies into the next slot, and commits it. */
  writeSlot(bytes: Uint8Array, continues: boolean): void {
    this.writePiece(bytes, 0);
    this.commit(bytes.length, continues);
  }

  /** Copies into the next slot, from `at` on. */
  writePiece(bytes: Uint8Array, at: number): void {
    assert(at + bytes.length <= this.slotBytes, 'more than a slot holds');
    copyBytes(bytes, this.freeSlot, at);
  }

  /** So many bytes are in `freeSlot`. `continues`: the frame goes on in the next slot. */
  commit(length: number, continues: boolean): void {
    const slot = this.#ring.slotAt(this.#produced);
    this.#ring.words[LENGTHS + slot] = length | (continues ? CONTINUES : 0);
    this.#produced = (this.#produced + 1) | 0;
    Atomics.store(this.#ring.words, PRODUCED, this.#produced);
    this.#ringBell();
  }

  close(): void {
    this.#ring.close();
    this.#ringBell();
  }
}

export interface RingSlot {
  /** In shared memory: valid until `release`. */
  readonly memory: Buffer;
  /** The same, with SLOT_ROOM_BYTES in front that may be written to. */
  readonly roomy: Buffer;
  /** Of what was written there. */
  readonly length: number;
  readonly continues: boolean;
}

export class RingConsumer {
  readonly #ring: Ring;
  readonly #ringBell: () => void;
  #consumed: number;

  constructor(memory: RingMemory, ringBell: () => void) {
    this.#ring = new Ring(memory);
    this.#ringBell = ringBell;
    this.#consumed = Atomics.load(this.#ring.words, CONSUMED);
  }

  get used(): number {
    return this.#ring.used;
  }

  get capacity(): number {
    return this.#ring.slots.length;
  }

  get isClosed(): boolean {
    return this.#ring.isClosed;
  }

  get announced(): Barrier | undefined {
    return this.#ring.announced;
  }

  setDebt(slots: number): void {
    if (Atomics.exchange(this.#ring.words, DEBT, slots) > slots) this.#ringBell();
  }

  /** The oldest slot of those behind the first `ahead`, which are under way already; or undefined. */
  peek(ahead = 0): RingSlot | undefined {
    if (this.#ring.used <= ahead) return undefined;
    const slot = this.#ring.slotAt(this.#consumed + ahead);
    const length = this.#ring.words[LENGTHS + slot] as number;
    return {
      memory: this.#ring.slots[slot] as Buffer,
      roomy: this.#ring.roomy[slot] as Buffer,
      length: length & ~CONTINUES,
      continues: (length & CONTINUES) !== 0,
    };
  }

  /**
   * Done with the oldest slot. Rings only from half full on downwards: a producer that waits for credit is woken
   * for half a ring at once, and not for each slot.
   */
  release(): void {
    this.#consumed = (this.#consumed + 1) | 0;
    Atomics.store(this.#ring.words, CONSUMED, this.#consumed);
    if (this.#ring.used <= this.capacity >> 1) this.#ringBell();
  }

  close(): void {
    this.#ring.close();
    this.#ringBell();
  }
}
