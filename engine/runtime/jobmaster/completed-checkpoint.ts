// What is written of a checkpoint that every task has acknowledged: all vertices of the job with each of their
// subtasks, those that had finished included.

import type { CompletedCheckpoint, VertexCheckpoint } from '../../checkpoint/checkpoint.ts';
import type { AcknowledgedCheckpoint } from '../../checkpoint/checkpoint-coordinator.ts';
import type { JobGraph } from '../../graph/job-graph.ts';

export function completedCheckpoint(
  { checkpointId, kind, triggerMs, plan, subtasks, coordinators }: AcknowledgedCheckpoint,
  job: JobGraph,
  path: string,
): CompletedCheckpoint {
  const vertices = job.vertices.map(
    ({ id, operators, parallelism, maxParallelism }): VertexCheckpoint => {
      const tasks = plan.waitFor.filter(({ vertex }) => vertex === id);
      return {
        vertex: id,
        operators: operators.map(({ node }) => node.operatorId),
        names: operators.map(({ node }) => node.name),
        parallelism,
        maxParallelism,
        subtasks: Array.from({ length: parallelism }, (_, subtask) => {
          const task = tasks.find((other) => other.subtask === subtask);
          const acknowledged = task === undefined ? undefined : subtasks.get(task.attemptId);
          return acknowledged ?? { handle: undefined, isFinished: true, hasSharedLists: false };
        }),
      };
    },
  );
  return { checkpointId, kind, triggerMs, path, vertices, coordinators };
}
