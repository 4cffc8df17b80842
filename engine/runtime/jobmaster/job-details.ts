// Everything that REST tells about a job, as one picture of it at one moment: plain data, made when somebody
// asks, kept when the job has ended.

import type {
  CheckpointCounts,
  CheckpointSample,
  CheckpointStats,
  LatestCheckpoints,
} from '../../checkpoint/checkpoint-stats.ts';
import type { ErrorInfo } from '../../core/errors.ts';
import type { JobId, OperatorId, VertexId } from '../../core/ids.ts';
import type { LaneCounts } from '../../core/results.ts';
import type { JobState } from '../../graph/execution-state.ts';
import { summarizeVertex, type VertexSummary } from '../../graph/execution-summary.ts';
import type { Execution, ExecutionVertex } from '../../graph/execution-vertex.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { TaskMetrics } from '../../task/task-metrics.ts';
import type { RecordedFailure } from './failure-history.ts';
import type { JobMaster } from './job-master.ts';
import type { TaskRates } from './job-metrics.ts';
import type { SlotPlace } from './job-slots.ts';
import { isResultSink } from './result-lanes.ts';

export interface JobDetails {
  readonly jobId: JobId;
  readonly name: string;
  readonly state: JobState;
  /** Epoch ms at which the job last entered each state that it has been in. */
  readonly timestamps: Readonly<Partial<Record<JobState, number>>>;
  readonly nowMs: number;
  readonly graph: JobGraph;
  readonly vertices: readonly VertexDetails[];
  readonly restarts: number;
  readonly isBounded: boolean;
  /** Newest first. */
  readonly failures: readonly RecordedFailure[];
  /** What ended the job, or is ending it. */
  readonly failure: ErrorInfo | undefined;
  /** Why it does not run: it waits for slots. */
  readonly waitsFor: string | undefined;
  readonly checkpoints: {
    readonly intervalMs: number | undefined;
    readonly counts: CheckpointCounts;
    /** Newest first. */
    readonly history: readonly CheckpointStats[];
    readonly latest: LatestCheckpoints;
    /** Of the latest completed ones, oldest first. */
    readonly samples: readonly CheckpointSample[];
  };
  /** Sinks whose rows a client can take. */
  readonly results: readonly ResultStream[];
  readonly configuration: Readonly<Record<string, string>>;
}

export interface VertexDetails {
  readonly vertex: JobVertex;
  readonly summary: VertexSummary;
  readonly subtasks: readonly SubtaskDetails[];
}

export interface SubtaskDetails {
  readonly subtask: number;
  readonly current: Execution;
  /** Attempts before the current one, oldest first. */
  readonly prior: readonly PriorAttempt[];
  readonly place: SlotPlace | undefined;
  readonly metrics: TaskMetrics | undefined;
  readonly rates: TaskRates | undefined;
  readonly stuckMs: number | undefined;
}

interface PriorAttempt {
  readonly execution: Execution;
  readonly metrics: TaskMetrics | undefined;
}

interface ResultStream {
  readonly operatorId: OperatorId;
  /** The label of `print`, else the operator's name. */
  readonly name: string;
  /** What stands before its rows; empty when nothing was said. */
  readonly label: string;
  readonly vertex: VertexId;
  readonly lanes: LaneCounts;
}

/** @param state As others are to know the job. */
export function jobDetails(
  master: JobMaster,
  nowMs: number,
  state: JobState = master.state,
): JobDetails {
  const { job, graph, checkpoints, submission } = master;
  const { [graph.state]: _, ...before } = graph.jobTimestamps;
  return {
    jobId: master.jobId,
    name: job.name,
    state,
    timestamps: state === graph.state ? graph.jobTimestamps : before,
    nowMs,
    graph: job,
    vertices: job.vertices.map((vertex) => vertexDetails(master, vertex, nowMs)),
    restarts: master.scheduler.restarts,
    isBounded: master.isBounded,
    failures: master.scheduler.failures.failures,
    failure: graph.failure,
    waitsFor: master.slots.shortage,
    checkpoints: {
      intervalMs: checkpoints.intervalMs,
      counts: checkpoints.history.counts,
      history: checkpoints.history.history,
      latest: checkpoints.history.latest,
      samples: [...checkpoints.history.samples],
    },
    results: submission.attached ? resultStreams(master) : [],
    configuration: submission.configuration.toRecord(),
  };
}

function vertexDetails(master: JobMaster, vertex: JobVertex, nowMs: number): VertexDetails {
  const subtasks = master.graph.subtasksOf(vertex.id);
  return {
    vertex,
    summary: summarizeVertex(
      subtasks.map(({ current }) => current),
      nowMs,
    ),
    subtasks: subtasks.map((subtask) => subtaskDetails(master, subtask)),
  };
}

function subtaskDetails(
  master: JobMaster,
  { id, current, prior }: ExecutionVertex,
): SubtaskDetails {
  const observed = master.metrics.get(current.attemptId);
  return {
    subtask: id.subtask,
    current,
    prior: prior.map((execution) => ({
      execution,
      metrics: master.metrics.get(execution.attemptId)?.metrics,
    })),
    place: master.slots.placeOf(id, current.assignment?.allocationId),
    metrics: observed?.metrics,
    rates: observed?.rates,
    stuckMs: observed?.stuckMs,
  };
}

function resultStreams({ job, results }: JobMaster): readonly ResultStream[] {
  return job.vertices.flatMap(({ id, operators }) =>
    operators
      .filter(({ node }) => isResultSink(node))
      .map(({ node }) => ({
        operatorId: node.operatorId,
        name: labelOf(node) || node.name,
        label: labelOf(node),
        vertex: id,
        lanes: results.lanesOf(node.operatorId),
      })),
  );
}

type Node = JobVertex['operators'][number]['node'];
type SinkNodeParams = {
  readonly connector: {
    readonly options: { readonly label?: string; readonly name?: string };
  };
};

function labelOf({ params }: Node): string {
  const { options } = (params as unknown as SinkNodeParams).connector;
  return options.label ?? options.name ?? '';
}
