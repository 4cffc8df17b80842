// The marker that separates the records of one checkpoint from those of the next.

/**
 * `stop`: a savepoint with which the job ends; `drain`: one that its data ends before. A plain savepoint commits
 * nothing, the others do.
 */
export type CheckpointKind = 'checkpoint' | 'savepoint' | 'stop' | 'drain';

export const isSavepoint = (kind: CheckpointKind): boolean => kind !== 'checkpoint';

/** The job ends with it. */
export const isLastOfJob = (kind: CheckpointKind): boolean => kind === 'stop' || kind === 'drain';

/** Travels behind the records that its snapshot covers. */
export interface Barrier {
  readonly checkpointId: number;
  readonly timestampMs: number;
  readonly kind: CheckpointKind;
  /** The checkpoint was declined upstream: an alignment that waits for it ends. */
  readonly isCancelled: boolean;
  /**
   * So long after its timestamp it overtakes the records in front of it, and those become part of the snapshots;
   * 0: at once. Absent: never.
   */
  readonly overtakesAfterMs?: number;
  /** All state is written, also where checkpoints are incremental. */
  readonly isFull?: true;
  /** Where the state goes, of a savepoint; absent: to the job's checkpoints. */
  readonly directory?: string;
}
