// A vertex, its subtasks and their attempts as Flink's REST API shows them.

import { countTaskStates } from '../../graph/execution-state.ts';
import { summarizeVertex } from '../../graph/execution-summary.ts';
import type { Execution } from '../../graph/execution-vertex.ts';
import type { SubtaskDetails, VertexDetails } from '../../runtime/jobmaster/job-details.ts';
import { aggregatedMetrics, ioMetrics } from './io-metrics.ts';
import { aggregate } from './statistics.ts';
import {
  LIFE_STATES,
  scheduledMs,
  spanOf,
  statusDurations,
  taskManagerOf,
  taskTimestamps,
} from './times.ts';

type Json = Readonly<Record<string, unknown>>;

/** One attempt of a subtask, with what it has reported. */
export interface Attempt {
  readonly subtask: number;
  readonly execution: Execution;
  readonly metrics: SubtaskDetails['metrics'];
}

export const currentAttempt = ({ subtask, current, metrics }: SubtaskDetails): Attempt => ({
  subtask,
  execution: current,
  metrics,
});

/** Of those that are remembered. */
export function attemptOf(details: SubtaskDetails, attempt: number): Attempt | undefined {
  const { subtask, current, prior } = details;
  if (current.attempt === attempt) return currentAttempt(details);
  const found = prior.find(({ execution }) => execution.attempt === attempt);
  return found && { subtask, ...found };
}

export function attemptJson({ subtask, execution, metrics }: Attempt, nowMs: number): Json {
  const span = spanOf(execution, nowMs);
  return {
    subtask,
    status: execution.state,
    attempt: execution.attempt,
    endpoint: taskManagerOf(execution),
    ...span,
    metrics: ioMetrics([metrics]),
    'taskmanager-id': taskManagerOf(execution),
    'status-duration': statusDurations(execution, nowMs),
    start_time: span['start-time'],
  };
}

export function vertexDetailsJson({ vertex, subtasks }: VertexDetails, nowMs: number): Json {
  const attempts = subtasks.map(currentAttempt);
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    now: nowMs,
    subtasks: attempts.map((attempt) => attemptJson(attempt, nowMs)),
    aggregated: aggregated(attempts, nowMs),
  };
}

export function subtaskTimesJson({ vertex, subtasks }: VertexDetails, nowMs: number): Json {
  return {
    id: vertex.id,
    name: vertex.name,
    now: nowMs,
    subtasks: subtasks.map(({ subtask, current }) => ({
      subtask,
      endpoint: taskManagerOf(current),
      duration: scheduledMs(current, nowMs),
      timestamps: taskTimestamps(current),
    })),
  };
}

/** By TaskManager. */
export function vertexTaskManagersJson({ vertex, subtasks }: VertexDetails, nowMs: number): Json {
  const groups = Map.groupBy(subtasks.map(currentAttempt), ({ execution }) =>
    taskManagerOf(execution),
  );
  return {
    id: vertex.id,
    name: vertex.name,
    now: nowMs,
    taskmanagers: [...groups].map(([taskManager, attempts]) => {
      const { state, startMs, endMs, durationMs } = summarizeVertex(
        attempts.map(({ execution }) => execution),
        nowMs,
      );
      return {
        endpoint: taskManager,
        status: state,
        'start-time': startMs,
        'end-time': endMs,
        duration: durationMs,
        metrics: ioMetrics(attempts.map(({ metrics }) => metrics)),
        'status-counts': countTaskStates(attempts.map(({ execution }) => execution.state)),
        'taskmanager-id': taskManager,
        aggregated: aggregated(attempts, nowMs),
      };
    }),
  };
}

function aggregated(attempts: readonly Attempt[], nowMs: number): Json {
  const durations = attempts.map(({ execution }) => statusDurations(execution, nowMs));
  return {
    metrics: aggregatedMetrics(attempts.map(({ metrics }) => metrics)),
    'status-duration': Object.fromEntries(
      LIFE_STATES.map((state) => [state, aggregate(durations.map((each) => each[state]))]),
    ),
  };
}

/** How much of its time each subtask waits for those that it feeds. */
export function backPressureJson({ subtasks }: VertexDetails, nowMs: number): Json {
  const known = subtasks.flatMap(({ subtask, rates }) =>
    rates === undefined ? [] : [{ subtask, ...rates }],
  );
  if (known.length === 0) return { status: 'deprecated' };
  const level = levelOf(Math.max(...known.map(({ backPressured }) => backPressured)));
  return {
    status: 'ok',
    backpressureLevel: level,
    'end-timestamp': nowMs,
    subtasks: known.map(({ subtask, busy, idle, backPressured }) => ({
      subtask,
      backpressureLevel: levelOf(backPressured),
      ratio: round(backPressured),
      idleRatio: round(idle),
      busyRatio: round(busy),
      'backpressure-level': levelOf(backPressured),
    })),
    'backpressure-level': level,
  };
}

const levelOf = (ratio: number): string => (ratio <= 0.1 ? 'ok' : ratio <= 0.5 ? 'low' : 'high');
const round = (ratio: number): number => Math.round(ratio * 1_000) / 1_000;
