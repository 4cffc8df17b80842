// Attacks A1 to A4: whoever does not know the token, a page in a browser, a name bound to this machine.
//
// Each fails with its protection off, which was tried in engine/rest/door.ts: A1 without the last check; A2
// and A4 without those of Origin and Sec-Fetch-Site; A3 without that of Host. That no answer allows other
// origins was tried by adding such a header in rest-endpoint.ts.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Route } from '../../../engine/rest/router.ts';
import { routesOf } from '../../../engine/rest/routes.ts';
import { sourceFiles } from '../../tidy/source-files.ts';
import { testContext } from '../context.ts';
import { startEndpoint } from '../endpoint.ts';

const TOKEN = 'f00d'.repeat(16);
const ID = '0123456789abcdef0123456789abcdef';
/** From the table itself: one that is added later cannot be forgotten. */
const routes = routesOf(testContext());
const pathOf = ({ path }: Route): string => path.replaceAll(/:\w+/g, ID);

/** Whoever gets behind the door is found out: no handler may be asked. */
const trapped = (asked: string[]): readonly Route[] =>
  routes.map((route) => ({
    ...route,
    handle: () => {
      asked.push(`${route.method} ${route.path}`);
      return { status: 200, json: {} };
    },
  }));

describe('A1: without the token', () => {
  const wrong: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['none', {}],
    ['another', { authorization: `Bearer ${'beef'.repeat(16)}` }],
    ['a part of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than it', { authorization: `Bearer ${TOKEN}0` }],
    ['an empty one', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${btoa(`x:${TOKEN}`)}` }],
    ['one in a cookie', { cookie: `token=${TOKEN}` }],
    ['one in another header', { 'x-token': TOKEN }],
  ];

  test.each(wrong)('%s: every route says 401, and the same 401', async (_, headers) => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked), { token: TOKEN });
    const answers = new Set<string>();
    for (const route of routes) {
      for (const prefix of ['', '/v1']) {
        const { method } = route;
        const { status, text } = await door.ask(prefix + pathOf(route), { method, headers });
        expect([method, route.path, status]).toEqual([method, route.path, 401]);
        answers.add(text);
      }
    }
    // Nor does it tell what there is: a path that leads nowhere answers the same.
    answers.add((await door.ask('/nowhere', { headers })).text);
    expect([answers.size, asked]).toEqual([1, []]);
    expect([...answers].join()).not.toContain(TOKEN);
  });

  test('with one in the query: 401', async () => {
    const door = await startEndpoint(trapped([]), { token: TOKEN });
    for (const query of [`token=${TOKEN}`, `access_token=${TOKEN}`])
      expect((await door.ask(`/jobs?${query}`)).status).toBe(401);
  });

  test('with it: every route is reached', async () => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked), { token: TOKEN });
    const headers = { authorization: `Bearer ${TOKEN}` };
    for (const route of routes) await door.ask(pathOf(route), { method: route.method, headers });
    expect(new Set(asked).size).toBe(routes.length);
  });
});

/** What browsers say of a page of somebody else's. */
const pages: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a foreign page', { origin: 'https://evil.example' }],
  ['a page without origin', { origin: 'null' }],
  ['a page on another port', { origin: 'http://127.0.0.1:3000' }],
  ['a page that says none', { 'sec-fetch-site': 'cross-site' }],
  ['a page of the same site', { 'sec-fetch-site': 'same-site' }],
];
const FORM = { 'content-type': 'multipart/form-data; boundary=b' };

describe('A2: a page in a browser', () => {
  test.each(pages)('%s: writes nothing, and its body is not read', async (_, headers) => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked));
    for (const route of routes.filter(({ method }) => method !== 'GET')) {
      const { method } = route;
      const more = { 'content-type': 'text/plain' };
      const { status } = await door.ask(pathOf(route), {
        method,
        headers: { ...headers, ...more },
      });
      expect([method, route.path, status]).toEqual([method, route.path, 403]);
    }
    // Declared and never sent: whoever waited for it would hang.
    const lines = Object.entries({ ...headers, ...FORM }).map(([key, value]) => `${key}: ${value}`);
    const answer = await door.raw(
      `POST /jars/upload HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nContent-Length: 60000000\r\n${lines.join('\r\n')}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(asked).toEqual([]);
  });

  test.each(pages)('%s: reads nothing, nor by the GET that cancels', async (_, headers) => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked));
    for (const route of routes.filter(({ method }) => method === 'GET'))
      expect((await door.ask(pathOf(route), { headers })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  test('is never allowed to by a header, asked for or not', async () => {
    const door = await startEndpoint(trapped([]));
    const own = `http://127.0.0.1:${door.port}`;
    for (const origin of [own, 'https://evil.example']) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const headers = { origin, 'access-control-request-method': 'POST' };
        const answer = await door.ask('/jars/upload', { method, headers });
        const names = Object.keys(answer.headers);
        expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    }
  });
});

describe('A3: a name that is bound to this machine', () => {
  const hostsOf = (port: number): readonly string[] => [
    `Host: evil.com:${port}`,
    `Host: 127.0.0.1.nip.io:${port}`,
    `Host: localhost.evil.com:${port}`,
    `Host: [::ffff:127.0.0.1]:${port}`,
    `Host: 127.0.0.1`,
    `Host: 127.0.0.1:${port}@evil.com`,
    `Host: evil.com\r\nX-Forwarded-Host: 127.0.0.1:${port}`,
    `Host: 127.0.0.1:${port}\r\nHost: 127.0.0.1:${port}`,
    `Host:`,
    `X: no host at all`,
  ];

  test('is refused, whatever the request line says', async () => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked));
    for (const host of hostsOf(door.port)) {
      for (const target of ['/jobs', `http://127.0.0.1:${door.port}/jobs`]) {
        const head = `GET ${target} HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`;
        const answer = await door.raw(head);
        expect([host, answer.slice(0, 12)]).toEqual([host, expect.stringMatching(/ 40[03]/)]);
      }
    }
    expect(asked).toEqual([]);
  });
});

describe('A4: a stream of events', () => {
  test.each(pages)('%s: gets none', async (_, headers) => {
    const door = await startEndpoint(routes);
    const more = { accept: 'text/event-stream' };
    const { status } = await door.ask('/sluice/v1/events', { headers: { ...headers, ...more } });
    expect(status).toBe(403);
  });

  test('no connection becomes a WebSocket', async () => {
    const asked: string[] = [];
    const door = await startEndpoint(trapped(asked));
    const answer = await door.raw(
      `GET /sluice/v1/events HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nOrigin: https://evil.example\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
    );
    expect(answer).not.toContain(' 101 ');
    expect(asked).toEqual([]);
  });

  test('esbuild serves nothing', () => {
    const serving = sourceFiles(/^cli\/.*\.tsx?$/).filter(({ path }) =>
      /\.serve\(/.test(readFileSync(path, 'utf8')),
    );
    expect(serving.map(({ path }) => path)).toEqual([]);
  });
});
