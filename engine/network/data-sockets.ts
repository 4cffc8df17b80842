// Stream sockets as the exchange between TaskManagers uses them: a seam, the machine's own in real processes
// and objects in the simulation.

import { createConnection, createServer, type Socket } from 'node:net';
import { socketOptions } from '../core/socket-address.ts';

export interface DataSocket {
  readonly destroyed: boolean;
  /** False when its buffer is full: `drain` follows. The bytes stay as they are until `onWritten`, or for good. */
  write(bytes: Uint8Array, onWritten?: () => void): boolean;
  destroy(): void;
  setNoDelay(on: true): unknown;
  setTimeout(ms: number, onTimeout?: () => void): unknown;
  on(event: 'data', call: (chunk: Buffer) => void): unknown;
  on(event: 'error', call: (error: Error) => void): unknown;
  on(event: 'drain' | 'close', call: () => void): unknown;
}

export interface Sockets {
  /** Resolves when it listens. */
  listen(address: string, accept: (socket: DataSocket) => void): Promise<{ close(): void }>;
  connect(address: string): DataSocket;
}

export const machineSockets: Sockets = {
  listen: (address, accept) =>
    new Promise((resolve, reject) => {
      const server = createServer((socket: Socket) => accept(socket));
      server.once('error', reject);
      server.listen(socketOptions(address), () => resolve(server));
    }),
  connect: (address) => createConnection(socketOptions(address)),
};
