// Bugs that are planted into the engine are found: some by hunting for them, which almost any seed does; and by
// SLUICE_TEST_FULL all others, by the seeds that found them last, or else from the first seed on.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { must } from '../../../engine/core/assert.ts';
import { systemClock } from '../../../engine/core/system-clock.ts';
import { BUGS } from './bugs.ts';
import { readFoundAt } from './found-at.ts';
import { hunt } from './planted.ts';

const isFull = process.env['SLUICE_TEST_FULL'] !== undefined;
const STILL_MS = 120_000;
/** By then each must be found. */
const SEEDS_MAX = 5_000;

/** Almost any seed finds these. */
const QUICK: readonly string[] = [
  'one barrier is not waited for',
  'snapshot taken a little later',
  'metadata whose name is not durable',
  'complete before its metadata is written',
  'more checkpoints at once than are allowed',
  'complete when the first task has acknowledged',
  'commit at pre-commit',
  'a position that is one ahead',
  'watermarks do not wait for the slowest',
  'a slot is never free again',
];

test('the text that a planted bug replaces stands in the engine exactly once', () => {
  for (const { name, file, find } of BUGS) {
    const source = readFileSync(new URL(`../../../engine/${file}`, import.meta.url), 'utf8');
    expect(source.split(find), name).toHaveLength(2);
  }
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});

describe('the simulation finds', { timeout: 120_000 }, () => {
  test.each(QUICK)('%s', async (name) => {
    const bug = must(
      BUGS.find((one) => one.name === name),
      name,
    );
    const found = await hunt(bug, { from: 1, seedsMax: 60, stillMs: STILL_MS }, systemClock);
    expect(found.error).toBeUndefined();
    expect(found.violation).toBeDefined();
  });
});

describe.runIf(isFull)('the simulation finds in 5,000 seeds', { timeout: 3_600_000 }, () => {
  const foundAt = readFoundAt();
  test.each(BUGS)('$name', async (bug) => {
    const first = foundAt[bug.name]; // is one of those, and saves the way there
    const settings = { first, from: 1, seedsMax: SEEDS_MAX, stillMs: STILL_MS };
    const found = await hunt(bug, settings, systemClock);
    expect(found).toMatchObject({ error: undefined, violation: expect.any(String) });
    expect(found.seed).toBeLessThanOrEqual(SEEDS_MAX);
  });
});
