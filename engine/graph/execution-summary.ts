// What the REST API says about a job's execution: counts, times and the state of each vertex, computed as
// Flink computes them.

import type { ExecutionGraph } from './execution-graph.ts';
import {
  aggregateTaskState,
  countTaskStates,
  isTerminalTaskState,
  type TaskState,
} from './execution-state.ts';
import type { Execution } from './execution-vertex.ts';

export interface VertexSummary {
  readonly state: TaskState;
  /** Subtasks by state. */
  readonly tasks: Readonly<Record<TaskState, number>>;
  /** Epoch ms at which the first subtask was deployed; -1 before. */
  readonly startMs: number;
  /** Epoch ms at which the last subtask ended; -1 before. */
  readonly endMs: number;
  /** Until the end, or until now; -1 before the start. */
  readonly durationMs: number;
}

export function summarizeVertex(executions: readonly Execution[], nowMs: number): VertexSummary {
  const tasks = countTaskStates(executions.map(({ state }) => state));
  const state = aggregateTaskState(tasks, executions.length);
  const starts = executions.flatMap(({ timestamps }) => timestamps.DEPLOYING ?? []);
  if (starts.length === 0) return { state, tasks, startMs: -1, endMs: -1, durationMs: -1 };
  const startMs = Math.min(...starts);
  const isOver = executions.every((execution) => isTerminalTaskState(execution.state));
  const lastMs = isOver ? Math.max(...executions.map(enteredMs)) : nowMs;
  return { state, tasks, startMs, endMs: isOver ? lastMs : -1, durationMs: lastMs - startMs };
}

/** Vertices by their summarized state: `status-counts`. */
export const vertexCounts = (graph: ExecutionGraph): Readonly<Record<TaskState, number>> =>
  countTaskStates(
    graph.job.vertices.map(({ id, parallelism }) =>
      aggregateTaskState(
        countTaskStates(graph.subtasksOf(id).map(({ current }) => current.state)),
        parallelism,
      ),
    ),
  );

/** Subtasks of the whole job by state. */
export const taskCounts = (graph: ExecutionGraph): Readonly<Record<TaskState, number>> =>
  countTaskStates(graph.subtasks.map(({ current }) => current.state));

/** When the attempt entered the state that it is in. */
const enteredMs = ({ state, timestamps }: Execution): number => timestamps[state] ?? 0;
