// A ring of shared memory, and the channel over it: batches of any size, in any interleaving of writing,
// draining and reading, arrive whole and in order; a closed end holds nobody up.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordBatch } from '../../engine/network/record-batch.ts';
import { newRingMemory, RingConsumer, RingProducer } from '../../engine/network/ring.ts';
import { RingInputChannel, RingOutputChannel } from '../../engine/network/ring-channel.ts';
import { anyBatch, batchOf, elementsOf, fullBatch } from './batches.ts';

function ends(slots: number, slotBytes: number, produced = 0) {
  const memory = newRingMemory(slots, slotBytes);
  // The counters may stand anywhere when they wrap.
  new Int32Array(memory.buffer, 0, 2).fill(produced);
  const rings = { producer: 0, consumer: 0 };
  const producer = new RingProducer(memory, () => rings.consumer++);
  const consumer = new RingConsumer(memory, () => rings.producer++);
  return { producer, consumer, rings };
}

function channel(slots: number, slotBytes: number, produced = 0) {
  const { producer, consumer } = ends(slots, slotBytes, produced);
  return {
    output: new RingOutputChannel(producer),
    input: new RingInputChannel(consumer),
    producer,
  };
}

type Step = 'write' | 'drain' | 'poll';

/** What is received when batches are written, drained and polled in that order, and then to the end. */
function interleaved(
  output: RingOutputChannel,
  input: RingInputChannel,
  batches: readonly RecordBatch[],
  order: readonly Step[],
): RecordBatch[] {
  const waiting = [...batches];
  const received: RecordBatch[] = [];
  const act: Readonly<Record<Step, () => void>> = {
    write: () => {
      const next = waiting.shift();
      if (next !== undefined) output.write(next);
    },
    drain: () => output.drain(),
    poll: () => {
      const batch = input.poll();
      if (batch !== undefined) received.push(batch);
    },
  };
  for (const step of order) act[step]();
  for (const batch of waiting) output.write(batch);
  for (let tries = 0; tries < 100_000 && received.length < batches.length; tries++) {
    act.drain();
    act.poll();
  }
  return received;
}

describe('a ring', () => {
  test('is full at its last slot, also where its counters wrap', () => {
    for (const produced of [0, 2 ** 31 - 2, -2]) {
      const { producer, consumer, rings } = ends(4, 8, produced);
      for (let i = 0; i < 4; i++) {
        expect(producer.hasFreeSlot()).toBe(true);
        producer.writeSlot(Uint8Array.of(i), i === 2);
      }
      expect([producer.hasFreeSlot(), producer.used, consumer.used]).toEqual([false, 4, 4]);
      expect(() => producer.writeSlot(Uint8Array.of(9), false)).toThrow(
        'a slot that the ring has not',
      );
      const taken: unknown[] = [];
      for (let slot = consumer.peek(); slot !== undefined; slot = consumer.peek()) {
        taken.push([slot.memory[0], slot.length, slot.continues]);
        consumer.release();
      }
      expect(taken).toEqual([
        [0, 1, false],
        [1, 1, false],
        [2, 1, true],
        [3, 1, false],
      ]);
      // Of the four releases the first left it more than half full.
      expect(rings).toEqual({ producer: 3, consumer: 4 });
    }
  });

  test('refuses more than a slot holds, and a size at which slots would jump when the counters wrap', () => {
    expect(() => ends(4, 8).producer.writeSlot(new Uint8Array(9), false)).toThrow('more than');
    expect(() => ends(3, 8)).toThrow('a ring of 3 slots');
  });

  test('closed by one end is closed for the other, which is woken', () => {
    const { producer, consumer, rings } = ends(2, 8);
    consumer.close();
    expect([producer.isClosed, consumer.isClosed, rings.producer]).toEqual([true, true, 1]);
  });
});

describe('a channel over a ring', () => {
  const steps = fc.array(fc.constantFrom<Step>('write', 'drain', 'poll'), { maxLength: 60 });
  const sizes = fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(1, 3, 16, 64, 4_096));

  test('hands over every batch, in order, whatever the sizes and the interleaving', () => {
    fc.assert(
      fc.property(
        sizes,
        fc.array(anyBatch, { maxLength: 12 }),
        steps,
        ([slots, slotBytes], batches, order) => {
          const { output, input } = channel(slots, slotBytes, -1);
          expect(elementsOf(interleaved(output, input, batches, order))).toStrictEqual(
            elementsOf(batches),
          );
          expect(output.isDrained()).toBe(true);
          expect(output.bytes).toBe(input.bytes);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('has no credit while a frame is half sent, and memory for one frame, however large the batch', () => {
    const { output, input, producer } = channel(2, 1_024);
    const batch = fullBatch(5_000);
    output.write(batch);
    expect(output.hasCredit()).toBe(false);
    expect(output.isDrained()).toBe(false);
    expect(producer.used).toBe(2);
    // The first frame only: what follows is encoded as it leaves.
    expect(output.bytes).toBeLessThan(70_000);
    const received: RecordBatch[] = [];
    while (!output.isDrained() || input.queued > 0) {
      const next = input.poll();
      if (next !== undefined) received.push(next);
      output.drain();
    }
    expect(elementsOf(received)).toStrictEqual(elementsOf([batch]));
    expect(received.length).toBeGreaterThan(10);
  });

  test('sends nothing of a batch that cannot be encoded', () => {
    const { output, input } = channel(2, 1_024);
    const bad = batchOf({
      rows: [
        ['x'.repeat(500), 1],
        [() => 1, 2],
      ],
    });
    expect(() => output.write(bad)).toThrow('a function');
    output.drain();
    expect([output.isDrained(), input.poll()]).toEqual([true, undefined]);
  });

  test('closed by its reader swallows what is written, half a frame included', () => {
    const { output, input } = channel(2, 64);
    output.write(fullBatch(100));
    output.write(fullBatch(100));
    expect(output.hasCredit()).toBe(false);
    input.close();
    expect(output.drain()).toBe(true);
    expect([output.isDrained(), output.hasCredit()]).toEqual([true, true]);
    output.write(fullBatch(100));
    expect(output.isDrained()).toBe(true);
  });

  test('closed by its writer is still read to its end', () => {
    const { output, input } = channel(4, 4_096);
    const batch = batchOf({ rows: [['a', 1]], end: 'partition' });
    output.write(batch);
    output.close();
    expect(elementsOf([input.poll() as RecordBatch])).toEqual(elementsOf([batch]));
  });
});
