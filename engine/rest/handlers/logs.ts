// Logs and what was printed: the JobManager's, and those of each TaskManager, which are the files that begin
// with its id. A path never names a file: it is looked up among those that are there.

import type { LogFile } from '../log-files.ts';
import type { RestContext } from '../rest-context.ts';
import { notFound, serverError } from '../rest-error.ts';
import { ok, type RestAnswer, type Route } from '../router.ts';

const JOB_MANAGER = 'jobmanager';

export const logRoutes = (context: RestContext): readonly Route[] => [
  get('/jobmanager/logs', async () => listed(await context.logs.list())),
  get('/jobmanager/logs/:filename', ({ filename }) => jobManagerFile(context, filename)),
  get('/jobmanager/log', () => jobManagerFile(context, `${JOB_MANAGER}.log`)),
  get('/jobmanager/stdout', () => Promise.resolve(text(new Uint8Array()))),
  get('/taskmanagers/:taskmanagerid/logs', async ({ taskmanagerid: id }) => {
    if (!isRegistered(context, id)) throw notFound(`Could not find TaskExecutor ${id}`);
    return listed((await context.logs.list()).filter(isOf(id)));
  }),
  get('/taskmanagers/:taskmanagerid/logs/:filename', ({ taskmanagerid: id, filename }) =>
    taskManagerFile(context, id, filename),
  ),
  get('/taskmanagers/:taskmanagerid/log', ({ taskmanagerid: id }) =>
    taskManagerFile(context, id, `${id}.log`),
  ),
  get('/taskmanagers/:taskmanagerid/stdout', ({ taskmanagerid: id }) =>
    taskManagerFile(context, id, `${id}.out`),
  ),
  ...logUrls,
];

/** Where the dashboard shows them. */
const logUrls: readonly Route[] = [
  {
    method: 'GET',
    path: '/jobs/:jobid/jobmanager/log-url',
    handle: ({ headers }) => ok({ url: `http://${headers.host}/#/job-manager/logs` }),
  },
  {
    method: 'GET',
    path: '/jobs/:jobid/taskmanagers/:taskmanagerid/log-url',
    handle: ({ headers, parameters }) => {
      const id = encodeURIComponent(parameters['taskmanagerid'] ?? '');
      return ok({ url: `http://${headers.host}/#/task-manager/${id}/logs` });
    },
  },
];

const get = (
  path: string,
  answer: (parameters: Record<'taskmanagerid' | 'filename', string>) => Promise<RestAnswer>,
): Route => ({
  method: 'GET',
  path,
  handle: ({ parameters: { taskmanagerid = '', filename = '' } }) =>
    answer({ taskmanagerid, filename }),
});

const text = (bytes: Uint8Array): RestAnswer => ({ status: 200, bytes, type: 'text/plain' });

const listed = (files: readonly LogFile[]): RestAnswer =>
  ok({
    logs: files.map(({ name, sizeBytes, modifiedMs }) => ({
      name,
      size: sizeBytes,
      mtime: modifiedMs,
    })),
  });

async function jobManagerFile({ logs }: RestContext, name: string): Promise<RestAnswer> {
  const bytes = await logs.read(name);
  if (bytes === undefined) throw notFound('This file does not exist in JobManager log dir.');
  return text(bytes);
}

async function taskManagerFile(
  context: RestContext,
  id: string,
  name: string,
): Promise<RestAnswer> {
  if (!isRegistered(context, id))
    throw notFound(`Failed to transfer file from TaskExecutor ${id} because it was unknown.`);
  const files = await context.logs.list();
  const bytes = files.filter(isOf(id)).some((file) => file.name === name)
    ? await context.logs.read(name)
    : undefined;
  if (bytes === undefined) throw serverError(`Failed to transfer file from TaskExecutor ${id}.`);
  return text(bytes);
}

const isOf =
  (id: string) =>
  ({ name }: LogFile): boolean =>
    name.startsWith(`${id}.`);

const isRegistered = ({ resourceManager }: RestContext, id: string): boolean =>
  resourceManager.taskManagers().some(({ info }) => info.resourceId === id);
