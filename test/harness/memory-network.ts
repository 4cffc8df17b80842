// Connections between the processes of a simulated cluster: in order, each message after a while, as copies.
// A test may drop or double messages, cut two processes off from one another, or kill one.

import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../engine/core/clock.ts';
import { SluiceError } from '../../engine/core/errors.ts';
import type { Connection, Listener, Transport } from '../../engine/rpc/transport.ts';
import { Lane } from './lane.ts';

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
  readonly latencyMs: () => number;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, { readonly process: string; accept(end: End): void }>();
  readonly #ends = new Set<End>();
  readonly #cut = new Set<string>();
  /** By process that stands still: what has come for it. */
  readonly #asleep = new Map<string, (() => void)[]>();
  /** Asked for every message: false loses it. */
  delivers: (message: Seen) => boolean = () => true;
  /** Asked for every call that is delivered: true delivers it twice. */
  repeats: (message: Seen) => boolean = () => false;
  /** Added to the latency of every message. */
  lateMs = 0;

  /** @param latencyMs Of each message. */
  constructor(clock: Clock, latencyMs: () => number = () => LATENCY_MS) {
    this.#clock = clock;
    this.latencyMs = latencyMs;
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

  /** Nobody listens there any more, and its connections break: the others hear of it, the dead do not. */
  kill(process: string): void {
    for (const [address, listener] of this.#listeners)
      if (listener.process === process) this.#listeners.delete(address);
    for (const end of this.#ends) if (end.process === process) end.vanish();
  }

  /** It stands still: what comes for it waits, and no connection breaks. */
  pause(process: string): void {
    if (!this.#asleep.has(process)) this.#asleep.set(process, []);
  }

  resume(process: string): void {
    const held = this.#asleep.get(process) ?? [];
    this.#asleep.delete(process);
    for (const call of held) call();
  }

  /** In a turn of that process. */
  deliver(process: string, call: () => void): void {
    const held = this.#asleep.get(process);
    if (held === undefined) call();
    else held.push(call);
  }

  /** How often that message arrives. */
  copies(from: string, to: string, message: unknown, methods: Map<unknown, string>): number {
    const { t, id, method, args } = message as Partial<Record<string, unknown>>;
    if (t === 'call') methods.set(id, method as string);
    const seen = {
      from,
      to,
      t: t as Seen['t'],
      method: methods.get(id) ?? '',
      args: (args ?? []) as readonly unknown[],
    };
    if (this.#cut.has(`${from} ${to}`) || !this.delivers(seen)) return 0;
    return t === 'call' && this.repeats(seen) ? 2 : 1;
  }

  lane(): Lane {
    return new Lane(this.#clock, () => this.latencyMs() + this.lateMs);
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
      this.lane().push(() => {
        const listener = this.#listeners.get(address);
        if (listener === undefined || this.#cut.has(`${process} ${listener.process}`)) {
          const error = new SluiceError('unreachable', `nobody listens at ${address}`);
          return this.deliver(process, () => reject(error));
        }
        const here = new End(this, process, listener.process);
        const there = new End(this, listener.process, process);
        here.other = there;
        there.other = here;
        // Calls and their answers meet here: whoever calls numbers them.
        this.#ends.add(here).add(there);
        this.deliver(listener.process, () => listener.accept(there));
        this.deliver(process, () => resolve(here));
      });
    });
  }
}

class End implements Connection {
  readonly process: string;
  readonly peer: string;
  other: End | undefined;
  readonly #network: MemoryNetwork;
  readonly #lane: Lane;
  /** By number: the methods that this end has called. */
  readonly #called = new Map<unknown, string>();
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: ((reason: string) => void)[] = [];
  #closedBecause: string | undefined;

  constructor(network: MemoryNetwork, process: string, peer: string) {
    this.#network = network;
    this.#lane = network.lane();
    this.process = process;
    this.peer = peer;
  }

  send(message: unknown): void {
    const bytes = serialize(message);
    if (this.#closedBecause !== undefined) return;
    const { t } = message as { readonly t: string };
    const called = t === 'call' ? this.#called : (this.other as End).#called;
    const copies = this.#network.copies(this.process, this.peer, message, called);
    for (let i = 0; i < copies; i++) this.#push((other) => other.receive(bytes));
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
    this.#push((other) => other.endWith('closed by the other end'));
  }

  /** Its process is dead. What it had sent still arrives. */
  vanish(): void {
    this.#onClose = [];
    this.#onMessage = () => undefined;
    this.close();
  }

  #push(call: (other: End) => void): void {
    this.#lane.push(() => {
      const { other } = this;
      if (other !== undefined) this.#network.deliver(other.process, () => call(other));
    });
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
