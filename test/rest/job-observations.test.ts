// What readers of the event stream are told of jobs that run, on a whole cluster under virtual time.

import { expect, test } from 'vitest';
import type { OperatorId } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { JobObservations } from '../../engine/rest/job-observations.ts';
import type { ClusterEvent, EventTopic } from '../../engine/runtime/dispatcher/event-log.ts';
import { MiniCluster } from '../harness/mini-cluster.ts';
import type { RunningJob } from '../harness/running-job.ts';
import { sums } from '../runtime/programs.ts';

const SINK = 'c'.repeat(32) as OperatorId;
const CHECKPOINTED = {
  'parallelism.default': 2,
  'execution.checkpointing.interval': '400 ms',
};

const start = (
  count = 5_000,
): { cluster: MiniCluster; job: RunningJob; about: JobObservations } => {
  const cluster = new MiniCluster({ taskManagers: 2 });
  const { dispatcher, clock } = cluster;
  const job = cluster.submit(sums(count), CHECKPOINTED);
  return { cluster, job, about: new JobObservations({ dispatcher, clock }) };
};

const told = <K extends ClusterEvent['kind']>(
  { dispatcher }: MiniCluster,
  kind: K,
): readonly (ClusterEvent & { kind: K })[] =>
  dispatcher.events
    .since(0)
    .map(({ event }) => event)
    .filter((event): event is ClusterEvent & { kind: K } => event.kind === kind);

const watch = (about: JobObservations, ...topics: readonly EventTopic[]): (() => void) =>
  about.watch({ topics, jobs: undefined });

test('each second a reader of metrics hears how every vertex does', async () => {
  const { cluster, job, about } = start();
  watch(about, 'metrics');
  await cluster.clock.advance(3_500);
  const all = told(cluster, 'metrics');
  expect(all.length).toBeGreaterThanOrEqual(2);
  const { jobId, vertices } = all.at(-1) ?? expect.unreachable();
  expect(jobId).toBe(job.master.jobId);
  const [source, sink] = vertices;
  expect(vertices.map(({ vertex }) => vertex)).toEqual(job.master.job.vertices.map(({ id }) => id));
  // 1,000 records a second are made by two subtasks together.
  expect(source?.recordsOutPerSecond).toBeGreaterThan(800);
  expect(source?.recordsOutPerSecond).toBeLessThan(1_200);
  expect(sink?.recordsInPerSecond).toBeGreaterThan(800);
  expect(sink?.recordsIn).toBeGreaterThan(1_000);
  expect(sink?.busy).toBeLessThanOrEqual(1);
});

test('nothing is measured while nobody asks for it, or for another job', async () => {
  const { cluster, job, about } = start();
  about.watch({ topics: ['state', 'barrier'], jobs: undefined });
  about.watch({ topics: ['metrics', 'sample'], jobs: [] });
  await cluster.clock.advance(2_500);
  about.onRows(job.master.jobId, SINK, ['1']);
  await cluster.clock.advance(1_500);
  expect([...told(cluster, 'metrics'), ...told(cluster, 'sample')]).toEqual([]);
});

test('when the last reader has gone nothing is measured any more', async () => {
  const { cluster, about } = start();
  const leave = [watch(about, 'metrics'), watch(about, 'metrics')];
  await cluster.clock.advance(2_500);
  leave[0]?.();
  const before = told(cluster, 'metrics').length;
  await cluster.clock.advance(1_000);
  const between = told(cluster, 'metrics').length;
  expect(between).toBeGreaterThan(before);
  leave[1]?.();
  await cluster.clock.advance(3_000);
  expect(told(cluster, 'metrics')).toHaveLength(between);
});

test('a sample has a few of the rows that a client has taken, and how many those were', async () => {
  const { cluster, job, about } = start();
  watch(about, 'sample');
  about.onRows(job.master.jobId, SINK, ['"gone"']);
  about.onRows(job.master.jobId, SINK, [
    `"${'x'.repeat(limits.sampleRowCharsMax)}"`,
    ...'123456789',
  ]);
  await cluster.clock.advance(3_000);
  const [sample, ...more] = told(cluster, 'sample');
  expect(sample).toMatchObject({ operatorId: SINK, taken: 11, rows: ['1', '2', '3', '4', '5'] });
  expect(more).toEqual([]);
});

test('a checkpoint begins, its barriers pass vertex by vertex, and it is complete', async () => {
  const { cluster, job } = start();
  await cluster.clock.advance(2_000);
  const events = [...cluster.dispatcher.events.since(0, ['checkpoint', 'barrier'])];
  const ofFirst = events.flatMap(({ event }): readonly string[] => {
    if (event.kind === 'checkpoint' && event.id === 1) return [event.status];
    return event.kind === 'barrier' && event.checkpoint === 1 ? [event.vertex] : [];
  });
  const vertices: string[] = job.master.job.vertices.map(({ id }) => id);
  expect(ofFirst).toHaveLength(2 + vertices.length);
  expect(new Set(ofFirst.slice(1, -1))).toEqual(new Set(vertices));
  expect([ofFirst.at(0), ofFirst.at(-1)]).toEqual(['IN_PROGRESS', 'COMPLETED']);
  expect(told(cluster, 'barrier')[0]).toMatchObject({
    durationMs: expect.any(Number) as number,
    stateBytes: expect.any(Number) as number,
  });
});

test('of more jobs than are measured at once each has its turn', () => {
  const cluster = new MiniCluster();
  const { clock } = cluster;
  const seen: string[] = [];
  const ids = Array.from({ length: 250 }, (_, i) => `job-${i}`);
  const dispatcher = {
    events: cluster.dispatcher.events,
    states: () => ids.map((jobId) => ({ jobId, state: 'RUNNING' })),
    details(jobId: string) {
      seen.push(jobId);
      return { jobId, vertices: [] };
    },
  };
  watch(new JobObservations({ dispatcher, clock } as never), 'metrics');
  return clock.advance(5_050).then(() => {
    expect(seen).toHaveLength(5 * limits.jobsObservedMax);
    for (const id of ids) expect(seen.filter((one) => one === id)).toHaveLength(2);
  });
});
