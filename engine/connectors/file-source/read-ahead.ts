// Reads a file before its records are wanted: two pieces wait at most. A file that has nothing more now
// is asked again every 200 ms; a change in its directory, where the system tells, only makes it sooner.

import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Timer } from '../../core/clock.ts';
import type { ReaderContext } from '../source.ts';
import type { FileInput, Piece } from './file-input.ts';

const PIECES_AHEAD = 2;
const POLL_MS = 200;

export class ReadAhead {
  readonly #input: FileInput;
  readonly #context: ReaderContext;
  readonly #pieces: Piece[] = [];
  #isReading = false;
  #isIdle = false;
  #hasEnded = false;
  #isClosed = false;
  #timer: Timer | undefined;
  #watcher: FSWatcher | undefined;

  constructor(input: FileInput, context: ReaderContext) {
    this.#input = input;
    this.#context = context;
  }

  /** All that the file has now was taken. */
  get isIdle(): boolean {
    return this.#isIdle && this.#pieces.length === 0;
  }

  /** The next piece; undefined: the context is woken when there is one. */
  take(): Exclude<Piece, { kind: 'idle' }> | undefined {
    const piece = this.#pieces.shift();
    if (!this.#isIdle) this.#fill();
    return piece as Exclude<Piece, { kind: 'idle' }> | undefined;
  }

  /** Asks at once when the system tells of a change beside `path`. */
  watchBeside(path: string): void {
    try {
      const watcher = watch(dirname(path), { persistent: false }, () => this.#askAgain());
      watcher.on('error', () => watcher.close());
      this.#watcher = watcher;
    } catch {
      // The system has no watch to give: asking from time to time does it.
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.[Symbol.dispose]();
    this.#watcher?.close();
    this.#input.close();
  }

  #fill(): void {
    const isFull = this.#pieces.length >= PIECES_AHEAD;
    if (this.#isReading || this.#hasEnded || this.#isClosed || isFull) return;
    this.#isReading = true;
    this.#input.next().then(
      (piece) => this.#onPiece(piece),
      (error: unknown) => this.#onError(error),
    );
  }

  #onPiece(piece: Piece): void {
    this.#isReading = false;
    if (this.#isClosed) return;
    const wasIdle = this.#isIdle;
    this.#isIdle = piece.kind === 'idle';
    if (piece.kind === 'idle') {
      this.#timer = this.#context.clock.after(POLL_MS, () => this.#askAgain());
      if (!wasIdle) this.#context.wake();
      return;
    }
    this.#hasEnded = piece.kind === 'end';
    this.#pieces.push(piece);
    this.#context.wake();
    this.#fill();
  }

  #onError(error: unknown): void {
    this.#isReading = false;
    if (this.#isClosed) return;
    this.#hasEnded = true;
    this.#context.fail(error);
  }

  #askAgain(): void {
    this.#timer?.[Symbol.dispose]();
    this.#fill();
  }
}
