// Messages between TaskManagers as bytes, cut anywhere.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { limits } from '../../engine/core/limits.ts';
import {
  type DataMessage,
  DataMessageReader,
  encodeDataMessage,
} from '../../engine/network/data-protocol.ts';

const channel = fc.nat(0xffff_ffff);
const plain = { noNullPrototype: true };
const message: fc.Arbitrary<DataMessage> = fc.oneof(
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

const encode = (messages: readonly DataMessage[]): Buffer =>
  Buffer.concat(messages.flatMap(encodeDataMessage));

/** Bytes of a data message are valid during the call only: they are copied here. */
function readAll(chunks: readonly Buffer[]): DataMessage[] {
  const reader = new DataMessageReader();
  const taken: DataMessage[] = [];
  for (const chunk of chunks) {
    reader.push(chunk, (one) =>
      taken.push(one.kind === 'data' ? { ...one, bytes: Uint8Array.from(one.bytes) } : one),
    );
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
  const slot: DataMessage = {
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
