// sluice cancel ID, sluice checkpoint ID: what can be asked of one running job, with the lines of `bin/flink`.

import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { withCluster } from '../run/connect.ts';
import { FORMAT_FLAG, formatOf, savepointLocation } from '../savepoint-location.ts';
import { stderrTalk } from '../talk.ts';
import { JSON_FLAG, type VerbOutput, verbOutput } from '../verb-output.ts';

export const CANCEL_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  withSavepoint: {
    kind: 'value',
    short: 's',
    value: 'DIR',
    description: 'Take a savepoint there first (in Flink deprecated; better: sluice stop).',
  },
  ...FORMAT_FLAG,
  ...JSON_FLAG,
};

export const CHECKPOINT_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  full: { kind: 'switch', short: 'full', description: 'All state, not only what has changed.' },
  ...JSON_FLAG,
};

export async function cancel(args: ParsedArguments): Promise<number> {
  const output = verbOutput(args);
  const savepoint = args.value('withSavepoint');
  if (savepoint !== undefined) return cancelWithSavepoint(args, savepoint, output);
  const jobid = jobIdOf('cancel', args);
  output.line(`Cancelling job ${jobid}.`);
  await withCluster(args, (client) => client.cancel(jobid));
  output.line(`Cancelled job ${jobid}.`);
  output.result({ jobid });
  return EXIT.ok;
}

/** As in `bin/flink` the directory may be left out: then what follows the flag is the job. */
async function cancelWithSavepoint(
  args: ParsedArguments,
  said: string,
  output: VerbOutput,
): Promise<number> {
  const { positionals } = args;
  const isDefault = positionals.length === 0;
  const jobid = jobIdOf('cancel', isDefault ? { positionals: [said] } : args);
  const directory = isDefault ? undefined : savepointLocation(said);
  const format = formatOf(args);
  stderrTalk().warn('cancelling with a savepoint is deprecated in Flink: sluice stop ends cleanly');
  const where = directory === undefined ? 'default savepoint directory' : directory;
  output.line(`Cancelling job ${jobid} with ${format} savepoint to ${where}.`);
  const savepoint = await withCluster(args, (client) =>
    client.triggerSavepoint(jobid, { directory, format, isCancelling: true }),
  );
  output.line(`Cancelled job ${jobid}. Savepoint stored in ${savepoint}.`);
  output.result({ jobid, savepoint });
  return EXIT.ok;
}

export async function checkpoint(args: ParsedArguments): Promise<number> {
  const output = verbOutput(args);
  const jobid = jobIdOf('checkpoint', args);
  const isFull = args.has('full');
  output.line(`Triggering checkpoint for job ${jobid}.`);
  output.line('Waiting for response...');
  const id = await withCluster(args, (client) =>
    client.triggerCheckpoint(jobid, isFull ? 'FULL' : 'CONFIGURED'),
  );
  output.line(`Checkpoint${isFull ? '(FULL)' : ''} ${id} for job ${jobid} completed.`);
  output.line('You can resume your program from this checkpoint with the run command.');
  output.result({ jobid, checkpoint: id });
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
