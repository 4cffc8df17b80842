// From the ids in a path to what they name, or Flink's words for that there is no such thing.

import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/ids.ts';
import { isTerminalJobState } from '../graph/execution-state.ts';
import type {
  JobDetails,
  SubtaskDetails,
  VertexDetails,
} from '../runtime/jobmaster/job-details.ts';
import type { JobMaster } from '../runtime/jobmaster/job-master.ts';
import { indexOf, jobIdOf, vertexIdIn } from './request-parameters.ts';
import type { RestContext } from './rest-context.ts';
import { notFound } from './rest-error.ts';
import { ok, type RestRequest, type Route } from './router.ts';

/** @throws RestError 400, 404. */
export const detailsOf = (
  { dispatcher }: Pick<RestContext, 'dispatcher'>,
  request: RestRequest,
): JobDetails => dispatcher.details(jobIdOf(request));

/** Undefined when there is no such job. @throws RestError 400 when its id is none. */
export function detailsIfAny(
  { dispatcher }: Pick<RestContext, 'dispatcher'>,
  request: RestRequest,
): JobDetails | undefined {
  const jobId = jobIdOf(request);
  return dispatcher.job(jobId) === undefined ? undefined : dispatcher.details(jobId);
}

/** @throws SluiceError `unknown-job` when it does not run. */
export function runningJob(
  { dispatcher }: Pick<RestContext, 'dispatcher'>,
  jobId: JobId,
): JobMaster {
  const job = dispatcher.running(jobId);
  if (job === undefined || isTerminalJobState(job.state))
    throw new SluiceError('unknown-job', `Could not find Flink job (${jobId})`);
  return job;
}

/** @throws RestError 400, 404. */
export function vertexOf({ vertices }: JobDetails, request: RestRequest): VertexDetails {
  const id = vertexIdIn(request);
  const found = vertices.find(({ vertex }) => vertex.id === id);
  if (found === undefined) throw notFound(`JobVertex ${id} not found`);
  return found;
}

/** @throws RestError 400, 404. */
export function subtaskOf(
  { vertex, subtasks }: VertexDetails,
  request: RestRequest,
): SubtaskDetails {
  const found = subtasks[indexOf(request, 'subtaskindex')];
  if (found === undefined) throw notFound(`Invalid subtask index for vertex ${vertex.id}`);
  return found;
}

/** Answers with something of a job. */
export const jobRoute = (
  context: RestContext,
  path: string,
  answer: (details: JobDetails, request: RestRequest) => unknown,
): Route => ({
  method: 'GET',
  path: `/jobs/:jobid${path}`,
  handle: (request) => ok(answer(detailsOf(context, request), request)),
});

/** Answers with something of a vertex. */
export const vertexRoute = (
  context: RestContext,
  path: string,
  answer: (vertex: VertexDetails, nowMs: number, request: RestRequest) => unknown,
): Route =>
  jobRoute(context, `/vertices/:vertexid${path}`, (details, request) =>
    answer(vertexOf(details, request), details.nowMs, request),
  );
