// A job as Flink's REST API shows it: /jobs/:jobid, /jobs/overview, and the parts of them that others ask for
// alone.

import { Configuration } from '../../core/configuration.ts';
import { slotSharingGroupIdOf } from '../../core/ids.ts';
import { options } from '../../core/options.ts';
import {
  countTaskStates,
  isGloballyTerminalJobState,
  JOB_STATES,
  type JobState,
} from '../../graph/execution-state.ts';
import { jsonPlan } from '../../graph/json-plan.ts';
import type { JobDetails, VertexDetails } from '../../runtime/jobmaster/job-details.ts';
import { serializedAccumulators } from './accumulators-json.ts';
import { ioMetrics } from './io-metrics.ts';
import { type Span, timestampsOf } from './times.ts';

type Json = Readonly<Record<string, unknown>>;

export function jobDetailsJson(details: JobDetails): Json {
  const { jobId, name, state, nowMs, vertices, graph, configuration } = details;
  return {
    jid: jobId,
    name,
    isStoppable: false,
    state,
    'job-type': 'STREAMING',
    ...jobSpan(details),
    maxParallelism: new Configuration(configuration).get(options.maxParallelism),
    now: nowMs,
    timestamps: timestampsOf<JobState>(JOB_STATES, jobTimestamps(details)),
    vertices: vertices.map(vertexJson),
    'status-counts': countTaskStates(vertices.map(({ summary }) => summary.state)),
    plan: jsonPlan(jobId, graph),
    'pending-operators': 0,
  };
}

function vertexJson({ vertex, summary, subtasks }: VertexDetails): Json {
  return {
    id: vertex.id,
    slotSharingGroupId: slotSharingGroupIdOf(vertex.slotSharingGroup),
    name: vertex.name,
    maxParallelism: vertex.maxParallelism,
    parallelism: vertex.parallelism,
    status: summary.state,
    'start-time': summary.startMs,
    'end-time': summary.endMs,
    duration: summary.durationMs,
    tasks: summary.tasks,
    metrics: ioMetrics(subtasks.map(({ metrics }) => metrics)),
  };
}

export function jobOverviewJson(details: JobDetails): Json {
  const { jobId, name, state, vertices } = details;
  const tasks = countTaskStates(
    vertices.flatMap(({ subtasks }) => subtasks.map(({ current }) => current.state)),
  );
  const counts = Object.entries(tasks).map(([task, count]) => [task.toLowerCase(), count] as const);
  return {
    jid: jobId,
    name,
    ...jobSpan(details),
    state,
    'last-modification': Math.max(...Object.values(details.timestamps)),
    tasks: {
      ...Object.fromEntries(counts),
      total: counts.reduce((sum, [, count]) => sum + count, 0),
    },
    'pending-operators': 0,
  };
}

export function jobConfigJson({ jobId, name, configuration }: JobDetails): Json {
  const read = new Configuration(configuration);
  return {
    jid: jobId,
    name,
    'execution-config': {
      'restart-strategy': restartText(read),
      'job-parallelism': read.get(options.parallelism),
      'object-reuse-mode': read.get(options.objectReuse),
      'user-config': {},
    },
  };
}

/** Only that it goes on, or how it ended. */
export function executionResultJson(
  details: JobDetails,
  cause: (details: JobDetails) => Json,
): Json {
  const { jobId, state } = details;
  if (!isGloballyTerminalJobState(state)) return { status: { id: 'IN_PROGRESS' } };
  const result = {
    id: jobId,
    'application-status': APPLICATION_STATUS[state] ?? 'UNKNOWN',
    'accumulator-results': serializedAccumulators(details),
    'net-runtime': jobSpan(details).duration,
  };
  return {
    status: { id: 'COMPLETED' },
    'job-execution-result':
      state === 'FAILED' ? { ...result, 'failure-cause': cause(details) } : result,
  };
}

const APPLICATION_STATUS: Readonly<Partial<Record<JobState, string>>> = {
  FINISHED: 'SUCCEEDED',
  CANCELED: 'CANCELED',
  FAILED: 'FAILED',
};

/** Until its end, or until now. */
function jobSpan({ timestamps, nowMs }: JobDetails): Span {
  const start = timestamps.CREATED ?? nowMs;
  const end = timestamps.FINISHED ?? timestamps.CANCELED ?? timestamps.FAILED;
  return { 'start-time': start, 'end-time': end ?? -1, duration: (end ?? nowMs) - start };
}

/** A job is made in one turn here: it is initialized when it is created. */
function jobTimestamps({ timestamps }: JobDetails): JobDetails['timestamps'] {
  const { CREATED: created } = timestamps;
  return created === undefined ? timestamps : { INITIALIZING: created, ...timestamps };
}

/** For people, in Flink's words. */
function restartText(configuration: Configuration): string {
  if (!configuration.has(options.restartStrategy)) return 'Cluster level default restart strategy';
  switch (configuration.get(options.restartStrategy)) {
    case 'none':
    case 'off':
    case 'disable':
      return 'Restart deactivated.';
    case 'fixed-delay':
      return `Restart with fixed delay (${configuration.get(options.restartDelay)} ms). #${configuration.get(options.restartAttempts)} restart attempts.`;
    case 'failure-rate':
      return `Failure rate restart with maximum of ${configuration.get(options.restartRateMax)} failures within interval ${configuration.get(options.restartRateInterval)} ms and fixed delay ${configuration.get(options.restartRateDelay)} ms.`;
    case 'exponential-delay':
      return `Restart with exponential delay: starting at ${configuration.get(options.restartBackoffInitial)} ms, increasing by ${configuration.get(options.restartBackoffMultiplier)}, with maximum ${configuration.get(options.restartBackoffMax)} ms.`;
  }
}
