// Attacks A9 to A11: slow and endless clients, requests that are read in two ways, and names that objects
// have already.
//
// Each fails with its protection off, which was tried: A9 without the timeouts of rest-endpoint.ts and without
// the bound of readBody; A10 with `insecureHTTPParser: true` in the server's options; A11 with numbers and ids
// that request-parameters.ts does not check.

import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { every } from '../../../engine/core/clock.ts';
import { systemClock } from '../../../engine/core/system-clock.ts';
import { ok, type Route } from '../../../engine/rest/router.ts';
import { routesOf } from '../../../engine/rest/routes.ts';
import { testContext } from '../context.ts';
import { echo, readAll, startEndpoint, type TestEndpoint } from '../endpoint.ts';

const SHORT = { timeouts: { headersMs: 200, requestMs: 400 } };
const hostOf = ({ port }: TestEndpoint): string => `Host: 127.0.0.1:${port}`;
const json: Route = {
  method: 'POST',
  path: '/json',
  handle: ({ body }) => ok(JSON.parse(Buffer.from(body).toString())),
};

/** Everything that comes until the connection ends. */
function dripping(door: TestEndpoint, head: string, drop: string): Promise<string> {
  const socket: Socket = door.socket();
  socket.write(head);
  const timer = every(systemClock, 20, () => socket.write(drop));
  return readAll(socket).finally(() => timer[Symbol.dispose]());
}

describe('A9: a client', () => {
  test('that says its headers byte by byte is cut off, and others are answered meanwhile', async () => {
    const door = await startEndpoint([echo('GET', '/jobs')], SHORT);
    const slow = dripping(door, `GET /jobs HTTP/1.1\r\n${hostOf(door)}\r\nX-Slow: `, 'x');
    expect((await door.ask('/jobs')).status).toBe(200);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('that says its body byte by byte is cut off', async () => {
    const door = await startEndpoint([echo('POST', '/jobs')], SHORT);
    const head = `POST /jobs HTTP/1.1\r\n${hostOf(door)}\r\nContent-Length: 100000\r\n\r\n`;
    const slow = dripping(door, head, 'x');
    expect((await door.ask('/jobs', { method: 'POST', body: '{}' })).status).toBe(200);
    expect(await slow).toMatch(/^HTTP\/1\.1 408 |^$/);
  });

  test('that says nothing holds nobody up', async () => {
    const door = await startEndpoint([echo('GET', '/jobs')], SHORT);
    const idle = Array.from({ length: 500 }, () => door.socket());
    await Promise.all(idle.map((socket) => new Promise((done) => socket.once('connect', done))));
    expect((await door.ask('/jobs')).status).toBe(200);
    const ends = await Promise.all(idle.map((socket) => readAll(socket)));
    expect(ends.every((text) => text === '' || text.startsWith('HTTP/1.1 408 '))).toBe(true);
  });

  test('with a header without end is refused', async () => {
    const door = await startEndpoint([echo('GET', '/jobs')]);
    const head = `GET /jobs HTTP/1.1\r\n${hostOf(door)}\r\nX-Long: ${'x'.repeat(2 ** 20)}\r\n\r\n`;
    expect(await door.raw(head)).toMatch(/^HTTP\/1\.1 431 |^$/);
    expect(await door.raw(`GET /${'x'.repeat(2 ** 20)} HTTP/1.1\r\n`)).toMatch(/^HTTP\/1\.1 4|^$/);
  });

  test('with JSON of 100 MB is refused before it comes', async () => {
    const door = await startEndpoint([json]);
    const head = `POST /json HTTP/1.1\r\n${hostOf(door)}\r\nContent-Length: 100000000\r\n\r\n`;
    expect(await door.raw(head)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('with JSON of 100,000 levels is answered, and the next one, too', async () => {
    const door = await startEndpoint(routesOf(testContext()));
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const body of [deep, `{"a":${deep}}`, '{"a":'.repeat(100_000)])
      expect((await door.ask('/jobs', { method: 'POST', body })).status).toBe(400);
  });

  test('with a compressed bomb is told that this is no JSON: nothing is unpacked', async () => {
    const door = await startEndpoint(routesOf(testContext()));
    const body = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '));
    const headers = { 'content-encoding': 'gzip' };
    expect((await door.ask('/jobs', { method: 'POST', headers, body })).status).toBe(400);
  });
});

describe('A10: a request that can be read in two ways', () => {
  const smuggled = 'GET /secret HTTP/1.1\r\n';

  test.each([
    ['two lengths', 'Content-Length: 4\r\nContent-Length: 5', 'abcde'],
    [
      'a length and chunks',
      'Content-Length: 4\r\nTransfer-Encoding: chunked',
      `0\r\n\r\n${smuggled}`,
    ],
    ['chunks that are named oddly', 'Transfer-Encoding: xchunked', `0\r\n\r\n${smuggled}`],
    ['chunks twice', 'Transfer-Encoding: chunked, identity', `0\r\n\r\n${smuggled}`],
    ['a length that is none', 'Content-Length: +4', 'abcd'],
    ['a length below nothing', 'Content-Length: -1', 'abcd'],
    ['a header that is folded', 'X-A: b\r\n Content-Length: 4', 'abcd'],
    ['a space before the colon', 'Content-Length : 4', 'abcd'],
    ['a bare line feed', 'X-A: b\nContent-Length: 4', 'abcd'],
    ['a chunk of odd size', 'Transfer-Encoding: chunked', `0x4\r\nabcd\r\n0\r\n\r\n`],
  ])('%s: refused, and what hides in it is never asked for', async (_, header, body) => {
    const secret = echo('GET', '/secret');
    const taken = echo('POST', '/jobs');
    const door = await startEndpoint([secret, taken]);
    const head = `POST /jobs HTTP/1.1\r\n${hostOf(door)}\r\n${header}\r\n\r\n`;
    const answer = await door.raw(head + body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect([secret.asked, taken.asked]).toEqual([[], []]);
  });

  test('another protocol is none', async () => {
    const door = await startEndpoint([echo('GET', '/jobs')]);
    expect(await door.raw('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 |^$/);
    expect(await door.raw('\u0016\u0003\u0001\u0002\u0000\u0001')).toMatch(/^HTTP\/1\.1 400 |^$/);
  });
});

describe('A11: a name that objects have already', () => {
  const ODD = [
    ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '..%2f..', '%0a'],
    ...['%00', '0', '-1', '1e99', 'NaN', 'x'.repeat(4_000), '%F0%9F%92%A9', '%c0%ae', "'; drop--"],
  ];
  const known = new Set(Object.getOwnPropertyNames(Object.prototype));
  const dispatcher = {
    job: () => undefined,
    jobs: () => [],
    states: () => [],
    details() {
      throw new Error('no such job was asked for');
    },
  };
  const resourceManager = { taskManagers: () => [], taskExecutor: () => undefined };
  const logs = { list: () => Promise.resolve([]), read: () => Promise.resolve(undefined) };
  const routes = (): readonly Route[] =>
    routesOf(
      testContext({ dispatcher, resourceManager, logs } as unknown as Parameters<
        typeof testContext
      >[0]),
    );

  test.each(ODD)('%s, in the place of each parameter: no, and nothing has changed', async (odd) => {
    const door = await startEndpoint(routes());
    for (const { method, path } of routes().filter(({ path: one }) => one.includes(':'))) {
      const { status } = await door.ask(
        encodeURI(path.replaceAll(/:\w+/g, '§')).replaceAll('%C2%A7', encodeOnce(odd)),
        { method },
      );
      // Flink says 500 of some; 503 of what it has switched off.
      const isPlain =
        status < 500 || /taskmanager|jars|rescaling|coordinators|status|requirements/.test(path);
      expect([method, path, status, isPlain]).toEqual([method, path, status, true]);
    }
    expect(new Set(Object.getOwnPropertyNames(Object.prototype))).toEqual(known);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test.each(['1e99', '-1', '9'.repeat(400), 'x', '__proto__', '1.5', ''])(
    'maxExceptions=%s is refused',
    async (value) => {
      const door = await startEndpoint(
        routesOf(
          testContext({
            dispatcher: { ...dispatcher, details: () => ({}) },
          } as unknown as Parameters<typeof testContext>[0]),
        ),
      );
      const path = `/jobs/${'0'.repeat(32)}/exceptions?maxExceptions=${value}`;
      expect((await door.ask(path)).status).toBe(400);
    },
  );

  test('a body that names them sets nothing', async () => {
    const door = await startEndpoint(routes());
    const body =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"flinkConfiguration":{"__proto__":{"polluted":"1"}}}';
    for (const { method, path } of routes().filter((route) => route.method !== 'GET'))
      await door.ask(path.replaceAll(/:\w+/g, '0'.repeat(32)), { method, body });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(new Set(Object.getOwnPropertyNames(Object.prototype))).toEqual(known);
  });
});

/** As it is meant: what is encoded stays so. */
const encodeOnce = (text: string): string => (text.includes('%') ? text : encodeURIComponent(text));
