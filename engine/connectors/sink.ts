// What a sink is made of, in the shape of Flink's Sink V2. A writer takes records; before a barrier it
// hands over what it wrote as committables, which stand in the checkpoint; when the checkpoint is complete
// the committer makes them visible. A crash between the two is repaired on restore: commits are idempotent,
// and what earlier attempts prepared without a checkpoint is aborted.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Logger } from '../core/logger.ts';

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
  /** Unique for this sink in its job; stable over restarts. */
  readonly uid: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly configuration: Configuration;
  readonly baseDirectory: string;
  function(slot: string): (...args: never[]) => unknown;
  /** `isWritable` may have changed. */
  wake(): void;
  /** Fails the task: for errors that show between calls. */
  fail(error: unknown): void;
}

/** A connector that writes. The registry (connectors/registry.ts) holds each under its name. */
export interface SinkConnector<T, Committable, Options> {
  readonly name: string;
  /** What a crash can do to its output; the plan and the summary say it. */
  readonly guarantee: 'exactly-once' | 'at-least-once';
  createWriter(options: Options, context: SinkContext): SinkWriter<T, Committable>;
  createCommitter?(options: Options, context: SinkContext): Committer<Committable>;
}
