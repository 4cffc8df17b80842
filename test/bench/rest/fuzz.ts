// Requests that nobody would send: methods, paths, headers and bodies from what the endpoint knows and from
// noise, whole or broken off, many on a connection. A seed makes the same ones again.

import { createConnection } from 'node:net';
import { below, type Random, SeededRandom, unit } from '../../../engine/core/random.ts';

export interface FuzzPlan {
  readonly port: number;
  readonly requests: number;
  readonly seed: number;
  /** Ids that exist, for paths that get further. */
  readonly ids: readonly string[];
}

const CONNECTIONS = 32;
/** On one connection, unless it is closed before. */
const PER_CONNECTION = 50;
const SILENT_MS = 500;

const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'get',
  '',
];
const WORDS =
  'v1 sluice jobs overview vertices subtasks metrics checkpoints details config exceptions jars upload run plan taskmanagers jobmanager log logs stdout savepoints savepoint-disposal stop rescaling accumulators watermarks backpressure flamegraph attempts events results messages yarn-cancel datasets thread-dump .. . %2e%2e %2f %00 %ff %'.split(
    ' ',
  );
const QUERIES = [
  'get=',
  'get=a,b',
  'mode=cancel',
  'maxExceptions=-1',
  'agg=max',
  'wait=0',
  'since=x',
];
const HEADERS = [
  'content-type: application/json',
  'content-type: multipart/form-data; boundary=x',
  'transfer-encoding: chunked',
  'content-length: 5',
  'content-length: -1',
  'expect: 100-continue',
  'upgrade: websocket',
  'origin: http://evil.example',
  'sec-fetch-site: cross-site',
  'last-event-id: -1',
  'range: bytes=0-',
  'connection: close',
  'x: \u00ff\u00fe',
];
const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '{"triggerId":1}',
  '{"a":',
  '{"__proto__":{"x":1}}',
  '5\r\nhello\r\n0\r\n\r\n',
];

/** Resolves with how many were sent. */
export async function fuzz(plan: FuzzPlan): Promise<number> {
  const random = new SeededRandom(plan.seed);
  let sent = 0;
  const lane = async (): Promise<void> => {
    while (sent < plan.requests) {
      const count = Math.min(PER_CONNECTION, plan.requests - sent);
      sent += count;
      const requests = Array.from({ length: count }, () => request(plan, random));
      await exchange(plan.port, requests);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  return sent;
}

/** Until all are answered, the other side has had enough, or it says nothing any more. */
function exchange(port: number, requests: readonly Buffer[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    let answers = 0;
    const end = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setTimeout(SILENT_MS, end);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('data', (chunk) => {
      answers += chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
      if (answers >= requests.length) end();
    });
    for (const one of requests) socket.write(one);
  });
}

function request({ port, ids }: FuzzPlan, random: Random): Buffer {
  if (unit(random) < 0.01) return noise(below(random, 64), random);
  const segments = Array.from({ length: below(random, 7) }, () => segment(ids, random));
  const query =
    unit(random) < 0.3 ? `?${pick(QUERIES, random)}${unit(random) < 0.2 ? '%' : ''}` : '';
  const method = pick(METHODS, random);
  // The one request that is meant to end it.
  const path = method === 'DELETE' ? ['v1', 'x', ...segments] : segments;
  const body = unit(random) < 0.3 ? pick(BODIES, random) : '';
  const headers = [
    unit(random) < 0.97 ? `host: 127.0.0.1:${port}` : 'host: evil.example',
    ...(body === '' || unit(random) < 0.1 ? [] : [`content-length: ${Buffer.byteLength(body)}`]),
    ...(unit(random) < 0.2 ? [pick(HEADERS, random)] : []),
  ];
  const text = `${method} /${path.join('/')}${query} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
  const whole = Buffer.from(text, 'latin1');
  return unit(random) < 0.005 ? whole.subarray(0, below(random, whole.length)) : whole;
}

function segment(ids: readonly string[], random: Random): string {
  if (unit(random) < 0.75) return pick(WORDS, random);
  if (unit(random) < 0.5) return pick(ids, random);
  return noise(below(random, 12), random)
    .toString('latin1')
    .replace(/[\r\n ]/g, '~');
}

const pick = (among: readonly string[], random: Random): string =>
  among[below(random, among.length)] ?? '';

const noise = (count: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length: count }, () => below(random, 256)));
