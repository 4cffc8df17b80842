// Jobs whose keyed state is on the local disk: what threads and processes that die leave there is never read
// again, and every row still comes once.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { unit } from '../../engine/core/random.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const configuration = (parallelism: number): Record<string, string | number> => ({
  'parallelism.default': parallelism,
  'state.backend.type': 'lmdb',
  'state.backend.lmdb.localdir': directory,
  'state.backend.lmdb.cache-size': '0',
  'execution.checkpointing.interval': '30 ms',
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000,
  'restart-strategy.fixed-delay.delay': '10 ms',
});

test('every row comes once, whatever dies', {
  timeout: 60_000,
}, async () => {
  let restarts = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const cluster = new MiniCluster({ seed, taskManagers: 2, slotsPerTaskManager: 2 });
    const { random, clock } = cluster;
    for (let i = 0; i < 3; i++)
      clock.after(unit(random) * 600, () => (i === 0 ? cluster.killAny() : cluster.crashAny()));
    const which = seed % stories.length;
    const story = stories[which];
    if (story === undefined) throw new Error('no story');
    const job = cluster.submit(story.program, configuration(1 + (seed % 3)));
    expect(await cluster.end(job, 60_000), `seed ${seed}`).toBe('FINISHED');
    const rows = byKey(job.rows.of('rows'), story.isOrdered);
    expect(rows, `seed ${seed}`).toEqual(expectedRows(story));
    restarts += job.master.scheduler.restarts;
  }
  expect(restarts).toBeGreaterThan(6);
  // What died has left something that nobody has read: else it would prove nothing.
  expect(readdirSync(directory).length).toBeGreaterThan(0);
});

test('a job that has ended leaves nothing on the disk', async () => {
  const before = readdirSync(directory);
  const cluster = new MiniCluster({ seed: 1 });
  const job = cluster.submit(stories[0].program, configuration(2));
  expect(await cluster.end(job, 60_000)).toBe('FINISHED');
  expect(readdirSync(directory)).toEqual(before);
});
