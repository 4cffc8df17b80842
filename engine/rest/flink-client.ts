// Asks Flink's own endpoints for all that is drawn of a job. They know it in pieces: each vertex has its
// subtasks, its metrics and its watermarks. What a cluster refuses is left out; that it cannot be reached is
// an error.

import type {
  FlinkAggregate,
  FlinkCheckpoints,
  FlinkException,
  FlinkJob,
  FlinkJobAnswers,
  FlinkSubtask,
  FlinkVertexAnswers,
} from './flink-messages.ts';
import type { RestClient } from './rest-client.ts';
import { RestFailure } from './rest-failure.ts';

const EXCEPTIONS_MAX = 20;
const METRICS =
  'numRecordsInPerSecond,numRecordsOutPerSecond,busyTimeMsPerSecond,backPressuredTimeMsPerSecond,idleTimeMsPerSecond';

/** @throws RestFailure when there is no such job, or no cluster. */
export async function flinkJob(
  client: Pick<RestClient, 'ask'>,
  jobId: string,
  signal?: AbortSignal,
): Promise<FlinkJobAnswers> {
  const ask = <T>(path: string): Promise<T> => client.ask(`/v1/jobs/${jobId}${path}`, signal);
  const [job, checkpoints, config, exceptions, restarts] = await Promise.all([
    ask<FlinkJob>(''),
    known(ask<FlinkCheckpoints>('/checkpoints')),
    known(ask<{ readonly interval: number }>('/checkpoints/config')),
    known(ask<ExceptionsAnswer>(`/exceptions?maxExceptions=${EXCEPTIONS_MAX}`)),
    known(ask<readonly Metric[]>('/metrics?get=numRestarts')),
  ]);
  return {
    job,
    restarts: Number(restarts?.[0]?.value ?? 0),
    checkpoints,
    checkpointIntervalMs: config?.interval,
    exceptions: exceptions?.exceptionHistory.entries ?? [],
    vertices: await Promise.all(job.vertices.map(({ id }) => vertex(ask, id))),
  };
}

type Ask = <T>(path: string) => Promise<T>;

interface Metric {
  readonly id: string;
  readonly value: string;
}

interface ExceptionsAnswer {
  readonly exceptionHistory: { readonly entries: readonly FlinkException[] };
}

async function vertex(ask: Ask, id: string): Promise<FlinkVertexAnswers> {
  const path = `/vertices/${id}`;
  const [details, metrics, watermarks] = await Promise.all([
    known(ask<{ readonly subtasks: readonly FlinkSubtask[] }>(path)),
    known(ask<readonly FlinkAggregate[]>(`${path}/subtasks/metrics?get=${METRICS}&agg=sum,avg`)),
    known(ask<readonly Metric[]>(`${path}/watermarks`)),
  ]);
  return {
    subtasks: details?.subtasks ?? [],
    metrics: new Map((metrics ?? []).map((metric) => [metric.id, metric])),
    // `3.currentInputWatermark`
    watermarks: new Map(
      (watermarks ?? []).map(({ id: name, value }) => [Number.parseInt(name, 10), Number(value)]),
    ),
  };
}

/** Undefined where the cluster says no. */
async function known<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RestFailure && error.reason === 'refused') return undefined;
    throw error;
  }
}
