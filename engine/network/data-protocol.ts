// The messages of a data connection between two TaskManagers, as bytes. The sender opens channels and
// sends slots of rings as they are; the receiver grants credit, one for each slot that may be sent. Announced
// barriers need none.

import { CorruptData } from '../core/byte-buffer.ts';
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
    case 'data':
      // Copied: the slot is released as soon as this returns.
      return [
        header(
          message.continues ? 'data-continues' : 'data',
          message.channel,
          message.bytes.length,
        ),
        Buffer.from(message.bytes),
      ];
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
  #rest: Buffer = Buffer.alloc(0);

  /** @throws CorruptData when the other end does not speak this protocol. */
  push(chunk: Buffer, take: (message: DataMessage) => void): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt32LE(0);
      if (length > limits.ringSlotBytes) throw new CorruptData(`a data message of ${length} bytes`);
      const end = HEADER_BYTES + length;
      if (bytes.length < end) break;
      take(decode(bytes, bytes.subarray(HEADER_BYTES, end)));
      bytes = bytes.subarray(end);
    }
    this.#rest = Buffer.from(bytes);
  }
}

function decode(bytes: Buffer, payload: Buffer): DataMessage {
  const channel = bytes.readUInt32LE(5);
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
  bytes.writeUInt32LE(length, 0);
  bytes[4] = KINDS.indexOf(kind);
  bytes.writeUInt32LE(channel, 5);
  return bytes;
}
