// Records over a TCP connection, strings as they are and all else as JSON, each with a delimiter behind it.
// At least once, as far as TCP can tell: a checkpoint waits until the system has taken every byte, and a
// connection that was lost and made again gets everything since the last checkpoint anew. What a receiver
// that crashes has taken and not looked at is lost: it does not say so.

import type { Socket } from 'node:net';
import { limits } from '../../core/limits.ts';
import { textOf } from '../formats/record-encoder.ts';
import type { SinkConnector, SinkContext, SinkWriter } from '../sink.ts';
import { ReconnectingSocket, type SocketAddress } from './reconnecting-socket.ts';

export interface SocketSinkOptions extends SocketAddress {
  /** Default `\n`. */
  readonly delimiter?: string;
}

export const socketSink: SinkConnector<unknown, never, SocketSinkOptions> = {
  name: 'socket',
  guarantee: 'at-least-once',
  createWriter: (options, context) => new SocketWriter(options, context),
};

const PIECE_LENGTH = 16 * 1024;

class SocketWriter implements SinkWriter<unknown> {
  readonly #context: SinkContext;
  readonly #delimiter: string;
  readonly #connection: ReconnectingSocket;
  /** Undefined while there is no connection. */
  #socket: Socket | undefined;
  #text = '';
  #isFlushAsked = false;
  /** Written since the last checkpoint, the oldest first; the first `#taken` were taken by the system. */
  readonly #pieces: Buffer[] = [];
  #taken = 0;
  #pieceBytes = 0;
  #untakenBytes = 0;
  #waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #failure: Error | undefined;

  constructor(options: SocketSinkOptions, context: SinkContext) {
    this.#context = context;
    this.#delimiter = options.delimiter ?? '\n';
    this.#connection = new ReconnectingSocket(options, context.clock, context.log, {
      onConnected: (socket) => this.#onConnected(socket),
      // What the other side says is of no interest.
      onData: () => undefined,
      onLost: () => this.#onLost(),
      onGivenUp: (error) => this.#onGivenUp(error),
    });
    this.#connection.connect();
  }

  write(value: unknown): void {
    this.#text += `${textOf(value)}${this.#delimiter}`;
    if (this.#text.length >= PIECE_LENGTH) this.#flush();
    else this.#askFlush();
  }

  isWritable(): boolean {
    return this.#untakenBytes < limits.sinkBufferBytes;
  }

  async prepareCommit(): Promise<readonly never[]> {
    this.#flush();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#untakenBytes > 0)
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#forget(this.#pieces.length);
    return [];
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#connection.close();
  }

  #askFlush(): void {
    if (this.#isFlushAsked) return;
    this.#isFlushAsked = true;
    this.#context.clock.soon(() => {
      this.#isFlushAsked = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#text === '') return;
    const piece = Buffer.from(this.#text);
    this.#text = '';
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    this.#untakenBytes += piece.length;
    if (this.#socket !== undefined) this.#send(this.#socket, piece);
  }

  #send(socket: Socket, piece: Buffer): void {
    socket.write(piece, (error) => {
      if (error === undefined || error === null) this.#onTaken(piece);
    });
  }

  /** Pieces are taken in their order. */
  #onTaken(piece: Buffer): void {
    const wasFull = !this.isWritable();
    this.#taken++;
    this.#untakenBytes -= piece.length;
    while (this.#pieceBytes > limits.sinkBufferBytes && this.#taken > 0) this.#forget(1);
    if (this.#untakenBytes === 0) for (const { resolve } of this.#waiting.splice(0)) resolve();
    if (wasFull && this.isWritable()) this.#context.wake();
  }

  /** They are not sent again. */
  #forget(count: number): void {
    for (const piece of this.#pieces.splice(0, count)) this.#pieceBytes -= piece.length;
    this.#taken = Math.max(0, this.#taken - count);
  }

  #onConnected(socket: Socket): void {
    this.#socket = socket;
    for (const piece of this.#pieces) this.#send(socket, piece);
  }

  #onLost(): boolean {
    this.#socket = undefined;
    this.#taken = 0;
    this.#untakenBytes = this.#pieceBytes;
    return true;
  }

  #onGivenUp(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    this.#context.fail(error);
  }
}
