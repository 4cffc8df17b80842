// sluice cancel ID, sluice checkpoint ID: what can be asked of one running job.

import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { withCluster } from '../run/connect.ts';
import { writeOut } from '../write-out.ts';

export const JOB_FLAGS: Flags = CLUSTER_FLAGS;

export async function cancel(args: ParsedArguments): Promise<number> {
  const jobId = jobIdOf('cancel', args);
  writeOut(`Cancelling job ${jobId}.\n`);
  await withCluster(args, (client) => client.cancel(jobId));
  writeOut(`Cancelled job ${jobId}.\n`);
  return EXIT.ok;
}

export async function checkpoint(args: ParsedArguments): Promise<number> {
  const jobId = jobIdOf('checkpoint', args);
  writeOut(`Triggering checkpoint for job ${jobId}.\n`);
  const id = await withCluster(args, (client) => client.triggerCheckpoint(jobId));
  writeOut(`Checkpoint(CONFIGURED) ${id} for job ${jobId} completed.\n`);
  return EXIT.ok;
}

/** @throws CommandFailure when that is none, or not all. */
export function jobIdOf(
  verb: string,
  { positionals }: Pick<ParsedArguments, 'positionals'>,
): string {
  const [id, ...more] = positionals;
  if (id === undefined)
    throw usageError(`${verb} needs a job: sluice ${verb} ID (see sluice list)`);
  if (more.length > 0) throw usageError(`${verb} takes one job, not also ${more.join(' ')}`);
  if (!/^[0-9a-fA-F]{32}$/.test(id))
    throw usageError(
      `${JSON.stringify(id)} is no job id: 32 hex digits, as sluice list shows them`,
    );
  return id.toLowerCase();
}
