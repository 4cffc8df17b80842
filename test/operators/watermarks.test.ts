// Watermarks: where they stand in a sequence, silence, idleness, snapshots.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WatermarkSpec } from '../../engine/graph/operator-params.ts';
import {
  leastOf,
  WatermarkGenerator,
  type WatermarkState,
} from '../../engine/operators/watermark-generator.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import {
  emitted,
  endOfInput,
  processingTime,
  record,
  watermark,
} from '../harness/operator-items.ts';
import { RescalingHarness } from '../harness/rescaling-harness.ts';
import { verifyOperator } from '../harness/verify-operator.ts';

const bounded = (change: Partial<WatermarkSpec> = {}): WatermarkSpec => ({
  kind: 'bounded',
  boundMs: 5,
  idleMs: null,
  everyRecords: 1,
  ...change,
});

const noClock = { processingTime: () => 0 };

function timestamps(
  watermarks: WatermarkSpec,
  change: Partial<OperatorDefinition> = {},
): OperatorDefinition {
  return { kind: 'timestamps', params: { watermarks } as never, functions: () => ({}), ...change };
}

test('the watermark is the highest time seen, less the bound and one millisecond', () => {
  const generator = new WatermarkGenerator(bounded(), noClock);
  const seen = [10, 20, 15, 30].map((time) => {
    generator.onRecord(0, time);
    return generator.watermark;
  });
  expect(seen).toEqual([4, 14, 14, 24]);
});

test('watermarks stand at fixed positions of the sequence, also across a snapshot', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 10 }),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      (times, everyRecords, cuts) => {
        const spec = bounded({ everyRecords });
        let generator = new WatermarkGenerator(spec, noClock);
        times.forEach((time, i) => {
          if (cuts[i] === true) {
            const state = generator.snapshot();
            generator = new WatermarkGenerator(spec, noClock);
            generator.restore(structuredClone(state));
          }
          generator.onRecord(0, time);
          const evaluated = times.slice(0, i + 1 - ((i + 1) % everyRecords));
          expect(generator.watermark).toBe(Math.max(...evaluated) - 6);
        });
      },
    ),
  );
});

test('a punctuated watermark comes with the record that carries it, and never falls', () => {
  const punctuate = (value: unknown): unknown => (typeof value === 'number' ? value : undefined);
  const generator = new WatermarkGenerator(bounded({ kind: 'punctuated', everyRecords: 64 }), {
    ...noClock,
    punctuate,
  });
  const rose = ['a', 5, 3, 8].map((value) => generator.onRecord(value, 100));
  expect(rose).toEqual([false, true, false, true]);
  expect(generator.watermark).toBe(8);
});

test('ingestion gives records the wall time, which silence moves on', () => {
  let now = 1_000;
  const generator = new WatermarkGenerator(bounded({ kind: 'ingestion' }), {
    processingTime: () => now,
  });
  expect(generator.assign('a', 5)).toBe(1_000);
  generator.onRecord('a', 1_000);
  expect(generator.watermark).toBe(999);
  now = 900; // the clock was set back
  expect(generator.assign('b', 5)).toBe(1_000);
  now = 2_000;
  expect(generator.evaluate()).toBe(true);
  expect(generator.watermark).toBe(1_999);
});

test('without a strategy there is no watermark', () => {
  const generator = new WatermarkGenerator(bounded({ kind: 'none' }), noClock);
  generator.onRecord(0, 10);
  expect(generator.evaluate()).toBe(false);
  expect(generator.watermark).toBe(-Infinity);
});

test('a sequence is idle once no record came for so long, and active again with the next', () => {
  const generator = new WatermarkGenerator(bounded({ idleMs: 100 }), noClock);
  generator.onRecord(0, 1);
  generator.onTime(0);
  generator.onTime(99);
  expect(generator.isIdle).toBe(false);
  generator.onTime(100);
  expect(generator.isIdle).toBe(true);
  generator.onRecord(0, 2);
  expect(generator.isIdle).toBe(false);
});

test('sequences that become one promise the least of what each promised', () => {
  const state = (highestMs: number, mark: number): WatermarkState => ({
    highestMs,
    watermark: mark,
    sinceEvaluation: 3,
  });
  expect(leastOf([])).toBeUndefined();
  expect(leastOf([state(9, 2), state(5, 4)])).toEqual({
    highestMs: 5,
    watermark: 2,
    sinceEvaluation: 0,
  });
});

test('the operator assigns times and puts its watermark behind the record that raised it', () => {
  const timestamp = ({ at }: { at: number }) => at;
  verifyOperator(timestamps(bounded({ everyRecords: 2 }), { functions: () => ({ timestamp }) }), {
    input: [
      record({ at: 10 }),
      record({ at: 20 }),
      watermark(15),
      record({ at: 12 }),
      record({ at: 40 }),
      endOfInput,
    ],
    output: [
      emitted({ at: 10 }, 10),
      emitted({ at: 20 }, 20),
      watermark(14),
      emitted({ at: 12 }, 12),
      emitted({ at: 40 }, 40),
      watermark(34),
      endOfInput,
    ],
  });
});

test('a timestamp that is no number is refused', () => {
  const harness = new OperatorHarness(
    timestamps(bounded(), { functions: () => ({ timestamp: () => undefined }) }),
  );
  expect(() => harness.push(record(1))).toThrow('the timestamp function gave undefined');
});

test('when the input falls silent the last records are not waited for', () => {
  verifyOperator(timestamps(bounded({ everyRecords: 64 })), {
    input: [
      processingTime(1_000),
      record('a', 10),
      processingTime(1_150),
      record('b', 20),
      processingTime(1_399),
      processingTime(1_400),
      processingTime(9_000),
    ],
    output: [emitted('a', 10), emitted('b', 20), watermark(14)],
  });
});

test('records from before a restore are not waited for either', () => {
  const definition = timestamps(bounded({ everyRecords: 64 }));
  const before = new OperatorHarness(definition);
  before.push(processingTime(1_000), record('a', 10));
  const after = new OperatorHarness(definition, { restored: before.snapshot() });
  expect(after.push(processingTime(1_400))).toEqual([watermark(4)]);
});

test('silence says nothing where all sources are bounded: a slow replay gives the same watermarks', () => {
  verifyOperator(timestamps(bounded({ everyRecords: 64 }), { isInputBounded: true }), {
    input: [record('a', 10), processingTime(10_000), endOfInput],
    output: [emitted('a', 10), endOfInput],
  });
});

test('with an interval watermarks come by wall time alone, as in Flink', () => {
  const configuration = { 'pipeline.auto-watermark-interval': '50 ms' };
  verifyOperator(timestamps(bounded(), { configuration }), {
    input: [
      record('a', 10),
      record('b', 20),
      processingTime(50),
      record('c', 30),
      processingTime(120),
    ],
    output: [emitted('a', 10), emitted('b', 20), watermark(14), emitted('c', 30), watermark(24)],
  });
});

test('an input without records is idle after its time, from the start on', () => {
  const harness = new OperatorHarness(timestamps(bounded({ idleMs: 300 })));
  harness.push(processingTime(250));
  expect(harness.isIdle).toBe(false);
  harness.push(processingTime(800));
  expect(harness.isIdle).toBe(true);
  harness.push(record('a', 10));
  expect(harness.isIdle).toBe(false);
  harness.push(processingTime(2_000));
  expect(harness.isIdle).toBe(true);
  harness.push(endOfInput);
  expect(harness.isIdle).toBe(false);
});

test('rescaled subtasks start from the least of the old watermarks, the same ones from their own', () => {
  const definition = timestamps(bounded());
  const harness = new RescalingHarness(definition, 2);
  harness.push(record('a', 100));
  harness.rescale(2);
  // Both subtasks saw time 100: nothing that is older raises the watermark again.
  expect(harness.push(record('b', 50)).filter(({ kind }) => kind === 'watermark')).toEqual([]);
  harness.rescale(3);
  expect(harness.push(record('b', 60)).filter(({ kind }) => kind === 'watermark')).toEqual([]);
});
