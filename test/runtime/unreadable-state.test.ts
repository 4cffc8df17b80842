// What a task is to go on from cannot be read: the program is not at fault. What the machine refuses is waited for,
// and what is lost fails the job; either way the file is named, and what is to be done.

import { expect, test } from 'vitest';
import { filesOf } from '../../engine/state/state-handle.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const [story] = stories;

/** Of a job whose tasks are about to go on from a checkpoint, the files of that. */
async function restarting(): Promise<{
  readonly cluster: MiniCluster;
  readonly job: RunningJob;
  readonly files: readonly string[];
}> {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(story.program, {
    'parallelism.default': 2,
    'execution.checkpointing.interval': '20 ms',
    'state.storage.fs.memory-threshold': 0,
  });
  const { history } = job.master.checkpoints;
  await cluster.clock.play(() => history.counts.completed >= 2, 'two checkpoints');
  cluster.killAny();
  await cluster.until(job, 'RESTARTING');
  const subtasks = job.master.checkpoints.latest?.vertices.flatMap((vertex) => vertex.subtasks);
  const files = (subtasks ?? []).flatMap(({ handle }) => filesOf(handle).map(({ path }) => path));
  return { cluster, job, files };
}

const failuresOf = ({ master }: RunningJob): readonly string[] =>
  master.scheduler.failures.failures.map(({ error }) => error.message);

test.each([
  ['EIO', 'look after its disk'],
  ['EACCES', 'let the user of the TaskManager read it'],
  ['EMFILE', 'let the user of the TaskManager read it'],
])('a file that a disk answers with %s for is read when it can be', async (code, advice) => {
  const { cluster, job, files } = await restarting();
  const mendsMs = cluster.clock.elapsedMs + 3_000;
  cluster.files.before = (operation, path) => {
    if (operation === 'readFile' && files.includes(path) && cluster.clock.elapsedMs < mendsMs)
      throw fileError(code, path);
  };
  expect(await cluster.end(job, 20_000)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(expectedRows(story));
  const told = failuresOf(job).filter((text) => text.includes('cannot be read'));
  expect(told.length).toBeGreaterThan(3);
  for (const text of told) expect(text).toMatch(new RegExp(`file /.* cannot be read.*${advice}`));
});

test('a file that is gone fails the job, which never goes on without it, and not as the program’s fault', async () => {
  const { cluster, job, files } = await restarting();
  await cluster.clock.result(Promise.all(files.map((path) => cluster.files.remove(path))));
  expect(await cluster.end(job, 20_000)).toBe('FAILED');
  const [first, ...others] = failuresOf(job).filter((text) => text.includes('missing or damaged'));
  expect(first).toMatch(/file \/.* is missing or damaged.*bring it back from a copy/);
  // It is tried again: a folder may not have been there for a moment.
  expect(others.length).toBeGreaterThan(0);
});
