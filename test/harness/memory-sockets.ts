// The data connections between simulated TaskManagers: bytes in order, in pieces of any size, after a while.
// A socket holds so many bytes on their way; then its writer waits for `drain`.

import type { Clock } from '../../engine/core/clock.ts';
import type { DataSocket, Sockets } from '../../engine/network/data-sockets.ts';
import { Lane } from './lane.ts';

const BUFFER_BYTES = 64 * 1024;

export class MemorySockets {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  readonly #servers = new Map<string, { process: string; accept(socket: DataSocket): void }>();
  readonly #open = new Set<MemorySocket>();
  /** Added to the latency of every piece. */
  lateMs = 0;
  /** How something that arrives is heard by a process. */
  hear: (process: string, call: () => void) => void = (_process, call) => call();

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  of(process: string): Sockets {
    return {
      listen: (address, accept) => {
        this.#servers.set(address, { process, accept });
        return Promise.resolve({ close: () => void this.#servers.delete(address) });
      },
      connect: (address) => this.#connect(process, address),
    };
  }

  /** Its connections break: the others hear of it, the dead do not. */
  kill(process: string): void {
    for (const [address, server] of this.#servers)
      if (server.process === process) this.#servers.delete(address);
    for (const socket of this.#open) if (socket.process === process) socket.vanish();
  }

  /** One of the open connections breaks, as chosen by `pick`. False when there is none. */
  breakOne(pick: (count: number) => number): boolean {
    const open = [...this.#open].filter(({ destroyed }) => !destroyed);
    const chosen = open[pick(Math.max(1, open.length))];
    for (const socket of [chosen, chosen?.peer])
      if (socket !== undefined)
        this.hear(socket.process, () => socket.end(new Error('read ECONNRESET')));
    return chosen !== undefined;
  }

  #connect(process: string, address: string): DataSocket {
    const near = this.#socket(process);
    const server = this.#servers.get(address);
    const far = this.#socket(server?.process ?? 'nobody');
    near.peer = far;
    far.peer = near;
    near.connect(() => {
      if (server !== undefined && this.#servers.get(address) === server)
        this.hear(server.process, () => server.accept(far));
      else this.hear(process, () => near.end(new Error(`connect ECONNREFUSED ${address}`)));
    });
    return near;
  }

  #socket(process: string): MemorySocket {
    const lane = new Lane(this.#clock, () => this.#latencyMs() + this.lateMs);
    const socket: MemorySocket = new MemorySocket(
      process,
      lane,
      (other, call) => this.hear(other, call),
      () => this.#open.delete(socket),
    );
    this.#open.add(socket);
    return socket;
  }
}

type Calls = {
  readonly data: ((chunk: Buffer) => void)[];
  readonly error: ((error: Error) => void)[];
  readonly drain: (() => void)[];
  readonly close: (() => void)[];
};

class MemorySocket implements DataSocket {
  readonly process: string;
  peer: MemorySocket | undefined;
  destroyed = false;
  readonly #lane: Lane;
  readonly #hear: (process: string, call: () => void) => void;
  readonly #onGone: () => void;
  #calls: Calls = { data: [], error: [], drain: [], close: [] };
  #underWay = 0;
  #mustDrain = false;

  constructor(
    process: string,
    lane: Lane,
    hear: (process: string, call: () => void) => void,
    onGone: () => void,
  ) {
    this.process = process;
    this.#lane = lane;
    this.#hear = hear;
    this.#onGone = onGone;
  }

  on<E extends keyof Calls>(event: E, call: Calls[E][number]): void {
    (this.#calls[event] as Calls[E][number][]).push(call);
  }

  /** Comes before whatever is written. */
  connect(arrive: () => void): void {
    this.#lane.push(arrive);
  }

  write(bytes: Uint8Array, onWritten?: () => void): boolean {
    if (this.destroyed) return true;
    const { length } = bytes;
    this.#underWay += length;
    this.#lane.push(() => {
      const { peer } = this;
      const chunk = Buffer.from(bytes);
      if (peer !== undefined) this.#hear(peer.process, () => peer.receive(chunk));
      this.#hear(this.process, () => {
        onWritten?.();
        this.#sent(length);
      });
    });
    this.#mustDrain = this.#underWay >= BUFFER_BYTES;
    return !this.#mustDrain;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.#end();
    this.#lane.push(() => {
      const { peer } = this;
      if (peer !== undefined) this.#hear(peer.process, () => peer.end(undefined));
    });
  }

  setNoDelay(): void {
    // Nothing is held back.
  }

  setTimeout(): void {
    // Whoever connects is known.
  }

  receive(chunk: Buffer): void {
    if (this.destroyed) return;
    for (const call of this.#calls.data) call(chunk);
  }

  /** The other end has closed, or could not be reached. */
  end(error: Error | undefined): void {
    if (this.destroyed) return;
    if (error !== undefined) for (const call of this.#calls.error) call(error);
    this.#end();
  }

  vanish(): void {
    this.#calls = { data: [], error: [], drain: [], close: [] };
    this.destroy();
  }

  #sent(bytes: number): void {
    this.#underWay -= bytes;
    if (!this.#mustDrain || this.#underWay > 0 || this.destroyed) return;
    this.#mustDrain = false;
    for (const call of this.#calls.drain) call();
  }

  #end(): void {
    this.destroyed = true;
    this.#onGone();
    for (const call of this.#calls.close) call();
  }
}
