// Programs whose rows do not depend on who runs them: what they print of one key comes in one order. Each
// is paced, so that a job of some hundred records lives through several checkpoints.

import { run } from '../api/interpreter.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const RATE = 1_000;

interface KeyedRow {
  readonly key: number;
  readonly n: number;
}

/** Each key is of one split, whatever the parallelism up to 4. */
const record = (i: number): KeyedRow => ({ key: i % 12, n: i });

/** Running sums of `count` numbers, four keys. */
export const sums =
  (count: number, check: (row: KeyedRow) => void = () => undefined): TestProgram =>
  ({ env }) => {
    env
      .generate(record, { count, ratePerSecond: RATE })
      .map((row) => {
        check(row);
        return row;
      })
      .keyBy((row) => row.key)
      .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
      .print('rows');
  };

/** Sums over windows of 20 ms of event time, which every shuffle between source and window may reorder. */
const windows =
  (count: number): TestProgram =>
  ({ env, watermarks, tumbling }) => {
    env
      .generate(record, { count, ratePerSecond: RATE })
      .withWatermarks(watermarks.monotonous(), (row) => row.n)
      .rebalance()
      .map((row) => ({ key: row.key, n: 1 }))
      .keyBy((row) => row.key)
      .window(tumbling({ size: 20 }))
      .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
      .print('rows');
  };

/** Every record becomes five, some of which meet in pairs again. */
const pairs =
  (count: number): TestProgram =>
  ({ env }) => {
    const numbers = env.generate(record, { count, ratePerSecond: RATE });
    const spread = numbers.flatMap(function* ({ key, n }) {
      for (let i = 0; i < 5; i++) yield { key, n: n * 5 + i };
    });
    spread
      .filter((row) => row.n % 3 > 0)
      .union(spread.filter((row) => row.n % 3 === 0))
      .keyBy((row) => row.key)
      .map((row) => ({ key: row.key, n: row.n % 10 }))
      .print('rows');
  };

interface Story {
  readonly program: TestProgram;
  /** The rows of a key come in one order. */
  readonly isOrdered: boolean;
}

export const stories: readonly [Story, Story, Story] = [
  { program: sums(200), isOrdered: true },
  { program: windows(200), isOrdered: true },
  { program: pairs(120), isOrdered: false },
];

/** What must be printed, as `byKey` shows it. */
export const expectedRows = ({ program, isOrdered }: Story): ReturnType<typeof byKey> =>
  byKey(run(program)['Sink: print rows'] ?? [], isOrdered);

/** The numbers of each key. */
export function byKey(
  rows: readonly unknown[],
  isOrdered = true,
): ReadonlyMap<number, readonly number[]> {
  const sorted = (rows as readonly KeyedRow[]).toSorted(
    (a, b) => a.key - b.key || (isOrdered ? 0 : a.n - b.n),
  );
  return new Map(
    [...Map.groupBy(sorted, ({ key }) => key)].map(([key, own]) => [key, own.map(({ n }) => n)]),
  );
}
