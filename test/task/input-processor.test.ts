// A task's input: channels in turn, rows and watermarks in their order, blocked channels left alone.

import { describe, expect, test } from 'vitest';
import { END_OF_TIME } from '../../engine/core/time.ts';
import { IDLE, type RecordBatch } from '../../engine/network/record-batch.ts';
import { InputGate } from '../../engine/task/input-gate.ts';
import { InputProcessor } from '../../engine/task/input-processor.ts';
import { TASK } from '../../engine/task/task-metrics.ts';
import { barrier, batchOf } from '../network/batches.ts';
import { ChainHarness, expand, fireOnWatermark, type Link, pass } from './chain-harness.ts';
import { ScriptedChannel } from './task-harness.ts';

function processorOf(channels: number, links: readonly Link[] = [pass]) {
  const h = new ChainHarness(links);
  const inputs = Array.from({ length: channels }, () => new ScriptedChannel());
  const gate = new InputGate(
    inputs.map((channel) => ({ channel, edge: 0 })),
    'aligned',
  );
  const controls: string[] = [];
  const onControl = (channel: number, { barrier: b, end }: RecordBatch): void => {
    controls.push(`${channel}: ${b?.checkpointId ?? end}`);
    if (b !== undefined) gate.onBarrier(channel, b, 0);
    if (end !== undefined) gate.onEnd(channel, end);
  };
  const processor = new InputProcessor(gate, h.chain, h.metrics, onControl);
  const run = (): void => {
    while (!h.chain.isPaused && processor.step());
  };
  return { h, gate, inputs, controls, processor, run };
}

const rows = (...values: readonly unknown[]) =>
  batchOf({ rows: values.map((value, i) => [value, i] as const) });

test('channels take turns, batch by batch', () => {
  const { h, inputs, run } = processorOf(3);
  inputs[0]?.push(rows('a1'), rows('a2'), rows('a3'));
  inputs[2]?.push(rows('c1'), rows('c2'));
  run();
  expect(h.sent()[0]).toEqual(['a1', 'c1', 'a2', 'c2', 'a3'].map((value) => [value, 0]));
  expect(h.metrics[TASK.recordsIn]).toBe(5);
});

test('a watermark is passed on exactly where it stood among the rows', () => {
  const { h, inputs, run } = processorOf(1, [fireOnWatermark]);
  inputs[0]?.push(
    batchOf({
      rows: [
        ['a', 1],
        ['b', 2],
        ['c', 3],
      ],
      marks: [
        [0, 5],
        [2, 6],
        [3, 7],
      ],
    }),
  );
  run();
  const values = (h.sent()[0] as unknown[]).map((e) => (Array.isArray(e) ? e[0] : e));
  expect(values).toEqual([
    ...['fired 5', { watermark: 5 }, 'a', 'b', 'fired 6', { watermark: 6 }],
    ...['c', 'fired 7', { watermark: 7 }],
  ]);
});

test('what ends a batch is handed over when all in front of it is processed, pauses included', () => {
  const { h, inputs, controls, run, processor } = processorOf(1, [expand]);
  h.credit = 0;
  inputs[0]?.push(
    batchOf({
      rows: [
        [2, 1],
        [1, 2],
      ],
      barrier: barrier(4),
    }),
  );
  run();
  expect([h.chain.isPaused, controls]).toEqual([true, []]);
  // The element that stopped, not the one that follows.
  expect(processor.record).toBe(2);
  h.credit = 9;
  h.chain.resume();
  run();
  expect([controls, processor.record]).toEqual([['0: 4'], undefined]);
});

test('a channel that has delivered its barrier is left alone until the others have', () => {
  const { h, inputs, controls, run } = processorOf(2);
  inputs[0]?.push(batchOf({ rows: [['a', 0]], barrier: barrier(1) }), rows('behind'));
  run();
  expect(inputs[0]?.queued).toBe(1);
  inputs[1]?.push(rows('b'), batchOf({ rows: [], barrier: barrier(1) }));
  run();
  expect(h.sent()[0]).toEqual(['a', 'b', 'behind'].map((value) => [value, 0]));
  expect(controls).toEqual(['0: 1', '1: 1']);
});

describe('ends', () => {
  test('of the data and of the partition are of every channel', () => {
    const { gate, inputs, run } = processorOf(2);
    inputs[0]?.endData().push(batchOf({ rows: [], end: 'partition' }));
    run();
    expect([gate.isDataEnded, gate.isPartitionEnded]).toEqual([false, false]);
    inputs[1]?.endData();
    run();
    expect([gate.isDataEnded, gate.isPartitionEnded]).toEqual([true, false]);
    inputs[1]?.push(batchOf({ rows: [], end: 'partition' }));
    run();
    expect(gate.isPartitionEnded).toBe(true);
  });

  test('of a partition come once', () => {
    const { inputs, run } = processorOf(1);
    const end = (): RecordBatch => batchOf({ rows: [], end: 'partition' });
    inputs[0]?.push(end(), end());
    expect(run).toThrow('channel 0 has ended already');
  });
});

describe('idleness', () => {
  test('of all channels is passed on; a record wakes the task up', () => {
    const { h, inputs, run } = processorOf(2);
    for (const input of inputs) input.push(batchOf({ rows: [], marks: [[0, 5]] }));
    for (const input of inputs) input.push(batchOf({ rows: [], marks: [[0, IDLE]] }));
    run();
    h.chain.flushAged(0);
    inputs[0]?.push(rows('a'));
    run();
    expect(h.sent()[0]).toEqual([{ watermark: IDLE }, { watermark: 5 }, ['a', 0]]);
  });

  test('of a channel ends with its next watermark, which holds back nobody that is ahead', () => {
    const { h, inputs, run } = processorOf(2);
    const mark = (timeMs: number): RecordBatch =>
      batchOf({ rows: [['x', 0]], marks: [[1, timeMs]] });
    inputs[0]?.push(mark(10), mark(20));
    inputs[1]?.push(batchOf({ rows: [], marks: [[0, IDLE]] }), mark(4), mark(END_OF_TIME));
    run();
    const marks = (h.sent()[0] as unknown[]).filter((element) => !Array.isArray(element));
    expect(marks).toEqual([{ watermark: 10 }, { watermark: 20 }]);
  });
});
