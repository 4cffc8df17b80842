// Text that comes over a TCP connection, a record up to each delimiter. At most once: a socket cannot be
// asked to send again, so what was received and not yet covered by a checkpoint is lost in a failure.
// When records are not taken as fast as they come, the socket is paused, and TCP tells the sender.

import { options as settings } from '../../core/options.ts';
import { expectSlices } from '../../core/own-string.ts';
import { NO_TIME } from '../../core/time.ts';
import { FixedEnumerator } from '../fixed-enumerator.ts';
import { RecordWindow } from '../formats/record-window.ts';
import type {
  PollResult,
  ReaderContext,
  ReaderOutput,
  SourceConnector,
  SourceReader,
  SourceSplit,
} from '../source.ts';
import { ReconnectingSocket, type SocketAddress } from './reconnecting-socket.ts';

/** With `retries` 0 the input ends when the other side ends the connection; else it is made again. */
export interface SocketSourceOptions extends SocketAddress {
  /** Default `\n`, before which a `\r` is dropped too. */
  readonly delimiter?: string;
}

export const socketSource: SourceConnector<unknown, SourceSplit, SocketSourceOptions> = {
  name: 'socket',
  boundedness: () => 'unbounded',
  maxParallelism: () => 1,
  createEnumerator({ delimiter }, context, restored) {
    if (delimiter === '') throw new Error('socket source: the delimiter is empty');
    return new FixedEnumerator([{ id: 'socket' }], context, restored);
  },
  createReader: (options, context) => new SocketReader(options, context),
};

/** Received and not yet read: beyond it the socket is paused. */
const RECEIVED_BYTES_MAX = 1024 * 1024;
const CR = 0x0d;

/** What came, in its order: bytes, and the end of a connection. */
type Received = Buffer | 'ended' | 'broken';

class SocketReader implements SourceReader<unknown, SourceSplit> {
  readonly #options: SocketSourceOptions;
  readonly #context: ReaderContext;
  readonly #delimiter: Buffer;
  readonly #isLines: boolean;
  readonly #recordBytesMax: number;
  readonly #socket: ReconnectingSocket;
  readonly #received: Received[] = [];
  #receivedBytes = 0;
  #window = new RecordWindow();
  /** Bytes from the window's `at` on that hold no delimiter. */
  #searchedBytes = 0;
  #split: SourceSplit | undefined;
  #isLast = false;
  /** The other side has ended the connection, and it is not made again. */
  #hasEnded = false;

  constructor(options: SocketSourceOptions, context: ReaderContext) {
    // Texts are there to be cut.
    expectSlices();
    this.#options = options;
    this.#context = context;
    const { delimiter = '\n' } = options;
    this.#delimiter = Buffer.from(delimiter);
    this.#isLines = delimiter === '\n';
    this.#recordBytesMax = context.configuration.get(settings.recordBytesMax);
    this.#socket = new ReconnectingSocket(options, context.clock, context.log, {
      onConnected: () => undefined,
      onData: (bytes) => this.#onData(bytes),
      onLost: (error) => this.#onLost(error),
      onGivenUp: (error) => context.fail(error),
    });
  }

  start(): void {
    this.#context.requestSplit();
  }

  addSplits([split]: readonly SourceSplit[]): void {
    if (split === undefined) return;
    this.#split = split;
    this.#socket.connect();
  }

  noMoreSplits(): void {
    this.#isLast = true;
    this.#context.wake();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    const split = this.#split;
    if (split === undefined) return this.#isLast ? 'end' : 'nothing';
    const target = output.split(split.id);
    let count = 0;
    while (count < max) {
      const record = this.#takeRecord();
      if (record !== undefined) {
        target.emit(record, NO_TIME);
        count++;
      } else if (!this.#takeReceived()) {
        return this.#hasEnded ? this.#finish(split, output) : 'nothing';
      }
    }
    return 'more';
  }

  snapshot(): readonly SourceSplit[] {
    return this.#split === undefined ? [] : [this.#split];
  }

  close(): void {
    this.#socket.close();
  }

  #onData(bytes: Buffer): void {
    this.#received.push(bytes);
    this.#receivedBytes += bytes.length;
    if (this.#receivedBytes > RECEIVED_BYTES_MAX) this.#socket.pause();
    this.#context.wake();
  }

  #onLost(error: Error | undefined): boolean {
    const isOver = error === undefined && this.#options.retries === 0;
    this.#received.push(error === undefined ? 'ended' : 'broken');
    if (isOver) this.#hasEnded = true;
    this.#context.wake();
    return !isOver;
  }

  #finish(split: SourceSplit, output: ReaderOutput<unknown>): PollResult {
    output.releaseSplit(split.id);
    this.#split = undefined;
    return this.#isLast ? 'end' : 'nothing';
  }

  #takeRecord(): string | undefined {
    const window = this.#window;
    if (!window.isAtRecord() || window.unread === 0) return undefined;
    const { bytes, at } = window;
    const delimiter = this.#delimiter;
    const found = bytes.indexOf(delimiter, at + this.#searchedBytes);
    const end = found === -1 ? bytes.length : found;
    if (end - at > this.#recordBytesMax) this.#refuse();
    if (found === -1 && !window.isFinal) {
      // The last bytes may be the beginning of a delimiter.
      this.#searchedBytes = Math.max(0, end - at - delimiter.length + 1);
      return undefined;
    }
    this.#searchedBytes = 0;
    window.at = found === -1 ? end : found + delimiter.length;
    const isReturn = this.#isLines && found > at && bytes[found - 1] === CR;
    return bytes.utf8Slice(at, isReturn ? end - 1 : end);
  }

  /** False: nothing has come. */
  #takeReceived(): boolean {
    const received = this.#received.shift();
    if (received === undefined) return false;
    if (received === 'ended') this.#window.isFinal = true;
    else if (received === 'broken') this.#dropRest();
    else this.#append(received);
    return true;
  }

  #append(bytes: Buffer): void {
    if (this.#window.isFinal) this.#window = new RecordWindow();
    this.#window.append(bytes);
    const before = this.#receivedBytes;
    this.#receivedBytes -= bytes.length;
    const resumeBytes = RECEIVED_BYTES_MAX / 2;
    if (before > resumeBytes && this.#receivedBytes <= resumeBytes) this.#socket.resume();
  }

  #dropRest(): void {
    const { unread } = this.#window;
    const { host, port } = this.#options;
    if (unread > 0)
      this.#context.log.log(
        'warn',
        `${unread} bytes of an unfinished record from ${host}:${port} are lost`,
      );
    this.#window = new RecordWindow();
    this.#searchedBytes = 0;
  }

  #refuse(): never {
    const { host, port } = this.#options;
    throw new Error(
      `${host}:${port} sent more than ${this.#recordBytesMax} bytes without the delimiter ` +
        `${JSON.stringify(this.#delimiter.toString())}: name the delimiter it uses, or raise pipeline.max-record-size`,
    );
  }
}
