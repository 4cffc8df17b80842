// Checkpoints that write what has changed: a restart, another parallelism and another job go on from several files
// as from one; those stay for as long as a checkpoint that is kept holds them; and savepoints stand alone.

import { expect, test } from 'vitest';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { filesOf, type StateFile, sizeOf } from '../../engine/state/state-handle.ts';
import { killLeader } from '../harness/leader-faults.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const configuration = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '20 ms',
  'execution.checkpointing.incremental': 'true',
  'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
  'state.storage.fs.memory-threshold': 0,
};

const chainsOf = ({ vertices }: CompletedCheckpoint): readonly (readonly StateFile[])[] =>
  vertices.flatMap(({ subtasks }) => subtasks.map(({ handle }) => filesOf(handle)));

const longest = (checkpoint: CompletedCheckpoint | undefined): number =>
  Math.max(0, ...(checkpoint === undefined ? [] : chainsOf(checkpoint)).map((one) => one.length));

/** A checkpoint of several files is complete. */
const whenChained = (cluster: MiniCluster, { master }: RunningJob): Promise<unknown> =>
  cluster.clock.play(() => longest(master.checkpoints.latest) >= 3, 'changes behind changes');

const sharedFiles = ({ files }: MiniCluster): readonly string[] =>
  files.paths.filter((path) => path.includes('/shared/'));

const idIn = (path: string): number => Number(/\/shared\/(\d+)-/.exec(path)?.[1]);

const last = (rows: ReturnType<typeof byKey>): unknown =>
  [...rows].map(([key, numbers]) => [key, numbers.at(-1)]);

/** What a job that was cancelled has left. */
async function left(cluster: MiniCluster): Promise<CompletedCheckpoint> {
  const job = cluster.submit(stories[0].program, configuration);
  await whenChained(cluster, job);
  job.master.cancel();
  await cluster.end(job);
  await cluster.clock.advance(1_000);
  const { latest } = job.master.checkpoints;
  if (latest === undefined) throw new Error('nothing is left');
  return latest;
}

test.each(stories)('a restart goes on from changes behind a base: story %#', async (story) => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(story.program, configuration);
  await whenChained(cluster, job);
  cluster.killAny();
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(expectedRows(story));
});

test.each([1, 2, 3])(
  'what a job has left is gone on from at parallelism %i',
  async (parallelism) => {
    const cluster = new MiniCluster({ taskManagers: 3 });
    const { path } = await left(cluster);
    const job = cluster.submit(
      stories[0].program,
      { ...configuration, 'parallelism.default': parallelism },
      undefined,
      { savepointPath: path },
    );
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(last(byKey(job.rows.of('rows')))).toEqual(last(expectedRows(stories[0])));
  },
);

test('only files that kept checkpoints hold are on the disk', async () => {
  const cluster = new MiniCluster();
  const latest = await left(cluster);
  const held = new Set(chainsOf(latest).flatMap((files) => files.map(({ path }) => path)));
  expect(sharedFiles(cluster)).toEqual([...held].toSorted((a, b) => (a < b ? -1 : 1)));
});

test('a job that is cancelled while its tasks write to a slow disk leaves none of what they write', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(stories[0].program, configuration);
  await whenChained(cluster, job);
  let asked = 0;
  cluster.files.lateMs = (path) => (path.includes('/shared/') ? 20 + asked++ : 0);
  await cluster.clock.play(() => asked >= 2, 'writes on their way');
  job.master.cancel();
  expect(await cluster.end(job)).toBe('CANCELED');
  await cluster.clock.advance(1_000);
  const held = job.master.checkpoints.kept.flatMap((one) => chainsOf(one).flat());
  const paths = new Set(held.map(({ path }) => path));
  expect(sharedFiles(cluster).filter((path) => !paths.has(path))).toEqual([]);
});

test('a disk that refuses the last look at what is there leaves nothing behind', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(stories[0].program, configuration);
  await whenChained(cluster, job);
  const until = job.master.checkpoints.history.counts.completed;
  let refused = 0;
  cluster.files.before = (operation, path) => {
    const isOver = job.master.graph.state === 'CANCELED';
    if (isOver && operation === 'list' && path.endsWith('/shared') && refused++ < 3)
      throw fileError('EIO', path);
  };
  // Of a checkpoint that is under way when the job ends, the files are nobody's.
  const isWriting = (): boolean => sharedFiles(cluster).some((path) => idIn(path) > until);
  await cluster.clock.play(isWriting, 'the next checkpoint');
  job.master.cancel();
  expect(await cluster.end(job)).toBe('CANCELED');
  await cluster.clock.advance(2_000);
  const held = job.master.checkpoints.kept.flatMap((one) => chainsOf(one).flat());
  const paths = new Set(held.map(({ path }) => path));
  expect(refused).toBe(4);
  expect(sharedFiles(cluster).filter((path) => !paths.has(path))).toEqual([]);
});

test('the next leader has the files of what it knows, however much else is complete', async () => {
  const cluster = new MiniCluster({ jobManagers: 2, taskManagers: 2 });
  const job = await cluster.accept(stories[0].program, {
    ...configuration,
    'execution.checkpointing.interval': '10 ms',
    'execution.checkpointing.max-concurrent-checkpoints': 3,
  });
  await whenChained(cluster, job);
  // Several are complete before the first of them is registered, and hardly any holds files of another.
  cluster.files.lateMs = (path) =>
    path.startsWith('/ha/log') ? 12 : path.includes('/shared/') ? 15 : 0;
  let swept = 0;
  cluster.files.observe = ({ operation, path }) => {
    if (operation === 'remove' && path.includes('/shared/')) swept++;
  };
  await cluster.clock.play(() => swept > 10, 'files that are not needed any more');
  killLeader(cluster, 10);
  cluster.files.lateMs = () => 0;
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'), stories[0].isOrdered)).toEqual(expectedRows(stories[0]));
});

test('a checkpoint tells what it has written and what it holds', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(stories[0].program, configuration);
  await whenChained(cluster, job);
  const { latest, history } = job.master.checkpoints;
  const handles = latest?.vertices.flatMap(({ subtasks }) => subtasks.map((one) => one.handle));
  const written = handles?.reduce(
    (sum, handle) => sum + (filesOf(handle).at(-1)?.sizeBytes ?? 0),
    0,
  );
  expect(history.latest.completed).toMatchObject({
    stateBytes: handles?.reduce((sum, handle) => sum + sizeOf(handle), 0),
    checkpointedBytes: written,
  });
});

test('a savepoint holds all state in its own directory, and checkpoints go on behind it', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(stories[0].program, configuration);
  await whenChained(cluster, job);
  const path = await cluster.clock.result(takeSavepoint(job.master, '/taken', cluster.random));
  await whenChained(cluster, job);
  job.master.cancel();
  await cluster.end(job);
  await Promise.all(
    sharedFiles(cluster).map((file) => cluster.clock.result(cluster.files.remove(file))),
  );
  const next = cluster.submit(stories[0].program, configuration, undefined, {
    savepointPath: path,
  });
  expect(await cluster.end(next)).toBe('FINISHED');
  expect(last(byKey(next.rows.of('rows')))).toEqual(last(expectedRows(stories[0])));
});

test('a checkpoint by hand that shall be full refers to no earlier one', async () => {
  const cluster = new MiniCluster();
  const job = cluster.submit(stories[0].program, {
    ...configuration,
    'execution.checkpointing.unaligned.enabled': 'true',
  });
  await whenChained(cluster, job);
  const id = await cluster.clock.result(job.master.checkpoints.trigger(true));
  const full = job.master.checkpoints.kept.find(({ checkpointId }) => checkpointId === id);
  expect(longest(full)).toBe(1);
  expect(await cluster.end(job)).toBe('FINISHED');
});

test.each(['CLAIM', 'NO_CLAIM'])('%s: files of another job', async (mode) => {
  const cluster = new MiniCluster();
  const origin = await left(cluster);
  const files = chainsOf(origin).flatMap((chain) => chain.map(({ path }) => path));
  const job = cluster.submit(
    stories[0].program,
    { ...configuration, 'execution.state-recovery.claim-mode': mode },
    undefined,
    { savepointPath: origin.path },
  );
  const { history } = job.master.checkpoints;
  await cluster.clock.play(() => history.counts.completed >= 2, 'two checkpoints');
  await cluster.clock.advance(5);
  expect(files.filter((path) => cluster.files.paths.includes(path))).toEqual(
    mode === 'CLAIM' ? [] : files,
  );
  expect(await cluster.end(job)).toBe('FINISHED');
});

test('a damaged or missing file of changes is named, and nothing is restored', async () => {
  const cluster = new MiniCluster();
  const origin = await left(cluster);
  const chain = chainsOf(origin).find(({ length }) => length > 1) ?? [];
  for (const { path } of chain) {
    const bytes = cluster.files.bytesOf(path);
    cluster.files.flip(path, bytes.length >> 1);
    const job = cluster.submit(stories[0].program, configuration, undefined, {
      savepointPath: origin.path,
    });
    expect(await cluster.end(job)).toBe('FAILED');
    const [failure] = job.master.scheduler.failures.failures;
    expect(failure?.error.message).toContain(`${path} is missing or damaged`);
    cluster.files.flip(path, bytes.length >> 1, 1);
  }
  expect(chain.length).toBeGreaterThan(1);
});
