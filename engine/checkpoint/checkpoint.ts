// What a checkpoint is, from its trigger to its end: shared by the coordinator, its store and REST.

import type { CheckpointKind } from '../core/barrier.ts';
import type { AttemptId, OperatorId, VertexId } from '../core/ids.ts';
import type { StateHandle } from '../state/state-handle.ts';

export interface CheckpointTask {
  readonly vertex: VertexId;
  readonly subtask: number;
  readonly attemptId: AttemptId;
}

/** Who takes part, decided at the trigger. */
export interface CheckpointPlan {
  /** Tasks that are told; the barrier finds the others. */
  readonly trigger: readonly CheckpointTask[];
  /** Tasks that must acknowledge: all that run. */
  readonly waitFor: readonly CheckpointTask[];
  /** Subtasks that had finished before: they have no state, and are not run again from this checkpoint. */
  readonly finished: readonly { readonly vertex: VertexId; readonly subtask: number }[];
}

/** Everything that a restore needs. Written as the checkpoint's metadata. */
export interface CompletedCheckpoint {
  readonly checkpointId: number;
  readonly kind: CheckpointKind;
  readonly triggerMs: number;
  /** The checkpoint's own directory. */
  readonly path: string;
  readonly vertices: readonly VertexCheckpoint[];
  /** What lives beside the JobMaster, by operator: positions of split enumerators. */
  readonly coordinators: readonly (readonly [OperatorId, unknown])[];
}

export interface VertexCheckpoint {
  readonly vertex: VertexId;
  readonly operators: readonly OperatorId[];
  /** Of each operator, for messages. */
  readonly names: readonly string[];
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** By subtask. */
  readonly subtasks: readonly SubtaskCheckpoint[];
}

export interface SubtaskCheckpoint {
  readonly handle: StateHandle | undefined;
  readonly isFinished: boolean;
  readonly hasSharedLists: boolean;
}

/** Why a checkpoint did not complete, in Flink's words where it has them. */
export type CheckpointFailure =
  | 'Checkpoint expired before completing.'
  | 'Checkpoint was declined.'
  | 'Checkpoint Coordinator is shutting down.'
  | 'Checkpoint Coordinator is suspending.'
  | 'The job has failed.'
  | 'Trigger checkpoint failure.'
  | 'The checkpoint could not be stored.'
  | 'Checkpoint has been subsumed.';
