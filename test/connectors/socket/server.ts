// A TCP server on a free port of this machine, for one test.

import { createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { until } from '../../harness/until.ts';

export class TestServer {
  readonly sockets: Socket[] = [];
  /** What came over each connection, in the order of the connections. */
  readonly received: string[] = [];
  port = 0;
  #server: Server | undefined;

  /** Listens on the port it had before, if it had one. */
  async listen(): Promise<this> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.listen(this.port, '127.0.0.1');
    await until(() => server.listening, 'the server listens');
    this.port = (server.address() as { port: number }).port;
    onTestFinished(() => this.stop());
    return this;
  }

  /** Nobody listens any more, and all connections break. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    server?.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
    if (server !== undefined) await until(() => !server.listening, 'the server stops');
  }

  async connected(count: number): Promise<Socket> {
    await until(() => this.sockets.length >= count, `connection ${count}`);
    return this.sockets[count - 1] as Socket;
  }

  #accept(socket: Socket): void {
    const index = this.sockets.push(socket) - 1;
    this.received[index] = '';
    socket.on('data', (bytes) => {
      this.received[index] += bytes.toString();
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => undefined);
  }
}
