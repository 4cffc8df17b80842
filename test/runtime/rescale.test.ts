// A running job gets another parallelism: its rows are those of an undisturbed run.

import { expect, test } from 'vitest';
import { must } from '../../engine/core/assert.ts';
import type { VertexId } from '../../engine/core/ids.ts';
import { resultOperators } from '../../engine/runtime/jobmaster/result-lanes.ts';
import { killLeader } from '../harness/leader-faults.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { byKey, expectedRows, stories, sums } from './programs.ts';

const configuration = (parallelism: number): Readonly<Record<string, string | number>> => ({
  'parallelism.default': parallelism,
  'execution.checkpointing.interval': '40 ms',
});

const cluster = (seed = 1): MiniCluster =>
  new MiniCluster({ taskManagers: 4, slotsPerTaskManager: 2, seed });

function ask({ master }: RunningJob, lower: number, upper: number): Promise<void> {
  const bounds = master.job.vertices.map(({ id }) => [id, { lower, upper }] as const);
  return master.rescale.require(new Map<VertexId, { lower: number; upper: number }>(bounds));
}

const parallelismsOf = ({ master }: RunningJob): readonly number[] =>
  master.job.vertices.map(({ parallelism }) => parallelism);

/** Until all of its vertices run with it. */
async function untilAt(cluster: MiniCluster, job: RunningJob, parallelism: number): Promise<void> {
  const isThere = (): boolean =>
    parallelismsOf(job).every((each) => each === parallelism) &&
    job.master.graph.subtasks.every(({ current }) => current.state === 'RUNNING');
  await cluster.clock.play(isThere, `parallelism ${parallelism}`);
}

const requirementsOf = ({ master }: RunningJob): readonly number[] =>
  [...master.rescale.requirements.values()].map(({ upper }) => upper);

const whenRows = (cluster: MiniCluster, { rows }: RunningJob, count: number): Promise<unknown> =>
  cluster.clock.play(() => rows.of('rows').length >= count, `${count} rows`);

test.each(stories.flatMap((story, i) => [1, 2, 3].map((seed) => [i, seed, story] as const)))(
  'program %i goes up and down, and no row is lost or doubled (seed %i)',
  async (_program, seed, story) => {
    const world = cluster(seed);
    const job = world.submit(story.program, configuration(2));
    await whenRows(world, job, 10);
    for (const parallelism of [4, 1, 3]) {
      void ask(job, 1, parallelism);
      await untilAt(world, job, parallelism);
    }
    expect(await world.end(job)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows'), story.isOrdered)).toEqual(expectedRows(story));
    expect(job.master.scheduler.restarts).toBe(0);
  },
);

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'what dies while the parallelism changes costs no row (seed %i)',
  async (seed) => {
    const [story] = stories;
    const world = cluster(seed);
    const job = world.submit(story.program, configuration(2));
    for (const parallelism of [3, 1, 4]) {
      await whenRows(world, job, 10 * parallelism);
      void ask(job, 1, parallelism);
      // Before, within and after the checkpoint, the end of the tasks, and their beginning.
      await world.clock.advance(seed * 6);
      if (seed % 2 === 0) world.killAny();
      else world.crashAny();
      await world.until(job, 'RUNNING');
    }
    expect(await world.end(job)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
    expect(parallelismsOf(job)).toEqual([4, 4]);
  },
);

test('a deployment that was never answered is no news of a subtask that is no more', async () => {
  const [story] = stories;
  const world = new MiniCluster({ taskManagers: 4, rpcTimeoutMs: 1_000 });
  let left = 4;
  world.network.delivers = ({ t, method }) =>
    t !== 'call' || method !== 'submitTask' || left-- <= 0;
  const job = world.submit(story.program, configuration(2));
  await whenRows(world, job, 5);
  void ask(job, 1, 1);
  await untilAt(world, job, 1);
  await world.clock.advance(1_000);
  expect(await world.end(job)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('a client that asks late still gets the rows of lanes that have ended', async () => {
  const [story] = stories;
  const world = cluster();
  const asked = Promise.withResolvers<void>();
  const job = world.submit(story.program, configuration(4), () => asked.promise);
  const whenCheckpoints = (count: number): Promise<unknown> =>
    world.clock.play(() => job.master.checkpoints.history.counts.completed >= count, 'checkpoints');
  await whenCheckpoints(2);
  for (const parallelism of [2, 3]) {
    void ask(job, 1, parallelism);
    await untilAt(world, job, parallelism);
    await whenCheckpoints(job.master.checkpoints.history.counts.completed + 1);
  }
  asked.resolve();
  expect(await world.end(job)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('a job without checkpoints keeps its state', async () => {
  const [story] = stories;
  const world = cluster();
  const job = world.submit(story.program, { 'parallelism.default': 2 });
  await whenRows(world, job, 30);
  void ask(job, 1, 3);
  await untilAt(world, job, 3);
  expect(await world.end(job)).toBe('FINISHED');
  const last = (rows: ReturnType<typeof byKey>): unknown =>
    [...rows].map(([key, numbers]) => [key, Math.max(...numbers)]);
  expect(last(byKey(job.rows.of('rows')))).toEqual(last(expectedRows(story)));
});

test('with fewer slots than asked for it takes what there is, and more when more comes', async () => {
  const [story] = stories;
  const world = cluster();
  const other = world.submit(story.program, configuration(4));
  const job = world.submit(story.program, configuration(1));
  await whenRows(world, job, 5);
  void ask(job, 2, 6);
  await untilAt(world, job, 4);
  other.master.cancel();
  await untilAt(world, job, 6);
  expect(await world.end(job)).toBe('FINISHED');
  expect(byKey(job.rows.of('rows'))).toEqual(expectedRows(story));
});

test('where the slots are not enough for the lower bound it goes on as it is, and says so', async () => {
  const [story] = stories;
  const world = cluster();
  const job = world.submit(story.program, configuration(2));
  await whenRows(world, job, 5);
  void ask(job, 9, 10);
  expect(await world.end(job)).toBe('FINISHED');
  expect(parallelismsOf(job)).toEqual([2, 2]);
  const { messages } = await world.clock.result(job.master.messages.since(0, 0));
  expect(messages.map(({ text }) => text).join('\n')).toContain('8 slots, which is not enough');
});

test('slots that it has no use for are given back', async () => {
  const [story] = stories;
  const world = cluster();
  const job = world.submit(story.program, configuration(8));
  await whenRows(world, job, 5);
  void ask(job, 1, 3);
  await untilAt(world, job, 3);
  const other = world.submit(story.program, configuration(5));
  await world.until(other, 'RUNNING');
  expect(await world.end(other)).toBe('FINISHED');
  expect(await world.end(job)).toBe('FINISHED');
});

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'what is asked for is reached under the next leader, and costs no row (seed %i)',
  async (seed) => {
    const program = sums(300);
    const world = new MiniCluster({
      jobManagers: 2,
      taskManagers: 4,
      slotsPerTaskManager: 2,
      seed,
    });
    await world.elected();
    const job = await world.accept(program, configuration(2));
    await whenRows(world, job, 20);
    await world.clock.result(ask(job, 1, 3));
    // Before its checkpoint, behind it, and behind the first one of the new parallelism.
    await world.clock.advance(seed * 15);
    killLeader(world, 1_000);
    await world.clock.play(() => (world.leader?.epoch ?? 0) > 1, 'another leads');
    await untilAt(world, job, 3);
    expect(requirementsOf(job)).toEqual([3, 3]);
    expect(await world.end(job, 120_000)).toBe('FINISHED');
    expect(byKey(job.rows.of('rows'))).toEqual(expectedRows({ program, isOrdered: true }));
  },
);

test('what a client has of a new lane stands while the next leader reads what the last one knew', async () => {
  const world = new MiniCluster({ jobManagers: 2, taskManagers: 4, slotsPerTaskManager: 2 });
  await world.elected();
  const job = await world.accept(sums(300), configuration(3));
  await whenRows(world, job, 20);
  await world.clock.result(ask(job, 1, 1));
  await untilAt(world, job, 1);
  const before = job.master.checkpoints.latest;
  await world.clock.play(() => job.master.checkpoints.latest !== before, 'a checkpoint');
  killLeader(world, 1_000);
  await world.clock.play(() => (world.leader?.epoch ?? 0) > 1, 'another leads');
  await world.clock.play(() => job.master.graph.state === 'CREATED', 'the job is there again');
  const [sink] = job.master.job.vertices.flatMap(resultOperators);
  const had = { version: '1.a', offset: 9, committedOffset: 5, rowsMax: 10, waitMs: 0 };
  const answer = await world.clock.result(job.master.requestResults(must(sink, 'a sink'), 3, had));
  expect(answer).toMatchObject({ version: '1.a', voidFrom: null, rows: [] });
});
