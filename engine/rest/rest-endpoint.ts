// The HTTP server of the Dispatcher: limits, the door, the table of routes, and answers as Flink writes
// them. It answers while jobs run and never waits for any.

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Logger } from '../core/logger.ts';
import { type DoorSettings, door } from './door.ts';
import { endAfterRequest, endsSoon, readBody } from './request-body.ts';
import { RestError } from './rest-error.ts';
import { type RestAnswer, type Route, Router } from './router.ts';

export interface RestEndpointSettings {
  /** Under which clients know it: also what `Host` may say. */
  readonly address: string;
  /** Where it listens; absent: `address`. */
  readonly bindAddress?: string;
  /** Absent: http. */
  readonly tls?: TlsOptions | undefined;
  /** 0: a free one. */
  readonly port: number;
  readonly token: string | undefined;
  /** Where the token stands, by port: for who comes without. */
  readonly tokenFile: (port: number) => string;
  readonly clock: Clock;
  readonly log: Logger;
  /** For the headers of a request, and for the whole of it; absent: those of `TIMEOUTS`. */
  readonly timeouts?: RequestTimeouts;
}

interface RequestTimeouts {
  readonly headersMs: number;
  readonly requestMs: number;
}

const TIMEOUTS: RequestTimeouts = { headersMs: 10_000, requestMs: 60_000 };
const KEEP_ALIVE_MS = 30_000;
/** For TLS to come about: until then nobody knows who it is. */
const HANDSHAKE_MS = 10_000;
const JSON_TYPE = 'application/json; charset=UTF-8';

export class RestEndpoint {
  readonly #settings: RestEndpointSettings;
  #router: Router | undefined;
  readonly #server: Server | TlsServer;
  readonly #door: DoorSettings;
  #port = 0;
  #tokenFile = '';

  /** @param routes Undefined: until it is told what to serve, it is unavailable. */
  constructor(settings: RestEndpointSettings, routes: readonly Route[] | undefined) {
    this.#settings = settings;
    this.serve(routes);
    this.#door = {
      scheme: settings.tls === undefined ? 'http' : 'https',
      token: settings.token,
      hosts: [settings.address.includes(':') ? `[${settings.address}]` : settings.address],
      port: () => this.#port,
    };
    const timeouts = serverOptions(settings.timeouts ?? TIMEOUTS);
    const answer: RequestListener = (...exchange) => void this.#answer(...exchange);
    this.#server =
      settings.tls === undefined
        ? createServer(timeouts, answer)
        : createTlsServer({ ...timeouts, ...settings.tls, handshakeTimeout: HANDSHAKE_MS }, answer);
    this.#server.maxConnections = limits.restConnectionsMax;
    this.#server.maxHeadersCount = limits.restHeadersMax;
  }

  /** Rejects with reason `port-in-use`, `port-not-allowed` or `address` when it cannot listen. */
  start(): Promise<void> {
    const { bindAddress: address = this.#settings.address, port } = this.#settings;
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

  /** From now on; undefined: nobody leads here. */
  serve(routes: readonly Route[] | undefined): void {
    this.#router = routes && new Router(routes);
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
      send(response, incoming, await this.#handle(incoming));
    } catch (error) {
      this.#refuse(incoming, response, error);
    }
  }

  async #handle(incoming: IncomingMessage): Promise<RestAnswer> {
    const entry = door(this.#door, incoming.headersDistinct, this.#tokenFile);
    if (entry !== 'come in') throw new RestError(entry.status, entry.message);
    const { path, query } = splitUrl(incoming.url ?? '/');
    const router = this.#router;
    if (router === undefined) throw new RestError(503, NOT_LEADING);
    const match = router.match(incoming.method ?? 'GET', path);
    if (match === undefined) throw noRoute(router, path);
    const body = await readBody(incoming, match.route.bodyBytesMax ?? limits.restBodyBytesMax);
    const { headers } = incoming;
    return match.route.handle({ parameters: match.parameters, query, headers, body });
  }

  #refuse(incoming: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (incoming.destroyed && !incoming.complete) return; // the client has gone
    const status = statusOf(error);
    if (status === 500) {
      const what = error instanceof RestError ? error.message : String((error as Error).stack);
      this.#settings.log.log('error', `${incoming.method} ${incoming.url}: ${what}`);
    }
    if (response.headersSent || response.destroyed) return void response.destroy();
    const body = jsonBytes({ errors: textsOf(error, status) });
    const headers = { 'content-type': JSON_TYPE, 'content-length': body.length };
    if (endsSoon(incoming)) return void response.writeHead(status, headers).end(body);
    response.writeHead(status, { ...headers, connection: 'close' }).write(body);
    endAfterRequest(incoming, response, this.#settings.clock);
  }
}

/** Flink's words. */
const NOT_LEADING =
  'Service temporarily unavailable due to an ongoing leader election. Please refresh.';

function noRoute(router: Router, path: string): RestError {
  const message = router.knows(path)
    ? `Not found: ${path}`
    : `Unable to load requested file ${path}.`;
  return new RestError(404, message);
}

const serverOptions = ({ headersMs, requestMs }: RequestTimeouts): ServerOptions => ({
  headersTimeout: headersMs,
  requestTimeout: requestMs,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: headersMs / 4,
});

/** By hand: a URL would take a path that begins with two slashes for a host, and resolve `..`. */
function splitUrl(url: string): { readonly path: string; readonly query: URLSearchParams } {
  const origin = /^https?:\/\/[^/?]*/.exec(url)?.[0] ?? '';
  const [path = '', ...query] = url.slice(origin.length).split('?');
  return { path, query: new URLSearchParams(query.join('?')) };
}

const jsonBytes = (json: unknown): Buffer => Buffer.from(JSON.stringify(json));

function send(response: ServerResponse, incoming: IncomingMessage, answer: RestAnswer): void {
  if ('stream' in answer) return answer.stream(incoming, response);
  const body = 'json' in answer ? jsonBytes(answer.json) : answer.bytes;
  const type = 'json' in answer ? JSON_TYPE : answer.type;
  const headers = { 'content-type': type, 'content-length': body.length };
  response.writeHead(answer.status, headers).end(body);
}

/** Reasons of our own errors, as statuses; all else is a fault of ours. */
const STATUS_OF_REASON: Readonly<Record<string, number>> = {
  'unknown-job': 404,
  'duplicate-job': 409,
  'bad-submission': 400,
  'not-leader': 503,
};

function statusOf(error: unknown): number {
  if (error instanceof RestError) return error.status;
  if (error instanceof URIError) return 400;
  if (error instanceof SluiceError) return STATUS_OF_REASON[error.reason] ?? 400;
  return 500;
}

/** As Flink writes them: for a fault of the server's, what it is stands in the second. */
function textsOf(error: unknown, status: number): readonly string[] {
  const { message } = error as Error;
  if (status !== 500) return [message];
  return [
    'Internal server error.',
    `<Exception on server side:\n${message}\nEnd of exception on server side>`,
  ];
}

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
