// A REST endpoint on a free port for the length of a test, and clients that say exactly what they are told:
// whole requests with all their headers, or bytes.

import { type Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../engine/core/system-clock.ts';
import { RestEndpoint, type RestEndpointSettings } from '../../engine/rest/rest-endpoint.ts';
import { ok, type RestRequest, type Route } from '../../engine/rest/router.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  /** One that is kept says whether the connection was. */
  readonly agent?: Agent;
}

export class TestEndpoint {
  readonly log = new RecordingLogger();
  readonly #endpoint: RestEndpoint;

  constructor(routes: readonly Route[], settings: Partial<RestEndpointSettings> = {}) {
    this.#endpoint = new RestEndpoint(
      {
        address: '127.0.0.1',
        port: 0,
        token: undefined,
        tokenFile: (port) => `/tokens/${port}`,
        clock: systemClock,
        log: this.log,
        ...settings,
      },
      routes,
    );
    onTestFinished(() => this.#endpoint.close());
  }

  start(): Promise<void> {
    return this.#endpoint.start();
  }

  get port(): number {
    return this.#endpoint.port;
  }

  ask(path: string, asked: Asked = {}): Promise<Answer> {
    return ask(this.port, path, asked);
  }

  /** A connection on which the test says every byte. */
  socket(): Socket {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => undefined); // a refusal may cut it; what came is what counts
    onTestFinished(() => void socket.destroy());
    return socket;
  }

  /** Everything that comes back for these bytes until the connection ends. */
  async raw(text: string): Promise<string> {
    const socket = this.socket();
    socket.write(text);
    return readAll(socket);
  }
}

export async function startEndpoint(
  routes: readonly Route[],
  settings: Partial<RestEndpointSettings> = {},
): Promise<TestEndpoint> {
  const endpoint = new TestEndpoint(routes, settings);
  await endpoint.start();
  return endpoint;
}

/** Answers with what was asked, and keeps it. */
export function echo(
  method: Route['method'],
  path: string,
  more: Partial<Route> = {},
): Route & { readonly asked: RestRequest[] } {
  const asked: RestRequest[] = [];
  return {
    method,
    path,
    asked,
    handle(one) {
      asked.push(one);
      return ok({ ...one.parameters, bytes: one.body.length });
    },
    ...more,
  };
}

export function ask(port: number, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body, agent } = asked;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        path,
        method,
        agent: agent ?? false,
        headers: {
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (incoming) =>
        readAll(incoming).then(
          (text) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
          reject,
        ),
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export async function readAll(from: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of from) chunks.push(Buffer.from(chunk));
  } catch {
    // cut off: what came is what counts
  }
  return Buffer.concat(chunks).toString();
}
