import { expect, test } from 'vitest';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { CheckpointStorage } from '../../engine/checkpoint/checkpoint-storage.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { savepointRoutes } from '../../engine/rest/handlers/savepoints.ts';
import type { RestContext } from '../../engine/rest/rest-context.ts';
import { MemoryFiles } from '../harness/memory-files.ts';
import { testContext } from './context.ts';
import { startEndpoint, type TestEndpoint } from './endpoint.ts';

const JOB = '0123456789abcdef0123456789abcdef';
const noJobs = { running: () => undefined } as unknown as RestContext['dispatcher'];

const post = async (endpoint: TestEndpoint, path: string, body: unknown) =>
  endpoint.ask(path, { method: 'POST', body: JSON.stringify(body) });

test('without a folder, said or configured, a savepoint is refused at once', async () => {
  const endpoint = await startEndpoint(savepointRoutes(testContext({ dispatcher: noJobs })));
  for (const [path, field] of [
    ['savepoints', 'target-directory'],
    ['stop', 'targetDirectory'],
  ] as const) {
    const none = await post(endpoint, `/jobs/${JOB}/${path}`, {});
    expect([none.status, none.text]).toEqual([400, expect.stringContaining(field)]);
    expect((await post(endpoint, `/jobs/${JOB}/${path}`, { [field]: '/sp' })).status).toBe(202);
  }
});

test('with a configured folder it is accepted, and its outcome tells why it failed', async () => {
  const configuration = new Configuration({ 'state.savepoints.dir': '/sp' });
  const context = testContext({ dispatcher: noJobs, configuration });
  const endpoint = await startEndpoint(savepointRoutes(context));
  const { text } = await post(endpoint, `/jobs/${JOB}/savepoints`, {});
  const { 'request-id': id } = JSON.parse(text) as Record<string, string>;
  const answer = await endpoint.ask(`/jobs/${JOB}/savepoints/${id}`);
  expect(JSON.parse(answer.text)).toMatchObject({
    status: { id: 'COMPLETED' },
    operation: { 'failure-cause': { 'stack-trace': `Could not find Flink job (${JOB})` } },
  });
});

async function disposalOf(kind: CompletedCheckpoint['kind']): Promise<readonly string[]> {
  const files = new MemoryFiles();
  const storage = new CheckpointStorage(files, '/job');
  await storage.prepare(storage.pathOf(7));
  await storage.store({
    kind,
    checkpointId: 7,
    triggerMs: 0,
    path: storage.pathOf(7),
    vertices: [],
    coordinators: [],
  });
  const endpoint = await startEndpoint(savepointRoutes(testContext({ files })));
  const path = '/savepoint-disposal';
  const { text } = await post(endpoint, path, { 'savepoint-path': 'file:/job/chk-7' });
  const { 'request-id': id } = JSON.parse(text) as Record<string, string>;
  await expect.poll(async () => (await endpoint.ask(`${path}/${id}`)).text).toContain('COMPLETED');
  return files.paths;
}

test('a savepoint is removed when it is disposed of', async () => {
  expect(await disposalOf('savepoint')).toEqual([]);
});

test('a checkpoint of a job is not', async () => {
  expect(await disposalOf('checkpoint')).toEqual([
    '/job/chk-7/_metadata',
    '/job/chk-7/_metadata.copy',
  ]);
});
