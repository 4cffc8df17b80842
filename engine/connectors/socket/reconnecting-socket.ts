// A TCP connection that is made again when it cannot be made or is lost, a second later, as often as
// allowed. Each failure is a line in the log that says what to do.
//
//   connecting ──ok──▶ connected ──lost──▶ waiting ──1 s──▶ connecting
//       └──refused, tries left──▶ waiting      └──refused, no tries left──▶ given up

import { createConnection, type Socket } from 'node:net';
import type { Clock, Timer } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';

export interface SocketAddress {
  readonly host: string;
  readonly port: number;
  /** Attempts in a row after one that failed; default 10. */
  readonly retries?: number;
}

/** What the owner of the connection is told; never after `close`. */
export interface SocketOwner {
  onConnected(socket: Socket): void;
  onData(bytes: Buffer): void;
  /**
   * The connection is gone: ended by the other side, or broken by `error`. True: make it again.
   */
  onLost(error: Error | undefined): boolean;
  /** No attempt is left. */
  onGivenUp(error: Error): void;
}

const RETRIES = 10;
const RETRY_MS = 1_000;

export class ReconnectingSocket {
  readonly #address: SocketAddress;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #owner: SocketOwner;
  #socket: Socket | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #isClosed = false;

  constructor(address: SocketAddress, clock: Clock, log: Logger, owner: SocketOwner) {
    this.#address = address;
    this.#clock = clock;
    this.#log = log;
    this.#owner = owner;
  }

  connect(): void {
    const { host, port } = this.#address;
    const socket = createConnection({ host, port });
    let isConnected = false;
    let error: Error | undefined;
    this.#socket = socket;
    socket.on('connect', () => {
      isConnected = true;
      this.#failures = 0;
      this.#log.log('info', `connected to ${host}:${port}`);
      this.#owner.onConnected(socket);
    });
    socket.on('data', (bytes) => this.#owner.onData(bytes));
    socket.on('error', (cause) => {
      error = cause;
    });
    socket.on('close', () => {
      if (this.#isClosed) return;
      if (!isConnected) this.#onRefused(error);
      else if (this.#owner.onLost(error)) this.#retry(describeLoss(this.#address, error));
    });
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** What was written is still sent. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    this.#socket?.end(() => this.#socket?.destroy());
  }

  #onRefused(cause: Error | undefined): void {
    const what = describeRefusal(this.#address, cause);
    const retries = this.#address.retries ?? RETRIES;
    if (this.#failures < retries) return this.#retry(what);
    const times = retries === 0 ? '' : ` after ${retries} retries`;
    const text = `${what}${times}${hint(this.#address)}`;
    this.#owner.onGivenUp(new SluiceError('not-connected', text, { cause }));
  }

  #retry(what: string): void {
    const { retries = RETRIES } = this.#address;
    this.#failures++;
    const wait = `retry ${this.#failures} of ${retries} in ${RETRY_MS / 1_000} s`;
    this.#log.log('warn', `${what}, ${wait}${hint(this.#address)}`);
    this.#timer = this.#clock.after(RETRY_MS, () => this.connect());
  }
}

function describeRefusal({ host, port }: SocketAddress, error: Error | undefined): string {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return `connection refused by ${host}:${port}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `there is no host ${host} (port ${port})`;
  return `cannot connect to ${host}:${port}: ${error?.message ?? 'closed at once'}`;
}

const describeLoss = ({ host, port }: SocketAddress, error: Error | undefined): string =>
  error === undefined
    ? `${host}:${port} ended the connection`
    : `lost the connection to ${host}:${port} (${error.message})`;

/** For a port of this machine: how to have somebody listen there. */
const hint = ({ host, port }: SocketAddress): string =>
  /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host) ? `; start it with: nc -lk ${port}` : '';
