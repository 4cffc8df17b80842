// A sink as users write one: a function that takes each record, or an object that makes a writer and, if
// it is to write exactly once, a committer (Flink's Sink V2).

/** Called for each record, in order; the next one waits for a promise that it returns. At least once. */
export type SinkFunction<T> = (value: T, time: number) => void | Promise<void>;

export interface Sink<T, Committable = never> {
  /** Called in every subtask, at the start of every attempt. */
  createWriter(
    context: UserSinkContext,
  ): UserSinkWriter<T, Committable> | Promise<UserSinkWriter<T, Committable>>;
  /** Makes what was prepared visible, once the checkpoint that covers it is complete. */
  createCommitter?(context: UserSinkContext): UserCommitter<Committable>;
}

export interface UserSinkWriter<T, Committable = never> {
  /** The next record waits for a promise that it returns. `time`: event time in epoch ms, NaN without one. */
  write(value: T, time: number): void | Promise<void>;
  /** Before each checkpoint, and at the end of input: what was written must be safe when it resolves. */
  flush?(): void | Promise<void>;
  /** After `flush`: what a committer needs to make it visible. Any values that state can hold. */
  prepareCommit?(checkpointId: number): readonly Committable[] | Promise<readonly Committable[]>;
  /** Also after a failure. */
  close?(): void;
}

export interface UserCommitter<Committable> {
  /** May be called again for what is committed already, also in a later attempt: then it does nothing. */
  commit(committable: Committable): void | Promise<void>;
  /** After a restart, when all that was pending is committed: removes what earlier attempts prepared. */
  abortOthers?(): void | Promise<void>;
}

export interface UserSinkContext {
  readonly jobId: string;
  /** From 0. */
  readonly subtask: number;
  readonly parallelism: number;
  /** From 0, over all restarts of the job. */
  readonly attempt: number;
  /** Of this sink in its job; stable over restarts. */
  readonly uid: string;
}
