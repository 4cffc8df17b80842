// Messages of the RPC that are lost or come twice, of every kind: the next heartbeats repair it (INV-23).

import { describe, expect, test } from 'vitest';
import type { Logger } from '../../engine/core/logger.ts';
import { below } from '../../engine/core/random.ts';
import { stopWithSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { fileError } from '../harness/memory-files.ts';
import type { Seen } from '../harness/memory-network.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey, expectedRows, stories } from './programs.ts';

/** The timeout of a checkpoint is the default: none of these would end in time by it. */
const configuration = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '50 ms',
  'execution.checkpointing.tolerable-failed-checkpoints': 1_000,
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 1_000,
  'restart-strategy.fixed-delay.delay': '10 ms',
};

const wanted = stories.map(expectedRows);

/** Runs a job while messages are lost. Answers when it had ended, in virtual ms. */
async function runWith(
  seed: number,
  isLost: (cluster: MiniCluster) => (message: Seen) => boolean,
): Promise<number> {
  const cluster = new MiniCluster({ seed, taskManagers: 2 });
  const lost = isLost(cluster);
  cluster.network.delivers = (message) => !lost(message);
  const which = seed % stories.length;
  const story = stories[which];
  if (story === undefined) throw new Error('no story');
  const job = cluster.submit(story.program, configuration);
  expect(await cluster.end(job, 300_000)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(wanted[which]);
  const { elapsedMs } = cluster.clock;
  await cluster.clock.play(
    () => cluster.resourceManager.taskManagers().every(({ jobs }) => jobs.length === 0),
    'the slots of the job to be free',
    5_000,
  );
  return elapsedMs;
}

/** The first few messages of that method, as the seed says. */
const first =
  (method: string, kind: 'call' | 'ok' = 'call') =>
  (cluster: MiniCluster) => {
    let left = 1 + below(cluster.random, 3);
    return (message: Seen): boolean =>
      message.t === kind && message.method === method && left-- > 0;
  };

describe('the first calls are lost, and the job ends all the same, soon', () => {
  // Of a heartbeat's length or two each: nothing waits for a call to time out, which takes 30 s.
  test.each([
    'submitTask',
    'updateTaskState',
    'notifyCheckpoint',
    'triggerCheckpoint',
    'acknowledgeCheckpoint',
    'declineCheckpoint',
    'sendOperatorEvent',
    'operatorEvent',
    'offerSlots',
    'requestSlot',
    'heartbeat',
    'freeSlot',
    'notifySlotFree',
  ])('%s', async (method) => {
    for (const seed of [1, 2, 3]) {
      expect(await runWith(seed, first(method))).toBeLessThan(5_000);
      expect(await runWith(seed, first(method, 'ok'))).toBeLessThan(5_000);
    }
  });

  test.each(['requestBlob', 'registerTaskExecutor'])('%s, once its time is up', async (method) => {
    for (const seed of [1, 2, 3]) await runWith(seed, first(method));
  });
});

test('a cancelled job ends although the order is lost', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  cluster.network.delivers = ({ method, t }) =>
    !(method === 'cancelTask' && t === 'call' && cluster.clock.elapsedMs < 300);
  const job = cluster.submit(stories[0].program, configuration);
  await cluster.clock.advance(200);
  job.master.cancel();
  expect(await cluster.end(job, 2_000)).toBe('CANCELED');
});

test('a job whose last checkpoint is complete ends, although it was not told', async () => {
  for (const seed of [1, 2, 3]) {
    const cluster = new MiniCluster({ seed, taskManagers: 2 });
    const isLost = first('notifyCheckpoint')(cluster);
    cluster.network.delivers = (message) => !isLost(message);
    const interval = { 'execution.checkpointing.interval': '1 h' };
    const job = cluster.submit(stories[0].program, { ...configuration, ...interval });
    expect(await cluster.end(job, 2_000)).toBe('FINISHED');
  }
});

describe('the only checkpoint, with which a job ends, is completed by heartbeats', () => {
  test.each(['triggerCheckpoint', 'acknowledgeCheckpoint', 'notifyCheckpoint'])(
    'when %s is lost',
    async (method) => {
      for (const seed of [1, 2, 3]) {
        const cluster = new MiniCluster({ seed, taskManagers: 2 });
        const isLost = first(method)(cluster);
        cluster.network.delivers = (message) => !isLost(message);
        const job = cluster.submit(stories[0].program, {
          'parallelism.default': 2,
          'execution.checkpointing.interval': '1 h',
        });
        expect(await cluster.end(job, 2_000)).toBe('FINISHED');
        expect(byKey(job.rows.of('rows'))).toEqual(wanted[0]);
      }
    },
  );
});

test('the checkpoint with which a job ends is taken again when it could not be stored', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  let refused = 0;
  cluster.files.before = (operation, path) => {
    if (operation === 'writeFile' && refused++ < 2) throw fileError('ENOSPC', path);
  };
  const hourly = { ...configuration, 'execution.checkpointing.interval': '1 h' };
  const job = cluster.submit(stories[0].program, hourly);
  expect(await cluster.end(job, 2_000)).toBe('FINISHED');
  expect([refused > 2, job.master.scheduler.restarts]).toEqual([true, 0]);
});

test('a task that has not heard that its stop was given up goes on with the next checkpoint', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const job = cluster.submit(stories[0].program, {
    ...configuration,
    'execution.checkpointing.timeout': '150 ms',
  });
  await cluster.clock.play(() => job.rows.of('rows').length > 20, 'rows');
  let left = 4;
  cluster.network.delivers = ({ method, args, t }) =>
    t !== 'call' ||
    !((method === 'notifyCheckpoint' && args.at(-1) === 'aborted') || method === 'heartbeat') ||
    left-- <= 0;
  cluster.files.before = (operation, path) => {
    if (operation === 'writeFile' && path.startsWith('/savepoints')) throw fileError('EROFS', path);
  };
  const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
  await expect(cluster.clock.result(stopping)).rejects.toThrow('EROFS');
  expect(await cluster.end(job, 5_000)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'))).toEqual(wanted[0]);
});

test('a task that has not heard that its stop was given up ends its data for a drain', async () => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const hourly = { 'execution.checkpointing.interval': '1 h' };
  const job = cluster.submit(stories[0].program, { ...configuration, ...hourly });
  await cluster.clock.play(() => job.rows.of('rows').length > 20, 'rows');
  cluster.network.delivers = ({ method, args }) =>
    !(method === 'notifyCheckpoint' && args.at(-1) === 'aborted');
  let refused = 0;
  cluster.files.before = (operation, path) => {
    if (operation === 'writeFile' && path.startsWith('/savepoints') && refused++ === 0)
      throw fileError('EROFS', path);
  };
  const stopping = stopWithSavepoint(job.master, '/savepoints', false, cluster.random);
  await expect(cluster.clock.result(stopping)).rejects.toThrow('EROFS');
  const draining = stopWithSavepoint(job.master, '/savepoints', true, cluster.random);
  await cluster.clock.result(draining);
  expect(await cluster.end(job, 2_000)).toBe('FINISHED');
});

test('that the JobMaster cannot deal with an acknowledgement fails the job, and is said', async () => {
  const lines: string[] = [];
  const log: Logger = { log: (level, text) => lines.push(`${level}: ${text}`), named: () => log };
  const cluster = new MiniCluster({ log });
  const job = cluster.submit(stories[0].program, configuration);
  job.master.checkpoints.history.acknowledge = () => {
    throw new Error('no such subtask');
  };
  expect(await cluster.end(job, 5_000)).toBe('FAILED');
  expect(job.master.scheduler.failures.failures[0]?.error.message).toContain('no such subtask');
});

test('no checkpoint is taken without a split that is still on its way to its reader', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const cluster = new MiniCluster({ seed, taskManagers: 2 });
    const isLost = first('sendOperatorEvent')(cluster);
    cluster.network.delivers = (message) => !isLost(message);
    // Before a heartbeat can repair it there is a checkpoint, and a job that must go on from it.
    cluster.clock.after(100 + seed * 5, () => cluster.crashAny());
    const interval = { 'execution.checkpointing.interval': '10 ms' };
    const job = cluster.submit(stories[0].program, { ...configuration, ...interval });
    expect(await cluster.end(job, 10_000)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows')), `seed ${seed}`).toEqual(wanted[0]);
  }
});

test('no checkpoint is taken with a split that came behind its trigger', async () => {
  for (let seed = 1; seed <= 6; seed++) {
    const cluster = new MiniCluster({ seed, taskManagers: 2 });
    // Both are sent again by a heartbeat: the trigger, and what makes the enumerator hand out splits at once.
    cluster.network.delivers = ({ method }) =>
      !['operatorEvent', 'triggerCheckpoint'].includes(method) || cluster.clock.elapsedMs > 190;
    const interval = { 'execution.checkpointing.interval': '10 ms' };
    const job = cluster.submit(stories[0].program, { ...configuration, ...interval });
    const { counts } = job.master.checkpoints.history;
    const isComplete = (): boolean =>
      job.master.checkpoints.history.counts.completed > counts.completed;
    await cluster.clock.play(isComplete, 'a checkpoint', 5_000);
    cluster.crashAny();
    expect(await cluster.end(job, 10_000)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows')), `seed ${seed}`).toEqual(wanted[0]);
  }
});

test('whichever connection breaks, and no other, the job ends soon', async () => {
  for (let which = 0; which < 12; which++) {
    // With no TaskManager to spare: its slots are asked for again.
    const cluster = new MiniCluster({ seed: which, taskManagers: 2, slotsPerTaskManager: 1 });
    const breakOne = (): void => void cluster.network.breakOne((count) => which % count);
    cluster.clock.after(150, breakOne);
    const job = cluster.submit(stories[0].program, configuration);
    expect(await cluster.end(job, 5_000), `connection ${which}`).toBe('FINISHED');
    expect(byKey(job.rows.of('rows'))).toEqual(wanted[0]);
  }
});

test('a TaskManager that registers twice is one that lives: no task of its is lost', async () => {
  for (const seed of [1, 2, 3]) {
    const cluster = new MiniCluster({ seed, taskManagers: 2 });
    cluster.network.repeats = ({ method }) => method === 'registerTaskExecutor';
    let asked = 0;
    cluster.network.observe = ({ t, method }) => {
      if (t === 'call' && method === 'requestSlot') asked++;
    };
    const job = cluster.submit(stories[0].program, configuration);
    expect(await cluster.end(job, 5_000)).toBe('FINISHED');
    expect(job.master.scheduler.restarts).toBe(0);
    // Slots that were given already are refused, and not asked for again at once.
    expect(asked).toBeLessThan(15);
    expect(byKey(job.rows.of('rows'))).toEqual(wanted[0]);
  }
});

test('a TaskManager whose connections break, and that registers again, is not replaced', async () => {
  for (const seed of [1, 2, 3]) {
    const cluster = new MiniCluster({ seed, taskManagers: 1 });
    await cluster.clock.advance(100);
    const ids = cluster.taskManagers.map(({ resourceId }) => resourceId);
    for (const id of ids) cluster.network.breakConnections(id);
    await cluster.clock.advance(1_000);
    expect(cluster.taskManagers.map(({ resourceId }) => resourceId)).toEqual(ids);
  }
});

test('one message in a hundred is lost, and one comes twice', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    await runWith(seed, (cluster) => {
      cluster.network.repeats = () => below(cluster.random, 100) === 0;
      return () => below(cluster.random, 100) === 0;
    });
  }
});
