// Messages of the RPC that are lost or come twice, of every kind: the next heartbeats repair it (INV-23).

import { describe, expect, test } from 'vitest';
import { below } from '../../engine/core/random.ts';
import type { Seen } from '../harness/memory-network.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import { byKey, expectedRows, stories } from './programs.ts';

const configuration = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '50 ms',
  'execution.checkpointing.timeout': '500 ms',
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

test('one message in a hundred is lost, and one comes twice', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    await runWith(seed, (cluster) => {
      cluster.network.repeats = () => below(cluster.random, 100) === 0;
      return () => below(cluster.random, 100) === 0;
    });
  }
});
