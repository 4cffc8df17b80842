// What a job's failures say when a TaskManager is gone: which task it took along, and what that was last at.

import type { ResourceId } from '../../core/ids.ts';
import { lastSeen } from '../../task/last-seen.ts';
import { failureError } from './failure-history.ts';
import type { JobMetrics } from './job-metrics.ts';
import type { JobScheduler } from './job-scheduler.ts';

/** Every task that runs there has failed. */
export function failTasksOn(
  resourceId: ResourceId,
  reason: string,
  scheduler: JobScheduler,
  metrics: JobMetrics,
): void {
  const error = {
    name: 'TaskManagerLost',
    message: `TaskManager ${resourceId} is lost: ${reason}`,
  };
  for (const { id, current, isTerminal } of scheduler.graph.subtasks) {
    if (isTerminal || current.assignment?.taskManager !== resourceId) continue;
    const observed = metrics.get(current.attemptId);
    const facts = observed && lastSeen(scheduler.vertexOf(id).operators, observed.metrics);
    const known = facts === undefined ? error : failureError({ error, ...facts });
    scheduler.failTask(id, known, 'lost');
  }
}
