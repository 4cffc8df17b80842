// sluice cluster: a cluster of its own, for as long as the command runs; with --job for as long as that job
// does, with its exit code.

import {
  type StandaloneCluster,
  startStandaloneCluster,
} from '../../engine/entrypoint/standalone-cluster.ts';
import { type Flags, integer, type ParsedArguments } from '../args.ts';
import { configurationOf, programTimeoutMs } from '../configuration.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { onInterrupt } from '../lifecycle.ts';
import { connectTo } from '../run/connect.ts';
import { NotebookRun } from '../run/run-notebook.ts';
import { stderrTalk, type Talk } from '../talk.ts';
import { outputRoom, writeOut } from '../write-out.ts';

export const CLUSTER_FLAGS: Flags = {
  'rest-port': { kind: 'value', value: 'N', description: 'Of the REST endpoint; 0: a free one.' },
  taskmanagers: { kind: 'value', value: 'N', description: 'How many TaskManagers. Default 1.' },
  slots: { kind: 'value', value: 'N', description: 'Slots of each. Default 1, as in Flink.' },
  dir: { kind: 'value', value: 'DIR', description: 'Checkpoints and logs stay there.' },
  dashboard: {
    kind: 'value',
    value: 'PATH',
    description: "Show Flink's web dashboard: a Flink's folder, or its lib/flink-dist-*.jar.",
  },
  job: { kind: 'value', value: 'NOTEBOOK', description: 'Run its jobs, and end with them.' },
  quiet: { kind: 'switch', short: 'q', description: 'No log on stderr.' },
};

const TASKMANAGERS_MAX = 256;
const SLOTS_MAX = 1_024;

export async function cluster(args: ParsedArguments): Promise<number> {
  if (args.positionals.length > 0)
    throw usageError(`cluster takes no ${JSON.stringify(args.positionals[0])}`);
  const talk = stderrTalk();
  const shutDown = Promise.withResolvers<number>();
  const started = await startStandaloneCluster({
    taskManagers: bounded(args, 'taskmanagers', 1, TASKMANAGERS_MAX) ?? 1,
    configuration: clusterConfigurationOf(args, talk),
    directory: args.value('dir'),
    dashboard: args.value('dashboard'),
    onLog: args.has('quiet') ? () => undefined : (line) => process.stderr.write(line),
    onShutDown: () => shutDown.resolve(EXIT.ok),
  });
  const { openDoor, role } = started;
  if (openDoor?.isLoopback === true) talk.say(openDoor.risk);
  else if (openDoor !== undefined) talk.warn(openDoor.risk);
  writeOut(`sluice cluster ${role === 'leader' ? 'ready' : 'standby'}: ${started.restUrl}\n`);
  const notebook = args.value('job');
  const work = notebook === undefined ? untilInterrupted() : jobOf(notebook, talk, started);
  const done = work.run();
  done.catch(() => undefined); // told below, unless somebody else ends the cluster
  const ended = Promise.race([done, shutDown.promise]).finally(() => started.close());
  const stop = onInterrupt(async () => {
    await work.cancel();
    await ended.catch(() => undefined); // the command tells how it ended
  });
  return ended.finally(stop);
}

/** What a cluster goes on for. */
interface Work {
  /** Resolves with the exit code. */
  run(): Promise<number>;
  cancel(): Promise<void>;
}

function untilInterrupted(): Work {
  const { promise, resolve } = Promise.withResolvers<number>();
  return {
    run: () => promise,
    cancel() {
      resolve(EXIT.interrupted);
      return Promise.resolve();
    },
  };
}

/** The jobs of a notebook, their rows on stdout: as `run`. */
function jobOf(notebook: string, talk: Talk, { restUrl, token, tls }: StandaloneCluster): Work {
  const settings = {
    notebook,
    cells: [],
    parameters: {},
    configuration: {},
    programTimeoutMs: programTimeoutMs({}),
    types: undefined,
    isChecked: false,
    isWatched: false,
    json: false,
    eager: false,
    detached: false,
    savepointPath: undefined,
    allowNonRestoredState: false,
    write: writeOut,
    room: outputRoom,
    summary: (text: string) => talk.say(text),
  };
  const run = new NotebookRun(settings, talk);
  return {
    run: () => run.run(() => Promise.resolve(connectTo(restUrl, token, tls))),
    cancel: () => run.cancel(),
  };
}

function clusterConfigurationOf(
  args: ParsedArguments,
  talk: Talk,
): Readonly<Record<string, string>> {
  const port = bounded(args, 'rest-port', 0, 65_535);
  const slots = bounded(args, 'slots', 1, SLOTS_MAX);
  return {
    ...(port === undefined ? {} : { 'rest.port': String(port) }),
    ...(slots === undefined ? {} : { 'taskmanager.numberOfTaskSlots': String(slots) }),
    ...configurationOf(args, talk),
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
