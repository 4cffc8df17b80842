// What a client says of how an uploaded bundle is to run, and the job that its program then builds.

import type { Configuration } from '../core/configuration.ts';
import { isHexId, type JobId } from '../core/ids.ts';
import { options } from '../core/options.ts';
import { type Bundle, decodeBundle } from '../program/bundle.ts';
import { encodePlan, type Plan } from '../program/plan.ts';
import {
  fieldIn,
  isBoolean,
  isInteger,
  isRecordOfText,
  isText,
  isTexts,
  objectIn,
  unexpected,
} from './body-fields.ts';
import { badQuery } from './request-parameters.ts';
import type { RestContext } from './rest-context.ts';
import { badRequest, serverError } from './rest-error.ts';
import type { RestRequest } from './router.ts';
import type { SubmissionParts } from './submission-format.ts';

export interface RunRequest {
  readonly bundleId: string;
  /** The cell's title, for who names it. */
  readonly entry: string | undefined;
  readonly parallelism: number | undefined;
  /** `--name value` …, read by `env.param`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly configuration: Readonly<Record<string, string>>;
  readonly jobId: JobId | undefined;
  readonly savepointPath: string | undefined;
  /** Undefined: as is configured. */
  readonly claimMode: string | undefined;
  readonly allowNonRestoredState: boolean;
}

interface BuiltProgram {
  readonly plan: Plan;
  readonly parts: SubmissionParts;
  readonly configuration: Configuration;
}

const TYPE = 'JarRunRequestBody';
const CLAIM_MODES = ['CLAIM', 'NO_CLAIM', 'LEGACY'];

/** From body and query; the body wins. @throws RestError 400. */
export function runRequestOf(request: RestRequest): RunRequest {
  const { query, parameters } = request;
  const body = objectIn(request, TYPE);
  const text = (field: string, name: string): string | undefined =>
    fieldIn(body, field, TYPE, isText) ?? query.get(name) ?? undefined;
  const claim = fieldIn(body, 'claimMode', TYPE, isText);
  if (claim !== undefined && !CLAIM_MODES.includes(claim))
    throw unexpected(TYPE, `claimMode is ${claim}`);
  const jobId = fieldIn(body, 'jobId', TYPE, isText)?.toLowerCase();
  if (jobId !== undefined && !isHexId(jobId)) throw unexpected(TYPE, `jobId is ${jobId}`);
  return {
    bundleId: parameters['jarid'] ?? '',
    entry: text('entryClass', 'entry-class'),
    parallelism: fieldIn(body, 'parallelism', TYPE, isInteger) ?? parallelismIn(query),
    parameters: parametersOf(argumentsIn(body, query)),
    configuration: fieldIn(body, 'flinkConfiguration', TYPE, isRecordOfText) ?? {},
    jobId: jobId as JobId | undefined,
    savepointPath: text('savepointPath', 'savepointPath'),
    claimMode: claim,
    allowNonRestoredState:
      fieldIn(body, 'allowNonRestoredState', TYPE, isBoolean) ??
      query.get('allowNonRestoredState') === 'true',
  };
}

function parallelismIn(query: URLSearchParams): number | undefined {
  const text = query.get('parallelism');
  if (text === null) return undefined;
  if (!/^-?\d{1,9}$/.test(text)) throw badQuery('parallelism', text);
  return Number(text);
}

function argumentsIn(
  body: Readonly<Record<string, unknown>>,
  query: URLSearchParams,
): readonly string[] {
  const list = fieldIn(body, 'programArgsList', TYPE, isTexts);
  if (list !== undefined) return list;
  const line = fieldIn(body, 'programArgs', TYPE, isText) ?? query.get('program-args');
  return line?.split(/\s+/) ?? query.get('programArg')?.split(',') ?? [];
}

function parametersOf(list: readonly string[]): Readonly<Record<string, string>> {
  const entries = list.flatMap((name, i) =>
    name.startsWith('--') ? [[name.slice(2), list[i + 1] ?? ''] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** @throws RestError 400, or 500 where Flink says 500. */
export async function buildUploaded(
  context: RestContext,
  request: RunRequest,
): Promise<BuiltProgram> {
  const bytes = await context.uploads.read(request.bundleId);
  if (bytes === undefined)
    throw serverError(`Jar file ${context.uploads.directory}/${request.bundleId} does not exist`);
  const bundle = bundleOf(bytes, request);
  const own = configurationOf(request);
  const { clock, random } = context;
  const surroundings = {
    parameters: request.parameters,
    environment: {},
    configuration: own,
    nowMs: clock.now(),
    seed: random.u32(),
  };
  const result = await context.runProgram({ bundle, surroundings });
  if (result.status === 'failed')
    throw badRequest(`Could not execute application. ${result.diagnostic.message}`);
  const { graph, hash, blobs } = result;
  if (graph.nodes.length === 0) throw badRequest('No jobs included in application.');
  const plan = { graph, hash, surroundings };
  const { savepointPath, allowNonRestoredState } = request;
  return {
    plan,
    configuration: context.configuration.with(graph.configuration).with(own),
    parts: {
      header: {
        configuration: own,
        baseDirectory: context.uploads.directory,
        attached: false,
        allowNonRestoredState,
        ...(savepointPath === undefined ? {} : { savepointPath }),
      },
      bundle: bytes,
      plan: encodePlan(plan),
      blobs: [...blobs.values()],
    },
  };
}

function configurationOf(request: RunRequest): Record<string, string> {
  const { parallelism, claimMode } = request;
  const configuration = {
    ...request.configuration,
    ...(claimMode === undefined ? {} : { [options.claimMode.key]: claimMode }),
  };
  if (parallelism === undefined) return configuration;
  if (parallelism < 1)
    throw badRequest(
      `Could not execute application. Parallelism must be at least one, and is ${parallelism}.`,
    );
  return { ...configuration, [options.parallelism.key]: String(parallelism) };
}

function bundleOf(bytes: Uint8Array, { bundleId, entry }: RunRequest): Bundle {
  let bundle: Bundle;
  try {
    bundle = decodeBundle(bytes);
  } catch (error) {
    throw serverError(`Error while opening jar file '${bundleId}': ${(error as Error).message}`);
  }
  if (entry !== undefined && entry !== bundle.cell.title)
    throw serverError(`The program's entry point class '${entry}' was not found in the jar file.`);
  return bundle;
}
