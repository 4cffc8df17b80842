// A task as the main thread of its TaskManager knows it, and what is said of one whose thread is lost.

import type { UserMetrics } from '../../core/user-metrics.ts';
import { lastSeen } from '../../task/last-seen.ts';
import type { TaskFailure } from '../../task/slot-messages.ts';
import type { TaskDeployment } from '../../task/task-deployment.ts';
import { type MetricsMemory, readMetrics } from '../../task/task-metrics.ts';
import type { AllocatedSlot } from './slot-table.ts';
import type { SlotWorker } from './slot-worker.ts';

export interface Task {
  readonly deployment: TaskDeployment;
  readonly slot: AllocatedSlot;
  readonly worker: SlotWorker;
  readonly metrics: MetricsMemory;
  /** What its functions measure, as it was told last; undefined: they do not. */
  user: UserMetrics | undefined;
  isCanceling: boolean;
  isStuck: boolean;
  stuckMs: number;
}

export const lost = (reason: string, task?: Task): TaskFailure => ({
  error: { name: 'TaskLost', message: reason },
  cause: 'lost',
  ...(task === undefined
    ? { operator: undefined, record: undefined, place: undefined }
    : lastSeen(task.deployment.operators, readMetrics(task.metrics, 0))),
});
