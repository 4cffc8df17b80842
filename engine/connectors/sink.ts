// What a sink is made of, in the shape of Flink's Sink V2. A writer takes records; before a barrier it
// hands over what it wrote as committables, which stand in the checkpoint; when the checkpoint is complete
// the committer makes them visible. A crash between the two is repaired on restore: commits are idempotent,
// and what earlier attempts prepared without a checkpoint is aborted.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Logger } from '../core/logger.ts';
import type { OutputFiles } from './file-sink/output-files.ts';

export interface SinkWriter<T, Committable = never> {
  /** Takes a record. Never waits: it may buffer, and then says so by `isWritable`. */
  write(value: T, time: number): void;
  /** False while the buffer is full: the task takes no more input until `context.wake()`. */
  isWritable(): boolean;
  /** Everything written so far becomes durable, and committable where the sink commits. */
  prepareCommit(checkpointId: number): Promise<readonly Committable[]>;
  /** End of input: nothing is written after it; `prepareCommit` follows. */
  finish(): Promise<void>;
  close(): void;
}

export interface Committer<Committable> {
  /** Idempotent: done already is success. Neither done nor possible any more rejects and fails the job. */
  commit(committable: Committable): Promise<void>;
  /** After a restore, once everything pending was committed: what earlier attempts left behind goes. */
  abortOthers(): Promise<void>;
}

export interface SinkContext {
  readonly jobId: string;
  readonly subtask: number;
  readonly parallelism: number;
  /** From 0, over all restarts of the job: later attempts may abort what earlier ones prepared. */
  readonly attempt: number;
  /** The checkpoint that this attempt continues from: what was prepared under later ones is in none. */
  readonly restoredCheckpointId: number | undefined;
  /** Unique for this sink in its job; stable over restarts. */
  readonly uid: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly configuration: Configuration;
  readonly baseDirectory: string;
  /** Where files go; absent: to the machine's. */
  readonly outputFiles?: OutputFiles;
  /** Where `print` goes; absent where the host has no such place. */
  readonly stdout?: TextStream;
  function(slot: string): (...args: never[]) => unknown;
  /** `isWritable` may have changed. */
  wake(): void;
  /** Fails the task: for errors that show between calls. */
  fail(error: unknown): void;
}

/** What a print sink needs of Node's Writable. */
export interface TextStream {
  /** False: it is full; `drain` follows when it is not. What was written is kept all the same. */
  write(text: string): boolean;
  once(event: 'drain', call: () => void): unknown;
}

/** What a crash can do to a sink's output. */
type SinkGuarantee = 'exactly-once' | 'at-least-once';

/** A connector that writes. The registry (connectors/registry.ts) holds each under its name. */
export interface SinkConnector<T, Committable, Options> {
  readonly name: string;
  /** The plan and the summary say it. */
  readonly guarantee: SinkGuarantee;
  /** Where it depends on the options: goes before `guarantee`. */
  guaranteeOf?(options: Options): SinkGuarantee;
  createWriter(options: Options, context: SinkContext): SinkWriter<T, Committable>;
  createCommitter?(options: Options, context: SinkContext): Committer<Committable>;
}
