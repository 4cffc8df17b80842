// Sources of the program's own: splits dealt out, read in turns, and gone on with where they stood.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { customSource } from '../../engine/connectors/custom-source.ts';
import type { SplitReader } from '../../engine/connectors/user-source.ts';
import { SourceRun, type SourceSnapshot } from './source-run.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** The numbers of a range, and how many of its readers are open. */
class Ranges {
  open = 0;

  createReader(range: Range, position: number | undefined): SplitReader<number, number> {
    let at = position ?? range.from;
    this.open++;
    return {
      next: () => (at < range.to ? at++ : undefined),
      position: () => at,
      close: () => void this.open--,
    };
  }

  run(splits: readonly Range[], parallelism = 1, restored?: SourceSnapshot): SourceRun<object> {
    return new SourceRun(customSource, {
      options: { splits },
      functions: { reader: (split: Range, at: number | undefined) => this.createReader(split, at) },
      parallelism,
      ...(restored === undefined ? {} : { restored }),
    });
  }
}

const twice: readonly Range[] = [
  { from: 0, to: 5 },
  { from: 10, to: 13 },
];

test('a subtask with several splits takes a batch of each in turns', async () => {
  const run = new Ranges().run(twice);
  expect(await run.run(2)).toEqual([0, 1, 10, 11, 2, 3, 12, 4]);
  expect(run.released).toEqual(['2 of 2', '1 of 2']);
});

test('splits are dealt out over the subtasks; one without a split has nothing to do', async () => {
  const run = new Ranges().run(twice, 3);
  await run.run();
  expect(run.subtasks.map(({ values }) => values)).toEqual([[0, 1, 2, 3, 4], [10, 11, 12], []]);
});

test('readers are closed at the end of their splits, and those left with the source', async () => {
  const ranges = new Ranges();
  const run = ranges.run(twice);
  await run.runUntil(() => run.released.length === 1, 'the end of one split', 2);
  expect(ranges.open).toBe(1);
  run.close();
  expect(ranges.open).toBe(0);
});

test('restored with another parallelism, every record comes exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 5 }),
      fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
      fc.array(fc.tuple(fc.nat({ max: 3 }), fc.integer({ min: 1, max: 5 })), { maxLength: 12 }),
      async (lengths, [one, other], polls) => {
        const splits = lengths.map((length, i) => ({ from: i * 100, to: i * 100 + length }));
        const ranges = new Ranges();
        const before = ranges.run(splits, one);
        for (const [subtask, max] of polls) before.poll(subtask % one, max);
        const after = ranges.run(splits, other, before.snapshot());
        const all = [...before.values, ...(await after.run(3))] as number[];
        const expected = splits.flatMap(({ from, to }) =>
          Array.from({ length: to - from }, (_, i) => from + i),
        );
        expect(all.toSorted((a, b) => a - b)).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});
