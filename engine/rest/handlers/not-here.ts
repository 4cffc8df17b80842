// Paths of Flink's that ask for what only a JVM has, or what Flink itself has switched off: they answer as a
// Flink does that has none of it.

import { AsyncOperations } from '../async-operations.ts';
import { objectIn } from '../body-fields.ts';
import { detailsIfAny } from '../job-lookup.ts';
import { datasetIdOf, jobIdOf, triggerIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest, notFound, RestError, serverError } from '../rest-error.ts';
import { accepted, ok, type Route } from '../router.ts';

export const notHereRoutes = (context: RestContext): readonly Route[] => [
  ...datasets(context),
  {
    method: 'PATCH',
    path: '/jobs/:jobid/rescaling',
    handle: rescalingIsOff,
  },
  { method: 'GET', path: '/jobs/:jobid/rescaling/:triggerid', handle: rescalingIsOff },
  {
    method: 'PATCH',
    path: '/jobs/:jobid/clientHeartbeat',
    handle(request) {
      if (
        typeof objectIn(request, 'JobClientHeartbeatRequestBody')['expiredTimestamp'] !== 'number'
      )
        throw badRequest('Request did not match expected format JobClientHeartbeatRequestBody.');
      return accepted({});
    },
  },
  {
    method: 'POST',
    path: '/jobs/:jobid/coordinators/:operatorid',
    handle(request) {
      const jobId = jobIdOf(request);
      if (detailsIfAny(context, request) === undefined)
        throw serverError(`Could not find Flink job (${jobId})`);
      throw serverError(
        `Coordinator of operator ${request.parameters['operatorid']} cannot handle client event`,
      );
    },
  },
  {
    method: 'POST',
    path: '/jobs',
    handle(request) {
      objectIn(request, 'JobSubmitRequestBody');
      throw badRequest(
        "This cluster runs no Java: a job comes as a bundle of sluice's, to /sluice/v1/jobs or /jars/upload. The jobGraphFileName field must not be omitted or be null.",
      );
    },
  },
];

function rescalingIsOff(): never {
  throw new RestError(503, 'Rescaling is temporarily disabled. See FLINK-12312.');
}

/** There never are any: to delete one that is not there succeeds, in Flink too. */
function datasets({ clock, random }: RestContext): readonly Route[] {
  const operations = new AsyncOperations<undefined>(clock, random);
  return [
    { method: 'GET', path: '/datasets', handle: () => ok({ dataSets: [] }) },
    {
      method: 'DELETE',
      path: '/datasets/:datasetid',
      handle(request) {
        datasetIdOf(request);
        const id = operations.trigger('datasets', () => Promise.resolve(undefined));
        return accepted({ 'request-id': id });
      },
    },
    {
      method: 'GET',
      path: '/datasets/delete/:triggerid',
      handle(request) {
        const id = triggerIdOf(request);
        if (operations.outcome('datasets', id) === undefined)
          throw notFound(`Operation not found under key: ${id}`);
        return ok({ status: { id: 'COMPLETED' }, operation: {} });
      },
    },
  ];
}
