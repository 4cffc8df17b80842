// The messages of a data connection between two TaskManagers, as bytes. The sender opens channels and
// sends slots of rings as they are; the receiver grants credit, one for each slot that may be sent. Announced
// barriers need none. A slot is not copied for it: its message is made where it lies, in front of it in the ring,
// and what has come of one is handed on piece by piece, as it comes.

import { CorruptData } from '../core/byte-buffer.ts';
import { limits } from '../core/limits.ts';

export type DataMessage =
  /** `channel` stands for this channel id from now on, on this connection. */
  | { readonly kind: 'open'; readonly channel: number; readonly channelId: string }
  | { readonly kind: 'credit'; readonly channel: number; readonly slots: number }
  /** A barrier follows that may overtake what is in front of it. */
  | { readonly kind: 'announce'; readonly channel: number; readonly barrier: AnnouncedBarrier }
  /** The sender has sent all, or has gone: whether it was all, the last frame says. The receiver takes no more. */
  | { readonly kind: 'close'; readonly channel: number };

interface AnnouncedBarrier {
  readonly checkpointId: number;
  readonly timestampMs: number;
  readonly overtakesAfterMs: number;
}

/** Of a slot that is under way. */
export interface SlotHead {
  readonly channel: number;
  /** In bytes. */
  readonly length: number;
  readonly continues: boolean;
}

/** What a connection brings. */
export interface DataTaker {
  onMessage(message: DataMessage): void;
  /**
   * The bytes of a slot from `at` on; the last of its pieces ends where the slot does, and an empty one has one.
   * @param piece Valid during the call only.
   */
  onPiece(head: SlotHead, at: number, piece: Uint8Array): void;
}

const HEADER_BYTES = 9;
const KINDS = ['open', 'data', 'data-continues', 'credit', 'close', 'announce'] as const;

export function encodeDataMessage(message: DataMessage): Buffer {
  const { kind, channel } = message;
  const content = contentOf(message);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + content.length);
  writeHeader(bytes, kind, channel, content.length);
  bytes.set(content, HEADER_BYTES);
  return bytes;
}

function contentOf(message: DataMessage): Uint8Array {
  switch (message.kind) {
    case 'open':
      return Buffer.from(message.channelId);
    case 'credit': {
      const slots = Buffer.allocUnsafe(4);
      slots.writeUInt32LE(message.slots);
      return slots;
    }
    case 'announce': {
      const { checkpointId, timestampMs, overtakesAfterMs } = message.barrier;
      return Buffer.from(new Float64Array([checkpointId, timestampMs, overtakesAfterMs]).buffer);
    }
    case 'close':
      return NOTHING;
  }
}

const NOTHING = new Uint8Array(0);

/**
 * The message of a slot, in the memory that it stands in.
 * @param roomBytes So many are free in front of it; HEADER_BYTES at least.
 */
export function slotMessage(
  memory: Buffer,
  roomBytes: number,
  { channel, length, continues }: SlotHead,
): Buffer {
  const message = memory.subarray(roomBytes - HEADER_BYTES, roomBytes + length);
  writeHeader(message, continues ? 'data-continues' : 'data', channel, length);
  return message;
}

/** Cuts a byte stream into messages, and pieces of slots. */
export class DataMessageReader {
  /** The beginning of a message that is no slot, or of a slot's header. */
  readonly #begun = Buffer.allocUnsafeSlow(HEADER_BYTES + limits.ringSlotBytes);
  #length = 0;
  /** Of what has begun. */
  #size = HEADER_BYTES;
  /** Undefined between two slots. */
  #slot: SlotHead | undefined;
  #at = 0;

  /** @throws CorruptData when the other end does not speak this protocol. */
  push(chunk: Buffer, taker: DataTaker): void {
    for (let at = 0; at < chunk.length; )
      at =
        this.#slot === undefined ? this.#collect(chunk, at, taker) : this.#pass(chunk, at, taker);
  }

  /** Returns where in the chunk it is done with. */
  #collect(chunk: Buffer, start: number, taker: DataTaker): number {
    const end = Math.min(chunk.length, start + this.#size - this.#length);
    this.#length += chunk.copy(this.#begun, this.#length, start, end);
    if (this.#length < this.#size) return end;
    if (this.#size === HEADER_BYTES) this.#onHeader(taker);
    if (this.#slot === undefined && this.#length === this.#size) {
      const bytes = this.#begun.subarray(0, this.#size);
      this.#begin();
      taker.onMessage(decode(bytes));
    }
    return end;
  }

  #onHeader(taker: DataTaker): void {
    const length = this.#begun.readUInt32LE(0);
    if (length > limits.ringSlotBytes) throw new CorruptData(`a data message of ${length} bytes`);
    const kind = kindOf(this.#begun);
    if (kind !== 'data' && kind !== 'data-continues') {
      this.#size += length;
      return;
    }
    this.#begin();
    const channel = channelOf(this.#begun);
    this.#slot = { channel, length, continues: kind === 'data-continues' };
    this.#at = 0;
    if (length === 0) this.#pass(NOTHING, 0, taker);
  }

  #begin(): void {
    this.#length = 0;
    this.#size = HEADER_BYTES;
  }

  #pass(chunk: Uint8Array, start: number, taker: DataTaker): number {
    const slot = this.#slot as SlotHead;
    const at = this.#at;
    const end = Math.min(chunk.length, start + slot.length - at);
    this.#at += end - start;
    if (this.#at === slot.length) this.#slot = undefined;
    taker.onPiece(slot, at, chunk.subarray(start, end));
    return end;
  }
}

function decode(bytes: Buffer): DataMessage {
  const channel = channelOf(bytes);
  const payload = bytes.subarray(HEADER_BYTES);
  const kind = kindOf(bytes);
  switch (kind) {
    case 'open':
      return { kind, channel, channelId: payload.toString() };
    case 'credit':
      if (payload.length !== 4) throw new CorruptData(`a credit of ${payload.length} bytes`);
      return { kind, channel, slots: payload.readUInt32LE(0) };
    case 'announce': {
      if (payload.length !== 24) throw new CorruptData(`a barrier of ${payload.length} bytes`);
      const [checkpointId, timestampMs, overtakesAfterMs] = [0, 8, 16].map((at) =>
        payload.readDoubleLE(at),
      ) as [number, number, number];
      return { kind, channel, barrier: { checkpointId, timestampMs, overtakesAfterMs } };
    }
    case 'close':
      return { kind, channel };
    case 'data':
    case 'data-continues':
      throw new CorruptData('a slot among the messages');
  }
}

const channelOf = (header: Buffer): number => header.readUInt32LE(5);

function kindOf(header: Buffer): (typeof KINDS)[number] {
  const kind = KINDS[header[4] as number];
  if (kind === undefined) throw new CorruptData(`data message of kind ${header[4]}`);
  return kind;
}

function writeHeader(
  bytes: Buffer,
  kind: (typeof KINDS)[number],
  channel: number,
  length: number,
): void {
  bytes.writeUInt32LE(length, 0);
  bytes[4] = KINDS.indexOf(kind);
  bytes.writeUInt32LE(channel, 5);
}
