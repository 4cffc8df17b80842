// A data socket whose other end is the test: it says when a write is done, and what comes.

import type { DataSocket } from '../../engine/network/data-sockets.ts';

export class NearSocket implements DataSocket {
  readonly destroyed = false;
  /** Of each write that asks for it: to be called when it is done. */
  readonly written: (() => void)[] = [];
  /** Bytes from the other end. */
  bring: (bytes: Buffer) => void = () => undefined;

  write(_bytes: Uint8Array, onWritten?: () => void): boolean {
    if (onWritten !== undefined) this.written.push(onWritten);
    return true;
  }

  on(event: string, call: (bytes: Buffer) => void): void {
    if (event === 'data') this.bring = call;
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
