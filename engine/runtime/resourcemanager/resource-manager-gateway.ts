// What others may ask of the ResourceManager.

import type { AllocationId, FencingToken, JobId, ResourceId } from '../../core/ids.ts';
import type {
  JobMasterAddress,
  TaskManagerInfo,
  TaskManagerLoad,
} from '../taskexecutor/task-executor-gateway.ts';

export const RESOURCE_MANAGER = 'resource-manager';

export interface ResourceManagerGateway {
  /** A TaskExecutor is up, or has found its way back. Answers the token that its calls must carry. */
  registerTaskExecutor(info: TaskManagerInfo, slots: readonly SlotReport[]): Promise<Registration>;
  heartbeat(token: FencingToken, resourceId: ResourceId, report: TaskExecutorReport): void;
  notifySlotFree(
    token: FencingToken,
    resourceId: ResourceId,
    slot: number,
    allocationId: AllocationId,
  ): void;
  /** How many slots the job needs now, all in all. 0 when it has ended. */
  declareRequirements(jobId: JobId, jobMaster: JobMasterAddress, slots: number): void;
}

export interface Registration {
  readonly token: FencingToken;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
}

export interface SlotReport {
  readonly slot: number;
  readonly allocation: { readonly allocationId: AllocationId; readonly jobId: JobId } | undefined;
}

export interface TaskExecutorReport {
  readonly slots: readonly SlotReport[];
  readonly load: TaskManagerLoad;
}
