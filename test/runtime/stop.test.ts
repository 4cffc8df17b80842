// Jobs that end with a savepoint, and those that go on from it.

import { expect, test } from 'vitest';
import { stopWithSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const [story] = stories;

const configuration = (parallelism = 2): Readonly<Record<string, string | number>> => ({
  'parallelism.default': parallelism,
  'execution.checkpointing.interval': '40 ms',
});

const whenRows = (cluster: MiniCluster, { rows }: RunningJob, count: number): Promise<unknown> =>
  cluster.clock.play(() => rows.of('rows').length >= count, `${count} rows`);

const stop = (cluster: MiniCluster, { master }: RunningJob, isDrained = false): Promise<string> =>
  cluster.clock.result(stopWithSavepoint(master, '/savepoints', isDrained, cluster.random));

test.each([1, 2, 3, 4])('rows are exact over stop and resume: parallelism %i', async (p) => {
  let resumed = 0;
  for (const [i, each] of stories.entries()) {
    for (const to of [p, 1 + (p % 4)]) {
      const cluster = new MiniCluster({ taskManagers: 2, seed: p * 10 + i });
      const first = cluster.submit(each.program, configuration(p));
      await whenRows(cluster, first, 20);
      const savepointPath = await stop(cluster, first);
      expect(await cluster.end(first)).toBe('FINISHED');
      const second = cluster.submit(each.program, configuration(to), undefined, { savepointPath });
      expect(await cluster.end(second)).toBe('FINISHED');
      const rows = [...first.rows.of('rows'), ...second.rows.of('rows')];
      const { program } = each;
      expect(byKey(rows, false)).toEqual(expectedRows({ program, isOrdered: false }));
      resumed += second.rows.of('rows').length;
    }
  }
  expect(resumed).toBeGreaterThan(500);
});

test('a job without checkpoints can be stopped as well, and goes on', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const first = cluster.submit(story.program, { 'parallelism.default': 2 });
  await whenRows(cluster, first, 50);
  const savepointPath = await stop(cluster, first);
  expect(await cluster.end(first)).toBe('FINISHED');
  const second = cluster.submit(story.program, configuration(), undefined, { savepointPath });
  expect(await cluster.end(second)).toBe('FINISHED');
  expect(byKey([...first.rows.of('rows'), ...second.rows.of('rows')])).toEqual(expectedRows(story));
});

test('a stop whose savepoint cannot be written leaves the job running, and its rows exact', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(story.program, configuration());
  await whenRows(cluster, job, 50);
  cluster.files.before = (operation, path) => {
    if (operation === 'writeFile' && path.startsWith('/savepoints')) throw fileError('EROFS', path);
  };
  await expect(stop(cluster, job)).rejects.toThrow('EROFS');
  expect(await cluster.end(job)).toBe('FINISHED');
  expect([job.master.scheduler.restarts, job.rows.withdrawn]).toEqual([0, 0]);
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('while a job is being stopped nothing else is asked of it', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(story.program, configuration());
  await whenRows(cluster, job, 50);
  const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
  await expect(job.master.checkpoints.trigger()).rejects.toThrow('is being stopped');
  await expect(stop(cluster, job)).rejects.toThrow('is being stopped');
  await cluster.clock.result(stopping);
  expect(job.master.state).toBe('FINISHED');
});

test('a job that fails behind its savepoint goes on from it: what is committed is not made again', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(story.program, configuration());
  await whenRows(cluster, job, 50);
  const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
  const outcome = expect(stopping).rejects.toThrow('but the job failed before it had ended');
  await cluster.clock.play(
    () => job.master.checkpoints.latest?.kind === 'stop',
    'the savepoint to be complete',
  );
  for (const taskManager of cluster.taskManagers) cluster.kill(taskManager);
  expect(await cluster.end(job)).toBe('FINISHED');
  await outcome;
  expect(cluster.files.paths.filter((path) => /^\/savepoints.*_metadata$/.test(path))).toHaveLength(
    1,
  );
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('rows of a task that was stopped and then had to begin anew all come', async () => {
  let restarts = 0;
  for (let seed = 1; seed <= 20; seed++) {
    const cluster = new MiniCluster({ seed, taskManagers: 2, slotsPerTaskManager: 1 });
    const job = cluster.submit(story.program, configuration());
    await whenRows(cluster, job, 50);
    const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
    stopping.catch(() => undefined); // it was stopped, or had to begin anew
    const executions = () => job.master.graph.subtasks.map(({ current }) => current);
    const finished = () => executions().filter(({ state }) => state === 'FINISHED');
    await cluster.clock.play(() => finished().length === 3, 'all but one to finish', 5_000);
    const last = executions().find(({ state }) => state === 'RUNNING')?.assignment?.taskManager;
    for (const one of cluster.taskManagers) if (one.resourceId === last) cluster.kill(one);
    expect(await cluster.end(job)).toBe('FINISHED');
    if (job.master.scheduler.restarts === 0) continue;
    restarts++;
    expect(byKey(job.rows.of('rows')), `seed ${seed}`).toEqual(expectedRows(story));
  }
  expect(restarts).toBeGreaterThan(0);
});

test('a job that is drained fires its windows at the records that it has read', async () => {
  let read = 0;
  const program: TestProgram = ({ env, watermarks, tumbling }) => {
    env
      .generate((n) => ({ n, read: ++read }), { count: 1_000, ratePerSecond: 1_000 })
      .withWatermarks(watermarks.monotonous(), (row) => row.n)
      .map((row) => ({ key: row.n % 3, n: 1 }))
      .keyBy((row) => row.key)
      .window(tumbling({ size: 20 }))
      .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
      .print('rows');
  };
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(program, configuration());
  await whenRows(cluster, job, 20);
  const savepointPath = await stop(cluster, job, true);
  expect(await cluster.end(job)).toBe('FINISHED');
  const counted = (job.rows.of('rows') as { n: number }[]).reduce((sum, { n }) => sum + n, 0);
  expect(counted).toBe(read);
  expect(read).toBeLessThan(1_000);
  const more = cluster.submit(program, configuration(), undefined, { savepointPath });
  expect(await cluster.end(more)).toBe('FINISHED');
  expect(more.rows.of('rows')).toEqual([]);
});

test('a drain whose savepoint cannot be written begins again from the last checkpoint', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(story.program, configuration());
  await whenRows(cluster, job, 50);
  cluster.files.before = (operation, path) => {
    if (operation === 'writeFile' && path.startsWith('/savepoints')) throw fileError('EROFS', path);
  };
  await expect(stop(cluster, job, true)).rejects.toThrow('EROFS');
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(job.master.scheduler.restarts).toBe(1);
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('only a job with checkpoints can be drained', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(story.program);
  await whenRows(cluster, job, 50);
  await expect(stop(cluster, job, true)).rejects.toThrow('execution.checkpointing.interval');
});
