// Reads a file before its records are wanted: two pieces wait at most. A file that has nothing more now
// is asked again 200 ms later; a change in its directory, where the system tells, makes it 10 ms. It is not
// asked at once, because a directory in which others write would keep it busy.

import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Timer } from '../../core/clock.ts';
import type { ReaderContext } from '../source.ts';
import type { FileInput, Piece } from './file-input.ts';

/** What is worth waiting for. */
export type Arrived = Exclude<Piece, { kind: 'idle' }>;

const PIECES_AHEAD = 2;
const POLL_MS = 200;
const HINT_MS = 10;

export class ReadAhead {
  readonly #input: FileInput;
  readonly #context: ReaderContext;
  readonly #pieces: Arrived[] = [];
  #isReading = false;
  #isIdle = false;
  #hasEnded = false;
  #isClosed = false;
  #timer: Timer | undefined;
  /** A change was told since the file was last asked. */
  #isHinted = false;
  #hintTimer: Timer | undefined;
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
  take(): Arrived | undefined {
    const piece = this.#pieces.shift();
    if (!this.#isIdle) this.#fill();
    return piece;
  }

  /** Asks sooner when the system tells of a change beside `path`. */
  watchBeside(path: string): void {
    try {
      const watcher = watch(dirname(path), { persistent: false }, () => this.#onHint());
      watcher.on('error', () => watcher.close());
      this.#watcher = watcher;
    } catch {
      // The system has no watch to give: asking from time to time does it.
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimers();
    this.#watcher?.close();
    this.#input.close();
  }

  #fill(): void {
    const isFull = this.#pieces.length >= PIECES_AHEAD;
    if (this.#isReading || this.#hasEnded || this.#isClosed || isFull) return;
    this.#isReading = true;
    this.#isHinted = false;
    this.#stopTimers();
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
      this.#timer = this.#context.clock.after(POLL_MS, () => this.#fill());
      if (this.#isHinted) this.#askSooner();
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

  #onHint(): void {
    if (this.#isClosed) return;
    if (!this.#isHinted && this.#isIdle && !this.#isReading) this.#askSooner();
    this.#isHinted = true;
  }

  #askSooner(): void {
    this.#hintTimer = this.#context.clock.after(HINT_MS, () => this.#fill());
  }

  #stopTimers(): void {
    this.#timer?.[Symbol.dispose]();
    this.#hintTimer?.[Symbol.dispose]();
  }
}
