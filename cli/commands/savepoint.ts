// sluice savepoint ID [DIR], sluice savepoint --dispose PATH, sluice stop ID: with the lines of `bin/flink`.

import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { withCluster } from '../run/connect.ts';
import { savepointLocation } from '../savepoint-location.ts';
import { writeOut } from '../write-out.ts';
import { jobIdOf } from './job.ts';

export const SAVEPOINT_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  dispose: { kind: 'value', short: 'd', value: 'PATH', description: 'Remove that savepoint.' },
};

export const STOP_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  savepointPath: {
    kind: 'value',
    short: 'p',
    value: 'DIR',
    description: 'Where the savepoint goes; else execution.checkpointing.savepoint-dir.',
  },
  drain: {
    kind: 'switch',
    short: 'd',
    description: 'End the data first: all windows and timers fire. Nothing is left to continue.',
  },
};

export function savepoint(args: ParsedArguments): Promise<number> {
  const path = args.value('dispose');
  return path === undefined ? take(args) : dispose(args, path);
}

export async function stop(args: ParsedArguments): Promise<number> {
  const jobId = jobIdOf('stop', args);
  const isDrained = args.has('drain');
  const directory = locationOrNone(args.value('savepointPath'));
  const what = isDrained ? 'Draining' : 'Suspending';
  writeOut(`${what} job "${jobId}" with a CANONICAL savepoint.\n`);
  const path = await withCluster(args, (client) => client.stop(jobId, directory, isDrained));
  writeOut(`Savepoint completed. Path: ${path}\n`);
  return EXIT.ok;
}

async function take(args: ParsedArguments): Promise<number> {
  const [id, directory, ...more] = args.positionals;
  if (more.length > 0)
    throw usageError(`savepoint takes a job and a directory, not also ${more.join(' ')}`);
  const jobId = jobIdOf('savepoint', { positionals: id === undefined ? [] : [id] });
  const target = locationOrNone(directory);
  writeOut(`Triggering savepoint for job ${jobId}.\nWaiting for response...\n`);
  const path = await withCluster(args, (client) => client.triggerSavepoint(jobId, target));
  writeOut(`Savepoint completed. Path: ${path}\n`);
  writeOut('You can resume your program from this savepoint with the run command.\n');
  return EXIT.ok;
}

async function dispose(args: ParsedArguments, path: string): Promise<number> {
  const [more] = args.positionals;
  if (more !== undefined) throw usageError(`savepoint --dispose takes one path, not also ${more}`);
  writeOut(`Disposing savepoint '${path}'.\nWaiting for response...\n`);
  await withCluster(args, (client) => client.disposeSavepoint(savepointLocation(path)));
  writeOut(`Savepoint '${path}' disposed.\n`);
  return EXIT.ok;
}

const locationOrNone = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : savepointLocation(text);
