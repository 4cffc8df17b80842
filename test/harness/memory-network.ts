// Connections between the processes of a simulated cluster: in order, each message after a while, as copies.
// A test may drop or double messages, cut two processes off from one another, or kill one.

import { deserialize, serialize } from 'node:v8';
import type { Clock } from '../../engine/core/clock.ts';
import { SluiceError } from '../../engine/core/errors.ts';
import type { Connection, Listener, Transport } from '../../engine/rpc/transport.ts';
import { Lane } from './lane.ts';

const LATENCY_MS = 0.5;

/** More than are under way at a time: of those before them nobody asks what they were. */
const CALLS_MAX = 4_096;

/** A message of the RPC service, as far as a test looks at it. */
export interface Seen {
  readonly from: string;
  readonly to: string;
  readonly t: 'call' | 'ok' | 'error';
  /** Of a call, or of the call that is answered. */
  readonly method: string;
  readonly args: readonly unknown[];
  /** The first argument of the call: of most, the token of whoever makes it. */
  readonly token: unknown;
}

interface Called {
  readonly method: string;
  readonly token: unknown;
}

export class MemoryNetwork {
  readonly latencyMs: () => number;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, { readonly process: string; accept(end: End): void }>();
  readonly #ends = new Set<End>();
  readonly #cut = new Set<string>();
  /** Hears of every message that is delivered. */
  observe: (message: Seen) => void = () => undefined;
  /** Asked for every message: false loses it. */
  delivers: (message: Seen) => boolean = () => true;
  /** Asked for every call that is delivered: true delivers it twice. */
  repeats: (message: Seen) => boolean = () => false;
  /** Added to the latency of every message. */
  lateMs = 0;
  /** And to that of messages from one process to another: on another connection they may be overtaken. */
  readonly #slow = new Map<string, number>();
  /** How something that arrives is heard by a process. */
  hear: (process: string, call: () => void) => void = (_process, call) => call();

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

  /** Messages from `a` to `b` are lost, and those from `b` to `a` are not. */
  cutOneWay(a: string, b: string): void {
    this.#cut.add(`${a} ${b}`);
  }

  /** Messages from `a` to `b` take so much longer; 0 again: they do not. */
  slow(a: string, b: string, lateMs: number): void {
    this.#slow.set(`${a} ${b}`, lateMs);
  }

  /** Connections of which one end lives there break: both ends hear of it. */
  breakConnections(process: string): void {
    for (const end of [...this.#ends]) if (end.process === process) end.break();
  }

  /** One connection does, and no other of its process. Answers whose it was. */
  breakOne(pick: (count: number) => number): string | undefined {
    const end = [...this.#ends][pick(this.#ends.size || 1)];
    end?.break();
    return end && `${end.process} and ${end.peer}`;
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

  /** How often that message arrives. */
  copies(from: string, to: string, message: unknown, calls: Map<unknown, Called>): number {
    const { t, id, method, args = [] } = message as Partial<Record<string, unknown>>;
    if (t === 'call') calls.set(id, { method: method as string, token: (args as unknown[])[0] });
    if (calls.size > CALLS_MAX) calls.delete(calls.keys().next().value);
    const call = calls.get(id);
    const seen = {
      from,
      to,
      t: t as Seen['t'],
      method: call?.method ?? '',
      args: args as readonly unknown[],
      token: call?.token,
    };
    if (this.#cut.has(`${from} ${to}`) || !this.delivers(seen)) return 0;
    this.observe(seen);
    return t === 'call' && this.repeats(seen) ? 2 : 1;
  }

  lane(from: string, to: string): Lane {
    const slowMs = (): number => this.#slow.get(`${from} ${to}`) ?? 0;
    return new Lane(this.#clock, () => this.latencyMs() + this.lateMs + slowMs());
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
      this.lane(process, '').push(() => {
        const listener = this.#listeners.get(address);
        if (listener === undefined || this.#cut.has(`${process} ${listener.process}`)) {
          const error = new SluiceError('unreachable', `nobody listens at ${address}`);
          this.hear(process, () => reject(error));
          return;
        }
        const here = new End(this, process, listener.process);
        const there = new End(this, listener.process, process);
        here.other = there;
        there.other = here;
        // Calls and their answers meet here: whoever calls numbers them.
        this.#ends.add(here).add(there);
        this.hear(listener.process, () => listener.accept(there));
        this.hear(process, () => resolve(here));
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
  readonly #called = new Map<unknown, Called>();
  #onMessage: (message: unknown) => void = () => undefined;
  #onClose: ((reason: string) => void)[] = [];
  #closedBecause: string | undefined;

  constructor(network: MemoryNetwork, process: string, peer: string) {
    this.#network = network;
    this.#lane = network.lane(process, peer);
    this.process = process;
    this.peer = peer;
  }

  send(message: unknown): void {
    const bytes = serialize(message);
    if (this.#closedBecause !== undefined) return;
    const { t } = message as { readonly t: string };
    const called = t === 'call' ? this.#called : (this.other as End).#called;
    const copies = this.#network.copies(this.process, this.peer, message, called);
    for (let i = 0; i < copies; i++)
      this.#lane.push(() => this.#network.hear(this.peer, () => this.other?.receive(bytes)));
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
    this.#lane.push(() =>
      this.#network.hear(this.peer, () => this.other?.endWith('closed by the other end')),
    );
  }

  /** Both ends hear that it is broken. */
  break(): void {
    for (const end of [this, this.other])
      if (end !== undefined) this.#network.hear(end.process, () => end.endWith('it broke'));
  }

  /** Its process is dead. What it had sent still arrives. */
  vanish(): void {
    this.#onClose = [];
    this.#onMessage = () => undefined;
    this.close();
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
