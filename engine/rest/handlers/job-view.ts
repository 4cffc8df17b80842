// From a job's details to sluice's own picture of it.

import type { CheckpointStats } from '../../checkpoint/checkpoint-stats.ts';
import { isSavepoint } from '../../core/barrier.ts';
import { errorText } from '../../runtime/jobmaster/failure-history.ts';
import type {
  JobDetails,
  SubtaskDetails,
  VertexDetails,
} from '../../runtime/jobmaster/job-details.ts';
import type {
  CheckpointView,
  JobView,
  OperatorView,
  SubtaskView,
  VertexView,
} from '../job-view.ts';

export function jobView(details: JobDetails): JobView {
  const { graph, checkpoints, timestamps, state } = details;
  const endMs = timestamps.FINISHED ?? timestamps.CANCELED ?? timestamps.FAILED;
  return {
    id: details.jobId,
    name: details.name,
    state,
    startMs: timestamps.CREATED ?? details.nowMs,
    endMs: endMs ?? null,
    restarts: details.restarts,
    isBounded: details.isBounded,
    waitsFor: details.waitsFor ?? null,
    vertices: details.vertices.map((vertex) => vertexView(vertex, details)),
    edges: graph.edges.map(({ source, target, partitioner, fields, unchained }) => ({
      source,
      target,
      shipStrategy: partitioner.kind.toUpperCase(),
      notChained: fields === undefined ? unchained : `${unchained}; carries ${listOf(fields)}`,
    })),
    checkpoints: {
      intervalMs: checkpoints.intervalMs ?? null,
      ...checkpoints.counts,
      history: checkpoints.history.map((stats) => checkpointView(stats, details.nowMs)),
    },
    failures: details.failures.map(({ atMs, error, task, taskManager }) => ({
      atMs,
      task: task ?? null,
      taskManager: taskManager ?? null,
      text: errorText(error),
    })),
    results: details.results.map(({ operatorId, name, label, lanes }) => ({
      operatorId,
      name,
      label,
      lanes,
    })),
  };
}

const listOf = (fields: readonly string[]): string =>
  fields.length === 0 ? 'no field' : fields.join(', ');

function vertexView({ vertex, summary, subtasks }: VertexDetails, details: JobDetails): VertexView {
  const completed = details.checkpoints.history.find(({ status }) => status === 'COMPLETED');
  const stats = completed?.vertices.get(vertex.id);
  const isSource = !details.graph.edges.some(({ target }) => target === vertex.id);
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    slotSharingGroup: vertex.slotSharingGroup,
    state: summary.state,
    operators: vertex.operators.map((_, i) => operatorView(vertex, i, subtasks)),
    subtasks: subtasks.map((subtask) => subtaskView(subtask, isSource)),
    stateBytes:
      stats === undefined
        ? null
        : stats.reduce((sum, subtask) => sum + (subtask?.stateBytes ?? 0), 0),
  };
}

function operatorView(
  vertex: VertexDetails['vertex'],
  index: number,
  subtasks: readonly SubtaskDetails[],
): OperatorView {
  const { node, after } = vertex.operators[index] as VertexDetails['vertex']['operators'][number];
  const total = (key: 'recordsIn' | 'recordsOut'): number =>
    subtasks.reduce((sum, { metrics }) => sum + (metrics?.operators[index]?.[key] ?? 0), 0);
  return {
    id: node.operatorId,
    name: node.name,
    kind: node.kind,
    after,
    cell: node.origin?.cell ?? null,
    line: node.origin?.line ?? null,
    recordsIn: total('recordsIn'),
    recordsOut: total('recordsOut'),
  };
}

function subtaskView(details: SubtaskDetails, isSource: boolean): SubtaskView {
  const { subtask, current, place, metrics, rates, stuckMs } = details;
  const watermark = metrics?.watermark ?? Number.NaN;
  return {
    index: subtask,
    state: current.state,
    attempt: current.attempt,
    taskManager: place?.taskManager ?? null,
    slot: place?.slot ?? null,
    ...(isSource ? readBy(details) : takenBy(details)),
    recordsOut: metrics?.recordsOut ?? 0,
    recordsOutPerSecond: rates?.recordsOutPerSecond ?? null,
    busy: rates?.busy ?? null,
    backPressured: rates?.backPressured ?? null,
    idle: rates?.idle ?? null,
    watermarkMs: Number.isFinite(watermark) ? watermark : null,
    lateRecords: metrics?.lateRecords ?? 0,
    windowsFired: metrics?.windowsFired ?? 0,
    skippedRecords: metrics?.skippedRecords ?? 0,
    stuckMs: stuckMs ?? null,
  };
}

type Input = Pick<SubtaskView, 'recordsIn' | 'recordsInPerSecond'>;

const takenBy = ({ metrics, rates }: SubtaskDetails): Input => ({
  recordsIn: metrics?.recordsIn ?? 0,
  recordsInPerSecond: rates?.recordsInPerSecond ?? null,
});

/** By a source: its chain may hand on few of them, or none. */
const readBy = ({ metrics, rates }: SubtaskDetails): Input => ({
  recordsIn: metrics?.operators[0]?.recordsOut ?? 0,
  recordsInPerSecond: rates?.headRecordsPerSecond ?? null,
});

function checkpointView(stats: CheckpointStats, nowMs: number): CheckpointView {
  return {
    id: stats.id,
    status: stats.status,
    isSavepoint: isSavepoint(stats.kind),
    triggerMs: stats.triggerMs,
    durationMs: (stats.endMs ?? nowMs) - stats.triggerMs,
    sizeBytes: stats.stateBytes,
    acknowledged: stats.acknowledged,
    subtasks: stats.subtasks,
    failure: stats.failure ?? null,
    byVertex: Object.fromEntries(
      [...stats.vertices].map(([vertex, subtasks]) => [
        vertex,
        {
          acknowledged: subtasks.filter((subtask) => subtask !== undefined).length,
          total: subtasks.length,
        },
      ]),
    ),
  };
}
