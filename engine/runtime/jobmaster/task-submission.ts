// Sends a task to its slot, with what it continues from.

import type { FencingToken, JobId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { ProgramDeployment } from '../../task/task-deployment.ts';
import type { JobCheckpoints } from './job-checkpoints.ts';
import type { JobSlots } from './job-slots.ts';
import type { JobSources } from './job-sources.ts';
import { taskDeployment } from './task-deployments.ts';
import type { TaskManagers } from './task-managers.ts';

export interface SubmittingJob {
  readonly jobId: JobId;
  readonly token: FencingToken;
  readonly graph: ExecutionGraph;
  readonly slots: JobSlots;
  readonly checkpoints: JobCheckpoints;
  readonly sources: JobSources;
  readonly taskManagers: TaskManagers;
  readonly program: ProgramDeployment;
  readonly firstAttempt: number;
}

/** Rejects when its TaskManager is gone, or refuses it. */
export async function submitTask(job: SubmittingJob, id: SubtaskId): Promise<void> {
  const { graph, slots, checkpoints, sources, taskManagers, token } = job;
  const { attemptId } = graph.subtask(id).current;
  await checkpoints.registered;
  // The job may have another parallelism meanwhile.
  if (graph.subtaskOfAttempt(attemptId) === undefined) return;
  const deployment = taskDeployment(
    {
      ...job,
      slotOf: (other) => slots.slotOf(other),
      restored: checkpoints.latest,
      isRestoredGiven: checkpoints.isLatestGiven,
      isInputBounded: (vertex) => sources.isBounded(vertex),
    },
    id,
  );
  const submission = { deployment, checkpointDirectory: checkpoints.directory };
  const { resourceId } = slots.slotOf(id).taskManager;
  await taskManagers.call(resourceId, (gateway) => gateway.submitTask(token, submission));
}
