// POST /jobs/:jobid/checkpoints and GET /jobs/:jobid/checkpoints/:triggerid: a checkpoint by hand.

import { AsyncOperations } from '../async-operations.ts';
import { fieldIn, isText, objectIn, triggerIdIn, unexpected } from '../body-fields.ts';
import { runningJob } from '../job-lookup.ts';
import { failureCause } from '../json/failure-json.ts';
import { operationStatus } from '../operation-status.ts';
import { jobIdOf, triggerIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound, serverError } from '../rest-error.ts';
import { accepted, type RestRequest, type Route } from '../router.ts';

const TYPE = 'CheckpointTriggerRequestBody';
const KINDS = ['CONFIGURED', 'FULL', 'INCREMENTAL'];

export function checkpointTrigger(context: RestContext): readonly Route[] {
  const operations = new AsyncOperations<number>(context.clock, context.random);
  const trigger = (request: RestRequest): ReturnType<Route['handle']> => {
    const jobId = jobIdOf(request);
    const body = objectIn(request, TYPE);
    const isFull = kindOf(body) === 'FULL';
    const id = operations.trigger(
      jobId,
      async () => runningJob(context, jobId).checkpoints.trigger(isFull),
      triggerIdIn(body, TYPE),
    );
    return accepted({ 'request-id': id });
  };
  const status = (request: RestRequest): ReturnType<Route['handle']> => {
    const [jobId, id] = [jobIdOf(request), triggerIdOf(request)];
    const operation = operations.outcome(jobId, id);
    if (operation === undefined)
      throw notFound(`There is no checkpoint operation with triggerId=${id} for job ${jobId}.`);
    return operationStatus(
      operation,
      (checkpointId) => ({ checkpointId }),
      (error) => ({ failureCause: failureCause(error) }),
    );
  };
  return [
    { method: 'POST', path: '/jobs/:jobid/checkpoints', handle: trigger },
    { method: 'GET', path: '/jobs/:jobid/checkpoints/:triggerid', handle: status },
  ];
}

function kindOf(body: Readonly<Record<string, unknown>>): string {
  const kind = fieldIn(body, 'checkpointType', TYPE, isText) ?? 'CONFIGURED';
  if (!KINDS.includes(kind)) throw unexpected(TYPE, `checkpointType is ${JSON.stringify(kind)}`);
  if (kind === 'INCREMENTAL')
    throw serverError(
      'Flink does not support triggering incremental checkpoint explicitly. See FLINK-33723.',
    );
  return kind;
}
