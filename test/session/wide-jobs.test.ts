// A job of many subtasks on a Flink: what is asked of the cluster stays small, and what is shown stays whole.

import { expect, test } from 'vitest';
import { flinkJobModel } from '../../cli/session/flink-assembly.ts';
import { withHistory } from '../../cli/session/vertex-history.ts';
import { flinkJob } from '../../engine/rest/flink-client.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';

const VERTICES = 8;
const PARALLELISM = 1_600;

class WideFlink {
  readonly asked: string[] = [];
  records = 1;

  readonly ask = (<T>(path: string): Promise<T> => {
    this.asked.push(path);
    return Promise.resolve(this.#answer(path) as T);
  }) as RestClient['ask'];

  #answer(path: string): unknown {
    if (/\/jobs\/j$/.test(path)) return this.#job();
    if (/\/vertices\/v\d+$/.test(path)) return { subtasks: this.#subtasks() };
    if (path.endsWith('/checkpoints')) return { counts: {}, history: [] };
    if (path.includes('/exceptions')) return { exceptionHistory: { entries: [] } };
    if (path.endsWith('/backpressure'))
      return { subtasks: [{ subtask: 1_599, ratio: 0.25, busyRatio: 0.5 }] };
    return [];
  }

  #job(): unknown {
    const vertices = Array.from({ length: VERTICES }, (_, i) => ({
      id: `v${i}`,
      name: `v${i}`,
      parallelism: PARALLELISM,
      maxParallelism: 2_048,
      status: 'RUNNING',
      metrics: { 'read-records': this.records, 'write-records': 0 },
    }));
    return { jid: 'j', name: 'wide', state: 'RUNNING', vertices, plan: { nodes: [] } };
  }

  #subtasks(): unknown {
    return Array.from({ length: PARALLELISM }, (_, subtask) => ({
      subtask,
      status: 'RUNNING',
      attempt: 0,
      'taskmanager-id': `tm-${subtask >> 2}`,
      metrics: { 'read-records': this.records, 'write-records': 0 },
    }));
  }

  /** Vertices whose subtasks were asked for since the last call. */
  looked(): readonly string[] {
    const vertices = this.asked.flatMap((path) => /vertices\/(v\d+)$/.exec(path)?.[1] ?? []);
    this.asked.length = 0;
    return vertices;
  }
}

test('after the first look each takes some vertices, in turn, and the others stay as they were', async () => {
  const flink = new WideFlink();
  let answers = await flinkJob(flink, 'j');
  expect(flink.looked()).toHaveLength(VERTICES);
  flink.records = 2;
  const looked: string[] = [];
  for (let look = 0; look < VERTICES; look++) {
    answers = await flinkJob(flink, 'j', undefined, answers);
    looked.push(...flink.looked());
    const { vertices } = flinkJobModel(answers);
    const fresh = vertices.filter(({ subtasks }) => subtasks[0]?.recordsIn === 2);
    expect(fresh).toHaveLength(look + 1);
    expect(vertices.every(({ subtasks }) => subtasks.length === PARALLELISM)).toBe(true);
  }
  expect(looked).toEqual(Array.from({ length: VERTICES }, (_, i) => `v${i}`));
});

test('of each subtask it is known how busy it is and how long it waits', async () => {
  const { vertices } = flinkJobModel(await flinkJob(new WideFlink(), 'j'));
  expect(vertices[0]?.subtasks[1_599]).toMatchObject({ busy: 0.5, backPressured: 0.25 });
  expect(vertices[0]?.subtasks[0]).toMatchObject({ busy: undefined });
});

test('whether it can be rescaled is asked once', async () => {
  const flink = new WideFlink();
  const asked = () => flink.asked.filter((path) => path.endsWith('/resource-requirements')).length;
  const first = await flinkJob(flink, 'j');
  expect(asked()).toBe(1);
  await flinkJob(flink, 'j', undefined, first);
  expect(asked()).toBe(1);
});

test('each look adds a value to the history of a vertex, and the oldest go', async () => {
  const job = flinkJobModel(await flinkJob(new WideFlink(), 'j'));
  let shown = withHistory(job, undefined);
  for (let i = 1; i < 200; i++) {
    const vertices = job.vertices.map((vertex) => ({ ...vertex, recordsInPerSecond: i }));
    shown = withHistory({ ...job, vertices }, shown);
  }
  const values = shown.vertices[0]?.history?.recordsInPerSecond ?? [];
  expect(values).toHaveLength(120);
  expect(values.at(-1)).toBe(199);
  expect(values[0]).toBe(80);
});
