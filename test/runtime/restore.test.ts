// Jobs that continue from what another job has left.

import { describe, expect, test } from 'vitest';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const RECORDS = 160;
const CLUSTER = { taskManagers: 4, slotsPerTaskManager: 2 };

const configuration = (parallelism: number): Readonly<Record<string, string | number>> => ({
  'parallelism.default': parallelism,
  'execution.checkpointing.interval': '40 ms',
  'state.storage.fs.memory-threshold': 0,
  'pipeline.max-parallelism': 128,
});

interface Row {
  readonly key: number;
  readonly sum: number;
  readonly seen: number;
}

/** Sums of each of twelve keys, and how many records each is of. */
const program =
  (uid = 'sums'): TestProgram =>
  ({ env }) => {
    env
      .generate((i) => ({ key: i % 12, sum: i, seen: 1 }), { count: RECORDS, ratePerSecond: 1_000 })
      .uid('numbers')
      .keyBy((row) => row.key)
      .reduce((a, b) => ({ key: a.key, sum: a.sum + b.sum, seen: a.seen + b.seen }))
      .uid(uid)
      .print('rows');
  };

/** The last row of each key: those of a key come in the order of their sums. */
const totals = (rows: readonly unknown[]): ReadonlyMap<number, Row> => {
  const last = new Map<number, Row>();
  for (const row of rows as readonly Row[])
    if ((last.get(row.key)?.seen ?? 0) < row.seen) last.set(row.key, row);
  return new Map([...last].sort(([a], [b]) => a - b));
};

const EXPECTED = totals(
  Array.from({ length: 12 }, (_, key) => {
    const own = Array.from({ length: RECORDS }, (_, i) => i).filter((i) => i % 12 === key);
    return { key, sum: own.reduce((a, b) => a + b, 0), seen: own.length };
  }),
);

/** A savepoint of the program in the middle of its records; the job that took it is cancelled. */
async function left(cluster: MiniCluster, parallelism: number): Promise<string> {
  const job = cluster.submit(program(), configuration(parallelism));
  await cluster.clock.play(() => job.rows.of('rows').length >= 40, '40 rows');
  const taken = takeSavepoint(job.master, '/savepoints', cluster.random);
  const path = await cluster.clock.result(taken);
  job.master.cancel();
  await cluster.until(job, 'CANCELED');
  return path;
}

const restore = (
  cluster: MiniCluster,
  savepointPath: string,
  parallelism = 2,
  { uid = 'sums', allowNonRestoredState = false, more = {} } = {},
): RunningJob =>
  cluster.submit(program(uid), { ...configuration(parallelism), ...more }, undefined, {
    savepointPath,
    allowNonRestoredState,
  });

/** What the job says when it has failed. */
async function refusal(cluster: MiniCluster, job: RunningJob): Promise<string> {
  expect(await cluster.end(job)).toBe('FAILED');
  expect(job.master.graph.subtasks.every(({ current }) => current.state === 'CANCELED')).toBe(true);
  return job.master.scheduler.failures.failures[0]?.error.message ?? '';
}

const PARALLELISMS = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(PARALLELISMS)('state taken at parallelism %i goes on at any other', async (from) => {
  const cluster = new MiniCluster({ ...CLUSTER, seed: from });
  const path = await left(cluster, from);
  for (const to of PARALLELISMS) {
    const job = restore(cluster, path, to);
    expect(await cluster.end(job)).toBe('FINISHED');
    expect([to, totals(job.rows.of('rows'))]).toEqual([to, EXPECTED]);
    expect(job.rows.of('rows').length).toBeLessThan(RECORDS);
  }
});

test('a job that fails before its first checkpoint begins again where it began', async () => {
  const cluster = new MiniCluster(CLUSTER);
  const path = await left(cluster, 2);
  const job = restore(cluster, path, 3, { more: { 'execution.checkpointing.interval': '10 min' } });
  await cluster.clock.play(() => job.rows.of('rows').length >= 20, '20 rows');
  const at = job.master.graph.subtasks[0]?.current.assignment?.taskManager;
  for (const each of cluster.taskManagers) if (each.resourceId === at) cluster.kill(each);
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(job.master.scheduler.restarts).toBe(1);
  expect(totals(job.rows.of('rows'))).toEqual(EXPECTED);
  expect(job.rows.of('rows').length).toBeLessThan(RECORDS);
});

test('its own checkpoints have greater numbers than the one it began with', async () => {
  const cluster = new MiniCluster(CLUSTER);
  const job = restore(cluster, await left(cluster, 2));
  await cluster.end(job);
  const { latest, history } = job.master.checkpoints.history;
  const { restored } = latest;
  expect(restored?.kind).toBe('savepoint');
  for (const { id } of history) expect(id).toBeGreaterThan(restored?.id ?? Number.NaN);
});

test('a retained checkpoint of a cancelled job is as good, and stays', async () => {
  const cluster = new MiniCluster(CLUSTER);
  const first = cluster.submit(program(), {
    ...configuration(3),
    'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
  });
  await cluster.clock.play(() => first.rows.of('rows').length >= 60, '60 rows');
  first.master.cancel();
  await cluster.until(first, 'CANCELED');
  const path = first.master.checkpoints.latest?.path ?? '';
  const job = restore(cluster, `file:${path}/_metadata`, 2);
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(totals(job.rows.of('rows'))).toEqual(EXPECTED);
  expect(cluster.files.paths).toContain(`${path}/_metadata`);
});

test('a savepoint that a disk refuses for a moment is gone on from', async () => {
  const cluster = new MiniCluster(CLUSTER);
  const path = await left(cluster, 2);
  const mendsMs = cluster.clock.elapsedMs + 1_000;
  cluster.files.before = (operation, file) => {
    const isRead = operation === 'readFile' || operation === 'list';
    if (isRead && file.startsWith(path) && cluster.clock.elapsedMs < mendsMs)
      throw fileError('EIO', file);
  };
  const job = restore(cluster, path);
  expect(await cluster.end(job)).toBe('FINISHED');
  expect(totals(job.rows.of('rows'))).toEqual(EXPECTED);
  expect(job.master.messages.kept.map(({ text }) => text)).toContain(
    `EIO: ${path}; it is tried again: look after its disk`,
  );
});

describe('a job that cannot continue says why before a task is deployed', () => {
  test('no such path, and one that is no savepoint', async () => {
    const cluster = new MiniCluster(CLUSTER);
    expect(await refusal(cluster, restore(cluster, '/nowhere'))).toBe(
      'there is no savepoint at /nowhere: no such directory',
    );
    await cluster.clock.result(cluster.files.makeDirectory('/empty'));
    expect(await refusal(cluster, restore(cluster, '/empty/'))).toContain(
      '/empty is no savepoint: it has no file _metadata',
    );
  });

  test('a file that is missing or damaged at any of its bytes', async () => {
    const cluster = new MiniCluster(CLUSTER);
    const path = await left(cluster, 2);
    const states = cluster.files.paths.filter((file) => /^\/savepoints\/.*\/[^_]/.test(file));
    expect(states.length).toBeGreaterThan(3);
    for (const file of states) {
      for (const at of [0, 9, cluster.files.bytesOf(file).length - 1]) {
        cluster.files.flip(file, at);
        expect(await refusal(cluster, restore(cluster, path))).toContain(`${file} is missing or`);
        cluster.files.flip(file, at);
      }
    }
    await cluster.clock.result(cluster.files.remove(states[0] ?? ''));
    expect(await refusal(cluster, restore(cluster, path))).toContain(`${states[0]} is missing or`);
  });

  test('metadata that is damaged twice, or of a newer format', async () => {
    const cluster = new MiniCluster(CLUSTER);
    const path = await left(cluster, 2);
    for (const name of ['_metadata', '_metadata.copy']) cluster.files.flip(`${path}/${name}`, 40);
    expect(await refusal(cluster, restore(cluster, path))).toContain(`${path}/_metadata: `);
    for (const name of ['_metadata', '_metadata.copy']) cluster.files.flip(`${path}/${name}`, 4, 8);
    expect(await refusal(cluster, restore(cluster, path))).toContain(
      'format version 9, this sluice reads versions 1 and 2',
    );
  });

  test('another maximum parallelism', async () => {
    const cluster = new MiniCluster(CLUSTER);
    const path = await left(cluster, 2);
    const job = restore(cluster, path, 2, { more: { 'pipeline.max-parallelism': 64 } });
    expect(await refusal(cluster, job)).toContain(
      'maximum parallelism of 128 and has 64 now; set pipeline.max-parallelism to 128',
    );
  });

  test('an operator that is gone, unless its state may be left behind', async () => {
    const cluster = new MiniCluster(CLUSTER);
    const path = await left(cluster, 2);
    const others = { uid: 'others' };
    expect(await refusal(cluster, restore(cluster, path, 2, others))).toMatch(
      /there is state of "Keyed Reduce", which .* does not have.*--allowNonRestoredState/,
    );
    const job = restore(cluster, path, 2, { ...others, allowNonRestoredState: true });
    expect(await cluster.end(job)).toBe('FINISHED');
    const seen = [...totals(job.rows.of('rows')).values()].reduce((sum, row) => sum + row.seen, 0);
    expect(seen).toBeLessThan(RECORDS);
  });

  test('the savepoint of another job', async () => {
    const cluster = new MiniCluster(CLUSTER);
    const path = await left(cluster, 2);
    const other: TestProgram = ({ env }) => {
      env
        .generate((i) => i, { count: 3 })
        .uid('else')
        .print('other')
        .uid('elsewhere');
    };
    const job = cluster.submit(other, {}, undefined, { savepointPath: path });
    expect(await refusal(cluster, job)).toContain('it is of another job');
  });
});

test('a job that is cancelled while its savepoint is read does not begin', async () => {
  const cluster = new MiniCluster(CLUSTER);
  const job = restore(cluster, await left(cluster, 2));
  job.master.cancel();
  await cluster.clock.advance(1_000);
  expect(job.master.state).toBe('CANCELED');
  expect(job.rows.of('rows')).toEqual([]);
});
