// Every recorded request to Flink, asked again on a cluster of sluice in the same state: the same status, and
// a body of the same shape.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { coverageTable } from './coverage.ts';
import { DEVIATIONS } from './deviations.ts';
import { type Exchange, recordedExchanges } from './exchanges.ts';
import { Lab, type LabJob } from './lab.ts';
import { type LabPlaces, pathFor, whyNot } from './replay.ts';
import { differences, shapeOfAll } from './shape.ts';
import { formOfOne, inOrder, replayed } from './writes.ts';

const exchanges = recordedExchanges();
// Of these the one that ends the cluster comes last, below.
const others = exchanges.filter(({ endpoint }) => endpoint !== 'DELETE /cluster');
const isReplayed = (exchange: Exchange): boolean =>
  whyNot(exchange) === undefined && DEVIATIONS[keyOf(exchange)] === undefined;

function keyOf({ endpoint, state }: Exchange): string {
  return `${endpoint} ${state}`;
}

let lab: Lab;
let places: LabPlaces;
const directory = mkdtempSync(join(tmpdir(), 'sluice-lab-'));

beforeAll(async () => {
  lab = await Lab.open(directory);
  places = await placesOf(lab);
}, 60_000);

afterAll(async () => {
  await lab.close();
  rmSync(directory, { recursive: true, force: true });
  process.stdout.write(`\n${coverageTable(exchanges)}\n`);
});

const isRead = ({ endpoint }: Exchange): boolean =>
  endpoint.startsWith('GET ') && !endpoint.endsWith('/yarn-cancel');
const reads = others.filter(isRead).filter(isReplayed);
const writes = inOrder(others.filter((exchange) => !isRead(exchange)).filter(isReplayed));
const byEndpoint = Map.groupBy([...reads, ...writes], ({ endpoint }) => endpoint);

describe.each([...byEndpoint])('%s', (endpoint, all) => {
  const answers = (status: number): readonly unknown[] =>
    exchanges
      .filter((other) => other.endpoint === endpoint && other.response.status === status)
      .map(({ response }) => response.body);

  test.each(all.map((exchange) => [exchange.state, exchange] as const))(
    '%s is answered as Flink answers it',
    async (_state, exchange) => {
      const answer = await replayed(exchange, lab, places);
      const said = [pathFor(exchange, places), answer.text.slice(0, 300)];
      expect([...said, answer.status]).toEqual([...said, exchange.response.status]);
      const { status, type, body } = exchange.response;
      if (type !== undefined) return expect(answer.headers['content-type']).toBe(type);
      if (body === undefined || answer.text === '') return undefined;
      const shape = shapeOfAll(answers(status));
      expect(differences(body, shape, JSON.parse(answer.text))).toEqual([]);
      return undefined;
    },
  );
});

describe('logs', () => {
  test.each([
    '/jobmanager/logs/..%2F..%2Fetc%2Fpasswd',
    '/jobmanager/logs/..%252f..%252fetc%252fpasswd',
    '/jobmanager/logs/%2e%2e/',
    '/jobmanager/logs/..%5Cowner.pid',
    '/jobmanager/logs/%00',
    '/jobmanager/logs/%2Fetc%2Fpasswd',
    '/jobmanager/logs/../owner.pid',
  ])('%s leads nowhere', async (path) => {
    expect((await lab.ask(path)).status).toBe(404);
  });

  test('of one TaskManager are not had by the id of another, nor by a part of it', async () => {
    const own = await lab.ask(`/taskmanagers/${places.taskManager}/logs/jobmanager.log`);
    expect(own.status).toBe(500);
    const part = places.taskManager.slice(0, -1);
    expect((await lab.ask(`/taskmanagers/${part}/logs`)).status).toBe(404);
  });
});

test('every endpoint is asked, but for those that need a JVM', () => {
  const asked = new Set([...reads, ...writes].map(({ endpoint }) => endpoint));
  const left = new Set(exchanges.map(({ endpoint }) => endpoint).filter((one) => !asked.has(one)));
  expect(left).toEqual(
    new Set([
      'DELETE /cluster', // below
      'GET /jobmanager/profiler/:filename',
      'GET /taskmanagers/:taskmanagerid/profiler',
      'GET /taskmanagers/:taskmanagerid/profiler/:filename',
      'POST /taskmanagers/:taskmanagerid/profiler',
    ]),
  );
});

test.each(['GET', 'POST'] as const)(
  'a profiler is what only a JVM has: %s is not found',
  async (method) => {
    const of = [`/taskmanagers/${places.taskManager}/profiler`, '/jobmanager/profiler'];
    for (const path of method === 'GET' ? [...of, ...of.map((one) => `${one}/x.html`)] : of)
      expect((await lab.ask(path, { method })).status).toBe(404);
  },
);

test('what must stay secret is in no answer', async () => {
  const paths = new Set(reads.map((exchange) => pathFor(exchange, places)));
  for (const path of paths) {
    const { text } = await lab.ask(path);
    expect([path, text.includes('canary'), text.includes(lab.token)]).toEqual([path, false, false]);
  }
});

test('DELETE /cluster ends everything, after its answer', async () => {
  const answer = await lab.ask('/cluster', { method: 'DELETE' });
  expect([answer.status, answer.text]).toEqual([200, '{}']);
  await expect
    .poll(() => lab.ask('/overview').catch(() => 'gone'), { timeout: 10_000 })
    .toBe('gone');
});

async function uploadBundles(of: Lab): Promise<ReadonlyMap<string, string>> {
  const ids = [...of.bundles].map(async ([entry, content]) => {
    const answer = await of.ask('/jars/upload', formOfOne(`${entry}.jar`, content));
    const { filename } = JSON.parse(answer.text) as { readonly filename: string };
    return [entry, filename.slice(filename.lastIndexOf('/') + 1)] as const;
  });
  return new Map(await Promise.all(ids));
}

async function placesOf(of: Lab): Promise<LabPlaces> {
  const jobs: readonly LabJob[] = [
    'running',
    'finished',
    'failed',
    'restarting',
    'restarted',
    'cancelled',
    'waiting',
    'disabled',
    'badSnapshots',
    'victim',
    'adaptive',
  ];
  const views = new Map(
    await Promise.all(jobs.map(async (job) => [job, await of.client.job(of.idOf(job))] as const)),
  );
  const checkpoint = (job: LabJob, status: string): number =>
    views.get(job)?.checkpoints.history.find((one) => one.status === status)?.id ?? 1;
  const bundles = await uploadBundles(of);
  const [taskManager] = await of.client.taskManagers();
  return {
    idOf: (job) => of.idOf(job),
    verticesOf: (job) => views.get(job)?.vertices.map(({ id }) => id) ?? [],
    completedCheckpointOf: (job) => checkpoint(job, 'COMPLETED'),
    failedCheckpointOf: (job) => checkpoint(job, 'FAILED'),
    taskManager: taskManager?.id ?? '',
    logFile: `${taskManager?.id ?? ''}.log`,
    bundleOf: (entry) => bundles.get(entry) ?? bundles.get('Finished') ?? '',
  };
}
