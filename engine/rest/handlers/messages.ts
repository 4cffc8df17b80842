// GET /sluice/v1/jobs/:jobid/messages: what a job says beside its rows, from a number on. Waits for news for
// as long as the client says, up to a bound.

import { jobIdOf, numberIn } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound } from '../rest-error.ts';
import { ok, type Route } from '../router.ts';

const WAIT_MS_MAX = 10_000;

export const messages = ({ dispatcher }: RestContext): Route => ({
  method: 'GET',
  path: '/sluice/v1/jobs/:jobid/messages',
  async handle(request) {
    const jobId = jobIdOf(request);
    const job = dispatcher.job(jobId);
    if (job === undefined) throw notFound(`Job ${jobId} not found`);
    const since = numberIn(request, 'since', 0, Number.MAX_SAFE_INTEGER);
    return ok(await job.messages.since(since, numberIn(request, 'wait', 0, WAIT_MS_MAX)));
  },
});
