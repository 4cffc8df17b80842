// Connections over Unix-domain or TCP sockets: a length and then V8's serialisation of one value. Bytes of
// a stranger are never deserialised: the first frame is the cluster's secret, compared before anything is
// read, and a socket that does not know it is closed.

import { timingSafeEqual } from 'node:crypto';
import { createConnection, createServer, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { socketOptions } from '../core/socket-address.ts';
import type { Connection, Listener, Transport } from './transport.ts';

const HEADER_BYTES = 4;
const HANDSHAKE = 'sluice-rpc/1 ';
/** Whoever connects and does not say the secret by then is cut off. */
const GREETING_MS = 10_000;

/** `secret`: what every process of the cluster was given, and nobody else. */
export function socketTransport(secret: string): Transport {
  const greeting = Buffer.from(HANDSHAKE + secret);
  return {
    listen: (address, accept) => listen(address, greeting, accept),
    connect: (address) => connect(address, greeting),
  };
}

function listen(
  address: string,
  greeting: Buffer,
  accept: (connection: Connection) => void,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    welcome(socket, greeting, accept);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(addressError('listen', address, error)));
    server.listen(socketOptions(address), () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      resolve({
        address: address.startsWith('tcp:') ? address.replace(/:\d+$/, `:${port}`) : address,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of sockets) socket.destroy();
          }),
      });
    });
  });
}

function connect(address: string, greeting: Buffer): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketOptions(address));
    const onError = (error: Error): void => reject(addressError('connect', address, error));
    socket.once('error', onError);
    socket.once('connect', () => {
      socket.removeListener('error', onError);
      socket.write(frame(greeting));
      resolve(new SocketConnection(socket, address));
    });
  });
}

/** Reads the first frame; a socket that does not greet as ours does is closed without an answer. */
function welcome(socket: Socket, greeting: Buffer, accept: (connection: Connection) => void): void {
  let received = Buffer.alloc(0);
  const expected = frame(greeting);
  socket.on('error', () => socket.destroy());
  socket.setTimeout(GREETING_MS, () => socket.destroy());
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    if (received.length < expected.length) return;
    socket.removeListener('data', onData);
    if (!timingSafeEqual(received.subarray(0, expected.length), expected)) {
      socket.destroy();
      return;
    }
    socket.setTimeout(0);
    const connection = new SocketConnection(socket, 'client');
    accept(connection);
    if (received.length > expected.length) socket.emit('data', received.subarray(expected.length));
  };
  socket.on('data', onData);
}

class SocketConnection implements Connection {
  readonly peer: string;
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #onMessage: (message: unknown) => void = () => undefined;
  #closeHandlers: ((reason: string) => void)[] = [];
  #closedBecause: string | undefined;

  constructor(socket: Socket, peer: string) {
    this.peer = peer;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#close(error.message));
    socket.on('close', () => this.#close('the other end has closed the connection'));
  }

  send(message: unknown): void {
    const bytes = frame(serialize(message));
    if (this.#closedBecause !== undefined) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > limits.rpcMessageBytesMax) {
      this.#close('the other end does not read');
    }
  }

  onMessage(handler: (message: unknown) => void): void {
    this.#onMessage = handler;
  }

  onClose(handler: (reason: string) => void): void {
    if (this.#closedBecause === undefined) this.#closeHandlers.push(handler);
    else handler(this.#closedBecause);
  }

  close(): void {
    this.#close('closed here');
  }

  #receive(chunk: Buffer): void {
    try {
      this.#reader.push(chunk, (bytes) => this.#onMessage(deserialize(bytes)));
    } catch (error) {
      this.#close(`unreadable message: ${(error as Error).message}`);
    }
  }

  #close(reason: string): void {
    if (this.#closedBecause !== undefined) return;
    this.#closedBecause = reason;
    this.#socket.destroy();
    const handlers = this.#closeHandlers;
    this.#closeHandlers = [];
    for (const handler of handlers) handler(reason);
  }
}

/** Cuts a byte stream into frames. */
class FrameReader {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  push(chunk: Buffer, take: (bytes: Buffer) => void): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    for (let length = this.#frameLength(); length !== undefined; length = this.#frameLength()) {
      const all =
        this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
      const rest = all.subarray(HEADER_BYTES + length);
      this.#pending = rest.length === 0 ? [] : [rest];
      this.#pendingBytes = rest.length;
      take(all.subarray(HEADER_BYTES, HEADER_BYTES + length));
    }
  }

  /** Of the next frame, once it is here whole. */
  #frameLength(): number | undefined {
    if (this.#pendingBytes < HEADER_BYTES) return undefined;
    let first = this.#pending[0] as Buffer;
    if (first.length < HEADER_BYTES) {
      first = Buffer.concat(this.#pending);
      this.#pending = [first];
    }
    const length = first.readUInt32LE(0);
    if (length > limits.rpcMessageBytesMax) throw new Error(`a message of ${length} bytes`);
    return this.#pendingBytes < HEADER_BYTES + length ? undefined : length;
  }
}

function frame(bytes: Uint8Array): Buffer {
  if (bytes.length > limits.rpcMessageBytesMax)
    throw new SluiceError('too-long', `a message of ${bytes.length} bytes`);
  const whole = Buffer.allocUnsafe(HEADER_BYTES + bytes.length);
  whole.writeUInt32LE(bytes.length, 0);
  whole.set(bytes, HEADER_BYTES);
  return whole;
}

function addressError(verb: string, address: string, error: Error): SluiceError {
  return new SluiceError(
    'unreachable',
    `cannot ${verb} ${verb === 'listen' ? 'on' : 'to'} ${address}: ${error.message}`,
    {
      cause: error,
    },
  );
}
