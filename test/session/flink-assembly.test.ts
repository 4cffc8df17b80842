// The screen's picture of a job, from what a real Flink once answered.

import { expect, test } from 'vitest';
import { flinkJobModel } from '../../cli/session/flink-assembly.ts';
import { flinkJob } from '../../engine/rest/flink-client.ts';
import { RestFailure } from '../../engine/rest/rest-failure.ts';
import { recordedExchanges } from '../rest/contract/exchanges.ts';

const recorded = recordedExchanges();

/** Answers each endpoint as it was recorded in that state; what was not asked then is refused. */
function recordedFlink(state: string) {
  return {
    ask<T>(path: string): Promise<T> {
      const template = path
        .replace(/^\/v1/, 'GET ')
        .replace(/\?.*$/, '')
        .replace(/jobs\/[^/]+/, 'jobs/:jobid')
        .replace(/vertices\/[^/]+/, 'vertices/:vertexid');
      const found = recorded.find(
        (one) => one.endpoint === template && one.state === state && one.response.status === 200,
      );
      return found === undefined
        ? Promise.reject(new RestFailure('refused', template, 404))
        : Promise.resolve(found.response.body as T);
    },
  };
}

const modelIn = async (state: string) => flinkJobModel(await flinkJob(recordedFlink(state), 'j'));

test('a job that runs: its chain, its subtasks where they sit, its checkpoints', async () => {
  const job = await modelIn('running-after-restart');
  expect(job).toMatchObject({ name: 'lab restarting', state: 'RUNNING', endMs: undefined });
  const [vertex] = job.vertices;
  expect(vertex).toMatchObject({ parallelism: 2, maxParallelism: 128, state: 'RUNNING' });
  expect(vertex?.operators).toEqual([
    { name: 'Source: Numbers', after: -1 },
    { name: 'Parse', after: 0 },
    { name: 'Positive', after: 1 },
    { name: 'Stamp', after: 2 },
  ]);
  expect(vertex?.subtasks[0]).toMatchObject({ index: 0, attempt: 1, slot: 0, recordsOut: 78 });
  expect(vertex?.subtasks[0]?.taskManager).toMatch(/^localhost:/);
  expect(job.edges).toMatchObject([
    { target: 'c317a81df5d98fd8fa1cc70db8dda3ce', shipStrategy: 'HASH' },
  ]);
  expect(job.checkpoints).toMatchObject({
    completed: 3,
    failed: 2,
    restored: 1,
    durationP50Ms: 14,
  });
  expect(job.checkpoints.history[0]).toMatchObject({ id: 3, status: 'COMPLETED', durationMs: 12 });
  expect(job.exceptions[0]?.text).toMatch(/^java\.lang\.RuntimeException: planted failure/);
});

test('a job of which the cluster tells little is shown with what there is', async () => {
  const job = await modelIn('waiting-for-slots');
  expect(job.vertices[0]).toMatchObject({ busy: undefined, watermarkMs: undefined });
  expect(job.checkpoints.history).toEqual([]);
});

test('operators that follow the same one stand beside one another', () => {
  const node = (description: string) => ({ id: 'v', description });
  const [vertex] = flinkJobModel({
    job: {
      jid: 'j',
      name: 'n',
      state: 'RUNNING',
      'start-time': 0,
      'end-time': -1,
      vertices: [
        {
          id: 'v',
          name: 'v',
          parallelism: 1,
          maxParallelism: 128,
          status: 'RUNNING',
          metrics: { 'read-records': 0, 'write-records': 0 },
        },
      ],
      plan: { nodes: [node('A<br/>:- B<br/>:  +- C<br/>+- D<br/>')] },
    },
    restarts: 0,
    checkpoints: undefined,
    checkpointIntervalMs: undefined,
    exceptions: [],
    vertices: [],
    nextVertex: 0,
    cannotRescale: undefined,
  }).vertices;
  expect(vertex?.operators).toEqual([
    { name: 'A', after: -1 },
    { name: 'B', after: 0 },
    { name: 'C', after: 1 },
    { name: 'D', after: 0 },
  ]);
});
