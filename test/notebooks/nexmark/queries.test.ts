// The queries against plain loops over the same events. Here all of them together, as one job over one source,
// over few events; `npm run test:full` runs each as it is, over as many as Flink's rows are known for, and so that
// it is restored in the middle.

import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notebook, run } from '../run-notebook.ts';
import { answers, canonical, type Events } from './answers.ts';
import { CopiedQueries } from './copied-queries.ts';
import { eventsOf } from './events.ts';
import { digestOf, recordedOf } from './recorded.ts';

const queries = readdirSync(notebook('nexmark'))
  .filter((file) => /^q\d+\.ts$/.test(file))
  .map((file) => basename(file, '.ts'));

test('each query has an answer, but for the one that goes by the clock', () => {
  expect(queries.filter((query) => !(query in answers))).toEqual(['q12']);
});

const set = (events: number, rate: number): readonly string[] => [
  ...['--set', `events=${events}`],
  ...['--set', `rate=${rate}`],
];

/** Each subtask in a process of its own: what they send one another goes over sockets. */
const APART = '-Dtaskmanager.numberOfTaskSlots=1';

describe('all queries in one job', () => {
  async function check(all: string, given: Events, ...flags: readonly string[]): Promise<void> {
    const { rows } = await run(all, ...flags);
    const bySink = Map.groupBy(rows, ({ sink }) => sink);
    for (const [query, answer] of Object.entries(answers)) {
      const values = (bySink.get(query) ?? []).map(({ value }) => value);
      expect(canonical(values), query).toEqual(canonical(answer(given)));
    }
  }

  const off = ['projection=false', 'pre-aggregation=off', 'pre-aggregation=all'];
  const withP2 = off.map((setting) => ['-p', '2', `-Dpipeline.${setting}`]);

  test.each([[[]], [['-p', '2']], ...withP2.map((flags) => [flags])])(
    'windows of many events %s',
    async (flags) => {
      const given = eventsOf(4_000, 200);
      await check(new CopiedQueries().inOne(queries), given, ...set(4_000, 200), ...flags);
    },
  );

  test('windows of few events, past midnight', async () => {
    const given = eventsOf(3_000, 0.03);
    await check(new CopiedQueries().inOne(queries), given, ...set(3_000, 0.03), '-p', '2');
  });

  test('equal prices, also at the ends of windows', async () => {
    const copied = new CopiedQueries();
    const given = eventsOf(4_000, 32, await copied.withFewPrices());
    const ofOtherWindows = given.bids.filter(({ dateTime, price }) => {
      const isAtEnd = dateTime % 10_000 === 0;
      const before = given.bids.filter(
        (bid) => bid.dateTime >= dateTime - 10_000 && bid.dateTime < dateTime,
      );
      return isAtEnd && price === Math.max(...before.map((bid) => bid.price));
    });
    expect(ofOtherWindows.length).toBeGreaterThan(0);
    await check(copied.inOne(queries), given, ...set(4_000, 32), '-p', '2');
  });

  test.each([
    { how: 'failed', parallelism: '2', flags: [] },
    { how: 'killed', parallelism: '2', flags: [APART] },
  ] as const)(
    '$how in the middle, $parallelism subtasks $flags',
    { timeout: 60_000 },
    async ({ how, parallelism, flags }) => {
      const copied = new CopiedQueries();
      const disturbed = copied.disturb(how);
      const given = eventsOf(12_000, 600);
      const all = copied.inOne(queries);
      await check(all, given, ...set(12_000, 600), '-p', parallelism, ...flags, ...disturbed.flags);
      expect(disturbed.restoredBehind).toBeGreaterThanOrEqual(3_000);
    },
  );
});

const isFull = process.env['SLUICE_TEST_FULL'] === '1';
const each = (isFull ? Object.entries(answers) : []).flatMap(([query, answer]) =>
  [1, 2, 4].map((parallelism) => ({ query, answer, parallelism })),
);

async function check(path: string, expected: readonly string[], ...flags: readonly string[]) {
  const { rows } = await run(path, ...flags);
  const given = canonical(rows.map(({ value }) => value));
  // Not as a diff of a hundred thousand lines.
  expect(given.length).toBe(expected.length);
  expect(given.find((row, i) => row !== expected[i])).toBeUndefined();
}

test.each([10_000, 1].flatMap((rate) => each.map((one) => ({ ...one, rate }))))(
  '$query of $rate events a second, $parallelism subtasks',
  { timeout: 120_000 },
  async ({ query, answer, parallelism, rate }) => {
    const expected = canonical(answer(eventsOf(100_000, rate)));
    const flags = [...set(100_000, rate), '-p', String(parallelism)];
    await check(notebook(`nexmark/${query}.ts`), expected, ...flags);
  },
);

const DISTURBANCES = [
  { how: 'failed', flags: [] },
  { how: 'killed', flags: [APART] },
] as const;
test.each(DISTURBANCES.flatMap((one) => each.map((of) => ({ ...one, ...of }))))(
  '$query, $how in the middle, $parallelism subtasks $flags',
  { timeout: 120_000 },
  async ({ query, answer, parallelism, how, flags }) => {
    const copied = new CopiedQueries();
    const disturbed = copied.disturb(how);
    const expected = canonical(answer(eventsOf(100_000, 10_000)));
    const own = [...set(100_000, 10_000), '-p', String(parallelism), ...flags];
    await check(copied.pathOf(query), expected, ...own, ...disturbed.flags);
    expect(disturbed.restoredBehind).toBeGreaterThanOrEqual(25_000);
  },
);

test.each(isFull ? Object.entries(recordedOf(1_000_000)) : [])(
  '%s of a million events, killed in the middle, gives the rows of Flink',
  { timeout: 300_000 },
  async (query, { rows, sha256 }) => {
    const copied = new CopiedQueries();
    const disturbed = copied.disturb('killed');
    const flags = [...set(1_000_000, 10_000), '-p', '2', APART, ...disturbed.flags];
    const { rows: given } = await run(copied.pathOf(query), ...flags);
    const lines = canonical(given.map(({ value }) => value));
    expect(lines).toHaveLength(rows);
    expect(digestOf(lines)).toBe(sha256);
  },
);
