// A job: /jobs/:jobid, its state, configuration, plan, result, exceptions, in Flink's shapes.

import { jsonPlan } from '../../graph/json-plan.ts';
import { detailsIfAny, jobRoute } from '../job-lookup.ts';
import { jobAccumulatorsJson } from '../json/accumulators-json.ts';
import { exceptionsJson } from '../json/exceptions-json.ts';
import { failureOf } from '../json/failure-json.ts';
import { executionResultJson, jobConfigJson, jobDetailsJson } from '../json/job-json.ts';
import { jobIdOf, queryInteger } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { serverError } from '../rest-error.ts';
import { ok, type Route } from '../router.ts';

const EXCEPTIONS_MAX = 20;

export const jobRoutes = (context: RestContext): readonly Route[] => [
  jobRoute(context, '', jobDetailsJson),
  jobRoute(context, '/config', jobConfigJson),
  jobRoute(context, '/plan', ({ jobId, graph }) => ({ plan: jsonPlan(jobId, graph) })),
  jobRoute(context, '/accumulators', (details, { query }) =>
    jobAccumulatorsJson(details, query.get('includeSerializedValue')?.toLowerCase() === 'true'),
  ),
  jobRoute(context, '/exceptions', (details, request) =>
    exceptionsJson(details, queryInteger(request, 'maxExceptions') ?? EXCEPTIONS_MAX),
  ),
  jobRoute(context, '/execution-result', (details) =>
    executionResultJson(details, ({ failure }) => failureOf(failure)),
  ),
  {
    method: 'GET',
    path: '/jobs/:jobid/status',
    handle(request) {
      const details = detailsIfAny(context, request);
      if (details === undefined) throw unknownJob(jobIdOf(request));
      return ok({ status: details.state });
    },
  },
];

/** Of this one path Flink says that it is the server's fault. */
const unknownJob = (jobId: string): Error =>
  serverError(
    `org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job (${jobId})`,
  );
