import { Agent } from 'node:http';
import { describe, expect, test } from 'vitest';
import { SluiceError } from '../../engine/core/errors.ts';
import { badRequest } from '../../engine/rest/rest-error.ts';
import { ok, type Route } from '../../engine/rest/router.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { until } from '../harness/until.ts';
import { echo, readAll, startEndpoint, type TestEndpoint } from './endpoint.ts';

const failing = (error: unknown): Route => ({
  method: 'GET',
  path: '/fails',
  handle() {
    throw error;
  },
});

const statusLine = (text: string): string => text.slice(0, text.indexOf('\r\n'));

describe('an answer', () => {
  test('is JSON that says its length', async () => {
    const endpoint = await startEndpoint([echo('GET', '/jobs/:jobid')]);
    const { status, headers, text } = await endpoint.ask('/v1/jobs/a?x=1');
    expect({ status, text }).toEqual({ status: 200, text: '{"jobid":"a","bytes":0}' });
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=UTF-8',
      'content-length': '23',
    });
  });

  test('to a path that begins with two slashes is that of the path', async () => {
    const endpoint = await startEndpoint([echo('GET', '/jobs/:jobid')]);
    expect((await endpoint.ask('//jobs//a')).status).toBe(200);
    expect((await endpoint.ask('//')).status).toBe(404);
  });

  test('to an address in full is that of its path', async () => {
    const endpoint = await startEndpoint([echo('GET', '/jobs/:jobid')]);
    expect((await endpoint.ask('http://evil.com/jobs/a?b=c')).status).toBe(200);
  });

  test('never walks up a path', async () => {
    const route = echo('GET', '/jobs/:jobid');
    const endpoint = await startEndpoint([route, echo('GET', '/overview')]);
    expect((await endpoint.ask('/jobs/../overview')).status).toBe(404);
    expect((await endpoint.ask('/jobs/%2e%2e')).status).toBe(200);
    expect(route.asked.map(({ parameters }) => parameters['jobid'])).toEqual(['..']);
  });

  test('to a question mark in a query is part of it', async () => {
    const route = echo('GET', '/x');
    const endpoint = await startEndpoint([route]);
    await endpoint.ask('/x?get=a?b&c=d');
    expect([...(route.asked[0]?.query ?? [])]).toEqual([
      ['get', 'a?b'],
      ['c', 'd'],
    ]);
  });

  test('may be a file', async () => {
    const bytes = new TextEncoder().encode('a line\n');
    const route = echo('GET', '/log', {
      handle: () => ({ status: 200, bytes, type: 'text/plain' }),
    });
    const endpoint = await startEndpoint([route]);
    const { headers, text } = await endpoint.ask('/log');
    expect([headers['content-type'], text]).toEqual(['text/plain', 'a line\n']);
  });
});

describe('a refusal', () => {
  test('is worded as Flink words it', async () => {
    const endpoint = await startEndpoint([echo('GET', '/overview')]);
    expect((await endpoint.ask('/v2/x')).text).toBe(
      '{"errors":["Unable to load requested file /v2/x."]}',
    );
    const wrongMethod = await endpoint.ask('/overview', { method: 'DELETE' });
    expect([wrongMethod.status, wrongMethod.text]).toEqual([
      404,
      '{"errors":["Not found: /overview"]}',
    ]);
  });

  test.each([
    [badRequest('no such thing'), 400],
    [new SluiceError('unknown-job', 'Job 1 not found'), 404],
    [new SluiceError('duplicate-job', 'twice'), 409],
    [new SluiceError('something-else', 'a no from the world'), 400],
  ])('of %s has status %i and its message', async (error, expected) => {
    const endpoint = await startEndpoint([failing(error)]);
    const { status, text } = await endpoint.ask('/fails');
    expect([status, JSON.parse(text)]).toEqual([expected, { errors: [error.message] }]);
    expect(endpoint.log.lines).toEqual([]);
  });

  test('for a fault of ours says what in its second text, and logs where', async () => {
    const endpoint = await startEndpoint([failing(new TypeError('x is undefined'))]);
    const { status, text } = await endpoint.ask('/fails');
    expect([status, JSON.parse(text)]).toEqual([
      500,
      {
        errors: [
          'Internal server error.',
          '<Exception on server side:\nx is undefined\nEnd of exception on server side>',
        ],
      },
    ]);
    expect(endpoint.log.lines).toEqual([expect.stringContaining('endpoint.test.ts')]);
  });

  test('of a badly encoded path is one of the client’s', async () => {
    const endpoint = await startEndpoint([echo('GET', '/overview')]);
    expect((await endpoint.ask('/%zz')).status).toBe(400);
  });

  test('leaves the connection to the next request', async () => {
    const endpoint = await startEndpoint([echo('POST', '/jobs')]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const first = await endpoint.ask('/nothing', { agent, method: 'POST', body: 'read' });
    expect(first.headers.connection).toBe('keep-alive');
    expect((await endpoint.ask('/jobs', { agent, method: 'POST', body: 'me' })).status).toBe(200);
    agent.destroy();
  });
});

describe('a body', () => {
  const small = (): Route & { readonly asked: unknown[] } =>
    echo('POST', '/jobs', { bodyBytesMax: 10 });
  const post = (endpoint: TestEndpoint, headers: string, body = ''): Promise<string> =>
    endpoint.raw(
      `POST /jobs HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\n${headers}\r\n\r\n${body}`,
    );

  test('up to the bound of its route is taken', async () => {
    const endpoint = await startEndpoint([small()]);
    const { text } = await endpoint.ask('/jobs', { method: 'POST', body: '0123456789' });
    expect(text).toBe('{"bytes":10}');
  });

  test('declared to be longer is refused before it comes', async () => {
    const route = small();
    const endpoint = await startEndpoint([route]);
    const socket = endpoint.socket();
    socket.write(
      `POST /jobs HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\nContent-Length: 11\r\n\r\n`,
    );
    const [chunk] = (await new Promise((resolve) =>
      socket.once('data', (...all) => resolve(all)),
    )) as [Buffer];
    expect(statusLine(chunk.toString())).toBe('HTTP/1.1 413 Payload Too Large');
    expect(route.asked).toEqual([]);
  });

  test('that turns out to be longer is refused, and the client has the answer', async () => {
    const route = small();
    const endpoint = await startEndpoint([route]);
    const answer = await post(
      endpoint,
      'Transfer-Encoding: chunked',
      `5\r\n01234\r\n6\r\n012345\r\n${'5\r\n01234\r\n'.repeat(20_000)}0\r\n\r\n`,
    );
    expect(statusLine(answer)).toBe('HTTP/1.1 413 Payload Too Large');
    expect(answer).toContain('longer than 10 bytes');
    expect(route.asked).toEqual([]);
  });

  test('of a request that was refused is waited for only so long', async () => {
    const clock = new FakeClock();
    const endpoint = await startEndpoint([small()], { clock });
    const socket = endpoint.socket();
    socket.write(
      `POST /jobs HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\nContent-Length: 99999\r\n\r\n`,
    );
    const answer = readAll(socket);
    await until(() => clock.timers === 1, 'the refusal');
    clock.advance(1_000);
    expect(statusLine(await answer)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('whose length is said twice, or in two ways, is of no request', async () => {
    const route = small();
    const endpoint = await startEndpoint([route]);
    const smuggled = [
      'Content-Length: 5\r\nTransfer-Encoding: chunked',
      'Content-Length: 5\r\nContent-Length: 6',
      'Content-Length: five',
      'Transfer-Encoding: chunked, identity',
    ];
    for (const headers of smuggled) {
      const answer = await post(endpoint, headers, '0\r\n\r\nGET /x HTTP/1.1\r\n\r\n');
      expect([headers, statusLine(answer)]).toEqual([headers, 'HTTP/1.1 400 Bad Request']);
    }
    expect(route.asked).toEqual([]);
  });
});

describe('a client', () => {
  test('that sends more headers than anybody needs is refused', async () => {
    const endpoint = await startEndpoint([echo('GET', '/x')]);
    const headers = { 'x-large': 'x'.repeat(20_000) };
    expect((await endpoint.ask('/x', { headers })).status).toBe(431);
  });

  test.each([
    'GET /x HTTP/1.1\r\nHost: ',
    'POST /x HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\n\r\nslow',
  ])('that does not come to the end of its request is cut off: %j', async (begun) => {
    const endpoint = await startEndpoint([echo('GET', '/x'), echo('POST', '/x')], {
      timeouts: { headersMs: 40, requestMs: 80 },
    });
    const answer = await endpoint.raw(begun.replace('HOST', `127.0.0.1:${endpoint.port}`));
    expect(statusLine(answer)).toBe('HTTP/1.1 408 Request Timeout');
  });

  test('that says garbage after its request is answered once, and cut off', async () => {
    const route = echo('GET', '/x');
    const endpoint = await startEndpoint([route]);
    const request = `GET /x HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\n\r\n`;
    const answer = await endpoint.raw(`${request}\u0000\u0001 garbage\r\n\r\n`);
    expect(answer).toContain('HTTP/1.1 400 Bad Request');
    expect(route.asked.length).toBe(1);
  });

  test('that goes away in the middle of its body disturbs nobody', async () => {
    const endpoint = await startEndpoint([echo('POST', '/x')]);
    const socket = endpoint.socket();
    socket.end(
      `POST /x HTTP/1.1\r\nHost: 127.0.0.1:${endpoint.port}\r\nContent-Length: 9\r\n\r\nhalf`,
    );
    await readAll(socket);
    expect((await endpoint.ask('/x', { method: 'POST', body: 'whole' })).status).toBe(200);
    expect(endpoint.log.lines).toEqual([]);
  });
});

describe('listening', () => {
  test('on a port that is in use fails with what to do', async () => {
    const { port } = await startEndpoint([]);
    await expect(startEndpoint([], { port })).rejects.toMatchObject({
      reason: 'port-in-use',
      message: expect.stringContaining('--rest-port') as string,
    });
  });

  test('on an address of another machine fails', async () => {
    await expect(startEndpoint([], { address: '192.0.2.1' })).rejects.toMatchObject({
      reason: 'address',
    });
  });
});

test('a handler may answer later', async () => {
  const route = echo('GET', '/x', { handle: () => Promise.resolve(ok('later')) });
  const endpoint = await startEndpoint([route]);
  expect((await endpoint.ask('/x')).text).toBe('"later"');
});
