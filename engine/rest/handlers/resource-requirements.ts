// /jobs/:jobid/resource-requirements: how far a running job may be rescaled, and a new answer to that, as Flink's
// adaptive scheduler has it. The job goes to the upper bounds, or as near as there are slots.

import { SluiceError } from '../../core/errors.ts';
import type { VertexId } from '../../core/ids.ts';
import { isTerminalJobState } from '../../graph/execution-state.ts';
import type { ParallelismBounds, ResourceRequirements } from '../../graph/rescaled-job.ts';
import type { JobMaster } from '../../runtime/jobmaster/job-master.ts';
import { objectIn, unexpected } from '../body-fields.ts';
import { jobIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest, serverError } from '../rest-error.ts';
import { ok, type RestRequest, type Route } from '../router.ts';

const TYPE = 'JobResourceRequirementsBody';
const PATH = '/jobs/:jobid/resource-requirements';

export const resourceRequirementRoutes = (context: RestContext): readonly Route[] => [
  {
    method: 'GET',
    path: PATH,
    handle: (request) => ok(requirementsJson(jobOf(context, request).rescale.requirements)),
  },
  {
    method: 'PUT',
    path: PATH,
    async handle(request) {
      const wanted = requirementsIn(request);
      const job = jobOf(context, request);
      try {
        await job.rescale.require(wanted);
      } catch (error) {
        if (error instanceof SluiceError && error.reason === 'bad-requirements')
          throw badRequest(error.message);
        throw error;
      }
      return ok({});
    },
  },
];

function jobOf({ dispatcher }: RestContext, request: RestRequest): JobMaster {
  const jobId = jobIdOf(request);
  const job = dispatcher.running(jobId);
  if (job === undefined || isTerminalJobState(job.state))
    throw serverError(`Could not find Flink job (${jobId})`);
  return job;
}

function requirementsIn(request: RestRequest): ResourceRequirements {
  const wanted = Object.entries(objectIn(request, TYPE));
  if (wanted.length === 0) throw badRequest('Request body does not specify resource requirements.');
  return new Map(wanted.map(([vertex, value]) => [vertex as VertexId, boundsIn(vertex, value)]));
}

function boundsIn(vertex: string, value: unknown): ParallelismBounds {
  const { parallelism } = (value ?? {}) as { readonly parallelism?: unknown };
  const { lowerBound: lower, upperBound: upper } = (parallelism ?? {}) as Record<string, unknown>;
  if (!isCount(lower) || !isCount(upper)) throw unexpected(TYPE, `of vertex ${vertex}`);
  return { lower, upper };
}

const isCount = (value: unknown): value is number => Number.isInteger(value);

const requirementsJson = (requirements: ResourceRequirements): unknown =>
  Object.fromEntries(
    [...requirements].map(([id, { lower, upper }]) => [
      id,
      { parallelism: { lowerBound: lower, upperBound: upper } },
    ]),
  );
