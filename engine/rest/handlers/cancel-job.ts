// Cancelling: PATCH /jobs/:jobid, and the GET that Flink's dashboard uses for it. Accepted, not waited for.

import { detailsIfAny } from '../job-lookup.ts';
import { badQuery, jobIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound, RestError } from '../rest-error.ts';
import { accepted, type RestAnswer, type RestRequest, type Route } from '../router.ts';

const NO_STOP =
  'The termination mode "stop" has been removed. For an ungraceful shutdown, please use "cancel" instead. For a graceful shutdown, please use "jobs/:jobId/stop" instead.';

export const cancelRoutes = (context: RestContext): readonly Route[] => [
  {
    method: 'PATCH',
    path: '/jobs/:jobid',
    handle(request) {
      const mode = request.query.get('mode') ?? 'cancel';
      switch (mode.toLowerCase()) {
        case 'cancel':
          return cancel(context, request);
        case 'stop':
          throw new RestError(308, NO_STOP);
        default:
          throw badQuery('mode', mode);
      }
    },
  },
  {
    method: 'GET',
    path: '/jobs/:jobid/yarn-cancel',
    handle(request) {
      // A GET that writes: a link that somebody was sent must not do it.
      if (request.headers['sec-fetch-site'] === 'none')
        throw new RestError(403, 'Forbidden: a job is not cancelled by following a link.');
      return cancel(context, request);
    },
  },
  {
    method: 'GET',
    path: '/jobs/:jobid/yarn-stop',
    handle() {
      throw new RestError(308, NO_STOP);
    },
  },
];

async function cancel(context: RestContext, request: RestRequest): Promise<RestAnswer> {
  const details = detailsIfAny(context, request);
  if (details === undefined) throw notFound('Job could not be found.');
  if (details.state === 'FINISHED' || details.state === 'FAILED')
    throw new RestError(
      409,
      `Job cancellation failed because the job has already reached another terminal state (${details.state}).`,
    );
  await context.dispatcher.cancel(jobIdOf(request));
  return accepted({});
}
