// A task's word that its part of a checkpoint is durable.

import type { StateHandle } from '../state/state-handle.ts';

export interface TaskAcknowledgement {
  readonly checkpointId: number;
  /** Undefined when the task has no state. */
  readonly handle: StateHandle | undefined;
  /** The data had ended before the barrier: with this checkpoint the subtask is finished. */
  readonly isFinished: boolean;
  /** Some of its operator state goes to every subtask on restore, not only to its successor. */
  readonly hasSharedLists: boolean;
  readonly timing: CheckpointTiming;
}

/** A task's word that it will not take part. */
export interface CheckpointDecline {
  readonly checkpointId: number;
  readonly reason: string;
  /** Something went wrong, as when state could not be written: counted as a failure. */
  readonly isFault: boolean;
}

/** Milliseconds and bytes, as Flink's statistics have them. */
export interface CheckpointTiming {
  /** From the trigger's timestamp to the first barrier's arrival. */
  readonly startDelayMs: number;
  readonly alignmentMs: number;
  readonly syncMs: number;
  readonly asyncMs: number;
  /** All of it, with what was in flight. */
  readonly stateBytes: number;
  /** What was written for this checkpoint. */
  readonly checkpointedBytes: number;
  /** Bytes of input from the first barrier to the snapshot. */
  readonly processedBytes: number;
  /** Bytes of records in flight that the barrier has overtaken. */
  readonly persistedBytes: number;
  readonly isUnaligned: boolean;
}
