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

const exchanges = recordedExchanges();
const reads = exchanges.filter(({ endpoint }) => endpoint.startsWith('GET '));
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

const byEndpoint = Map.groupBy(reads.filter(isReplayed), ({ endpoint }) => endpoint);

describe.each([...byEndpoint])('%s', (endpoint, replayed) => {
  const answers = (status: number): readonly unknown[] =>
    reads
      .filter((read) => read.endpoint === endpoint && read.response.status === status)
      .map(({ response }) => response.body);

  test.each(replayed.map((exchange) => [exchange.state, exchange] as const))(
    '%s is answered as Flink answers it',
    async (_state, exchange) => {
      const path = pathFor(exchange, places);
      const answer = await lab.ask(path);
      expect([path, answer.status, answer.text.slice(0, 300)]).toEqual([
        path,
        exchange.response.status,
        answer.text.slice(0, 300),
      ]);
      const { status, type, body } = exchange.response;
      if (type !== undefined) return expect(answer.headers['content-type']).toBe(type);
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

test('what must stay secret is in no answer', async () => {
  const paths = new Set(reads.filter(isReplayed).map((exchange) => pathFor(exchange, places)));
  for (const path of paths) {
    const { text } = await lab.ask(path);
    expect([path, text.includes('canary'), text.includes(lab.token)]).toEqual([path, false, false]);
  }
});

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
  ];
  const views = new Map(
    await Promise.all(jobs.map(async (job) => [job, await of.client.job(of.idOf(job))] as const)),
  );
  const checkpoint = (job: LabJob, status: string): number =>
    views.get(job)?.checkpoints.history.find((one) => one.status === status)?.id ?? 1;
  const [taskManager] = await of.client.taskManagers();
  return {
    idOf: (job) => of.idOf(job),
    verticesOf: (job) => views.get(job)?.vertices.map(({ id }) => id) ?? [],
    completedCheckpointOf: (job) => checkpoint(job, 'COMPLETED'),
    failedCheckpointOf: (job) => checkpoint(job, 'FAILED'),
    taskManager: taskManager?.id ?? '',
    logFile: `${taskManager?.id ?? ''}.log`,
  };
}
