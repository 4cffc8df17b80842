// What happens in jobs, as the event stream tells it.

import type { CheckpointStats } from '../../checkpoint/checkpoint-stats.ts';
import { isSavepoint } from '../../core/barrier.ts';
import type { JobId, VertexId } from '../../core/ids.ts';
import type { JobState, TaskState } from '../../graph/execution-state.ts';

export type JobEvent =
  | { readonly kind: 'job'; readonly jobId: JobId; readonly state: JobState }
  | {
      readonly kind: 'task';
      readonly jobId: JobId;
      readonly vertex: VertexId;
      readonly subtask: number;
      readonly attempt: number;
      readonly state: TaskState;
    }
  | CheckpointEvent
  | BarrierEvent
  | { readonly kind: 'slots'; readonly jobId: JobId; readonly message: string | undefined };

/** It has begun, is complete, or has failed. */
interface CheckpointEvent {
  readonly kind: 'checkpoint';
  readonly jobId: JobId;
  readonly id: number;
  readonly status: CheckpointStats['status'];
  readonly isSavepoint: boolean;
  readonly triggerMs: number;
  readonly endMs: number | undefined;
  readonly stateBytes: number;
  readonly acknowledged: number;
  readonly subtasks: number;
  readonly failure: string | undefined;
}

/** The barriers of a checkpoint have passed all subtasks of a vertex, and their state is durable. */
interface BarrierEvent {
  readonly kind: 'barrier';
  readonly jobId: JobId;
  readonly checkpoint: number;
  readonly vertex: VertexId;
  /** Since the checkpoint was triggered. */
  readonly durationMs: number;
  /** Of the subtask that has waited longest for the barriers of its inputs. */
  readonly alignmentMs: number;
  readonly stateBytes: number;
}

/** `vertex`: whose last subtask has just acknowledged it; undefined: the checkpoint itself has come to a new state. */
export function checkpointEvent(
  jobId: JobId,
  stats: CheckpointStats,
  vertex: VertexId | undefined,
): JobEvent {
  const { id, status, kind, triggerMs, endMs, stateBytes, acknowledged, subtasks, failure } = stats;
  if (vertex !== undefined) return barrierEvent(jobId, stats, vertex);
  return {
    kind: 'checkpoint',
    jobId,
    id,
    status,
    isSavepoint: isSavepoint(kind),
    triggerMs,
    endMs,
    stateBytes,
    acknowledged,
    subtasks,
    failure,
  };
}

function barrierEvent(
  jobId: JobId,
  { id, triggerMs, vertices }: CheckpointStats,
  vertex: VertexId,
): BarrierEvent {
  const all = (vertices.get(vertex) ?? []).filter((one) => one !== undefined);
  return {
    kind: 'barrier',
    jobId,
    checkpoint: id,
    vertex,
    durationMs: all.reduce((max, { ackMs }) => Math.max(max, ackMs), triggerMs) - triggerMs,
    alignmentMs: all.reduce((max, one) => Math.max(max, one.alignmentMs), 0),
    stateBytes: all.reduce((sum, one) => sum + one.stateBytes, 0),
  };
}
