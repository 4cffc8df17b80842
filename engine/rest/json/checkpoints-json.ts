// Checkpoints of a job as Flink's REST API shows them: counts, statistics, the history, one in detail. Nothing is
// ever buffered for an alignment: that is 0, as it is in Flink.

import type { CheckpointStats, SubtaskCheckpointStats } from '../../checkpoint/checkpoint-stats.ts';
import { type CheckpointKind, isLastOfJob, isSavepoint } from '../../core/barrier.ts';
import { Configuration } from '../../core/configuration.ts';
import type { VertexId } from '../../core/ids.ts';
import { options } from '../../core/options.ts';
import type { JobDetails } from '../../runtime/jobmaster/job-details.ts';
import { rangeSummary, summary, sumOf, zeroSummary } from './statistics.ts';

type Json = Readonly<Record<string, unknown>>;
type Subtasks = readonly (SubtaskCheckpointStats | undefined)[];

declare global {
  interface JSON {
    /** Text that stands in JSON as it is. */
    rawJSON(text: string): unknown;
  }
}

/** How Flink says that there are no periodic checkpoints: more than a double can hold. */
const NO_INTERVAL = JSON.rawJSON('9223372036854775807');

export function checkpointsJson({ checkpoints }: JobDetails): Json {
  const { counts, samples, latest, history } = checkpoints;
  const { restored, completed, failed, inProgress } = counts;
  return {
    counts: {
      restored,
      total: completed + failed + inProgress,
      in_progress: inProgress,
      completed,
      failed,
    },
    summary: {
      checkpointed_size: summary(samples.map(({ checkpointedBytes }) => checkpointedBytes)),
      state_size: summary(samples.map(({ stateBytes }) => stateBytes)),
      end_to_end_duration: summary(samples.map(({ durationMs }) => durationMs)),
      alignment_buffered: zeroSummary,
      processed_data: summary(samples.map(({ processedBytes }) => processedBytes)),
      persisted_data: summary(samples.map(({ persistedBytes }) => persistedBytes)),
    },
    latest: {
      completed: latest.completed === undefined ? null : checkpointJson(latest.completed),
      savepoint: latest.savepoint === undefined ? null : checkpointJson(latest.savepoint),
      failed: latest.failed === undefined ? null : checkpointJson(latest.failed),
      restored:
        latest.restored === undefined
          ? null
          : {
              id: latest.restored.id,
              restore_timestamp: latest.restored.atMs,
              is_savepoint: isSavepoint(latest.restored.kind),
              external_path: fileUrl(latest.restored.path),
            },
    },
    history: history.map((stats) => checkpointJson(stats)),
  };
}

/** With `tasks`, each vertex that takes part in it; in a list Flink leaves them out. */
function checkpointJson(stats: CheckpointStats, tasks: Json = {}): Json {
  const { id, kind, status, triggerMs, stateBytes, subtasks, acknowledged } = stats;
  return {
    className: status.toLowerCase(),
    id,
    status,
    is_savepoint: isSavepoint(kind),
    savepointFormat: isSavepoint(kind) ? 'CANONICAL' : null,
    trigger_timestamp: triggerMs,
    latest_ack_timestamp: stats.latestAckMs,
    checkpointed_size: stats.checkpointedBytes,
    state_size: stateBytes,
    end_to_end_duration: durationOf(stats),
    alignment_buffered: 0,
    processed_data: stats.processedBytes,
    persisted_data: stats.persistedBytes,
    num_subtasks: subtasks,
    num_acknowledged_subtasks: acknowledged,
    checkpoint_type: typeOf(kind),
    tasks,
    ...ending(stats),
  };
}

export const checkpointDetailsJson = (stats: CheckpointStats): Json =>
  checkpointJson(
    stats,
    Object.fromEntries(
      [...stats.vertices].map(([vertex, subtasks]) => [vertex, taskJson(stats, subtasks)]),
    ),
  );

/** Undefined when the vertex takes no part in it. */
export function checkpointOfVertexJson(stats: CheckpointStats, vertex: VertexId): Json | undefined {
  const subtasks = stats.vertices.get(vertex);
  if (subtasks === undefined) return undefined;
  return {
    ...taskJson(stats, subtasks),
    summary: taskSummary(stats, subtasks),
    subtasks: subtasks.map((subtask, index) => subtaskJson(stats, subtask, index)),
  };
}

export function checkpointConfigJson({ configuration, checkpoints }: JobDetails): Json {
  const read = new Configuration(configuration);
  const retention = read.get(options.checkpointRetention);
  return {
    mode: read.get(options.checkpointMode).toLowerCase(),
    interval: checkpoints.intervalMs ?? NO_INTERVAL,
    timeout: read.get(options.checkpointTimeout),
    min_pause: read.get(options.checkpointMinPause),
    max_concurrent: read.get(options.checkpointsConcurrentMax),
    externalization: {
      enabled: retention !== 'NO_EXTERNALIZED_CHECKPOINTS',
      delete_on_cancellation: retention !== 'RETAIN_ON_CANCELLATION',
    },
    state_backend:
      read.get(options.stateBackend) === 'hashmap' ? 'HashMapStateBackend' : 'LmdbStateBackend',
    checkpoint_storage: 'FileSystemCheckpointStorage',
    unaligned_checkpoints: read.get(options.unalignedCheckpoints),
    tolerable_failed_checkpoints: read.get(options.checkpointFailuresTolerable),
    aligned_checkpoint_timeout: read.get(options.alignedCheckpointTimeout),
    checkpoints_after_tasks_finish: true,
    state_changelog_enabled: false,
    changelog_periodic_materialization_interval: 600_000,
    changelog_storage: 'memory',
  };
}

const typeOf = (kind: CheckpointKind): string =>
  isLastOfJob(kind) ? 'SYNC_SAVEPOINT' : isSavepoint(kind) ? 'SAVEPOINT' : 'CHECKPOINT';

function durationOf({ status, triggerMs, latestAckMs, endMs }: CheckpointStats): number {
  if (status === 'FAILED') return (endMs ?? triggerMs) - triggerMs;
  return latestAckMs < 0 ? -1 : latestAckMs - triggerMs;
}

function ending({ status, path, isDiscarded, failure, endMs }: CheckpointStats): Json {
  switch (status) {
    case 'IN_PROGRESS':
      return {};
    case 'COMPLETED':
      return { external_path: fileUrl(path ?? ''), discarded: isDiscarded };
    case 'FAILED':
      return { failure_timestamp: endMs ?? -1, failure_message: failure ?? '' };
  }
}

function taskJson({ id, status, triggerMs }: CheckpointStats, subtasks: Subtasks): Json {
  const done = subtasks.filter((subtask) => subtask !== undefined);
  const latestAckMs = Math.max(-1, ...done.map(({ ackMs }) => ackMs));
  const stateBytes = sumOf(done.map((subtask) => subtask.stateBytes));
  return {
    id,
    status,
    latest_ack_timestamp: latestAckMs,
    checkpointed_size: sumOf(done.map(({ checkpointedBytes }) => checkpointedBytes)),
    state_size: stateBytes,
    end_to_end_duration: latestAckMs < 0 ? -1 : latestAckMs - triggerMs,
    alignment_buffered: 0,
    processed_data: sumOf(done.map(({ processedBytes }) => processedBytes)),
    persisted_data: sumOf(done.map(({ persistedBytes }) => persistedBytes)),
    num_subtasks: subtasks.length,
    num_acknowledged_subtasks: done.length,
  };
}

function taskSummary({ triggerMs }: CheckpointStats, subtasks: Subtasks): Json {
  const done = subtasks.filter((subtask) => subtask !== undefined);
  const over = (value: (subtask: SubtaskCheckpointStats) => number): Json =>
    rangeSummary(done.map(value));
  return {
    checkpointed_size: over(({ checkpointedBytes }) => checkpointedBytes),
    state_size: over(({ stateBytes }) => stateBytes),
    end_to_end_duration: over(({ ackMs }) => ackMs - triggerMs),
    checkpoint_duration: {
      sync: over(({ syncMs }) => Math.round(syncMs)),
      async: over(({ asyncMs }) => Math.round(asyncMs)),
    },
    alignment: {
      buffered: zeroSummary,
      processed: over(({ processedBytes }) => processedBytes),
      persisted: over(({ persistedBytes }) => persistedBytes),
      duration: over(({ alignmentMs }) => Math.round(alignmentMs)),
    },
    start_delay: over(({ startDelayMs }) => Math.round(startDelayMs)),
  };
}

function subtaskJson(
  { triggerMs }: CheckpointStats,
  subtask: SubtaskCheckpointStats | undefined,
  index: number,
): Json {
  if (subtask === undefined) return { className: 'pending', index, status: 'pending_or_failed' };
  return {
    className: 'completed',
    index,
    ack_timestamp: subtask.ackMs,
    end_to_end_duration: subtask.ackMs - triggerMs,
    checkpointed_size: subtask.checkpointedBytes,
    state_size: subtask.stateBytes,
    checkpoint: { sync: Math.round(subtask.syncMs), async: Math.round(subtask.asyncMs) },
    alignment: {
      buffered: 0,
      processed: subtask.processedBytes,
      persisted: subtask.persistedBytes,
      duration: Math.round(subtask.alignmentMs),
    },
    start_delay: Math.round(subtask.startDelayMs),
    unaligned_checkpoint: subtask.isUnaligned,
    aborted: false,
    status: 'completed',
  };
}

const fileUrl = (path: string): string => `file:${path}`;
