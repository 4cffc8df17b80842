// Who takes part in a checkpoint now: all tasks that run acknowledge; those that no running task feeds are
// told, and the barrier finds the others; subtasks that have finished are recorded as such.

import type { CheckpointPlan, CheckpointTask } from '../../checkpoint/checkpoint.ts';
import { upstreamSubtasks } from '../../graph/edge-connections.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { ExecutionVertex } from '../../graph/execution-vertex.ts';

/** Undefined while some task neither runs nor has finished. */
export function checkpointPlan(graph: ExecutionGraph): CheckpointPlan | undefined {
  const running: ExecutionVertex[] = [];
  const finished: ExecutionVertex[] = [];
  for (const subtask of graph.subtasks) {
    if (subtask.current.state === 'RUNNING') running.push(subtask);
    else if (subtask.current.state === 'FINISHED') finished.push(subtask);
    else return undefined;
  }
  if (running.length === 0) return undefined;
  return {
    trigger: running.filter((subtask) => !isFedByRunning(graph, subtask)).map(taskOf),
    waitFor: running.map(taskOf),
    finished: finished.map(({ id }) => id),
  };
}

function isFedByRunning(graph: ExecutionGraph, { id }: ExecutionVertex): boolean {
  const targets = graph.subtasksOf(id.vertex).length;
  return graph.job.edges
    .filter(({ target }) => target === id.vertex)
    .some(({ source, partitioner }) => {
      const sources = graph.subtasksOf(source);
      const { start, end } = upstreamSubtasks(partitioner, id.subtask, sources.length, targets);
      return sources.slice(start, end + 1).some(({ current }) => current.state === 'RUNNING');
    });
}

const taskOf = ({ id, current }: ExecutionVertex): CheckpointTask => ({
  vertex: id.vertex,
  subtask: id.subtask,
  attemptId: current.attemptId,
});
