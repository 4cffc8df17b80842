// What others may ask of a TaskExecutor. Calls carry the token under which a JobMaster or the ResourceManager
// leads: one that was replaced is refused.

import type { Barrier } from '../../core/barrier.ts';
import type { TaskSample } from '../../core/flame-sample.ts';
import type {
  AllocationId,
  AttemptId,
  FencingToken,
  JobId,
  OperatorId,
  ResourceId,
} from '../../core/ids.ts';
import type { ResultsRequest, ResultsResponse } from '../../core/results.ts';
import type { TaskDeployment } from '../../task/task-deployment.ts';

/** Endpoint name of every TaskExecutor. */
export const TASK_EXECUTOR = 'task-executor';

export interface TaskExecutorGateway {
  /** By the ResourceManager: the slot is the job's; the TaskExecutor offers it to the JobMaster. */
  requestSlot(token: FencingToken, request: SlotRequest): void;
  /** By the JobMaster: the slot's tasks end, and it is free again. Answers when they write nothing any more. */
  freeSlot(token: FencingToken, allocationId: AllocationId, cause: string): Promise<void>;
  /** Answers once the slot has taken the task; its states follow as `updateTaskState`. */
  submitTask(token: FencingToken, task: TaskSubmission): Promise<void>;
  cancelTask(token: FencingToken, attemptId: AttemptId): void;
  triggerCheckpoint(token: FencingToken, tasks: readonly TaskTrigger[], barrier: Barrier): void;
  notifyCheckpoint(
    token: FencingToken,
    attempts: readonly AttemptId[],
    checkpointId: number,
    outcome: 'complete' | 'aborted',
  ): void;
  /** Answers how many events of the task have come: one that is not the next is not taken. */
  sendOperatorEvent(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    number: number,
    event: unknown,
  ): number;
  requestResults(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    request: ResultsRequest,
  ): Promise<ResultsResponse>;
  /** The ResourceManager has let this process go: it ends. */
  shutDown(token: FencingToken, reason: string): void;
  threadDump(): Promise<readonly ThreadInfo[]>;
  /** What these tasks do for so long; those that are not here are left out. */
  sampleTasks(
    attempts: readonly AttemptId[],
    durationMs: number,
    intervalMs: number,
  ): Promise<readonly TaskSample[]>;
}

export interface TaskTrigger {
  readonly attemptId: AttemptId;
  /** Events that were sent to it before: without them a checkpoint would lose what they hand out, and with more have it twice. */
  readonly events: number;
  /** It begins that checkpoint first; 0: none. */
  readonly after: number;
}

export interface SlotRequest {
  readonly slot: number;
  readonly allocationId: AllocationId;
  readonly jobId: JobId;
  readonly jobMaster: JobMasterAddress;
}

/** Where a JobMaster is reached, and the token under which it leads. */
export interface JobMasterAddress {
  readonly address: string;
  readonly endpoint: string;
  readonly token: FencingToken;
}

export interface TaskSubmission {
  readonly deployment: TaskDeployment;
  readonly checkpointDirectory: string;
}

export interface ThreadInfo {
  readonly name: string;
  readonly stack: string;
}

/** A TaskManager as it registers and reports itself. */
export interface TaskManagerInfo {
  readonly resourceId: ResourceId;
  readonly address: string;
  readonly dataAddress: string;
  readonly pid: number;
  readonly cores: number;
  readonly physicalMemoryBytes: number;
  readonly memoryBytes: number;
  /** Slots it may have; see `slots`. */
  readonly slotsMax: number;
  /** Fixed: all of them stand ready. Elastic: they come into being as they are requested. */
  readonly slots: 'fixed' | 'elastic';
}

/** Load of a process, with each heartbeat. */
export interface TaskManagerLoad {
  /** Share of one core since the last report. */
  readonly cpu: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
  readonly bytesInPerSecond: number;
  readonly bytesOutPerSecond: number;
}
