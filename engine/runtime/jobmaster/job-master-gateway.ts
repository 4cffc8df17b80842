// What others may ask of a JobMaster. Calls of TaskExecutors carry its token: those meant for an earlier
// leader of the job are refused.

import type { CheckpointDecline, TaskAcknowledgement } from '../../checkpoint/acknowledgement.ts';
import type { ErrorInfo } from '../../core/errors.ts';
import type {
  AllocationId,
  AttemptId,
  BlobKey,
  FencingToken,
  OperatorId,
  ResourceId,
} from '../../core/ids.ts';
import type { JobMessage } from '../../core/job-message.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import type { TaskMetrics } from '../../task/task-metrics.ts';

export interface JobMasterGateway {
  /** Slots that are ours by the ResourceManager's word. Answers those taken; others are freed again. */
  offerSlots(
    token: FencingToken,
    from: TaskManagerLocation,
    slots: readonly SlotOffer[],
  ): Promise<readonly AllocationId[]>;
  updateTaskState(token: FencingToken, update: TaskStateUpdate): void;
  acknowledgeCheckpoint(token: FencingToken, attemptId: AttemptId, ack: TaskAcknowledgement): void;
  declineCheckpoint(token: FencingToken, attemptId: AttemptId, decline: CheckpointDecline): void;
  /** Answers how many events of the task have come: one that is not the next is not taken. */
  operatorEvent(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    number: number,
    event: unknown,
  ): number;
  /** Something for whoever looks at the job. */
  taskMessage(token: FencingToken, message: JobMessage): void;
  /**
   * `ends`: those that have not been heard, as far as the TaskExecutor knows; `slots`: those that were taken.
   * Answers which of them the job does not have any more: when its own connection broke, it has lost them.
   */
  heartbeat(
    token: FencingToken,
    resourceId: ResourceId,
    tasks: readonly TaskReport[],
    ends: readonly TaskEnded[],
    slots: readonly AllocationId[],
  ): readonly AllocationId[];
  requestBlob(token: FencingToken, key: BlobKey): Uint8Array;
  /** By the ResourceManager: the requirement cannot be met. */
  notEnoughSlots(shortage: SlotShortage): void;
  /** By the ResourceManager: the process is gone, with what is known of its end. */
  taskManagerLost(resourceId: ResourceId, reason: string): void;
}

export interface TaskManagerLocation {
  readonly resourceId: ResourceId;
  readonly address: string;
  readonly dataAddress: string;
}

export interface SlotOffer {
  readonly slot: number;
  readonly allocationId: AllocationId;
}

export type TaskStateUpdate =
  | { readonly attemptId: AttemptId; readonly state: 'INITIALIZING' | 'RUNNING' | 'DATA_ENDED' }
  | TaskEnded;

export interface TaskEnded {
  readonly attemptId: AttemptId;
  readonly state: 'ENDED';
  readonly end: TaskEnd;
  /** As they were at the end; undefined for one that had not begun. */
  readonly metrics: TaskMetrics | undefined;
}

/** How a task stands with its TaskExecutor: the JobMaster repairs by it what messages have lost. */
export interface TaskStanding {
  readonly attemptId: AttemptId;
  /** DEPLOYING: what it needs is being fetched. */
  readonly state: 'DEPLOYING' | 'INITIALIZING' | 'RUNNING';
  readonly hasDataEnded: boolean;
  /** The latest that it was told to be complete, or aborted; 0 before the first. */
  readonly completedCheckpoint: number;
  readonly abortedCheckpoint: number;
  /** The latest that it was triggered for by the JobMaster; 0 before the first. */
  readonly triggeredCheckpoint: number;
  /** Events of enumerators that have come. */
  readonly events: number;
}

export interface TaskReport extends TaskStanding {
  /** Undefined for one that has not begun. */
  readonly metrics: TaskMetrics | undefined;
  /** A call into user code that has lasted this long, when over a second. */
  readonly stuckMs: number | undefined;
}

export interface SlotShortage {
  readonly message: string;
  /** What the job can have, those included that it has. */
  readonly available: number;
  /** It would not be enough without the other jobs either. */
  readonly isFinal: boolean;
  readonly error?: ErrorInfo;
}
