// Two JobManagers on one directory: whoever leads dies, sleeps or is cut off, and its jobs go on under the other
// from their last checkpoint. Every row comes once, in its order, and what wakes up changes nothing.

import { expect, test } from 'vitest';
import { newFencingToken } from '../../engine/core/ids.ts';
import { below, unit } from '../../engine/core/random.ts';
import { RpcService } from '../../engine/rpc/rpc-service.ts';
import { stopWithSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { TASK_EXECUTOR } from '../../engine/runtime/taskexecutor/task-executor-gateway.ts';
import { killLeader, partitionLeader, pauseLeader } from '../harness/leader-faults.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
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

type Fault = (cluster: MiniCluster) => void;

const slowDisk: Fault = ({ files, clock, random }) => {
  files.latencyMs = 20;
  clock.after(unit(random) * 500, () => {
    files.latencyMs = 0.5;
  });
};

const fullDisk: Fault = ({ files, clock, random }) => {
  files.before = (operation, path) => {
    if (operation === 'writeFile' || operation === 'makeDirectory') throw fileError('ENOSPC', path);
  };
  clock.after(unit(random) * 300, () => {
    files.before = () => undefined;
  });
};

const lostMessages: Fault = ({ network, clock, random }) => {
  network.delivers = () => below(random, 10) > 0;
  clock.after(unit(random) * 200, () => {
    network.delivers = () => true;
  });
};

const FAULTS: readonly Fault[] = [
  (cluster) => cluster.killAny(),
  (cluster) => partitionLeader(cluster, unit(cluster.random) * 4_000),
  (cluster) => killLeader(cluster, unit(cluster.random) * 3_000),
  (cluster) => pauseLeader(cluster, unit(cluster.random) * 4_000),
  (cluster) => pauseLeader(cluster, 1_000 + unit(cluster.random) * 1_000),
  slowDisk,
  fullDisk,
  lostMessages,
];

/** Some of them, each at a moment of its own. */
function plan(cluster: MiniCluster): void {
  const { random, clock } = cluster;
  for (let i = 2 + below(random, 4); i > 0; i--) {
    const fault = FAULTS[below(random, FAULTS.length)];
    clock.after(unit(random) * FAULTS_WITHIN_MS, () => fault?.(cluster));
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

test('rows of a task that finished long ago outlive the leader that held them', async () => {
  const cluster = clusterOf(1);
  const room = Promise.withResolvers<void>();
  const program: TestProgram = ({ env }) => {
    env.generate((i) => i, { count: 5 }).print('early');
    env.generate((i) => i, { count: 400, ratePerSecond: 1_000 }).print('late');
  };
  const job = await cluster.accept(program, configuration(cluster), () => room.promise);
  const details = () => cluster.dispatcher.details(job.master.jobId);
  const hasFinished = (): boolean =>
    details().vertices.some(({ subtasks }) =>
      subtasks.every((t) => t.current.state === 'FINISHED'),
    );
  await cluster.clock.play(hasFinished, 'the early ones have finished');
  const { completed } = details().checkpoints.counts;
  const isCovered = (): boolean => details().checkpoints.counts.completed > completed + 1;
  await cluster.clock.play(isCovered, 'and are so in a checkpoint');
  const epochs = cluster.leader?.epoch ?? 0;
  killLeader(cluster, 10_000);
  await cluster.clock.play(() => (cluster.leader?.epoch ?? 0) > epochs, 'the other leads');
  room.resolve();
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(new Set(job.rows.of('early'))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(job.rows.of('early')).toHaveLength(5);
  expect(job.rows.of('late')).toHaveLength(400);
});

test('a job that has ended is known to the leader after, with the rows that nobody has taken', async () => {
  const cluster = clusterOf(2);
  const room = Promise.withResolvers<void>();
  const program: TestProgram = ({ env }) => void env.generate((i) => i, { count: 5 }).print('rows');
  const job = await cluster.accept(program, configuration(cluster), () => room.promise);
  const { jobId } = job.master;
  const isOver = (): boolean => cluster.dispatcher.job(jobId)?.state === 'FINISHED';
  await cluster.clock.play(isOver, 'the end of the job');
  await cluster.clock.advance(100);
  killLeader(cluster, 10_000);
  room.resolve();
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(cluster.leader?.epoch).toBe(2);
  expect(job.rows.of('rows')).toEqual([0, 1, 2, 3, 4]);
  expect(cluster.dispatcher.details(jobId)).toMatchObject({ jobId, state: 'FINISHED' });
});

test('a job that is submitted again, since its answer was lost, is one job', async () => {
  const cluster = clusterOf(3);
  await cluster.elected();
  const submission = cluster.jobs.submission(stories[0].program);
  const twice = [1, 2].map(() => cluster.dispatcher.accept(submission));
  await cluster.clock.result(Promise.all(twice));
  killLeader(cluster, 10_000);
  await cluster.clock.play(() => cluster.leader?.leads === true, 'the other leads');
  await cluster.clock.advance(100);
  await cluster.clock.result(cluster.dispatcher.accept(submission));
  expect(cluster.dispatcher.states()).toHaveLength(1);
  const other = { ...cluster.jobs.submission(stories[1].program), jobId: submission.jobId };
  await expect(cluster.clock.result(cluster.dispatcher.accept(other))).rejects.toThrow(
    'has been submitted already',
  );
});

test('a job that is refused for its configuration is not kept for the leader after', async () => {
  const cluster = clusterOf(3);
  const key = 'restart-strategy.exponential-delay.backoff-multiplier';
  const settings = { 'restart-strategy.type': 'exponential-delay', [key]: '0.5' };
  await expect(cluster.accept(stories[0].program, settings)).rejects.toThrow(
    `${key}: "0.5" is not a number of at least 1`,
  );
  await cluster.clock.advance(100);
  killLeader(cluster, 10_000);
  await cluster.clock.play(() => cluster.leader?.epoch === 2, 'the other leads');
  await cluster.clock.advance(100);
  expect(cluster.dispatcher.states()).toEqual([]);
  expect(cluster.files.paths.filter((path) => path.includes('/job-'))).toEqual([]);
});

test('a job that was cancelled does not begin again under another leader', async () => {
  const cluster = clusterOf(6);
  const job = await cluster.accept(stories[0].program, configuration(cluster));
  await cluster.clock.advance(300);
  const { jobId } = job.master;
  await cluster.clock.result(cluster.dispatcher.cancel(jobId));
  killLeader(cluster, 10_000);
  await cluster.until(job, 'CANCELED');
  await cluster.clock.advance(1_000);
  expect(cluster.leader?.epoch).toBe(2);
  const states = Object.keys(cluster.dispatcher.details(jobId).timestamps);
  expect(states).not.toContain('RUNNING');
  expect(cluster.files.directories.filter((path) => path.includes(jobId))).toEqual([]);
});

test('a job whose stop was answered does not go on under another leader', async () => {
  const cluster = clusterOf(7);
  const job = await cluster.accept(stories[0].program, configuration(cluster));
  await cluster.clock.advance(300);
  const { jobId } = job.master;
  const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
  await cluster.clock.result(stopping.then(() => killLeader(cluster, 10_000)));
  await cluster.clock.play(() => cluster.leader?.serves === true, 'the other leads');
  expect(cluster.dispatcher.states()).toEqual([{ jobId, state: 'FINISHED' }]);
});

test('a job that cannot be read at once goes on a little later', async () => {
  const cluster = clusterOf(8);
  const job = await cluster.accept(stories[0].program, configuration(cluster));
  await cluster.clock.advance(300);
  let failures = 0;
  cluster.files.before = (operation, path) => {
    if (operation === 'readFile' && path.startsWith('/ha/files/') && failures++ < 3)
      throw fileError('EIO', path);
  };
  killLeader(cluster, 10_000);
  expect(await cluster.end(job, 60_000)).toBe('FINISHED');
  expect(failures).toBeGreaterThan(3);
});

test('a job whose last checkpoint cannot be read fails and names the file, rather than going further back', async () => {
  const cluster = clusterOf(4);
  const job = await cluster.accept(stories[0].program, {
    ...configuration(cluster),
    'execution.checkpointing.interval': '20 ms',
    'state.checkpoints.num-retained': 3,
  });
  const checkpoints = () => cluster.dispatcher.details(job.master.jobId).checkpoints;
  await cluster.clock.play(() => checkpoints().counts.completed > 1, 'two checkpoints');
  await cluster.clock.advance(10); // until the second is written down
  const folder = checkpoints().latest.completed?.path ?? '';
  killLeader(cluster, 10_000);
  for (const path of cluster.files.paths.filter((path) => path.startsWith(`${folder}/_metadata`)))
    cluster.files.flip(path, 20);
  await cluster.until(job, 'FAILED');
  const { failure } = cluster.dispatcher.details(job.master.jobId);
  expect(failure?.message).toContain(`${folder}/_metadata`);
});

test('every call under an epoch that is over is refused', async () => {
  const cluster = clusterOf(5);
  await cluster.accept(stories[0].program, configuration(cluster));
  const old = newFencingToken(cluster.random, cluster.leader?.epoch ?? 0);
  killLeader(cluster, 10_000);
  await cluster.clock.play(() => cluster.leader?.leads === true, 'the other leads');
  await cluster.clock.advance(500);
  const rpc = new RpcService({
    transport: cluster.network.transport('old'),
    address: 'unix:/old.rpc',
    clock: cluster.clock,
    timeoutMs: 1_000,
  });
  const address = `unix:/${cluster.taskManagers[0]?.resourceId}.rpc`;
  const { gateway } = await cluster.clock.result(
    rpc.connect<Record<string, (...args: unknown[]) => Promise<unknown>>>(address, TASK_EXECUTOR),
  );
  const calls: readonly (readonly [string, ...unknown[]])[] = [
    ['requestSlot', { slot: 0, allocationId: 'a', jobId: 'j', jobMaster: { token: old } }],
    ['freeSlot', 'a', 'because'],
    ['submitTask', { deployment: { jobId: 'j' } }],
    ['cancelTask', 'a'],
    ['triggerCheckpoint', [], { checkpointId: 1 }],
    ['notifyCheckpoint', [], 1, 'complete'],
    ['sendOperatorEvent', 'a', 'o', 1, {}],
    ['requestResults', 'a', 'o', {}],
    ['shutDown', 'because'],
  ];
  for (const [method, ...args] of calls) {
    const call = cluster.clock.result(gateway[method]?.(old, ...args) ?? Promise.resolve());
    await expect(call, method).rejects.toMatchObject({ reason: 'fenced' });
  }
});
