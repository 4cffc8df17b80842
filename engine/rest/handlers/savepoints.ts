// Savepoints: taken, taken and then stopped, thrown away. Triggered and asked for as Flink has it: what goes
// wrong with a job is an outcome, and told when it is asked for.

import { readCheckpoint } from '../../checkpoint/checkpoint-storage.ts';
import { isSavepoint } from '../../core/barrier.ts';
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/ids.ts';
import { localPath } from '../../core/local-path.ts';
import { options } from '../../core/options.ts';
import { stopWithSavepoint, takeSavepoint } from '../../runtime/jobmaster/job-savepoints.ts';
import { AsyncOperations } from '../async-operations.ts';
import { fieldIn, isBoolean, isText, objectIn, triggerIdIn, unexpected } from '../body-fields.ts';
import { runningJob } from '../job-lookup.ts';
import { failureCause } from '../json/failure-json.ts';
import { operationStatus } from '../operation-status.ts';
import { jobIdOf, triggerIdOf } from '../request-parameters.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest, notFound } from '../rest-error.ts';
import { accepted, ok, type RestAnswer, type RestRequest, type Route } from '../router.ts';

interface TriggerFields {
  readonly type: string;
  readonly directory: string;
  readonly flag: string;
}

const SAVEPOINT = {
  type: 'SavepointTriggerRequestBody',
  directory: 'target-directory',
  flag: 'cancel-job',
} as const;
const STOP = {
  type: 'StopWithSavepointRequestBody',
  directory: 'targetDirectory',
  flag: 'drain',
} as const;
const DISPOSAL = 'SavepointDisposalRequest';
const FORMATS = ['CANONICAL', 'NATIVE'];

export function savepointRoutes(context: RestContext): readonly Route[] {
  const operations = new AsyncOperations<string>(context.clock, context.random);
  const trigger = (request: RestRequest, fields: TriggerFields): RestAnswer => {
    const jobId = jobIdOf(request);
    const body = objectIn(request, fields.type);
    const wanted = wantedIn(context, body, fields);
    const id = operations.trigger(
      jobId,
      () => operate(context, jobId, wanted, fields),
      triggerIdIn(body, fields.type),
    );
    return accepted({ 'request-id': id });
  };
  return [
    {
      method: 'POST',
      path: '/jobs/:jobid/savepoints',
      handle: (request) => trigger(request, SAVEPOINT),
    },
    { method: 'POST', path: '/jobs/:jobid/stop', handle: (request) => trigger(request, STOP) },
    {
      method: 'GET',
      path: '/jobs/:jobid/savepoints/:triggerid',
      handle(request) {
        const [jobId, id] = [jobIdOf(request), triggerIdOf(request)];
        const operation = operations.outcome(jobId, id);
        if (operation === undefined)
          throw notFound(`There is no savepoint operation with triggerId=${id} for job ${jobId}.`);
        return operationStatus(
          operation,
          (path) => ({ location: `file:${path}` }),
          (error) => ({ 'failure-cause': failureCause(error) }),
        );
      },
    },
    ...disposalRoutes(context),
  ];
}

interface Wanted {
  readonly root: string;
  /** Of a savepoint: then the job is cancelled; of a stop: its data ends first. */
  readonly isFlagged: boolean;
}

/** Resolves with the savepoint's path. */
async function operate(
  context: RestContext,
  jobId: JobId,
  { root, isFlagged }: Wanted,
  { type }: TriggerFields,
): Promise<string> {
  const job = runningJob(context, jobId);
  if (type === STOP.type) return stopWithSavepoint(job, root, isFlagged, context.random);
  const path = await takeSavepoint(job, root, context.random);
  if (isFlagged) job.cancel();
  return path;
}

function wantedIn(
  { configuration }: RestContext,
  body: Readonly<Record<string, unknown>>,
  { type, directory, flag }: TriggerFields,
): Wanted {
  const isFlagged = fieldIn(body, flag, type, isBoolean) ?? false;
  const format = fieldIn(body, 'formatType', type, isText) ?? 'CANONICAL';
  if (!FORMATS.includes(format)) throw unexpected(type, `formatType is ${JSON.stringify(format)}`);
  const root =
    fieldIn(body, directory, type, isText) ?? configuration.get(options.savepointDirectory);
  if (root === '')
    throw badRequest(
      `Config key [${options.savepointDirectory.key}] is not set. Property [${directory}] must be provided.`,
    );
  return { root, isFlagged };
}

function disposalRoutes(context: RestContext): readonly Route[] {
  const operations = new AsyncOperations<undefined>(context.clock, context.random);
  return [
    {
      method: 'POST',
      path: '/savepoint-disposal',
      handle(request) {
        const path = fieldIn(objectIn(request, DISPOSAL), 'savepoint-path', DISPOSAL, isText);
        if (path === undefined)
          throw badRequest('Field savepoint-path must not be omitted or be null.');
        return ok({ 'request-id': operations.trigger('', () => dispose(context, path)) });
      },
    },
    {
      method: 'GET',
      path: '/savepoint-disposal/:triggerid',
      handle(request) {
        const id = triggerIdOf(request);
        const operation = operations.outcome('', id);
        if (operation === undefined) throw notFound(`Operation not found under key: ${id}`);
        return operationStatus(
          operation,
          () => ({}),
          (error) => ({ 'failure-cause': failureCause(error) }),
        );
      },
    },
  ];
}

/** Removes a folder only when it is a savepoint: not what some path names, and no job's checkpoint. */
async function dispose({ files }: RestContext, location: string): Promise<undefined> {
  const path = localPath(location);
  const { kind } = await readCheckpoint(files, path);
  if (!isSavepoint(kind))
    throw new SluiceError('no-savepoint', `${path} is a checkpoint of a job, not a savepoint`);
  await files.remove(path);
  return undefined;
}
