// The messages of a data connection between two TaskManagers, as bytes. The sender opens channels and
// sends slots of rings as they are; the receiver grants credit, one for each slot that may be sent. Announced
// barriers need none.

import { CorruptData, copyBytes } from '../core/byte-buffer.ts';
import { limits } from '../core/limits.ts';

export type DataMessage =
  /** `channel` stands for this channel id from now on, on this connection. */
  | { readonly kind: 'open'; readonly channel: number; readonly channelId: string }
  | {
      readonly kind: 'data';
      readonly channel: number;
      readonly continues: boolean;
      readonly bytes: Uint8Array;
    }
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

const HEADER_BYTES = 9;
const KINDS = ['open', 'data', 'data-continues', 'credit', 'close', 'announce'] as const;

export function encodeDataMessage(message: DataMessage): Buffer[] {
  switch (message.kind) {
    case 'open': {
      const id = Buffer.from(message.channelId);
      return [header('open', message.channel, id.length), id];
    }
    case 'data': {
      // Copied: the slot is released as soon as this returns.
      const { channel, continues, bytes } = message;
      const whole = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
      writeHeader(whole, continues ? 'data-continues' : 'data', channel, bytes.length);
      copyBytes(bytes, whole, HEADER_BYTES);
      return [whole];
    }
    case 'credit': {
      const slots = Buffer.allocUnsafe(4);
      slots.writeUInt32LE(message.slots);
      return [header('credit', message.channel, 4), slots];
    }
    case 'announce': {
      const { checkpointId, timestampMs, overtakesAfterMs } = message.barrier;
      const content = Buffer.from(
        new Float64Array([checkpointId, timestampMs, overtakesAfterMs]).buffer,
      );
      return [header('announce', message.channel, content.length), content];
    }
    case 'close':
      return [header('close', message.channel, 0)];
  }
}

/** Cuts a byte stream into messages. `bytes` of a data message are valid during the call only. */
export class DataMessageReader {
  /** The beginning of a message whose rest has not come. */
  readonly #begun = Buffer.allocUnsafeSlow(HEADER_BYTES + limits.ringSlotBytes);
  #length = 0;

  /** @throws CorruptData when the other end does not speak this protocol. */
  push(chunk: Buffer, take: (message: DataMessage) => void): void {
    let at = this.#length === 0 ? 0 : this.#complete(chunk, take);
    while (at < chunk.length) {
      const end = at + sizeOf(chunk.subarray(at));
      if (end > chunk.length) return this.#append(chunk, at, chunk.length);
      take(decode(chunk.subarray(at, end)));
      at = end;
    }
  }

  /** What has begun. Returns where in the chunk the next message begins. */
  #complete(chunk: Buffer, take: (message: DataMessage) => void): number {
    let at = 0;
    while (this.#length > 0 && at < chunk.length) {
      const missing = sizeOf(this.#begun.subarray(0, this.#length)) - this.#length;
      const end = Math.min(chunk.length, at + missing);
      this.#append(chunk, at, end);
      at = end;
      const begun = this.#begun.subarray(0, this.#length);
      if (begun.length < sizeOf(begun)) continue;
      this.#length = 0;
      take(decode(begun));
    }
    return at;
  }

  #append(chunk: Buffer, start: number, end: number): void {
    this.#length += chunk.copy(this.#begun, this.#length, start, end);
  }
}

/** Of the message that begins there; of its header, as long as that is not whole. */
function sizeOf(bytes: Buffer): number {
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  const length = bytes.readUInt32LE(0);
  if (length > limits.ringSlotBytes) throw new CorruptData(`a data message of ${length} bytes`);
  return HEADER_BYTES + length;
}

function decode(bytes: Buffer): DataMessage {
  const channel = bytes.readUInt32LE(5);
  const payload = bytes.subarray(HEADER_BYTES);
  const kind = KINDS[bytes[4] as number] ?? unknownKind(bytes[4]);
  switch (kind) {
    case 'open':
      return { kind, channel, channelId: payload.toString() };
    case 'data':
    case 'data-continues':
      return { kind: 'data', channel, continues: kind === 'data-continues', bytes: payload };
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
  }
}

function unknownKind(code: number | undefined): never {
  throw new CorruptData(`data message of kind ${code}`);
}

function header(kind: (typeof KINDS)[number], channel: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES);
  writeHeader(bytes, kind, channel, length);
  return bytes;
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
