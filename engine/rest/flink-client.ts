// Asks Flink's own endpoints for all that is drawn of a job. They know it in pieces: each vertex has its
// subtasks, its metrics, its watermarks and its load. Of a wide job each look takes some vertices, in turn, so
// that it costs the cluster no more than a small one. What a cluster refuses is left out; that it cannot be
// reached is an error.

import type {
  FlinkAggregate,
  FlinkCheckpoints,
  FlinkException,
  FlinkJob,
  FlinkJobAnswers,
  FlinkLoad,
  FlinkSubtask,
  FlinkVertexAnswers,
} from './flink-messages.ts';
import type { RestClient } from './rest-client.ts';
import { RestFailure } from './rest-failure.ts';

const EXCEPTIONS_MAX = 20;
const METRICS =
  'numRecordsInPerSecond,numRecordsOutPerSecond,busyTimeMsPerSecond,backPressuredTimeMsPerSecond,idleTimeMsPerSecond';

/** So many subtasks are asked for in one look; more, where a single vertex has more. */
const SUBTASKS_PER_LOOK = 512;

/**
 * `before`: what was answered last, which is kept for the vertices whose turn it is not.
 *
 * @throws RestFailure when there is no such job, or no cluster.
 */
export async function flinkJob(
  client: Pick<RestClient, 'ask'>,
  jobId: string,
  signal?: AbortSignal,
  before?: FlinkJobAnswers,
): Promise<FlinkJobAnswers> {
  const ask = <T>(path: string): Promise<T> => client.ask(`/v1/jobs/${jobId}${path}`, signal);
  const [job, checkpoints, config, exceptions, restarts] = await Promise.all([
    ask<FlinkJob>(''),
    known(ask<FlinkCheckpoints>('/checkpoints')),
    known(ask<{ readonly interval: number }>('/checkpoints/config')),
    known(ask<ExceptionsAnswer>(`/exceptions?maxExceptions=${EXCEPTIONS_MAX}`)),
    known(ask<readonly Metric[]>('/metrics?get=numRestarts')),
  ]);
  const turn = turnOf(job.vertices, before);
  const vertices = job.vertices.map(({ id }, i) => {
    const kept = before?.vertices[i];
    return kept !== undefined && !turn.has(i) ? kept : vertex(ask, id);
  });
  return {
    job,
    restarts: Number(restarts?.[0]?.value ?? 0),
    checkpoints,
    checkpointIntervalMs: config?.interval,
    exceptions: exceptions?.exceptionHistory.entries ?? [],
    vertices: await Promise.all(vertices),
    nextVertex: ([...turn].at(-1) ?? -1) + 1,
    cannotRescale:
      before === undefined ? await refusalOf(ask('/resource-requirements')) : before.cannotRescale,
  };
}

/** Which vertices are looked into now: from where the last look ended, as many as it may take. */
function turnOf(
  vertices: readonly { readonly parallelism: number }[],
  before: FlinkJobAnswers | undefined,
): ReadonlySet<number> {
  const turn = new Set<number>();
  let room = before === undefined ? Number.POSITIVE_INFINITY : SUBTASKS_PER_LOOK;
  for (let i = 0; i < vertices.length && room > 0; i++) {
    const index = ((before?.nextVertex ?? 0) + i) % vertices.length;
    room -= vertices[index]?.parallelism ?? 0;
    turn.add(index);
  }
  return turn;
}

interface LoadAnswer {
  readonly subtasks?: readonly FlinkLoad[];
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
  const [details, metrics, watermarks, load] = await Promise.all([
    known(ask<{ readonly subtasks: readonly FlinkSubtask[] }>(path)),
    known(ask<readonly FlinkAggregate[]>(`${path}/subtasks/metrics?get=${METRICS}&agg=sum,avg`)),
    known(ask<readonly Metric[]>(`${path}/watermarks`)),
    known(ask<LoadAnswer>(`${path}/backpressure`)),
  ]);
  return {
    subtasks: details?.subtasks ?? [],
    metrics: new Map((metrics ?? []).map((metric) => [metric.id, metric])),
    // `3.currentInputWatermark`
    watermarks: new Map(
      (watermarks ?? []).map(({ id: name, value }) => [Number.parseInt(name, 10), Number(value)]),
    ),
    loads: new Map((load?.subtasks ?? []).map((one) => [one.subtask, one])),
  };
}

/** What the cluster says against it. */
async function refusalOf(answer: Promise<unknown>): Promise<string | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    if (error instanceof RestFailure && error.reason === 'refused')
      return error.message.split('\n').at(-1);
    throw error;
  }
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
