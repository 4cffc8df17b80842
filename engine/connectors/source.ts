// What a source is made of, in the shape of Flink's FLIP-27: an enumerator beside the JobMaster finds
// splits and hands them out; a reader in each subtask reads the splits it was given; the position in every
// split is part of the checkpoint. Readers never wait: they are polled by their task's turn, read ahead
// asynchronously if they must, and ask for another turn when something has come.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';

/** A piece of the input with the position up to which it was read. Anything the value codec can write. */
export interface SourceSplit {
  readonly id: string;
}

export interface SplitOutput<T> {
  /** `time`: epoch ms, or NaN when the connector knows none (the watermark strategy may). */
  emit(value: T, time: number): void;
  /**
   * Emits `make(n)` without a time for `n = first`, `first + stride`, …: at most `count`, fewer when the chain
   * pauses; returns how many. Where there is no such method, or it gives undefined, each is emitted by itself.
   */
  emitMade?(
    make: (n: number) => T,
    first: number,
    stride: number,
    count: number,
  ): number | undefined;
  /** The same for what `reader` gives, until it gives undefined: then `~` how many there were. */
  emitPulled?(reader: { next(): T | undefined }, count: number): number | undefined;
}

/** Where a reader's records go: watermarks are made per split. */
export interface ReaderOutput<T> {
  split(id: string): SplitOutput<T>;
  /** The split is read to its end: it holds back no watermark any more. */
  releaseSplit(id: string): void;
}

/**
 * `more`: call again, there is (or may be) more at once. `nothing`: wait for `context.wake()`.
 * `end`: all splits are read and there will be no more.
 */
export type PollResult = 'more' | 'nothing' | 'end';

export interface SourceReader<T, Split extends SourceSplit> {
  start(): void;
  /** Emits at most `max` records. Never waits; an error thrown fails the task. */
  poll(output: ReaderOutput<T>, max: number): PollResult;
  addSplits(splits: readonly Split[]): void;
  /** No split will follow those added. */
  noMoreSplits(): void;
  /** The unfinished splits, each with its position: what `addSplits` continues from. */
  snapshot(): readonly Split[];
  close(): void;
}

export interface ReaderContext {
  readonly subtask: number;
  readonly parallelism: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly configuration: Configuration;
  /** Relative paths of the program are relative to this folder. */
  readonly baseDirectory: string;
  /** The content of a blob that travelled with the plan. */
  blob(key: string): Uint8Array;
  /** A function of the program, by its slot. */
  function(slot: string): (...args: never[]) => unknown;
  /** Asks the enumerator for a split. */
  requestSplit(): void;
  /** Something has come: the task gets a turn. Harmless when nothing has. */
  wake(): void;
  /** Fails the task: for errors that show between polls. */
  fail(error: unknown): void;
  /** Counts records that were skipped as malformed. */
  countSkipped(records: number): void;
}

/** Lives beside the JobMaster: no user code, no waiting; I/O goes through `callAsync`. */
export interface SplitEnumerator<Split extends SourceSplit> {
  start(): void;
  /** A subtask's reader is up (again, after a restart). */
  addReader(subtask: number): void;
  onSplitRequest(subtask: number): void;
  /** Splits given to a subtask that failed before a checkpoint covered them. */
  addSplitsBack(splits: readonly Split[], subtask: number): void;
  /** What a new enumerator continues from. */
  snapshot(): unknown;
  close(): void;
}

export interface EnumeratorContext<Split extends SourceSplit> {
  readonly parallelism: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly fileSystem: FileSystem;
  readonly baseDirectory: string;
  assign(subtask: number, splits: readonly Split[]): void;
  noMoreSplits(subtask: number): void;
  /** The result comes back in a turn of the JobMaster; never after `close`. */
  callAsync<R>(work: () => Promise<R>, then: (result: R) => void): void;
  /** Calls once, in a turn of the JobMaster; never after `close`. */
  after(delayMs: number, call: () => void): void;
  /** Fails the job: the input cannot be read. */
  fail(error: unknown): void;
}

/** A connector that reads. The registry (connectors/registry.ts) holds each under its name. */
export interface SourceConnector<T, Split extends SourceSplit, Options> {
  readonly name: string;
  /** `unbounded` sources follow or listen: a watermark is also made when they fall silent. */
  boundedness(options: Options): 'bounded' | 'unbounded';
  /** 1 for a source that cannot be split (a socket); absent: any. */
  maxParallelism?(options: Options): number;
  createEnumerator(
    options: Options,
    context: EnumeratorContext<Split>,
    restored: unknown,
  ): SplitEnumerator<Split>;
  createReader(options: Options, context: ReaderContext): SourceReader<T, Split>;
}
