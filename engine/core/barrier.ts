// The marker that separates the records of one checkpoint from those of the next.

/** Travels behind the records that its snapshot covers. */
export interface Barrier {
  readonly checkpointId: number;
  readonly timestampMs: number;
  readonly kind: 'checkpoint' | 'savepoint' | 'stop' | 'drain';
  /** The checkpoint was declined upstream: an alignment that waits for it ends. */
  readonly isCancelled: boolean;
}
