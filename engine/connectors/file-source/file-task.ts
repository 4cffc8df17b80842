// One split at work: bytes come from the read-ahead into the window, records go out of it, and between two
// records the split with its position can be had. A followed file is a sequence of files here, each with
// a window and a decoder of its own.

import { options as settings } from '../../core/options.ts';
import {
  createDecoder,
  type DecoderStart,
  FILE_START,
  type RecordDecoder,
  type SourceFormat,
} from '../formats/record-decoder.ts';
import { RecordWindow } from '../formats/record-window.ts';
import type { ReaderContext, ReaderOutput, SplitOutput } from '../source.ts';
import { filePath } from './file-error.ts';
import { createFileInput } from './file-input.ts';
import type { FileSplit } from './file-split.ts';
import type { FollowedFile } from './followed-file.ts';
import { FollowedInput } from './followed-input.ts';
import { type Arrived, ReadAhead } from './read-ahead.ts';

type FilePiece = Extract<Arrived, { kind: 'file' }>;

/** A record that is longer is looked at again only when there is twice as much of it. */
const LONG_RECORD_BYTES = 1024 * 1024;

export class FileTask {
  readonly #split: FileSplit;
  readonly #format: SourceFormat;
  readonly #context: ReaderContext;
  readonly #ahead: ReadAhead;
  #window: RecordWindow;
  #decoder: RecordDecoder;
  #firstByte: number;
  #emitFrom: number;
  #file: FollowedFile | undefined;
  /** What comes when the window is empty. */
  #nextFile: FilePiece | undefined;
  /** The window has no whole record. */
  #isStarved = true;
  /** Bytes that must be unread before the window is looked at again. */
  #wantedBytes = 0;

  constructor(split: FileSplit, format: SourceFormat, context: ReaderContext) {
    const path = filePath(context.baseDirectory, split.path);
    this.#split = split;
    this.#format = format;
    this.#context = context;
    this.#firstByte = split.firstByte;
    this.#emitFrom = split.emitFrom;
    this.#window = new RecordWindow(
      split.position,
      split.end ?? Number.POSITIVE_INFINITY,
      split.isAligned,
    );
    this.#decoder = this.#createDecoder(split);
    const { nextByte } = this.#window;
    const { file } = split;
    const input =
      file === null
        ? createFileInput(path, nextByte)
        : new FollowedInput(path, nextByte, file, context.log);
    this.#ahead = new ReadAhead(input, context);
    if (file !== null) this.#ahead.watchBeside(path.resolved);
  }

  get id(): string {
    return this.#split.id;
  }

  get isDone(): boolean {
    return this.#window.isDone && this.#nextFile === undefined && this.#split.kind !== 'followed';
  }

  /** Emits at most `max` records; fewer: there are none now, and the context is woken when there are. */
  poll(output: ReaderOutput<unknown>, max: number): number {
    const split = output.split(this.id);
    let count = 0;
    while (!this.isDone) {
      if (!this.#isStarved) {
        count += this.#decode(split, max - count);
        if (count >= max) return count;
        this.#starve();
      }
      if (!this.#advance()) return count;
    }
    return count;
  }

  snapshot(): FileSplit {
    const { position, isAligned } = this.#window;
    return {
      ...this.#split,
      position,
      isAligned,
      emitFrom: this.#emitFrom,
      firstByte: this.#firstByte,
      line: this.#decoder.line,
      header: this.#decoder.header,
      file: this.#file?.mark(position) ?? this.#split.file,
    };
  }

  close(): void {
    this.#ahead.close();
  }

  #decode(output: SplitOutput<unknown>, max: number): number {
    const window = this.#window;
    return window.isAtRecord() ? this.#decoder.decode(window, this.#wanted(output), max) : 0;
  }

  #starve(): void {
    const { unread } = this.#window;
    const isLong = unread > LONG_RECORD_BYTES && !this.#ahead.isIdle;
    this.#isStarved = true;
    this.#wantedBytes = isLong ? unread * 2 : 0;
  }

  /** Takes what came next. False: nothing has come. */
  #advance(): boolean {
    if (this.#nextFile !== undefined) {
      this.#begin(this.#nextFile);
      return true;
    }
    const piece = this.#ahead.take();
    if (piece === undefined) return this.#lookAtLongRecord();
    switch (piece.kind) {
      case 'bytes':
        this.#window.append(piece.bytes);
        this.#isStarved = this.#window.unread < this.#wantedBytes;
        return true;
      case 'end':
        this.#finishWindow();
        return true;
      case 'file':
        if (piece.isContinued) this.#file = piece.file;
        else this.#finishBefore(piece);
        return true;
    }
  }

  /** Nothing more comes now: what there is of a long record may be all of it. */
  #lookAtLongRecord(): boolean {
    if (this.#wantedBytes === 0 || !this.#ahead.isIdle) return false;
    this.#isStarved = false;
    return true;
  }

  #finishBefore(next: FilePiece): void {
    this.#nextFile = next;
    this.#finishWindow();
  }

  /** The last record needs no line end. */
  #finishWindow(): void {
    this.#window.isFinal = true;
    this.#isStarved = false;
  }

  #begin({ file, position }: FilePiece): void {
    this.#file = file;
    this.#nextFile = undefined;
    this.#firstByte = position;
    this.#emitFrom = 0;
    this.#window = new RecordWindow(position);
    this.#decoder = this.#createDecoder(FILE_START);
  }

  /** Leaves out what was in the file before us. */
  #wanted(output: SplitOutput<unknown>): SplitOutput<unknown> {
    const window = this.#window;
    const emitFrom = this.#emitFrom;
    if (window.position >= emitFrom) return output;
    return {
      emit: (value, time) => {
        if (window.position >= emitFrom) output.emit(value, time);
      },
    };
  }

  #createDecoder(start: DecoderStart): RecordDecoder {
    const { configuration, log } = this.#context;
    const origin = {
      file: this.#split.path,
      firstByte: this.#firstByte,
      recordBytesMax: configuration.get(settings.recordBytesMax),
      log,
      countSkipped: (records: number) => this.#context.countSkipped(records),
    };
    return createDecoder(this.#format, origin, start);
  }
}
