// Jobs in a whole cluster: they run to their end, fail and begin anew, are cancelled, wait for slots, and
// leave one another alone.

import { describe, expect, test } from 'vitest';
import { below, SeededRandom, unit } from '../../engine/core/random.ts';
import { fileError } from '../harness/memory-files.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories, sums } from './programs.ts';

const [story] = stories;

const restarting = {
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 10,
  'restart-strategy.fixed-delay.delay': '10 ms',
};
const checkpointed = {
  ...restarting,
  'parallelism.default': 2,
  'execution.checkpointing.interval': '40 ms',
};

const isExact = (job: RunningJob): void =>
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));

/** Whether nothing of any job is left on the TaskManagers. */
const hasFreeSlots = (cluster: MiniCluster): boolean =>
  cluster.resourceManager.taskManagers().every(({ jobs }) => jobs.length === 0);

test.each([1, 2, 3, 4])(
  'a job runs to its end, and its client has every row: parallelism %i',
  async (p) => {
    for (const threads of ['slot', 'chain'] as const) {
      const cluster = new MiniCluster({ taskManagers: 2, threads });
      for (const each of stories) {
        const job = cluster.submit(each.program, { 'parallelism.default': p });
        expect(await cluster.end(job)).toBe('FINISHED');
        expect(byKey(job.rows.of('rows'), each.isOrdered)).toEqual(expectedRows(each));
      }
    }
  },
);

describe('an exception of the program', () => {
  const failingOnce = (): ReturnType<typeof sums> => {
    let hasFailed = false;
    return sums(200, ({ n }) => {
      if (n !== 120 || hasFailed) return;
      hasFailed = true;
      throw new Error('no more');
    });
  };

  test('restarts what is connected with it where that is configured, and the rows are exact', async () => {
    const cluster = new MiniCluster({ taskManagers: 2 });
    const job = cluster.submit(failingOnce(), checkpointed);
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(job.master.scheduler.restarts).toBe(1);
    isExact(job);
  });

  test('fails the job at once where nothing is, naming operator and record', async () => {
    const cluster = new MiniCluster();
    const job = cluster.submit(failingOnce());
    expect(await cluster.end(job)).toBe('FAILED');
    const [failure] = job.master.scheduler.failures.failures;
    expect(failure?.error.message).toBe('no more\n  in operator "Map", record {"key":0,"n":120}');
  });

  test('of its source names the source, not what came last', async () => {
    const cluster = new MiniCluster();
    const job = cluster.submit(({ env }) => {
      const generate = (i: number): number => {
        if (i === 50) throw new Error('no such number');
        return i;
      };
      env.generate(generate, { count: 100 }).print('rows');
    });
    expect(await cluster.end(job)).toBe('FAILED');
    const [failure] = job.master.scheduler.failures.failures;
    expect(failure?.error.message).toBe('no such number\n  in operator "Source: generator"');
  });
});

describe('a checkpoint', () => {
  test('whose directory is being made when the job ends leaves none', async () => {
    const cluster = new MiniCluster({ taskManagers: 2 });
    const job = cluster.submit(story.program, checkpointed);
    await cluster.until(job, 'RUNNING');
    cluster.files.latencyMs = 60;
    const { directory, history } = job.master.checkpoints;
    await cluster.clock.play(() => history.counts.inProgress > 0, 'a checkpoint that begins');
    // What is asked of the disk now is done sooner.
    cluster.files.latencyMs = 0.5;
    job.master.cancel();
    expect(await cluster.end(job)).toBe('CANCELED');
    await cluster.clock.advance(1_000);
    expect(cluster.files.directories.filter((path) => path.startsWith(directory))).toEqual([]);
  });

  test('that does not come to an end is given up, and a later one completes', async () => {
    const cluster = new MiniCluster({ taskManagers: 2 });
    // The first write of a task's state never ends; small states travel inside the acknowledgement.
    let hung = 0;
    const { files } = cluster;
    const write = files.writeFile.bind(files);
    files.writeFile = (path, bytes) =>
      path.includes('_metadata') || hung++ > 0 ? write(path, bytes) : new Promise(() => undefined);
    const job = cluster.submit(story.program, {
      ...checkpointed,
      'state.storage.fs.memory-threshold': '0b',
      'execution.checkpointing.timeout': '60 ms',
      'execution.checkpointing.tolerable-failed-checkpoints': 3,
    });
    expect(await cluster.end(job)).toBe('FINISHED');
    const { history, counts } = job.master.checkpoints.history;
    expect(history.map(({ failure }) => failure)).toContain(
      'Checkpoint expired before completing.',
    );
    expect(counts.completed).toBeGreaterThan(0);
    isExact(job);
  });

  test('is declined while the disk is full, the job goes on, and so do checkpoints when there is room', async () => {
    const log = new RecordingLogger();
    const cluster = new MiniCluster({ taskManagers: 2, log });
    cluster.files.before = (operation, path) => {
      const { elapsedMs } = cluster.clock;
      if (operation === 'writeFile' && elapsedMs > 80 && elapsedMs < 200)
        throw fileError('ENOSPC', path);
    };
    const job = cluster.submit(story.program, {
      ...checkpointed,
      'execution.checkpointing.tolerable-failed-checkpoints': 10,
      'state.storage.fs.memory-threshold': 0,
    });
    expect(await cluster.end(job)).toBe('FINISHED');
    const { failed, completed } = job.master.checkpoints.history.counts;
    expect([failed > 0, completed > 1, job.master.scheduler.restarts]).toEqual([true, true, 0]);
    isExact(job);
    // Each is told once: of one that was given up already it is no news that it cannot be written.
    const told = log.lines.flatMap(
      (line) => /^warn checkpoint (\d+) declined/.exec(line)?.[1] ?? [],
    );
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told).size).toBe(told.length);
  });
});

describe('cancelling', () => {
  test('ends a job at any moment, frees its slots and removes its checkpoints', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const cluster = new MiniCluster({ seed, taskManagers: 2 });
      const random = new SeededRandom(seed);
      const job = cluster.submit(story.program, checkpointed);
      if (below(random, 3) === 0) cluster.clock.after(unit(random) * 200, () => cluster.killAny());
      cluster.clock.after(unit(random) * 250, () => job.master.cancel());
      expect(['CANCELED', 'FINISHED']).toContain(await cluster.end(job, 10_000));
      await cluster.clock.play(() => hasFreeSlots(cluster), 'free slots', 5_000);
      await cluster.clock.advance(100);
      expect(cluster.files.paths, `seed ${seed}`).toEqual([]);
    }
  });

  test('ends a job that waits for slots', async () => {
    const cluster = new MiniCluster({ slotsPerTaskManager: 1 });
    const job = cluster.submit(story.program, checkpointed);
    await cluster.clock.advance(1_000);
    job.master.cancel();
    expect(await cluster.end(job, 1_000)).toBe('CANCELED');
  });

  test('ends a job that waits to begin anew', async () => {
    const cluster = new MiniCluster();
    const job = cluster.submit(
      sums(200, ({ n }) => {
        if (n === 20) throw new Error('again and again');
      }),
      { ...restarting, 'restart-strategy.fixed-delay.delay': '1 h' },
    );
    await cluster.until(job, 'RESTARTING');
    job.master.cancel();
    expect(await cluster.end(job, 1_000)).toBe('CANCELED');
  });
});

describe('slots', () => {
  test('that are too few are told within two seconds, and the job ends when its time is up', async () => {
    const cluster = new MiniCluster({ slotsPerTaskManager: 1 });
    const job = cluster.submit(story.program, {
      'parallelism.default': 3,
      'slot.request.timeout': '30 s',
    });
    await cluster.clock.play(
      () => job.master.slots.shortage !== undefined,
      'word of the shortage',
      2_000,
    );
    expect(job.master.slots.shortage).toBe('the job needs 3 slots and the cluster can give it 1');
    expect(await cluster.end(job, 31_000)).toBe('FAILED');
  });

  test('that another job gives back are taken', async () => {
    const cluster = new MiniCluster({ slotsPerTaskManager: 2 });
    const first = cluster.submit(story.program, { 'parallelism.default': 2 });
    const second = cluster.submit(story.program, { 'parallelism.default': 2 });
    expect(await cluster.end(first)).toBe('FINISHED');
    expect(await cluster.end(second)).toBe('FINISHED');
    isExact(second);
  });
});

test('jobs leave one another alone: what one loses the other does not notice', async () => {
  const cluster = new MiniCluster({
    taskManagers: 2,
    slotsMax: 8,
    slots: 'elastic',
    mayShare: false,
  });
  const doomed = cluster.submit(story.program, checkpointed);
  const other = cluster.submit(story.program, checkpointed);
  await cluster.clock.advance(150);
  const placed = doomed.master.slots.placeOf(
    { vertex: doomed.master.job.vertices[0]?.id as never, subtask: 0 },
    doomed.master.graph.subtasks[0]?.current.assignment?.allocationId,
  );
  const taskManager = cluster.taskManagers.find((one) => one.resourceId === placed?.taskManager);
  if (taskManager === undefined) throw new Error('it runs nowhere');
  cluster.kill(taskManager);
  expect(await cluster.end(doomed)).toBe('FINISHED');
  expect(await cluster.end(other)).toBe('FINISHED');
  expect([doomed, other].map(({ master }) => master.scheduler.restarts)).toEqual([1, 0]);
  isExact(doomed);
  isExact(other);
});
