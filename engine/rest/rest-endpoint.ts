// The HTTP server of the Dispatcher: limits, the door, the table of routes, and answers as Flink writes
// them. It answers while jobs run and never waits for any.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Logger } from '../core/logger.ts';
import { type DoorSettings, door } from './door.ts';
import { RestError } from './rest-error.ts';
import { type RestAnswer, type Route, Router } from './router.ts';

export interface RestEndpointSettings {
  readonly address: string;
  /** 0: a free one. */
  readonly port: number;
  readonly token: string | undefined;
  /** Where the token stands, by port: for who comes without. */
  readonly tokenFile: (port: number) => string;
  readonly log: Logger;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const JSON_TYPE = 'application/json; charset=UTF-8';

export class RestEndpoint {
  readonly #settings: RestEndpointSettings;
  readonly #router: Router;
  readonly #server: Server;
  readonly #door: DoorSettings;
  #port = 0;
  #tokenFile = '';

  constructor(settings: RestEndpointSettings, routes: readonly Route[]) {
    this.#settings = settings;
    this.#router = new Router(routes);
    this.#door = {
      token: settings.token,
      hosts: [settings.address.includes(':') ? `[${settings.address}]` : settings.address],
      port: () => this.#port,
    };
    this.#server = createServer(
      {
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: 30_000,
      },
      (incoming, response) => void this.#answer(incoming, response),
    );
  }

  /** Rejects with reason `port-in-use`, `port-not-allowed` or `address` when it cannot listen. */
  start(): Promise<void> {
    const { address, port } = this.#settings;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(listenError(error, address, port)),
      );
      this.#server.listen(port, address, () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        this.#tokenFile = this.#settings.tokenFile(this.#port);
        resolve();
      });
    });
  }

  get port(): number {
    return this.#port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const answer = await this.#handle(incoming);
      if ('stream' in answer) answer.stream(incoming, response);
      else sendJson(response, answer.status, answer.json);
    } catch (error) {
      sendJson(response, statusOf(error), { errors: [messageOf(error)] });
      if (statusOf(error) === 500)
        this.#settings.log.log(
          'error',
          `${incoming.method} ${incoming.url}: ${String((error as Error).stack)}`,
        );
      incoming.destroy();
    }
  }

  async #handle(incoming: IncomingMessage): Promise<RestAnswer> {
    const entry = door(this.#door, incoming.headers, this.#tokenFile);
    if (entry !== 'come in') throw new RestError(entry.status, entry.message);
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const method = incoming.method ?? 'GET';
    const match = this.#router.match(method, url.pathname);
    if (match === undefined) throw this.#noRoute(url.pathname);
    const body = await readBody(incoming, match.route.bodyBytesMax ?? limits.restBodyBytesMax);
    const gone = new AbortController();
    incoming.on('close', () => gone.abort());
    return match.route.handle({
      method,
      parameters: match.parameters,
      query: url.searchParams,
      body,
      signal: gone.signal,
    });
  }

  #noRoute(path: string): RestError {
    const message = this.#router.knows(path)
      ? `Not found: ${path}`
      : `Unable to load requested file ${path}.`;
    return new RestError(404, message);
  }
}

async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax) throw new RestError(413, `The body is longer than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function sendJson(response: ServerResponse, status: number, json: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const body = Buffer.from(JSON.stringify(json));
  response.writeHead(status, { 'content-type': JSON_TYPE, 'content-length': body.length });
  response.end(body);
}

/** Reasons of our own errors, as statuses; all else is a fault of ours. */
const STATUS_OF_REASON: Readonly<Record<string, number>> = {
  'unknown-job': 404,
  'duplicate-job': 409,
  'bad-submission': 400,
};

function statusOf(error: unknown): number {
  if (error instanceof RestError) return error.status;
  if (error instanceof URIError) return 400;
  if (error instanceof SluiceError) return STATUS_OF_REASON[error.reason] ?? 400;
  return 500;
}

const messageOf = (error: unknown): string =>
  statusOf(error) === 500
    ? `Internal server error: ${(error as Error).message}`
    : (error as Error).message;

function listenError(error: NodeJS.ErrnoException, address: string, port: number): SluiceError {
  const where = `${address}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new SluiceError(
      'port-in-use',
      `port ${port} is in use (${where}): choose another with --rest-port, or 0 for a free one`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES') {
    return new SluiceError(
      'port-not-allowed',
      `port ${port} may not be used without more rights: choose one above 1023 with --rest-port`,
      { cause: error },
    );
  }
  return new SluiceError('address', `cannot listen on ${where}: ${error.message}`, {
    cause: error,
  });
}
