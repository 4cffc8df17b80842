// sluice cluster: a cluster of its own, for as long as the command runs.

import { startStandaloneCluster } from '../../engine/entrypoint/standalone-cluster.ts';
import { type Flags, integer, type ParsedArguments } from '../args.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { onInterrupt } from '../lifecycle.ts';
import { connectTo } from '../run/connect.ts';
import { NotebookRun } from '../run/run-notebook.ts';
import { stderrTalk } from '../talk.ts';
import { outputRoom, writeOut } from '../write-out.ts';

export const CLUSTER_FLAGS: Flags = {
  'rest-port': { kind: 'value', value: 'N', description: 'Of the REST endpoint; 0: a free one.' },
  taskmanagers: { kind: 'value', value: 'N', description: 'How many TaskManagers. Default 1.' },
  slots: { kind: 'value', value: 'N', description: 'Slots of each. Default 1, as in Flink.' },
  dir: { kind: 'value', value: 'DIR', description: 'Checkpoints and logs stay there.' },
  job: { kind: 'value', value: 'NOTEBOOK', description: 'Submit its jobs when all is up.' },
  quiet: { kind: 'switch', short: 'q', description: 'No log on stderr.' },
};

const PROGRAM_TIMEOUT_MS = 10_000;
const TASKMANAGERS_MAX = 256;
const SLOTS_MAX = 1_024;

export async function cluster(args: ParsedArguments): Promise<number> {
  if (args.positionals.length > 0)
    throw usageError(`cluster takes no ${JSON.stringify(args.positionals[0])}`);
  const talk = stderrTalk();
  const ended = Promise.withResolvers<void>();
  const end = async (): Promise<void> => {
    await started.close();
    ended.resolve();
  };
  const started = await startStandaloneCluster({
    taskManagers: bounded(args, 'taskmanagers', 1, TASKMANAGERS_MAX) ?? 1,
    configuration: configurationOf(args),
    directory: args.value('dir'),
    onLog: args.has('quiet') ? () => undefined : (line) => process.stderr.write(line),
    onShutDown: () => void end(),
  });
  const stop = onInterrupt(end);
  if (started.token === undefined)
    talk.say('rest.auth is none: whoever can reach this port on this machine can run code here');
  writeOut(`sluice cluster ready: ${started.restUrl}\n`);
  const job = args.value('job');
  if (job !== undefined) await submit(job, started.restUrl, started.token);
  await ended.promise;
  stop();
  return EXIT.ok;
}

function configurationOf(args: ParsedArguments): Readonly<Record<string, string>> {
  const port = bounded(args, 'rest-port', 0, 65_535);
  const slots = bounded(args, 'slots', 1, SLOTS_MAX);
  return {
    ...(port === undefined ? {} : { 'rest.port': String(port) }),
    ...(slots === undefined ? {} : { 'taskmanager.numberOfTaskSlots': String(slots) }),
    ...args.configuration,
  };
}

function bounded(
  args: ParsedArguments,
  flag: string,
  min: number,
  max: number,
): number | undefined {
  const value = integer(args.value(flag), `--${flag}`, min);
  if (value !== undefined && value > max) throw usageError(`--${flag} is at most ${max}`);
  return value;
}

async function submit(notebook: string, url: string, token: string | undefined): Promise<void> {
  const settings = {
    notebook,
    cells: [],
    parameters: {},
    configuration: {},
    programTimeoutMs: PROGRAM_TIMEOUT_MS,
    json: false,
    eager: false,
    detached: true,
    savepointPath: undefined,
    write: writeOut,
    room: outputRoom,
    summary: () => undefined,
  };
  await new NotebookRun(settings, stderrTalk()).run(async () => connectTo(url, token));
}
