// Calls between components, wherever they live. An endpoint is an object served under a name; a gateway is
// a typed proxy for it. A call is answered once, or fails when the connection breaks or the time is up:
// whether it was carried out is then unknown, so callers fence and repeat. Endpoints of the same process
// are reached through the same proxies, in a later turn, as if they were elsewhere.

import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import { type ErrorInfo, errorInfo, SluiceError, toError } from '../core/errors.ts';
import type { Connection, Listener, Transport } from './transport.ts';

/** What a component answers to others. Every method is asynchronous to its callers. */
export type Gateway<T> = {
  readonly [M in keyof T]: T[M] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

export interface Remote<T> {
  readonly gateway: Gateway<T>;
  /** Called once, when the connection is lost or closed. Never for an endpoint of this process. */
  onClose(handler: (reason: string) => void): void;
  close(): void;
}

type Message =
  | {
      readonly t: 'call';
      readonly id: number;
      readonly endpoint: string;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly t: 'ok'; readonly id: number; readonly value: unknown }
  | {
      readonly t: 'error';
      readonly id: number;
      readonly error: ErrorInfo;
      readonly reason: string | undefined;
    };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  readonly timer: Disposable;
}

type RpcFailure = 'disconnected' | 'timeout' | 'no-endpoint' | 'unreachable';

export interface RpcSettings {
  readonly transport: Transport;
  readonly address: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

type Endpoint = Readonly<Record<string, (...args: unknown[]) => unknown>>;

export class RpcService {
  readonly #settings: RpcSettings;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #links = new Set<Link>();
  #listener: Listener | undefined;

  constructor(settings: RpcSettings) {
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const { transport, address } = this.#settings;
    this.#listener = await transport.listen(address, (connection) => this.#link(connection));
  }

  /** Where others connect. */
  get address(): string {
    return this.#listener?.address ?? this.#settings.address;
  }

  /** Answers calls under this name until the returned function is called. */
  serve(name: string, endpoint: object): () => void {
    assert(!this.#endpoints.has(name), `endpoint ${name} is served already`);
    this.#endpoints.set(name, endpoint as Endpoint);
    return () => this.#endpoints.delete(name);
  }

  /** Rejects with reason `unreachable` when nobody listens there. */
  async connect<T>(address: string, endpoint: string): Promise<Remote<T>> {
    if (address === this.address) return this.#local<T>(endpoint);
    const link = this.#link(await this.#settings.transport.connect(address));
    return {
      gateway: proxy<T>((method, args) => link.call(endpoint, method, args)),
      onClose: (handler) => link.connection.onClose(handler),
      close: () => link.connection.close(),
    };
  }

  async close(): Promise<void> {
    for (const link of this.#links) link.connection.close();
    await this.#listener?.close();
  }

  #link(connection: Connection): Link {
    const link = new Link(connection, this.#settings, (endpoint, method, args) =>
      this.#invoke(endpoint, method, args),
    );
    this.#links.add(link);
    connection.onClose(() => this.#links.delete(link));
    return link;
  }

  #local<T>(endpoint: string): Remote<T> {
    const later = (): Promise<void> => new Promise((done) => this.#settings.clock.soon(done));
    return {
      gateway: proxy<T>((method, args) => later().then(() => this.#invoke(endpoint, method, args))),
      onClose: () => undefined,
      close: () => undefined,
    };
  }

  #invoke(endpoint: string, method: string, args: readonly unknown[]): unknown {
    const target = this.#endpoints.get(endpoint);
    if (target === undefined)
      throw new SluiceError<RpcFailure>('no-endpoint', `no endpoint ${endpoint} here`);
    const call = target[method];
    assert(typeof call === 'function', `endpoint ${endpoint} has no method ${method}`);
    return call.apply(target, [...args]);
  }
}

/** One connection: calls go out and come in on it. */
class Link {
  readonly connection: Connection;
  readonly #settings: RpcSettings;
  readonly #invoke: (endpoint: string, method: string, args: readonly unknown[]) => unknown;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closedBecause: string | undefined;

  constructor(
    connection: Connection,
    settings: RpcSettings,
    invoke: (endpoint: string, method: string, args: readonly unknown[]) => unknown,
  ) {
    this.connection = connection;
    this.#settings = settings;
    this.#invoke = invoke;
    connection.onMessage((message) => this.#receive(message as Message));
    connection.onClose((reason) => this.#fail(reason));
  }

  call(endpoint: string, method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#closedBecause !== undefined) return Promise.reject(this.#disconnected());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // Throws for arguments that cannot be sent: then nothing waits for an answer.
      this.connection.send({ t: 'call', id, endpoint, method, args } satisfies Message);
      const { clock, timeoutMs } = this.#settings;
      const timer = clock.after(timeoutMs, () => {
        this.#waiting.delete(id);
        reject(
          rpcError(
            'timeout',
            `${endpoint}.${method} at ${this.connection.peer}: no answer in ${timeoutMs} ms`,
          ),
        );
      });
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  #receive(message: Message): void {
    if (message.t === 'call') {
      void this.#answer(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return; // answered too late
    this.#waiting.delete(message.id);
    waiting.timer[Symbol.dispose]();
    if (message.t === 'ok') waiting.resolve(message.value);
    else waiting.reject(remoteError(message.error, message.reason));
  }

  async #answer({ id, endpoint, method, args }: Message & { t: 'call' }): Promise<void> {
    try {
      const value = await this.#invoke(endpoint, method, args);
      this.connection.send({ t: 'ok', id, value } satisfies Message);
    } catch (error) {
      // Also for an answer that cannot be sent.
      const reason = error instanceof SluiceError ? error.reason : undefined;
      this.connection.send({ t: 'error', id, error: errorInfo(error), reason } satisfies Message);
    }
  }

  #fail(reason: string): void {
    this.#closedBecause = reason;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      timer[Symbol.dispose]();
      reject(this.#disconnected());
    }
  }

  #disconnected(): Error {
    return rpcError('disconnected', `${this.connection.peer}: ${this.#closedBecause}`);
  }
}

function proxy<T>(
  call: (method: string, args: readonly unknown[]) => Promise<unknown>,
): Gateway<T> {
  return new Proxy({} as Gateway<T>, {
    get: (_target, method) =>
      typeof method === 'string' && method !== 'then'
        ? (...args: unknown[]) => call(method, args)
        : undefined,
  });
}

const rpcError = (reason: RpcFailure, message: string): Error => new SluiceError(reason, message);

function remoteError(info: ErrorInfo, reason: string | undefined): Error {
  if (reason === undefined) return toError(info);
  return new SluiceError(
    reason,
    info.message,
    info.cause === undefined ? {} : { cause: toError(info.cause) },
  );
}
