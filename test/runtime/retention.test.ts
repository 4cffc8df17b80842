// Which checkpoints stay when a job has ended, and to whom belongs what another one began with.

import { describe, expect, test } from 'vitest';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories, sums } from './programs.ts';

const RETENTION = 'execution.checkpointing.externalized-checkpoint-retention';
const CLAIM_MODE = 'execution.state-recovery.claim-mode';
const configuration = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '40 ms',
};

const checkpointsIn = ({ files }: MiniCluster): readonly string[] =>
  files.paths.filter((path) => path.endsWith('/_metadata'));

const whenCompleted = (cluster: MiniCluster, { master }: RunningJob, count = 2): Promise<unknown> =>
  cluster.clock.play(
    () => master.checkpoints.history.counts.completed >= count,
    `${count} checkpoints`,
  );

type End = 'CANCELED' | 'FAILED' | 'FINISHED';
const ALWAYS: readonly End[] = ['CANCELED', 'FAILED', 'FINISHED'];

describe.each([
  ['NO_EXTERNALIZED_CHECKPOINTS', []],
  ['DELETE_ON_CANCELLATION', ['FAILED']],
  ['RETAIN_ON_CANCELLATION', ['FAILED', 'CANCELED']],
] as const)('%s', (retention, kept: readonly End[]) => {
  test.each(ALWAYS)('a job that ends %s', async (end) => {
    const cluster = new MiniCluster();
    const isFailing = end === 'FAILED';
    const program = sums(200, ({ n }) => {
      if (isFailing && n === 150) throw new Error('planted');
    });
    const job = cluster.submit(program, {
      ...configuration,
      [RETENTION]: retention,
      'execution.checkpointing.num-retained': 2,
    });
    await whenCompleted(cluster, job, 3);
    if (end === 'CANCELED') job.master.cancel();
    expect(await cluster.end(job)).toBe(end);
    await cluster.clock.advance(1_000);
    expect(checkpointsIn(cluster)).toHaveLength(kept.includes(end) ? 2 : 0);
  });
});

test('a cluster that closes has removed what its jobs leave to nobody', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(sums(200), configuration);
  await whenCompleted(cluster, job);
  cluster.files.lateMs = () => 50;
  await cluster.clock.result(cluster.dispatcher.close(5_000));
  expect(job.master.state).toBe('CANCELED');
  expect(checkpointsIn(cluster)).toEqual([]);
});

/** What a job has left, and how another one is given it. */
async function left(
  cluster: MiniCluster,
  kind: 'savepoint' | 'checkpoint',
): Promise<{ readonly path: string; readonly rows: readonly unknown[] }> {
  const job = cluster.submit(stories[0].program, {
    ...configuration,
    [RETENTION]: 'RETAIN_ON_CANCELLATION',
  });
  await whenCompleted(cluster, job);
  const path =
    kind === 'savepoint'
      ? await cluster.clock.result(takeSavepoint(job.master, '/taken', cluster.random))
      : undefined;
  job.master.cancel();
  await cluster.end(job);
  return { path: path ?? job.master.checkpoints.latest?.path ?? '', rows: job.rows.of('rows') };
}

describe.each(['savepoint', 'checkpoint'] as const)('a %s that a job begins with', (kind) => {
  test.each(['NO_CLAIM', 'LEGACY', undefined])('stays: %s', async (mode) => {
    const cluster = new MiniCluster();
    const { path } = await left(cluster, kind);
    const job = cluster.submit(
      stories[0].program,
      { ...configuration, ...(mode === undefined ? {} : { [CLAIM_MODE]: mode }) },
      undefined,
      { savepointPath: path },
    );
    expect(await cluster.end(job)).toBe('FINISHED');
    await cluster.clock.advance(1_000);
    expect(checkpointsIn(cluster)).toContain(`${path}/_metadata`);
  });

  test('goes with the first checkpoint of a job that has claimed it', async () => {
    const cluster = new MiniCluster();
    const { path } = await left(cluster, kind);
    const job = cluster.submit(
      stories[0].program,
      { ...configuration, [CLAIM_MODE]: 'CLAIM' },
      undefined,
      { savepointPath: path },
    );
    await cluster.until(job, 'RUNNING');
    expect(checkpointsIn(cluster)).toContain(`${path}/_metadata`);
    await whenCompleted(cluster, job);
    expect(cluster.files.paths.filter((file) => file.startsWith(`${path}/`))).toEqual([]);
    const retained = job.master.checkpoints.latest?.path;
    expect(checkpointsIn(cluster)).toContain(`${retained}/_metadata`);
    expect(await cluster.end(job)).toBe('FINISHED');
  });

  test('goes with a job that has claimed it and ends before its first checkpoint', async () => {
    const cluster = new MiniCluster();
    const { path } = await left(cluster, kind);
    const job = cluster.submit(
      stories[0].program,
      { 'parallelism.default': 2, [CLAIM_MODE]: 'CLAIM' },
      undefined,
      { savepointPath: path },
    );
    await cluster.until(job, 'RUNNING');
    job.master.cancel();
    await cluster.end(job);
    await cluster.clock.advance(1_000);
    expect(cluster.files.paths.filter((file) => file.startsWith(`${path}/`))).toEqual([]);
  });
});

test('a job that fails behind a claimed checkpoint goes on from it', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const { path } = await left(cluster, 'savepoint');
  const job = cluster.submit(
    stories[0].program,
    {
      'parallelism.default': 2,
      'execution.checkpointing.interval': '10 min',
      [CLAIM_MODE]: 'CLAIM',
    },
    undefined,
    { savepointPath: path },
  );
  await cluster.clock.play(() => job.rows.of('rows').length > 10, 'rows');
  cluster.killAny();
  expect(await cluster.end(job)).toBe('FINISHED');
  // All of them together: those of the first job that the savepoint covers are not made again.
  const last = (rows: ReturnType<typeof byKey>): unknown =>
    [...rows].map(([key, numbers]) => [key, numbers.at(-1)]);
  expect(last(byKey(job.rows.of('rows')))).toEqual(last(expectedRows(stories[0])));
});
