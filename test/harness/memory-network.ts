// Connections between the processes of a simulated cluster: in order, each message after a while, as copies.
// A test may drop messages, cut two processes off from one another, or kill one.

import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../engine/core/clock.ts';
import { SluiceError } from '../../engine/core/errors.ts';
import type { Connection, Listener, Transport } from '../../engine/rpc/transport.ts';

const LATENCY_MS = 0.5;

/** A message of the RPC service, as far as a test looks at it. */
export interface Seen {
  readonly from: string;
  readonly to: string;
  readonly t: 'call' | 'ok' | 'error';
  /** Of a call, or of the call that is answered. */
  readonly method: string;
  readonly args: readonly unknown[];
}

export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #listeners = new Map<string, { readonly process: string; accept(end: End): void }>();
  readonly #ends = new Set<End>();
  readonly #cut = new Set<string>();
  /** Asked for every message: false loses it. */
  delivers: (message: Seen) => boolean = () => true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How that process reaches others. */
  transport(process: string): Transport {
    return {
      listen: (address, accept) => this.#listen(process, address, accept),
      connect: (address) => this.#connect(process, address),
    };
  }

  /** Messages between the two are lost until they are joined again; no connection breaks. */
  cut(a: string, b: string): void {
    this.#cut.add(`${a} ${b}`).add(`${b} ${a}`);
  }

  join(a: string, b: string): void {
    this.#cut.delete(`${a} ${b}`);
    this.#cut.delete(`${b} ${a}`);
  }

  /** Its connections break, and nobody listens there any more. */
  kill(process: string): void {
    for (const [address, listener] of this.#listeners)
      if (listener.process === process) this.#listeners.delete(address);
    for (const end of this.#ends) if (end.process === process) end.close();
  }

  isLost(from: string, to: string, message: unknown, methods: Map<unknown, string>): boolean {
    const { t, id, method, args } = message as Partial<Record<string, unknown>>;
    if (t === 'call') methods.set(id, method as string);
    const seen = {
      from,
      to,
      t: t as Seen['t'],
      method: methods.get(id) ?? '',
      args: (args ?? []) as readonly unknown[],
    };
    return this.#cut.has(`${from} ${to}`) || !this.delivers(seen);
  }

  later(call: () => void): void {
    this.#clock.after(LATENCY_MS, call);
  }

  forget(end: End): void {
    this.#ends.delete(end);
  }

  #listen(
    process: string,
    address: string,
    accept: (connection: Connection) => void,
  ): Promise<Listener> {
    this.#listeners.set(address, { process, accept });
    const close = (): Promise<void> => {
      this.#listeners.delete(address);
      return Promise.resolve();
    };
    return Promise.resolve({ address, close });
  }

  #connect(process: string, address: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      this.later(() => {
        const listener = this.#listeners.get(address);
        if (listener === undefined || this.#cut.has(`${process} ${listener.process}`)) {
          reject(new SluiceError('unreachable', `nobody listens at ${address}`));
          return;
        }
        const here = new End(this, process, listener.process);
        const there = new End(this, listener.process, process);
        here.other = there;
        there.other = here;
        // Calls and their answers meet here: whoever calls numbers them.
        this.#ends.add(here).add(there);
        listener.accept(there);
        resolve(here);
      });
    });
  }
}

class End implements Connection {
  readonly process: string;
  readonly peer: string;
  other: End | undefined;
  readonly #network: MemoryNetwork;
  /** By number: the methods that this end has called. */
  readonly #called = new Map<unknown, string>();
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: ((reason: string) => void)[] = [];
  #closedBecause: string | undefined;

  constructor(network: MemoryNetwork, process: string, peer: string) {
    this.#network = network;
    this.process = process;
    this.peer = peer;
  }

  send(message: unknown): void {
    const bytes = serialize(message);
    if (this.#closedBecause !== undefined) return;
    const { t } = message as { readonly t: string };
    const called = t === 'call' ? this.#called : (this.other as End).#called;
    if (this.#network.isLost(this.process, this.peer, message, called)) return;
    this.#network.later(() => this.other?.receive(bytes));
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#onMessage = handler;
  }

  onClose(handler: (reason: string) => void): void {
    if (this.#closedBecause === undefined) this.#onClose.push(handler);
    else handler(this.#closedBecause);
  }

  close(): void {
    this.endWith('closed here');
    const { other } = this;
    this.#network.later(() => other?.endWith('closed by the other end'));
  }

  receive(bytes: Uint8Array): void {
    if (this.#closedBecause === undefined) this.#onMessage(deserialize(bytes));
  }

  endWith(reason: string): void {
    if (this.#closedBecause !== undefined) return;
    this.#closedBecause = reason;
    this.#network.forget(this);
    const handlers = this.#onClose;
    this.#onClose = [];
    for (const handler of handlers) handler(reason);
  }
}
