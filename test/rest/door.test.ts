import { describe, expect, test } from 'vitest';
import { type DistinctHeaders, door } from '../../engine/rest/door.ts';
import { echo, startEndpoint } from './endpoint.ts';

const TOKEN = 'c0ffee';
const HOST = '127.0.0.1:8081';

function statusOf(headers: DistinctHeaders, token: string | undefined = undefined): number {
  const settings = { scheme: 'http' as const, token, hosts: ['[::2]'], port: () => 8081 };
  const answer = door(settings, headers, '/tokens/8081');
  return answer === 'come in' ? 200 : answer.status;
}

describe('Host', () => {
  test.each([HOST, 'localhost:8081', 'LOCALHOST:8081', '[::1]:8081', '[::2]:8081'])(
    '%s is ours',
    (host) => {
      expect(statusOf({ host: [host] })).toBe(200);
    },
  );

  test.each([
    'evil.com:8081',
    'evil.com',
    '127.0.0.1.nip.io:8081',
    'localhost.evil.com:8081',
    '[::ffff:127.0.0.1]:8081',
    '127.0.0.1:8082',
    '127.0.0.1',
    '',
    `evil.com, ${HOST}`,
  ])('%s is not, so that no name can be bound to us', (host) => {
    expect(statusOf({ host: [host] })).toBe(403);
  });

  test('must be there, once', () => {
    expect(statusOf({})).toBe(403);
    expect(statusOf({ host: [HOST, HOST] })).toBe(403);
    expect(statusOf({ host: [HOST, 'evil.com:8081'] })).toBe(403);
  });
});

describe('Origin', () => {
  test('of the endpoint itself comes in, and so does its absence', () => {
    expect(statusOf({ host: [HOST] })).toBe(200);
    expect(statusOf({ host: [HOST], origin: [`http://${HOST}`] })).toBe(200);
  });

  test.each(['https://evil', 'null', `https://${HOST}`, 'http://127.0.0.1:3000', ''])(
    '%s does not',
    (origin) => {
      expect(statusOf({ host: [HOST], origin: [origin] })).toBe(403);
    },
  );

  test('of a stranger does not come in behind our own', () => {
    expect(statusOf({ host: [HOST], origin: [`http://${HOST}`, 'https://evil'] })).toBe(403);
  });
});

describe('a browser that says where the request comes from', () => {
  test.each(['same-origin', 'none'])('comes in from %s', (site) => {
    expect(statusOf({ host: [HOST], 'sec-fetch-site': [site] })).toBe(200);
  });

  test.each(['cross-site', 'same-site', '', 'Same-Origin'])('is turned away from %s', (site) => {
    expect(statusOf({ host: [HOST], 'sec-fetch-site': [site] })).toBe(403);
  });
});

describe('the token', () => {
  const ask = (authorization?: string): number =>
    statusOf(
      { host: [HOST], ...(authorization === undefined ? {} : { authorization: [authorization] }) },
      TOKEN,
    );

  test('lets in who knows it', () => {
    expect(ask(`Bearer ${TOKEN}`)).toBe(200);
  });

  test.each([
    undefined,
    '',
    'Bearer ',
    'Bearer c0ffe',
    'Bearer c0ffee ',
    `bearer ${TOKEN}`,
    `Basic ${TOKEN}`,
    TOKEN,
  ])('keeps out who sends %s', (authorization) => {
    expect(ask(authorization)).toBe(401);
  });

  test('does not help a stranger’s page', () => {
    const headers = { host: [HOST], origin: ['https://evil'], authorization: [`Bearer ${TOKEN}`] };
    expect(statusOf(headers, TOKEN)).toBe(403);
  });
});

describe('an endpoint with a token', () => {
  test('answers every path alike without it, and reads no body', async () => {
    const route = echo('POST', '/known');
    const endpoint = await startEndpoint([route], { token: TOKEN });
    const asked = { method: 'POST', body: 'x'.repeat(100) };
    const answers = [await endpoint.ask('/known', asked), await endpoint.ask('/unknown', asked)];
    expect(answers.map(({ status }) => status)).toEqual([401, 401]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.text).not.toContain(TOKEN);
    expect(route.asked).toEqual([]);
  });

  test('never allows other origins to read, whatever they send', async () => {
    const endpoint = await startEndpoint([echo('GET', '/known')]);
    for (const origin of [undefined, `http://127.0.0.1:${endpoint.port}`, 'https://evil']) {
      const { headers } = await endpoint.ask('/known', {
        headers: origin === undefined ? {} : { origin },
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  test('takes a handshake of a WebSocket for any other request', async () => {
    const endpoint = await startEndpoint([echo('GET', '/known')]);
    const headers = { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil' };
    expect((await endpoint.ask('/known', { headers })).status).toBe(403);
  });
});
