// Uploaded bundles, where Flink has jars: upload, list, plan, run, delete. The program of one is run in a
// process of its own, as the client runs it for a submission.

import { newJobId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import { jobGraphOf } from '../../graph/job-graph.ts';
import { jsonPlan } from '../../graph/json-plan.ts';
import { decodeBundle } from '../../program/bundle.ts';
import type { RestContext } from '../rest-context.ts';
import { badRequest, RestError, serverError } from '../rest-error.ts';
import { ok, type RestAnswer, type RestRequest, type Route } from '../router.ts';
import type { UploadedBundle } from '../uploaded-bundles.ts';
import { buildUploaded, type RunRequest, runRequestOf } from '../uploaded-program.ts';
import { submitParts } from './submit-job.ts';

/** Flink's clients offer jars; sluice's own say what it is. */
const SUFFIX = /\.(?:jar|bundle)$/;

export const jarRoutes = (context: RestContext): readonly Route[] => [
  { method: 'GET', path: '/jars', handle: (request) => list(context, request) },
  {
    method: 'POST',
    path: '/jars/upload',
    bodyBytesMax: limits.bundleBytesMax + limits.restBodyBytesMax,
    handle: (request) => upload(context, request),
  },
  {
    method: 'DELETE',
    path: '/jars/:jarid',
    async handle({ parameters: { jarid = '' } }) {
      if (await context.uploads.remove(jarid)) return ok({});
      throw badRequest(`File ${jarid} does not exist in ${context.uploads.directory}.`);
    },
  },
  { method: 'GET', path: '/jars/:jarid/plan', handle: (request) => plan(context, request) },
  { method: 'POST', path: '/jars/:jarid/plan', handle: (request) => plan(context, request) },
  { method: 'POST', path: '/jars/:jarid/run', handle: (request) => run(context, request) },
];

async function list({ uploads }: RestContext, { headers }: RestRequest): Promise<RestAnswer> {
  const all = await uploads.list();
  const files = all.map(async ({ id, name, uploadedMs }: UploadedBundle) => ({
    id,
    name,
    uploaded: uploadedMs,
    entry: entriesOf(await uploads.read(id)),
  }));
  return ok({ address: `http://${headers.host}`, files: await Promise.all(files) });
}

/** The one cell that a bundle runs; of what is no bundle, none. */
function entriesOf(bytes: Uint8Array | undefined): readonly unknown[] {
  try {
    return bytes === undefined ? [] : [{ name: decodeBundle(bytes).cell.title, description: null }];
  } catch {
    return []; // as Flink lists a jar that it cannot open
  }
}

async function upload({ uploads }: RestContext, request: RestRequest): Promise<RestAnswer> {
  const files = await filesIn(request);
  const [file] = files;
  if (file === undefined || files.length !== 1)
    throw badRequest(`Exactly 1 file must be sent, received ${files.length}.`);
  if (!SUFFIX.test(file.name)) throw badRequest('Only Jar files are allowed.');
  const id = await uploads.add(file.name, new Uint8Array(await file.arrayBuffer()));
  return ok({ filename: `${uploads.directory}/${id}`, status: 'success' });
}

async function filesIn({ headers, body }: RestRequest): Promise<readonly File[]> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return [];
  try {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    return [...form.values()].filter((value) => typeof value !== 'string');
  } catch (error) {
    throw badRequest(`The body is no form: ${(error as Error).message}`);
  }
}

async function plan(context: RestContext, request: RestRequest): Promise<RestAnswer> {
  const wanted = runRequestOf(request);
  try {
    const { plan: built, configuration } = await buildUploaded(context, wanted);
    const graph = jobGraphOf(built.graph, configuration);
    return ok({ plan: jsonPlan(newJobId(context.random), graph) });
  } catch (error) {
    // Whatever is wrong with a program, Flink calls it the server's fault here.
    throw serverError((error as Error).message);
  }
}

async function run(context: RestContext, request: RestRequest): Promise<RestAnswer> {
  const wanted = runRequestOf(request);
  const built = await buildUploaded(context, wanted);
  return ok({ jobid: await submit(context, built, wanted) });
}

async function submit(
  context: RestContext,
  { parts, plan: built }: Awaited<ReturnType<typeof buildUploaded>>,
  { jobId }: RunRequest,
): Promise<string> {
  try {
    return await submitParts(context, parts, built, jobId ?? newJobId(context.random));
  } catch (error) {
    if (error instanceof RestError && error.status === 500) throw error;
    throw badRequest(`Could not execute application. ${(error as Error).message}`);
  }
}
