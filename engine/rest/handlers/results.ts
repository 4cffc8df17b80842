// GET /sluice/v1/jobs/:jobid/results/:operatorid/:lane: the rows of one lane of a sink, by version and
// offset. Waits for news for as long as the client says, up to a bound.

import { limits } from '../../core/limits.ts';
import type { JobObservations } from '../job-observations.ts';
import { indexOf, jobIdOf, numberIn, operatorIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound } from '../rest-error.ts';
import { ok, type Route } from '../router.ts';

const WAIT_MS_MAX = 10_000;

export const results = (
  { dispatcher }: RestContext,
  observations: Pick<JobObservations, 'onRows'>,
): Route => ({
  method: 'GET',
  path: '/sluice/v1/jobs/:jobid/results/:operatorid/:lane',
  async handle(request) {
    const jobId = jobIdOf(request);
    const job = dispatcher.job(jobId);
    if (job === undefined) throw notFound(`Job ${jobId} not found`);
    const operatorId = operatorIdOf(request);
    const answer = await job.requestResults(operatorId, indexOf(request, 'lane'), {
      version: request.query.get('version') ?? '',
      offset: numberIn(request, 'offset', 0, Number.MAX_SAFE_INTEGER),
      committedOffset: numberIn(request, 'committed', 0, Number.MAX_SAFE_INTEGER),
      rowsMax: numberIn(request, 'max', limits.collectRowsMax, limits.collectRowsMax),
      waitMs: numberIn(request, 'wait', 0, WAIT_MS_MAX),
    });
    observations.onRows(jobId, operatorId, answer.rows);
    return ok(answer);
  },
});
