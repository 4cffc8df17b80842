// The disk under an exactly-once sink is full, read-only or fails for a while: under the default policy the job waits
// for it, and every row stands once in the files. What the program itself throws still ends the job at once.

import { expect, test } from 'vitest';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const COUNT = 120;

const program: TestProgram = ({ env, files }) =>
  env
    .generate((i) => i, { count: COUNT, ratePerSecond: 1_000 })
    .rebalance()
    .sinkTo(files('/out', { prefix: 'rows' }));

const CONFIGURATION = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '20 ms',
  'execution.checkpointing.tolerable-failed-checkpoints': 1_000,
};

/** For so many ms the disk answers writes below that path so. */
function refuse(
  cluster: MiniCluster,
  code: string,
  below: string,
  fromMs: number,
  ms: number,
): void {
  cluster.files.before = (operation, path) => {
    const { elapsedMs } = cluster.clock;
    const isWrite = ['create', 'append', 'syncFile', 'link', 'rename'].includes(operation);
    if (isWrite && path.startsWith(below) && elapsedMs > fromMs && elapsedMs < fromMs + ms)
      throw fileError(code, path);
  };
}

async function rowsOf(cluster: MiniCluster): Promise<number[]> {
  const paths = cluster.files.paths.filter((path) => path.startsWith('/out/rows'));
  const texts = await cluster.clock.result(
    Promise.all(paths.map((path) => cluster.files.readFile(path))),
  );
  return texts.flatMap((bytes) => new TextDecoder().decode(bytes).trim().split('\n').map(Number));
}

const failuresOf = ({ master }: RunningJob): string[] =>
  master.scheduler.failures.failures.map(({ error }) => error.message);

test.each(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'])(
  'a disk that answers %s for seconds restarts the job until it mends',
  async (code) => {
    for (let seed = 1; seed <= 5; seed++) {
      const cluster = new MiniCluster({ seed, taskManagers: 2 });
      refuse(cluster, code, '/out', 30 + seed * 15, 4_000);
      const job = cluster.submit(program, CONFIGURATION);
      expect(await cluster.end(job, 20_000), failuresOf(job)[0]).toBe('FINISHED');
      // Less and less often: at a steady delay there were forty.
      const { restarts } = job.master.scheduler;
      expect([restarts > 4, restarts < 15]).toEqual([true, true]);
      expect(failuresOf(job)[0]).toMatch(
        /^cannot write \/out\/.* goes on from its last checkpoint/,
      );
      expect((await rowsOf(cluster)).sort((a, b) => a - b)).toEqual([...Array(COUNT).keys()]);
    }
  },
);

test('an output directory that may not be written fails the job at once', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  refuse(cluster, 'EACCES', '/out', 0, 60_000);
  const job = cluster.submit(program, CONFIGURATION);
  expect(await cluster.end(job, 5_000)).toBe('FAILED');
  expect(job.master.scheduler.restarts).toBe(0);
  expect(failuresOf(job)[0]).toMatch(/^cannot write \/out\/.*EACCES/);
});

test('the program’s own full disk is an exception of the program, and fails the job at once', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const throwing: TestProgram = ({ env, files }) =>
    env
      .generate((i) => i, { count: COUNT, ratePerSecond: 1_000 })
      .map((i) => {
        if (i === 50) throw fileError('ENOSPC', '/mine');
        return i;
      })
      .sinkTo(files('/out'));
  const job = cluster.submit(throwing, CONFIGURATION);
  expect(await cluster.end(job, 5_000)).toBe('FAILED');
  expect(job.master.scheduler.restarts).toBe(0);
});
