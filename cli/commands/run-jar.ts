// sluice run X.jar: what `bin/flink run` does, by REST alone: the jar is uploaded, its program run by the
// cluster, and without --detached the job waited for.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { delay } from '../../engine/core/clock.ts';
import { systemClock } from '../../engine/core/system-clock.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import type { JarRunRequest, JobResult } from '../../engine/rest/rest-messages.ts';
import { integer, type ParsedArguments } from '../args.ts';
import { CommandFailure, EXIT, usageError } from '../exit-codes.ts';
import { onInterrupt } from '../lifecycle.ts';
import { withCluster } from '../run/connect.ts';
import { submittedText } from '../run/run-notebook.ts';
import { accumulatorLines } from '../run/summary.ts';
import { savepointLocation } from '../savepoint-location.ts';
import { stderrTalk } from '../talk.ts';
import { verbOutput } from '../verb-output.ts';
import { writeOut } from '../write-out.ts';

/** The first look is soon, for short jobs; then it is asked as often as `bin/flink` asks. */
const FIRST_LOOK_MS = 100;
const LOOK_MS_MAX = 1_000;

export const isJar = (path: string): boolean => path.endsWith('.jar');

export async function runJar(args: ParsedArguments): Promise<number> {
  const request = jarRequest(args);
  return withJar(args, async (client, jarId) => {
    const jobId = await client.runJar(jarId, request);
    const isDetached = args.has('detached');
    if (isDetached || !args.has('json')) writeOut(submittedText(jobId, args.has('json')));
    return isDetached ? EXIT.ok : conclude(args, client, await resultOf(client, jobId));
  });
}

/** What the command line says of how the program is to run. */
export function jarRequest(args: ParsedArguments): JarRunRequest {
  const [, ...programArgsList] = args.positionals;
  const entryClass = args.value('class');
  const parallelism = integer(args.value('parallelism'), '--parallelism', 1);
  const savepoint = args.value('fromSavepoint');
  const claimMode = args.value('claimMode');
  return {
    ...(programArgsList.length === 0 ? {} : { programArgsList }),
    ...(entryClass === undefined ? {} : { entryClass }),
    ...(parallelism === undefined ? {} : { parallelism }),
    ...(savepoint === undefined ? {} : { savepointPath: savepointLocation(savepoint) }),
    ...(args.has('allowNonRestoredState') ? { allowNonRestoredState: true } : {}),
    ...(claimMode === undefined ? {} : { claimMode: claimMode.toUpperCase() }),
    ...(Object.keys(args.configuration).length === 0
      ? {}
      : { flinkConfiguration: args.configuration }),
  };
}

/** Uploads the jar for as long as it is needed: a job that runs has it already. */
export async function withJar<T>(
  args: ParsedArguments,
  use: (client: RestClient, jarId: string) => Promise<T>,
): Promise<T> {
  const [path = ''] = args.positionals;
  const content = contentOf(path);
  return withCluster(args, async (client) => {
    const jarId = await client.uploadJar(basename(path), content);
    try {
      return await use(client, jarId);
    } finally {
      await client.deleteJar(jarId).catch(() => undefined); // it is only in the way
    }
  });
}

function contentOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usageError(`cannot read the jar ${path}: ${(error as Error).message}`);
  }
}

/** An interrupt leaves the job to itself, as `bin/flink` does. */
async function resultOf(client: RestClient, jobId: string): Promise<JobResult> {
  const abort = new AbortController();
  const left = new CommandFailure(EXIT.interrupted, `job ${jobId} goes on (sluice cancel ends it)`);
  const stop = onInterrupt(async () => abort.abort(left));
  try {
    for (let lookMs = FIRST_LOOK_MS; ; lookMs = Math.min(2 * lookMs, LOOK_MS_MAX)) {
      const result = await client.executionResult(jobId);
      if (result !== undefined) return result;
      await delay(systemClock, lookMs, abort.signal);
    }
  } finally {
    stop();
  }
}

async function conclude(
  args: ParsedArguments,
  client: RestClient,
  result: JobResult,
): Promise<number> {
  const output = verbOutput(args);
  const { id, 'application-status': status, 'net-runtime': runtimeMs } = result;
  const failure = result['failure-cause']?.['stack-trace'];
  if (status !== 'SUCCEEDED') {
    output.result({ jobid: id, status, runtimeMs, ...(failure === undefined ? {} : { failure }) });
    stderrTalk().error(`Job ${id} is ${status}${failure === undefined ? '' : `: ${failure}`}`);
    return EXIT.failed;
  }
  const accumulators = await client.accumulators(id).catch(() => []);
  output.line('Program execution finished');
  output.line(`Job with JobID ${id} has finished.`);
  output.line(`Job Runtime: ${runtimeMs} ms`);
  for (const line of accumulatorLines(accumulators)) output.line(line);
  output.result({ jobid: id, status, runtimeMs, accumulators });
  return EXIT.ok;
}
