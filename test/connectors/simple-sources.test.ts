// The sources whose splits are all known at the start: collection, sequence, generator.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectionSource } from '../../engine/connectors/collection-source.ts';
import { generatorSource } from '../../engine/connectors/generator-source.ts';
import { sequenceSource } from '../../engine/connectors/sequence-source.ts';
import { ValueWriter } from '../../engine/core/value-writer.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { SourceRun } from './source-run.ts';

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

const sorted = (values: unknown[]): number[] => (values as number[]).toSorted((a, b) => a - b);

function blobOf(values: readonly unknown[]): Uint8Array {
  const writer = new ValueWriter();
  for (const value of values) writer.write(value);
  return writer.out.toBytes();
}

describe('collection', () => {
  const values = [
    1,
    'two',
    { three: 3 },
    { three: null },
    [4],
    undefined,
    new Date(5),
    { three: 6 },
  ];
  const settings = { options: { key: 'k', count: values.length }, blobs: { k: blobOf(values) } };

  test('gives the values as they were, in their order, to one subtask', async () => {
    const run = new SourceRun(collectionSource, { ...settings, parallelism: 3 });
    expect(await run.run()).toEqual(values);
    expect(run.subtasks.map((subtask) => subtask.values.length)).toEqual([values.length, 0, 0]);
    expect(run.released).toEqual(['collection']);
  });

  test('continues with the next value, wherever it stopped', async () => {
    for (let taken = 0; taken <= values.length; taken++) {
      const before = new SourceRun(collectionSource, settings);
      if (taken > 0) before.poll(0, taken);
      const after = new SourceRun(collectionSource, { ...settings, restored: before.snapshot() });
      expect([...before.values, ...(await after.run(1))]).toEqual(values);
    }
  });

  test('an empty one ends at once', async () => {
    const options = { key: 'k', count: 0 };
    expect(
      await new SourceRun(collectionSource, { options, blobs: { k: blobOf([]) } }).run(),
    ).toEqual([]);
  });
});

describe('sequence', () => {
  test('has both ends', async () => {
    const options = { from: -2, to: 3 };
    expect(await new SourceRun(sequenceSource, { options }).run()).toEqual([-2, -1, 0, 1, 2, 3]);
  });

  test('is empty when it would run backwards', async () => {
    expect(await new SourceRun(sequenceSource, { options: { from: 3, to: 2 } }).run()).toEqual([]);
  });

  test('gives neighbouring numbers to different subtasks', async () => {
    const run = new SourceRun(sequenceSource, { options: { from: 1, to: 7 }, parallelism: 3 });
    await run.run();
    expect(run.subtasks.map(({ values }) => values)).toEqual([
      [1, 4, 7],
      [2, 5],
      [3, 6],
    ]);
  });

  test('a subtask with several splits takes the lowest number first', async () => {
    const before = new SourceRun(sequenceSource, { options: { from: 1, to: 12 }, parallelism: 3 });
    before.poll(1, 3);
    const after = new SourceRun(sequenceSource, {
      options: { from: 1, to: 12 },
      restored: before.snapshot(),
    });
    expect(before.values).toEqual([2, 5, 8]);
    expect(await after.run(2)).toEqual([1, 3, 4, 6, 7, 9, 10, 11, 12]);
  });

  test('restored with another parallelism, every number comes exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: 0, max: 40 }),
        fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
        fc.array(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 9 })), { maxLength: 8 }),
        async (from, length, [one, other], polls) => {
          const options = { from, to: from + length - 1 };
          const before = new SourceRun(sequenceSource, { options, parallelism: one });
          for (const [subtask, max] of polls) before.poll(subtask % one, max);
          const after = new SourceRun(sequenceSource, {
            options,
            parallelism: other,
            restored: before.snapshot(),
          });
          const all = [...before.values, ...(await after.run(3))];
          expect(sorted(all)).toEqual(range(from, from + length - 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('splits that nobody had asked for are dealt out after a restore', async () => {
    const options = { from: 1, to: 6 };
    const run = new SourceRun(sequenceSource, { options, parallelism: 2 });
    const { splits } = run.snapshot();
    const enumerator = { pending: splits, owners: [0, 1], parallelism: 2 };
    const restored = { enumerator, splits: [] };
    expect(sorted(await new SourceRun(sequenceSource, { options, restored }).run())).toEqual(
      range(1, 6),
    );
  });

  test('splits that come back are given again to the subtask that lost them', async () => {
    const options = { from: 1, to: 4 };
    const run = new SourceRun(sequenceSource, { options, parallelism: 2 });
    const lost = run.subtasks[1]?.reader.snapshot() ?? [];
    run.addSplitsBack(lost, 1);
    expect(run.snapshot().enumerator).toMatchObject({ pending: lost, owners: [1] });
  });

  test('refuses ends that are no whole numbers', () => {
    expect(() => new SourceRun(sequenceSource, { options: { from: 1, to: 2.5 } })).toThrow(
      'sequence source: from 1 to 2.5: both must be whole numbers below 2^53',
    );
  });
});

describe('generator', () => {
  const functions = { generate: (index: number) => index * 10 };

  /** Advances the clock in steps and notes at which millisecond each number came. */
  function timesOf(run: SourceRun<object>, durationMs: number, stepMs = 1): Map<unknown, number> {
    const times = new Map<unknown, number>();
    const seen = run.subtasks.map(() => 0);
    for (let at = 0; at <= durationMs; at += stepMs) {
      run.pollAwake();
      for (const [i, { values }] of run.subtasks.entries()) {
        for (const value of values.slice(seen[i])) times.set(value, run.clock.monotonic());
        seen[i] = values.length;
      }
      run.clock.advance(stepMs);
    }
    return times;
  }

  test('makes as many as wanted', async () => {
    const run = new SourceRun(generatorSource, {
      options: { count: 4 },
      functions,
      parallelism: 2,
    });
    await run.run();
    expect(run.subtasks.map(({ values }) => values)).toEqual([
      [0, 20],
      [10, 30],
    ]);
  });

  test('without a count it does not end', () => {
    const run = new SourceRun(generatorSource, { options: {}, functions });
    expect([run.poll(0, 1_000), run.poll(0, 1_000)]).toEqual(['more', 'more']);
    expect(run.values).toHaveLength(2_000);
    expect(generatorSource.boundedness({})).toBe('unbounded');
  });

  test('at a rate, each number comes in its millisecond, and nothing drifts', () => {
    const run = new SourceRun(generatorSource, { options: { ratePerSecond: 300 }, functions });
    const times = timesOf(run, 10_000);
    expect(times.size).toBe(3_001);
    for (const [value, time] of times) expect(time).toBe(Math.ceil(Number(value) / 10 / 0.3));
  });

  test('the rate is that of all subtasks, evenly interleaved', () => {
    const run = new SourceRun(generatorSource, {
      options: { ratePerSecond: 100 },
      functions,
      parallelism: 4,
    });
    const times = timesOf(run, 990);
    expect([...times.entries()].toSorted(([, a], [, b]) => a - b).map(([value]) => value)).toEqual(
      range(0, 99).map((i) => i * 10),
    );
    expect([...times.values()].toSorted((a, b) => a - b)).toEqual(range(0, 99).map((i) => i * 10));
  });

  test('a subtask that was held up makes good 50 ms of its rate and no more', () => {
    const run = new SourceRun(generatorSource, { options: { ratePerSecond: 1_000 }, functions });
    run.poll(0, 1_000);
    run.clock.advance(40);
    run.poll(0, 1_000);
    expect(run.values).toHaveLength(41);
    run.clock.advance(10_000);
    run.poll(0, 1_000);
    expect(run.values.length - 41).toBe(51);
    run.clock.advance(100);
    run.poll(0, 1_000);
    expect(run.values.length - 92).toBe(51);
  });

  test('a slow rate is kept although its timers are late', () => {
    const run = new SourceRun(generatorSource, { options: { ratePerSecond: 1 }, functions });
    const times = timesOf(run, 20_000, 130);
    for (const [value, time] of times) expect(time - Number(value) * 100).toBeLessThan(130);
    expect(times.size).toBe(20);
  });

  test('it sleeps until the next number is due', () => {
    const clock = new FakeClock();
    const run = new SourceRun(generatorSource, { options: { ratePerSecond: 4 }, functions, clock });
    expect(run.poll()).toBe('nothing');
    expect(clock.timers).toBe(1);
    expect(clock.nextTimerMs).toBe(250);
    expect(run.subtasks[0]?.isAwake).toBe(false);
    clock.advance(249);
    expect(run.subtasks[0]?.isAwake).toBe(false);
    clock.advance(1);
    expect(run.subtasks[0]?.isAwake).toBe(true);
    run.poll();
    expect(clock.timers).toBe(1);
    run.close();
    expect(clock.timers).toBe(0);
  });

  test('after a restore the rate is the same, whatever each split has reached', () => {
    const options = { ratePerSecond: 200 };
    const before = new SourceRun(generatorSource, { options, functions, parallelism: 4 });
    for (const [subtask, rounds] of [3, 1, 9, 2].entries())
      for (let i = 0; i < rounds; i++, before.clock.advance(20)) before.poll(subtask);
    const after = new SourceRun(generatorSource, {
      options,
      functions,
      parallelism: 3,
      restored: before.snapshot(),
    });
    const times = timesOf(after, 995);
    expect(times.size).toBe(200);
    expect(new Set([...before.values, ...after.values]).size).toBe(
      before.values.length + after.values.length,
    );
  });

  test('refuses a rate and a count that cannot be', () => {
    const start = (options: object) => () => new SourceRun(generatorSource, { options, functions });
    expect(start({ ratePerSecond: 0 })).toThrow('ratePerSecond is 0; it must be above 0');
    expect(start({ count: -1 })).toThrow('count is -1; it must be a whole number from 0 on');
  });
});
