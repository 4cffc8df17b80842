// Checkpoints whose barriers overtake records, under back-pressure: they are quick, and what was overtaken is in
// them, at whatever parallelism a job goes on.

import { describe, expect, test } from 'vitest';
import { stopWithSavepoint, takeSavepoint } from '../../engine/runtime/jobmaster/job-savepoints.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import type { TestProgram } from '../harness/test-jobs.ts';

const COUNT = 12_000;
const KEYS = 10;
/** Looks at the clock, each 0.01 ms: a record takes 0.3 ms. */
const LOOKS = 30;

/** Channels that soon are full. */
const narrow = { taskManagers: 3, slotsPerTaskManager: 2, ringSlots: 2, ringSlotBytes: 1_024 };

/** Counts by key, behind a map that is slower than its source by far. */
const counting =
  (cluster: MiniCluster, edge: 'hash' | 'rebalance' | 'rescale' = 'hash'): TestProgram =>
  ({ env }) => {
    const numbers = env.generate((n) => ({ key: n % KEYS, n: 1 }), { count: COUNT });
    const dealt = {
      hash: () => numbers.keyBy((row) => row.key).filter(() => true),
      rebalance: () => numbers.rebalance(),
      rescale: () => numbers.rescale(),
    }[edge]();
    dealt
      .map((row) => {
        for (let i = 0; i < LOOKS; i++) cluster.clock.monotonic();
        return row;
      })
      .keyBy((row) => row.key)
      .reduce((a, b) => ({ key: a.key, n: a.n + b.n }))
      .filter((row) => row.n > COUNT / KEYS - 3)
      .print('rows');
  };

/** What each key has come to; more would have been counted twice. */
const counts = (...jobs: readonly RunningJob[]): ReadonlyMap<number, number> => {
  const rows = jobs.flatMap(({ rows }) => rows.of('rows') as { key: number; n: number }[]);
  const most = Map.groupBy(rows, ({ key }) => key);
  return new Map([...most].map(([key, own]) => [key, Math.max(...own.map(({ n }) => n))]));
};
const RIGHT = new Map(Array.from({ length: KEYS }, (_, key) => [key, COUNT / KEYS]));

const sorted = (map: ReadonlyMap<number, number>): unknown[] => [...map].sort(([a], [b]) => a - b);

const configuration = (parallelism: number, more: Record<string, string | number> = {}) => ({
  'parallelism.default': parallelism,
  'execution.checkpointing.interval': '1 h',
  'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
  'execution.checkpointing.unaligned.enabled': 'true',
  'restart-strategy.type': 'fixed-delay',
  'restart-strategy.fixed-delay.attempts': 10,
  'restart-strategy.fixed-delay.delay': '10 ms',
  ...more,
});

const ALIGNED = { 'execution.checkpointing.unaligned.enabled': 'false' };

interface Taken {
  readonly ms: number;
  readonly persistedBytes: number;
}

async function untilPressed(cluster: MiniCluster, { master }: RunningJob): Promise<void> {
  const isRunning = (): boolean =>
    master.graph.subtasks.every(({ current }) => current.state === 'RUNNING');
  await cluster.clock.play(isRunning, 'all tasks to run', 20_000);
  await cluster.clock.advance(200);
}

/** By hand, when the job has been back-pressured for a while. */
async function takeCheckpoint(cluster: MiniCluster, job: RunningJob): Promise<Taken> {
  await untilPressed(cluster, job);
  const id = await cluster.clock.result(job.master.checkpoints.trigger());
  const stats = job.master.checkpoints.history.find(id);
  if (stats === undefined) throw new Error('no statistics');
  const subtasks = [...stats.vertices.values()].flat();
  return {
    ms: stats.latestAckMs - stats.triggerMs,
    persistedBytes: subtasks.reduce((sum, subtask) => sum + (subtask?.persistedBytes ?? 0), 0),
  };
}

describe('of a job that is back-pressured', () => {
  test('an aligned checkpoint waits for the records in front of it, an unaligned one stores them', async () => {
    const taken: Taken[] = [];
    for (const more of [ALIGNED, {}]) {
      const cluster = new MiniCluster(narrow);
      const job = cluster.submit(counting(cluster), configuration(2, more));
      taken.push(await takeCheckpoint(cluster, job));
      expect(await cluster.end(job)).toBe('FINISHED');
      expect(sorted(counts(job))).toEqual(sorted(RIGHT));
    }
    const [aligned, unaligned] = taken as [Taken, Taken];
    expect(aligned.persistedBytes).toBe(0);
    expect(unaligned.persistedBytes).toBeGreaterThan(3_000);
    expect(unaligned.ms).toBeLessThan(60);
    expect(aligned.ms).toBeGreaterThan(5 * unaligned.ms);
  });

  test('one that begins aligned overtakes in the middle, when its time is up', async () => {
    const cluster = new MiniCluster(narrow);
    const timeout = { 'execution.checkpointing.aligned-checkpoint-timeout': '60 ms' };
    const job = cluster.submit(counting(cluster), configuration(2, timeout));
    const { ms, persistedBytes } = await takeCheckpoint(cluster, job);
    expect(ms).toBeGreaterThanOrEqual(60);
    expect(ms).toBeLessThan(100);
    expect(persistedBytes).toBeGreaterThan(1_000);
    expect(await cluster.end(job)).toBe('FINISHED');
    expect(sorted(counts(job))).toEqual(sorted(RIGHT));
  });

  test('a savepoint is aligned, and so is an edge whose records could not be dealt out anew', async () => {
    const cluster = new MiniCluster(narrow);
    const saved = cluster.submit(counting(cluster), configuration(2));
    await untilPressed(cluster, saved);
    await cluster.clock.result(takeSavepoint(saved.master, '/savepoints', cluster.random));
    const [stats] = saved.master.checkpoints.history.history;
    const subtasks = [...(stats?.vertices.values() ?? [])].flat();
    expect(subtasks.map((subtask) => subtask?.persistedBytes)).toEqual(subtasks.map(() => 0));
    await cluster.clock.result(
      stopWithSavepoint(saved.master, '/savepoints', false, cluster.random),
    );
    const ordered = new MiniCluster(narrow);
    const unchained = { 'pipeline.operator-chaining.enabled': 'false' };
    const job = ordered.submit(counting(ordered, 'rescale'), configuration(2, unchained));
    const { ms } = await takeCheckpoint(ordered, job);
    expect(ms).toBeGreaterThan(100);
    expect(await ordered.end(job)).toBe('FINISHED');
    expect(sorted(counts(job))).toEqual(sorted(RIGHT));
  });

  test('what was overtaken is processed once when the job goes on from there after a kill', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const cluster = new MiniCluster({ ...narrow, taskManagers: 2, slotsPerTaskManager: 1, seed });
      const edge = seed % 2 === 0 ? 'hash' : 'rebalance';
      const job = cluster.submit(counting(cluster, edge), configuration(2));
      // And from one that was taken while what the first had overtaken was not processed.
      for (const restarts of [1, 2]) {
        expect((await takeCheckpoint(cluster, job)).persistedBytes).toBeGreaterThan(0);
        cluster.killAny();
        const hasRestarted = (): boolean => job.master.scheduler.restarts === restarts;
        await cluster.clock.play(hasRestarted, 'the restart', 5_000);
      }
      expect(await cluster.end(job)).toBe('FINISHED');
      expect(sorted(counts(job)), `seed ${seed}`).toEqual(sorted(RIGHT));
    }
  });
});

describe('what was overtaken goes on at another parallelism', () => {
  const pairs = [1, 2, 3, 4].flatMap((from) => [1, 2, 3, 4].map((to) => [from, to] as const));

  test.each(pairs)('from %i to %i', async (from, to) => {
    for (const edge of ['hash', 'rebalance'] as const) {
      const cluster = new MiniCluster(narrow);
      const program = counting(cluster, edge);
      const first = cluster.submit(program, configuration(from));
      expect((await takeCheckpoint(cluster, first)).persistedBytes).toBeGreaterThan(0);
      const savepointPath = first.master.checkpoints.latest?.path;
      first.master.cancel();
      expect(await cluster.end(first)).toBe('CANCELED');
      const second = cluster.submit(program, configuration(to), undefined, { savepointPath });
      expect(await cluster.end(second)).toBe('FINISHED');
      expect(sorted(counts(second))).toEqual(sorted(RIGHT));
    }
  });
});

test('records in flight to an operator that the job does not have are not left behind unasked', async () => {
  const cluster = new MiniCluster(narrow);
  const programOf =
    (isSlow: boolean): TestProgram =>
    ({ env }) => {
      const numbers = env.generate((n) => n, { count: COUNT }).uid('numbers');
      const slow = numbers.rebalance().map((n) => {
        for (let i = 0; i < LOOKS; i++) cluster.clock.monotonic();
        return n;
      });
      (isSlow ? slow.uid('slow') : numbers).print('rows');
    };
  const old = cluster.submit(programOf(true), configuration(1));
  expect((await takeCheckpoint(cluster, old)).persistedBytes).toBeGreaterThan(1_000);
  const savepointPath = old.master.checkpoints.latest?.path;
  old.master.cancel();
  await cluster.until(old, 'CANCELED');
  const restored = cluster.submit(programOf(false), configuration(1), undefined, { savepointPath });
  await cluster.until(restored, 'FAILED');
  expect(restored.master.graph.failure?.message).toMatch(
    /there is state of "Map", which .* not have/,
  );
});
