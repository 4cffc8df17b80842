// When a source counts as idle, so that event time goes on without it.

import { expect, test } from 'vitest';
import type { ReaderOutput } from '../../engine/connectors/source.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { END_OF_TIME } from '../../engine/core/time.ts';
import { SourceOperator } from '../../engine/operators/source-operator.ts';
import type { OperatorContext } from '../../engine/operators/stream-operator.ts';

const SILENCE_MS = 200;

interface Reader {
  readonly operator: SourceOperator;
  /** What the next poll finds. */
  records: number[];
  nowMs: number;
  /** When it has asked for a turn. */
  readonly wakes: number[];
}

function readerOf(boundedness: 'bounded' | 'unbounded'): Reader {
  const context = {
    configuration: new Configuration({}),
    operatorState: { list: () => ({ get: () => [], update: () => undefined }) },
    time: new Float64Array(1),
    emit: () => undefined,
    hasFunction: () => false,
    processingTime: () => reader.nowMs,
    wakeAt: (timeMs: number) => timeMs < END_OF_TIME && void reader.wakes.push(timeMs),
  };
  const operator = new SourceOperator(context as unknown as OperatorContext, {
    watermarks: null,
    boundedness,
    createReader: () => ({
      start: () => undefined,
      poll(output: ReaderOutput<unknown>) {
        const records = reader.records.splice(0);
        for (const record of records) output.split('a').emit(record, record);
        return 'nothing';
      },
      addSplits: () => undefined,
      noMoreSplits: () => undefined,
      snapshot: () => [],
      close: () => undefined,
    }),
    send: () => undefined,
    chain: () => ({
      isPaused: false,
      advanceOwnWatermarks: () => undefined,
      ways: { made: undefined, pulled: undefined },
    }),
    atWork: () => undefined,
  });
  const reader: Reader = { operator, records: [], nowMs: 1_000, wakes: [] };
  operator.open();
  return reader;
}

function wait(reader: Reader, ms: number): void {
  reader.operator.poll(10);
  reader.nowMs += ms;
  reader.operator.onProcessingTime(reader.nowMs);
}

test('a reader that was handed nothing is idle once it has been silent, until a record comes', () => {
  const reader = readerOf('unbounded');
  wait(reader, SILENCE_MS - 1);
  expect(reader.operator.ownIdle()).toBe(false);
  wait(reader, 1);
  expect(reader.operator.ownIdle()).toBe(true);
  reader.records = [1];
  reader.operator.poll(10);
  expect(reader.operator.ownIdle()).toBe(false);
});

test('a reader of a bounded source is awaited: its splits come, or its end', () => {
  const reader = readerOf('bounded');
  wait(reader, 10 * SILENCE_MS);
  expect(reader.operator.ownIdle()).toBe(false);
});

test('a reader with a split that has fallen silent is not idle by that alone', () => {
  const reader = readerOf('unbounded');
  reader.records = [1];
  reader.operator.poll(10);
  wait(reader, 10 * SILENCE_MS);
  expect(reader.operator.ownIdle()).toBe(false);
});

test('silence begins anew with each record, though the reader has nothing more at once', () => {
  const reader = readerOf('unbounded');
  reader.records = [1];
  wait(reader, SILENCE_MS - 50);
  reader.records = [2];
  wait(reader, SILENCE_MS - 50);
  expect(reader.wakes.at(-1)).toBe(reader.nowMs + 50);
});

test('a bounded source asks for no turn because of its silence', () => {
  const reader = readerOf('bounded');
  wait(reader, SILENCE_MS);
  wait(reader, SILENCE_MS);
  expect(reader.wakes).toEqual([]);
});
