// sluice savepoint ID [DIR], sluice savepoint --dispose PATH, sluice stop ID: with the lines of `bin/flink`.

import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { withCluster } from '../run/connect.ts';
import { FORMAT_FLAG, formatOf, savepointLocation } from '../savepoint-location.ts';
import { JSON_FLAG, verbOutput } from '../verb-output.ts';
import { jobIdOf } from './job.ts';

const DETACHED = {
  detached: {
    kind: 'switch',
    short: 'detached',
    description: 'Do not wait: say the trigger id, by which REST tells the outcome.',
  },
} as const satisfies Flags;

export const SAVEPOINT_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  dispose: { kind: 'value', short: 'd', value: 'PATH', description: 'Remove that savepoint.' },
  ...FORMAT_FLAG,
  ...DETACHED,
  ...JSON_FLAG,
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
  ...FORMAT_FLAG,
  ...DETACHED,
  ...JSON_FLAG,
};

export function savepoint(args: ParsedArguments): Promise<number> {
  const path = args.value('dispose');
  return path === undefined ? take(args) : dispose(args, path);
}

export async function stop(args: ParsedArguments): Promise<number> {
  const output = verbOutput(args);
  const jobid = jobIdOf('stop', args);
  const isDrained = args.has('drain');
  const format = formatOf(args);
  const wanted = { directory: locationOrNone(args.value('savepointPath')), isDrained, format };
  const what = isDrained ? 'Draining' : 'Suspending';
  output.line(`${what} job "${jobid}" with a ${format} savepoint.`);
  if (args.has('detached')) {
    output.line(`Triggering stop-with-savepoint in detached mode for job ${jobid}.`);
    output.line('Waiting for response...');
    const triggerid = await withCluster(args, (client) => client.stopDetached(jobid, wanted));
    output.line(
      `Successfully trigger stop-with-savepoint in detached mode, triggerId: ${triggerid}`,
    );
    output.result({ jobid, triggerid });
    return EXIT.ok;
  }
  output.line(`Triggering stop-with-savepoint for job ${jobid}.`);
  output.line('Waiting for response...');
  const path = await withCluster(args, (client) => client.stop(jobid, wanted));
  output.line(`Savepoint completed. Path: ${path}`);
  output.result({ jobid, savepoint: path });
  return EXIT.ok;
}

async function take(args: ParsedArguments): Promise<number> {
  const output = verbOutput(args);
  const [id, directory, ...more] = args.positionals;
  if (more.length > 0)
    throw usageError(`savepoint takes a job and a directory, not also ${more.join(' ')}`);
  const jobid = jobIdOf('savepoint', { positionals: id === undefined ? [] : [id] });
  const wanted = { directory: locationOrNone(directory), format: formatOf(args) };
  if (args.has('detached')) {
    output.line(`Triggering savepoint in detached mode for job ${jobid}.`);
    output.line('Waiting for response...');
    const triggerid = await withCluster(args, (client) =>
      client.triggerSavepointDetached(jobid, wanted),
    );
    output.line(`Successfully trigger manual savepoint, triggerId: ${triggerid}`);
    output.result({ jobid, triggerid });
    return EXIT.ok;
  }
  output.line(`Triggering savepoint for job ${jobid}.`);
  output.line('Waiting for response...');
  const path = await withCluster(args, (client) => client.triggerSavepoint(jobid, wanted));
  output.line(`Savepoint completed. Path: ${path}`);
  output.line('You can resume your program from this savepoint with the run command.');
  output.result({ jobid, savepoint: path });
  return EXIT.ok;
}

async function dispose(args: ParsedArguments, path: string): Promise<number> {
  const output = verbOutput(args);
  const [more] = args.positionals;
  if (more !== undefined) throw usageError(`savepoint --dispose takes one path, not also ${more}`);
  output.line(`Disposing savepoint '${path}'.`);
  output.line('Waiting for response...');
  await withCluster(args, (client) => client.disposeSavepoint(savepointLocation(path)));
  output.line(`Savepoint '${path}' disposed.`);
  output.result({ disposed: path });
  return EXIT.ok;
}

const locationOrNone = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : savepointLocation(text);
