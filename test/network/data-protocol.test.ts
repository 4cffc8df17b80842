// Messages between TaskManagers as bytes, cut anywhere.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { limits } from '../../engine/core/limits.ts';
import {
  type DataMessage,
  DataMessageReader,
  encodeDataMessage,
  slotMessage,
} from '../../engine/network/data-protocol.ts';
import { SLOT_ROOM_BYTES } from '../../engine/network/ring.ts';

interface Slot {
  readonly kind: 'data';
  readonly channel: number;
  readonly continues: boolean;
  readonly bytes: Uint8Array;
}

const channel = fc.nat(0xffff_ffff);
const plain = { noNullPrototype: true };
const message: fc.Arbitrary<DataMessage | Slot> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), channel, channelId: fc.string() }, plain),
  fc.record(
    {
      kind: fc.constant('data' as const),
      channel,
      continues: fc.boolean(),
      bytes: fc.uint8Array({ maxLength: 200 }),
    },
    plain,
  ),
  fc.record({ kind: fc.constant('credit' as const), channel, slots: fc.nat(100) }, plain),
  fc.record({ kind: fc.constant('close' as const), channel }, plain),
  fc.record(
    {
      kind: fc.constant('announce' as const),
      channel,
      barrier: fc.record(
        { checkpointId: fc.nat(), timestampMs: fc.nat(), overtakesAfterMs: fc.nat() },
        plain,
      ),
    },
    plain,
  ),
);

const encode = (messages: readonly (DataMessage | Slot)[]): Buffer =>
  Buffer.concat(
    messages.map((one) => (one.kind === 'data' ? encodeSlot(one) : encodeDataMessage(one))),
  );

function encodeSlot({ channel, continues, bytes }: Slot): Buffer {
  const memory = Buffer.alloc(SLOT_ROOM_BYTES + limits.ringSlotBytes, 0xee);
  memory.set(bytes, SLOT_ROOM_BYTES);
  return slotMessage(memory, SLOT_ROOM_BYTES, { channel, length: bytes.length, continues });
}

/** Pieces are valid during the call only: they are copied here. */
function readAll(chunks: readonly Buffer[]): (DataMessage | Slot)[] {
  const reader = new DataMessageReader();
  const taken: (DataMessage | Slot)[] = [];
  let bytes: number[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, {
      onMessage: (one) => taken.push(one),
      onPiece: ({ channel, length, continues }, at, piece) => {
        expect(at).toBe(bytes.length);
        bytes.push(...piece);
        if (bytes.length < length) return;
        taken.push({ kind: 'data', channel, continues, bytes: Uint8Array.from(bytes) });
        bytes = [];
      },
    });
    chunk.fill(0xee);
  }
  return taken;
}

test('messages come back whole and in order, wherever the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 40 })), (messages, sizes) => {
      const bytes = encode(messages);
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % Math.max(1, sizes.length)] ?? 7;
        chunks.push(Buffer.from(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(readAll(chunks)).toStrictEqual(messages);
    }),
  );
});

test('a whole slot is one message', () => {
  const slot: Slot = {
    kind: 'data',
    channel: 1,
    continues: false,
    bytes: new Uint8Array(limits.ringSlotBytes).fill(7),
  };
  expect(readAll([encode([slot])])).toStrictEqual([slot]);
});

test.each([
  ['a longer one', [1, 0, 1, 0, 1, 0, 0, 0, 0], 'a data message of 65537 bytes'],
  ['one of another kind', [0, 0, 0, 0, 9, 0, 0, 0, 0], 'data message of kind 9'],
  ['a credit that is cut', [1, 0, 0, 0, 3, 0, 0, 0, 0, 1], 'a credit of 1 bytes'],
])('%s is CorruptData', (_, bytes, text) => {
  expect(() => readAll([Buffer.from(bytes)])).toThrow(new CorruptData(text));
});

test('noise is messages or CorruptData', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      try {
        readAll([Buffer.from(noise)]);
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptData);
      }
    }),
    { numRuns: 2_000 },
  );
});
