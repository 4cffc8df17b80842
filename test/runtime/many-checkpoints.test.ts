// A thousand checkpoints of one job leave as much on disk as one does; and ten thousand, in the full run, no more
// memory in the JobManager than five thousand.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const isFull = process.env['SLUICE_TEST_FULL'] !== undefined;
const COUNT = isFull ? 10_000 : 1_000;
const RETAINED = 2;
const PARALLELISM = 2;

/** Two vertices with state in every subtask, and nothing that a client would collect. */
const endless: TestProgram = ({ env, discard }) => {
  env
    .generate((i) => ({ key: i % 8, n: i }), { ratePerSecond: 100 })
    .keyBy((row) => row.key)
    .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
    .sinkTo(discard());
};

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test(`${COUNT} checkpoints leave the files of the latest and no memory`, {
  timeout: 200 * COUNT,
}, async () => {
  // The virtual clock keeps what was called off until its time: short times, so that it is not that which grows.
  const cluster = new MiniCluster({ rpcTimeoutMs: 500 });
  const job = cluster.submit(endless, {
    'parallelism.default': PARALLELISM,
    'execution.checkpointing.interval': '5 ms',
    'execution.checkpointing.timeout': '1 s',
    'execution.checkpointing.num-retained': RETAINED,
    'state.storage.fs.memory-threshold': 0,
  });
  const { checkpoints } = job.master;
  const until = async (count: number): Promise<void> => {
    await cluster.clock.play(() => checkpoints.history.counts.completed >= count, `${count}`);
    cluster.files.operations.length = 0;
  };
  const subtasks = 2 * PARALLELISM;
  // With one under way beside those that are kept, and one whose removal is.
  const filesMax = RETAINED * (subtasks + 2) + 2 * (subtasks + 2);
  const heaps: number[] = [];
  const steps = 10;
  for (let i = 1; i <= steps; i++) {
    await until((COUNT * i) / steps);
    heaps.push(heapBytes());
    expect(cluster.files.paths.length).toBeLessThanOrEqual(filesMax);
  }
  expect(checkpoints.history.counts.failed).toBe(0);

  // The first half fills what remembers the latest: histories, events, messages.
  const grown = (heaps.at(-1) ?? 0) - (heaps[steps / 2 - 1] ?? 0);
  if (isFull) expect(grown / (COUNT / 2)).toBeLessThan(400);

  job.master.cancel();
  await cluster.end(job);
  await cluster.clock.advance(1_000);
  expect(cluster.files.paths).toEqual([]);
});
