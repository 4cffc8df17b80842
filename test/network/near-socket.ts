// A data socket whose other end is the test: it says when a write is done, and what comes.

import type { DataSocket } from '../../engine/network/data-sockets.ts';

interface Calls {
  data(chunk: Buffer): void;
  error(error: Error): void;
  drain(): void;
  close(): void;
}

export class NearSocket implements DataSocket {
  readonly destroyed = false;
  /** Of each write that asks for it: to be called when it is done. */
  readonly written: (() => void)[] = [];
  readonly #calls: Partial<Calls> = {};

  write(_bytes: Uint8Array, onWritten?: () => void): boolean {
    if (onWritten !== undefined) this.written.push(onWritten);
    return true;
  }

  on<E extends keyof Calls>(event: E, call: Calls[E]): void {
    this.#calls[event] = call;
  }

  /** What comes from the other end. */
  bring(bytes: Buffer): void {
    this.#calls.data?.(bytes);
  }

  destroy(): void {
    // Nothing is open.
  }

  setNoDelay(): void {
    // Nothing is held back.
  }

  setTimeout(): void {
    // Nobody waits.
  }
}
