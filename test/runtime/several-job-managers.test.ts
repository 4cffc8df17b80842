// Two JobManagers on one directory: whoever leads dies, sleeps or is cut off, and its jobs go on under the other
// from their last checkpoint. Every row comes once, in its order, and what wakes up changes nothing.

import { expect, test } from 'vitest';
import { below, unit } from '../../engine/core/random.ts';
import { killLeader, partitionLeader, pauseLeader } from '../harness/leader-faults.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const SEEDS = process.env['SLUICE_TEST_FULL'] === undefined ? 100 : 5_000;
/** Virtual time. */
const FAULTS_WITHIN_MS = 600;

const wanted = stories.map(expectedRows);

const clusterOf = (seed: number): MiniCluster =>
  new MiniCluster({
    seed,
    jobManagers: 2,
    taskManagers: 1 + (seed % 3),
    slotsPerTaskManager: seed % 3 === 0 ? 3 : 2,
    threads: seed % 2 === 0 ? 'slot' : 'chain',
  });

const configuration = (cluster: MiniCluster): Record<string, string | number> => ({
  'parallelism.default': 1 + below(cluster.random, 2),
  'execution.checkpointing.interval': `${20 + below(cluster.random, 60)} ms`,
  'execution.checkpointing.timeout': '1 s',
  'execution.checkpointing.tolerable-failed-checkpoints': 1_000,
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000,
  'restart-strategy.fixed-delay.delay': '10 ms',
});

/** The leader dies, sleeps or is cut off, or a TaskManager dies; one after the other. */
function plan(cluster: MiniCluster): void {
  const { random, clock } = cluster;
  for (let i = 1 + below(random, 4); i > 0; i--) {
    clock.after(unit(random) * FAULTS_WITHIN_MS, () => {
      const fault = below(random, 5);
      if (fault === 0) cluster.killAny();
      else if (fault === 1) partitionLeader(cluster, unit(random) * 4_000);
      else if (fault === 2) killLeader(cluster, unit(random) * 3_000);
      else pauseLeader(cluster, unit(random) * 4_000);
    });
  }
}

async function runWith(seed: number): Promise<number> {
  const cluster = clusterOf(seed);
  await cluster.elected();
  const which = seed % stories.length;
  const story = stories[which];
  if (story === undefined) throw new Error('no story');
  const job = await cluster.accept(story.program, configuration(cluster));
  plan(cluster);
  expect(await cluster.end(job, 120_000)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(wanted[which]);
  return cluster.leader?.epoch ?? 0;
}

test('every row comes once, in its order, whoever leads', { timeout: 2_000 * SEEDS }, async () => {
  let takeovers = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const epochs = await runWith(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    takeovers += epochs - 1;
  }
  // Else it would prove nothing.
  expect(takeovers).toBeGreaterThan(SEEDS / 2);
});
