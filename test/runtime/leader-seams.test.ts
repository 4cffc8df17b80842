// The JobManager that leads dies, or falls asleep, at each of its disk operations in turn: between a checkpoint and
// its registration, between that and the commit, in the middle of an election. Every row stands once in the files
// of the sink, and comes once to the client.

import { expect, test } from 'vitest';
import { killLeader, pauseLeader } from '../harness/leader-faults.ts';
import type { FileAction } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const COUNT = 100;
const KEYS = 4;
/** Of the operations, every so manieth. */
const STEP = process.env['SLUICE_TEST_FULL'] === undefined ? 3 : 1;
/** There are more than so many before the job has ended. */
const OPERATIONS = 130;

const program: TestProgram = ({ env, files }) => {
  const sums = env
    .generate((i) => ({ key: i % KEYS, n: 1 }), { count: COUNT, ratePerSecond: 1_000 })
    .keyBy((row) => row.key)
    .reduce((a, b) => ({ key: a.key, n: a.n + b.n }));
  sums.print('rows');
  sums.sinkTo(files('/out', { prefix: 'rows' }));
};

const CONFIGURATION = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '15 ms',
  'execution.checkpointing.timeout': '1 s',
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000,
  'restart-strategy.fixed-delay.delay': '5 ms',
};

const textOf = (row: unknown): string => JSON.stringify(row);

const wanted = Array.from({ length: COUNT }, (_, i) =>
  textOf({ key: i % KEYS, n: Math.floor(i / KEYS) + 1 }),
).sort(byText);

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What stands in visible files. */
const written = ({ files }: MiniCluster): readonly string[] =>
  files.paths
    .filter((path) => path.startsWith('/out/') && !path.includes('/.sluice/'))
    .flatMap((path) => Buffer.from(files.bytesOf(path)).toString('utf8').trim().split('\n'))
    .sort(byText);

/** Calls `fate` at that operation of whoever leads when the job has been taken. */
async function runWith(operation: number, fate: (cluster: MiniCluster) => void): Promise<number> {
  const cluster = new MiniCluster({ seed: operation, jobManagers: 2, slotsPerTaskManager: 4 });
  await cluster.elected();
  const leader = cluster.leader?.name;
  const job: RunningJob = await cluster.accept(program, CONFIGURATION);
  let seen = 0;
  cluster.files.observe = ({ machine }: FileAction) => {
    if (machine === leader && ++seen === operation) fate(cluster);
  };
  expect(await cluster.end(job, 60_000)).toBe('FINISHED');
  await cluster.clock.advance(6_000); // whoever sleeps wakes up
  expect([...job.rows.of('rows')].map(textOf).sort(byText), 'rows of the client').toEqual(wanted);
  expect(written(cluster), 'rows in files').toEqual(wanted);
  return seen;
}

test.each<[string, (cluster: MiniCluster) => void]>([
  ['dies', (cluster) => killLeader(cluster, 300)],
  ['sleeps for a while', (cluster) => pauseLeader(cluster, 2_500)],
])(
  'a leader that %s at whatever operation leaves every row once',
  { timeout: 600_000 },
  async (_, fate) => {
    for (let operation = 1; operation <= OPERATIONS; operation += STEP)
      await runWith(operation, fate).catch((error: unknown) => {
        throw new Error(`operation ${operation}`, { cause: error });
      });
  },
);
