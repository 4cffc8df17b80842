// Some runs of `npm run sim`.

import { expect, test } from 'vitest';
import { simulate } from './simulation.ts';

const isFull = process.env['SLUICE_TEST_FULL'] !== undefined;
const SEEDS = isFull ? 10_000 : 60;

test('whatever happens to a job, its rows and files are right', {
  timeout: 3_000 * SEEDS,
}, async () => {
  let counted = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violation, counts } = await simulate(seed);
    expect(violation, `npm run sim -- --seed ${seed}`).toBeUndefined();
    if (counts) counted++;
  }
  // Else it would prove little.
  expect(counted).toBeGreaterThan(SEEDS / 4);
});

test('the same seed gives the same run', { timeout: 60_000 }, async () => {
  const hashes = new Set<string>();
  for (const seed of [11, 12, 13, 14]) {
    const [first, second] = [await simulate(seed), await simulate(seed)];
    expect(second).toEqual(first);
    hashes.add(first.hash);
  }
  expect(hashes.size).toBe(4);
});
