// Savepoints of jobs in a whole cluster.

import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../engine/checkpoint/checkpoint-storage.ts';
import { takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const [story] = stories;
const configuration = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '40 ms',
  // All state stands in files of its own.
  'state.storage.fs.memory-threshold': 0,
};

/** Until it has printed some. */
const whenRows = (cluster: MiniCluster, { rows }: RunningJob, count: number): Promise<unknown> =>
  cluster.clock.play(() => rows.of('rows').length >= count, `${count} rows`);

const savepointOf = (cluster: MiniCluster, { master }: RunningJob): Promise<string> =>
  cluster.clock.result(takeSavepoint(master, '/savepoints', cluster.random));

describe('a savepoint', () => {
  test('holds all state in a directory of its own, and the job goes on', async () => {
    const cluster = new MiniCluster({ taskManagers: 2 });
    const job = cluster.submit(story.program, configuration);
    await whenRows(cluster, job, 50);
    const path = await savepointOf(cluster, job);
    const named = new RegExp(
      `^/savepoints/savepoint-${job.master.jobId.slice(0, 6)}-[0-9a-f]{12}$`,
    );
    expect(path).toMatch(named);
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));

    cluster.files.losePower();
    const found = await cluster.clock.result(readCheckpoint(cluster.files, path));
    expect(found.kind).toBe('savepoint');
    const handles = found.vertices.flatMap(({ subtasks }) => subtasks.map(({ handle }) => handle));
    const files = handles.map((handle) => (handle?.kind === 'file' ? handle.path : 'none'));
    expect(files).toHaveLength(4);
    expect(cluster.files.paths.filter((file) => file.startsWith(path))).toEqual(
      [...files, `${path}/_metadata`, `${path}/_metadata.copy`].sort((a, b) => (a < b ? -1 : 1)),
    );
    expect(job.master.checkpoints.history.latest.savepoint).toMatchObject({ path });
  });

  test('commits nothing, and no restart begins from it', async () => {
    const cluster = new MiniCluster();
    const { 'execution.checkpointing.interval': _none, ...rest } = configuration;
    const job = cluster.submit(story.program, rest);
    await cluster.until(job, 'RUNNING');
    await cluster.clock.advance(100);
    await savepointOf(cluster, job);
    expect(job.master.checkpoints.latest).toBeUndefined();
  });

  test('that cannot be written leaves nothing, and the job goes on', async () => {
    const cluster = new MiniCluster();
    cluster.files.before = (operation, path) => {
      if (
        operation === 'writeFile' &&
        path.endsWith('/_metadata') &&
        path.startsWith('/savepoints')
      )
        throw fileError('ENOSPC', path);
    };
    const job = cluster.submit(story.program, configuration);
    await whenRows(cluster, job, 50);
    await expect(savepointOf(cluster, job)).rejects.toThrow('ENOSPC');
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(cluster.files.paths.filter((path) => path.startsWith('/savepoints'))).toEqual([]);
  });

  test('goes nowhere but into a directory of which it is known where it is', async () => {
    const cluster = new MiniCluster();
    const { master } = cluster.submit(story.program, configuration);
    for (const root of ['savepoints', 's3://bucket/savepoints'])
      await expect(takeSavepoint(master, root, cluster.random)).rejects.toThrow(root);
  });
});
