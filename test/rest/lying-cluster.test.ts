// A26: a cluster that lies. Whatever it answers, the client ends with an error that says where the lie is,
// in bounded time and memory, and asks nobody else.
//
// Each was seen to fail with its protection off: without the checks of answer-checks.ts the wrong types come
// through; without the bound in readText the long answer fills the memory; with a client that follows
// redirects the second server is asked; without the bound of an event the endless one is kept.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RestClient } from '../../engine/rest/rest-client.ts';
import { RestFailure } from '../../engine/rest/rest-failure.ts';

const ID = '0123456789abcdef0123456789abcdef';

type Answer = (incoming: IncomingMessage, response: ServerResponse) => void;

async function liar(answer: Answer): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clientOf(answer: Answer): Promise<RestClient> {
  const client = new RestClient({ url: await liar(answer), token: 'hush', timeoutMs: 2_000 });
  onTestFinished(() => client.close());
  return client;
}

const says = (text: string): Promise<RestClient> => clientOf((_, response) => response.end(text));

async function failureOf(asked: Promise<unknown>): Promise<RestFailure> {
  const outcome = await asked.then(
    (value) => value,
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(RestFailure);
  return outcome as RestFailure;
}

const JOB = {
  jid: ID,
  name: 'n',
  state: 'RUNNING',
  'start-time': 1,
  'end-time': -1,
  tasks: { total: 1 },
};
const jobs = (...list: readonly unknown[]): string => JSON.stringify({ jobs: list });

describe('an answer of the wrong shape is refused with its place', () => {
  test.each([
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"jobs"'],
    ['jobs that are none', '{"jobs":7}'],
    ['a job that is null', jobs(null)],
    ['an id that leads elsewhere', jobs({ ...JOB, jid: '../../jars' })],
    ['an id that is a number', jobs({ ...JOB, jid: 7 })],
    ['a name that is an object', jobs({ ...JOB, name: { toString: 'x' } })],
    ['a state that there is not', jobs({ ...JOB, state: 'HAPPY' })],
    ['tasks below nothing', jobs({ ...JOB, tasks: { total: -5 } })],
    ['tasks without end', jobs({ ...JOB, tasks: { total: 1e300 } })],
    ['a time that is no number', '{"jobs":[{"start-time":1e999}]}'],
    ['fields that are inherited', '{"__proto__":{"jobs":[]}}'],
  ])('%s', async (_, text) => {
    const { reason, message } = await failureOf((await says(text)).jobs());
    expect([reason, message]).toEqual(['refused', expect.stringContaining('/v1/jobs/overview')]);
    expect(message).not.toContain('hush');
  });

  test('the place is told', async () => {
    const client = await says(jobs(JOB, { ...JOB, state: 'HAPPY' }));
    const { message } = await failureOf(client.jobs());
    expect(message).toContain('.jobs[1].state is "HAPPY" instead of one of');
  });

  test('what is right comes through, with fields that nobody knows', async () => {
    const client = await says(jobs({ ...JOB, later: [1, { more: true }] }));
    expect(await client.jobs()).toMatchObject([{ jid: ID, state: 'RUNNING' }]);
  });

  test('nothing of it changes the prototype of objects', async () => {
    const client = await says(`{"jobs":[],"__proto__":{"polluted":1},"constructor":{"x":1}}`);
    await client.jobs();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('slots that would fill the screen for ever are refused', async () => {
    const overview = (count: unknown): string =>
      JSON.stringify({
        taskmanagers: 1,
        'slots-total': count,
        'slots-available': 0,
        'flink-version': '2.2.0',
        'flink-commit': 'x',
      });
    await expect((await says(overview(6))).overview()).resolves.toBeDefined();
    await failureOf((await says(overview(1e15))).overview());
    await failureOf((await says(overview(1.5))).overview());
  });

  test('a job with a million vertices is refused', async () => {
    const many = `{"jobs":[${Array(100_001).fill('null').join(',')}]}`;
    const { message } = await failureOf((await says(many)).jobs());
    expect(message).toContain('.jobs.length is 100001 instead of at most 100000');
  });

  test('the id of an operation that leads elsewhere is not asked for', async () => {
    const asked: (string | undefined)[] = [];
    const client = await clientOf((incoming, response) => {
      asked.push(incoming.url);
      response.end(JSON.stringify({ 'request-id': '../../../cluster' }));
    });
    await failureOf(client.triggerSavepoint(ID, { directory: undefined }));
    expect(asked).toEqual([`/v1/jobs/${ID}/savepoints`]);
  });
});

describe('redirects', () => {
  test.each([301, 302, 303, 307, 308])('%i is not followed', async (status) => {
    const asked: (string | undefined)[] = [];
    const metadata = await liar((incoming, response) => {
      asked.push(incoming.headers.authorization);
      response.end(jobs());
    });
    const client = await clientOf((_, response) => {
      response.writeHead(status, { location: `${metadata}/v1/jobs/overview` }).end();
    });
    const { message } = await failureOf(client.jobs());
    expect(message).toContain(`${status}: redirects are not followed`);
    expect(asked).toEqual([]);
  });
});

describe('answers without end', () => {
  test('one that goes on and on is cut', async () => {
    let sent = 0;
    const client = await clientOf((_, response) => {
      const more = Buffer.alloc(2 ** 20, ' ');
      const pump = (): void => {
        while (!response.destroyed && response.write(more)) sent += more.length;
      };
      response.on('drain', pump);
      pump();
    });
    const { message } = await failureOf(client.jobs());
    expect(message).toContain('more than 67108864 bytes');
    expect(sent).toBeLessThan(80 * 2 ** 20);
  });

  test('one that never begins is given up', async () => {
    const { reason } = await failureOf((await clientOf(() => undefined)).jobs());
    expect(reason).toBe('unreachable');
  });

  test('one that breaks off is an error, not half an answer', async () => {
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"jobs":[]}', () => response.destroy());
    });
    expect((await failureOf(client.jobs())).reason).toBe('unreachable');
  });

  test('an event that does not end ends the stream', async () => {
    let isOpen = true;
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.on('close', () => {
        isOpen = false;
      });
      const more = `data: ${'x'.repeat(2 ** 16)}\n`;
      const pump = (): void => {
        while (!response.destroyed && response.write(more));
      };
      response.on('drain', pump);
      pump();
    });
    const events: unknown[] = [];
    await client.events((...event) => events.push(event), new AbortController().signal);
    expect(events).toEqual([]);
    await expect.poll(() => isOpen).toBe(false);
  });
});
