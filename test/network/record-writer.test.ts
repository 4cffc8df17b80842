// What a subtask sends: which channel, in which batch, when it leaves, and what happens without credit.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../engine/core/limits.ts';
import { LocalChannel } from '../../engine/network/local-channel.ts';
import { ALL_CHANNELS, type ChannelSelector } from '../../engine/network/partitioner.ts';
import { IDLE } from '../../engine/network/record-batch.ts';
import { RecordWriter } from '../../engine/network/record-writer.ts';
import { CreditChannel } from '../harness/credit-channel.ts';
import { barrier, batchOf, elementsOf } from './batches.ts';

const to = (channel: number): ChannelSelector => ({ select: () => channel });
const byValue: ChannelSelector = { select: (value) => value as number };

function writerTo(selector: ChannelSelector, channels = 2, timeoutMs = 5) {
  const all = Array.from({ length: channels }, () => new CreditChannel());
  const copy = (value: unknown): unknown => structuredClone(value);
  return { writer: new RecordWriter(all, selector, timeoutMs, copy), all };
}

const sentBy = (channels: readonly CreditChannel[]): unknown[][] =>
  channels.map(({ sent }) => elementsOf(sent));

describe('a batch leaves', () => {
  test('when it is full, and no earlier', () => {
    const { writer, all } = writerTo(to(1));
    for (let i = 0; i < limits.frameRowsMax; i++) writer.emit(i, i);
    writer.emit('next', 1);
    expect(all.map(({ sent }) => sent.map(({ count }) => count))).toEqual([[], [256]]);
    expect(writer.records).toBe(256);
  });

  test('a millisecond before it has waited for the buffer timeout, counted from the turn that found it', () => {
    const { writer, all } = writerTo(byValue);
    expect(writer.flushAged(100)).toBe(Number.POSITIVE_INFINITY);
    writer.emit(0, 1);
    expect(writer.flushAged(100)).toBe(104);
    writer.emit(1, 2);
    expect(writer.flushAged(103)).toBe(104);
    expect(sentBy(all)).toEqual([[], []]);
    expect(writer.flushAged(104)).toBe(Number.POSITIVE_INFINITY);
    expect(sentBy(all)).toEqual([[[0, 1]], [[1, 2]]]);
  });

  test('not by its age while there is no credit; it goes on filling and is looked at again', () => {
    const { writer, all } = writerTo(to(0), 1, 5);
    const [channel] = all as [CreditChannel];
    channel.credit = 0;
    writer.emit('a', 1);
    writer.flushAged(0);
    expect(writer.flushAged(4)).toBe(8);
    writer.emit('b', 2);
    channel.credit = 1;
    expect(writer.flushAged(8)).toBe(Number.POSITIVE_INFINITY);
    expect(channel.sent.map(({ count }) => count)).toEqual([2]);
  });

  test('never by its age when the timeout is infinite, at every turn when it is 0', () => {
    const never = writerTo(to(0), 1, Number.POSITIVE_INFINITY);
    never.writer.emit('a', 1);
    expect([never.writer.flushAged(0), never.writer.flushAged(1e9)]).toEqual([Infinity, Infinity]);
    expect(never.all[0]?.sent).toEqual([]);
    const always = writerTo(to(0), 1, 0);
    always.writer.emit('a', 1);
    always.writer.flushAged(0);
    expect(always.all[0]?.sent).toHaveLength(1);
  });
});

test('a watermark goes into every open batch where it was made, and forces none out', () => {
  const { writer, all } = writerTo(byValue);
  writer.emit(0, 1);
  writer.emitWatermark(10);
  writer.emit(0, 11);
  writer.emitWatermark(20);
  writer.emitWatermark(30);
  writer.emitWatermark(IDLE);
  expect(sentBy(all)).toEqual([[], []]);
  writer.emitEnd('data');
  expect(sentBy(all)).toEqual([
    [[0, 1], { watermark: 10 }, [0, 11], { watermark: IDLE }, { end: 'data' }],
    [{ watermark: IDLE }, { end: 'data' }],
  ]);
});

test('a barrier ends every batch and sends it at once, also without credit', () => {
  const { writer, all } = writerTo(byValue);
  const [first, second] = all as [CreditChannel, CreditChannel];
  second.credit = 0;
  writer.emit(0, 1);
  writer.emit(1, 2);
  writer.emitBarrier(barrier(7));
  writer.emit(0, 3);
  writer.emitEnd('partition');
  expect(elementsOf(first.sent)).toEqual([[0, 1], barrier(7), [0, 3], { end: 'partition' }]);
  expect(writer.isDrained()).toBe(false);
  second.credit = 5;
  expect(writer.drain()).toBe(true);
  expect(elementsOf(second.sent)).toEqual([[1, 2], barrier(7), { end: 'partition' }]);
  expect([writer.isDrained(), writer.drain()]).toEqual([true, false]);
});

test('a barrier that may overtake is announced past what waits, where records can be dealt out anew', () => {
  const channels = [new CreditChannel(), new CreditChannel()];
  for (const channel of channels) channel.credit = 0;
  const overtaking = barrier(7, { overtakesAfterMs: 0 });
  new RecordWriter(channels, byValue, 0).emitBarrier(overtaking);
  expect(channels.map(({ announced }) => announced)).toEqual([[], []]);
  const writer = new RecordWriter(channels, byValue, 0, undefined, true);
  writer.emitBarrier(barrier(6));
  writer.emitBarrier(overtaking);
  writer.emitBarrier({ ...overtaking, isCancelled: true });
  expect(channels.map(({ announced }) => announced)).toEqual([[overtaking], [overtaking]]);
  expect(channels.map(({ sent }) => sent)).toEqual([[], []]);
});

test('a broadcast gives every channel a record of its own', () => {
  const { writer, all } = writerTo(to(ALL_CHANNELS), 3);
  const value = { id: 1 };
  writer.emit(value, 5);
  writer.emitEnd('data');
  const got = all.map(({ sent }) => sent[0]?.values[0]);
  expect(got).toEqual([value, value, value]);
  expect(new Set(got).size).toBe(3);
  expect(writer.records).toBe(3);
});

describe('without credit', () => {
  test('a writer has none as long as one of its channels has none', () => {
    const { writer, all } = writerTo(byValue);
    expect(writer.hasCredit()).toBe(true);
    (all[1] as CreditChannel).credit = 0;
    expect(writer.hasCredit()).toBe(false);
  });

  test('what is written waits in order, and what waits goes before what follows', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('write'), fc.nat(3))), (steps) => {
        const channel = new CreditChannel();
        channel.credit = 0;
        let next = 0;
        for (const step of steps) {
          if (step === 'write') channel.write(batchOf({ rows: [[next++, 0]] }));
          else channel.credit += step as number;
          if (step !== 'write') channel.drain();
        }
        const sent = channel.sent.map(({ values }) => values[0]);
        expect(sent).toEqual(sent.map((_, i) => i));
        expect(channel.isDrained()).toBe(sent.length === next);
        expect(channel.hasCredit()).toBe(channel.isDrained() && channel.credit > 0);
      }),
    );
  });

  test('too much of one element fails with what to do about it', () => {
    const channel = new CreditChannel();
    channel.credit = 0;
    channel.setOverdraftMax(3);
    channel.write(batchOf({ rows: Array.from({ length: 3 }, (_, i) => [i, i]) }));
    expect(() => channel.write(batchOf({ rows: [['one too many', 1]] }))).toThrow(
      /more than 3 records beyond what its outputs could take .* return an iterable/,
    );
    const drained = new CreditChannel();
    drained.credit = 0;
    drained.setOverdraftMax(3);
    for (let i = 0; i < 10; i++) {
      drained.write(batchOf({ rows: [[i, i]] }));
      drained.credit++;
      drained.drain();
    }
    expect(drained.sent).toHaveLength(10);
  });
});

describe('a channel inside a slot', () => {
  test('holds a few batches, by reference', () => {
    const channel = new LocalChannel();
    const batches = Array.from({ length: 6 }, (_, i) => batchOf({ rows: [[i, i]] }));
    for (const batch of batches) channel.write(batch);
    expect([channel.queued, channel.capacity, channel.hasCredit()]).toEqual([4, 4, false]);
    expect(channel.poll()).toBe(batches[0]);
    expect(channel.drain()).toBe(true);
    for (const batch of batches.slice(1)) {
      expect(channel.poll()).toBe(batch);
      channel.drain();
    }
    expect([channel.poll(), channel.isDrained()]).toEqual([undefined, true]);
  });

  test('closed by its reader swallows', () => {
    const channel = new LocalChannel();
    for (let i = 0; i < 6; i++) channel.write(batchOf({ rows: [[i, i]] }));
    channel.close();
    channel.drain();
    channel.write(batchOf({ rows: [['x', 1]] }));
    expect([channel.isDrained(), channel.hasCredit(), channel.queued]).toEqual([true, true, 0]);
  });
});
