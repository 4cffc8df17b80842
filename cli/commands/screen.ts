// sluice [notebook.ts]: the notebook on the screen. The screen opens at once; the cluster, the compiler and
// the type service come while it is already there.

import { resolve } from 'node:path';
import { systemClock } from '../../engine/core/system-clock.ts';
import { ProgramRunner } from '../../engine/entrypoint/program-runner.ts';
import { definitions, type ParsedArguments } from '../args.ts';
import { CellBundler } from '../compiler/bundle-cell.ts';
import { configurationOf, jobConfigurationOf, programTimeoutMs } from '../configuration.ts';
import { EXIT, usageError } from '../exit-codes.ts';
import { leaveInterruptsToScreen, onInterrupt } from '../lifecycle.ts';
import { type Connection, connectEmbedded, connectNamed } from '../run/connect.ts';
import { type BuildSettings, JobBuilder, ownEnvironment } from '../run/job-builder.ts';
import { summaryLine } from '../run/summary.ts';
import { Session } from '../session/session.ts';
import { stderrTalk } from '../talk.ts';
import { TypeService } from '../types/type-service.ts';
import { openScreen, type ScreenEnd, type ScreenOptions } from '../ui/screen.tsx';
import { createScreenStore, type ScreenStore } from '../ui/store.ts';
import { writeOut } from '../write-out.ts';

const CLUSTER_DEFAULTS = { 'execution.checkpointing.interval': '1 s' };
/** For the last look at the jobs, when the user has quit already. */
const FAREWELL_MS = 500;

/** @param notebook Undefined: only the jobs of the cluster are shown. */
export async function showScreen(
  args: ParsedArguments,
  notebook: string | undefined,
): Promise<number> {
  const plan = planOf(args);
  const store = createScreenStore(plan.isEmbedded);
  const screen = openScreen({
    store,
    dispatch: (command) => session.dispatch(command),
    stdin: process.stdin,
    stdout: process.stdout,
    clock: systemClock,
    process,
    env: process.env,
    page: notebook === undefined ? 'jobs' : 'notebook',
    flags: plan.look,
  });
  const giveBack = leaveInterruptsToScreen();
  const connection = plan.connect();
  connection.catch(() => undefined); // the session says so
  const { session, stop } = startSession(plan, store, notebook, connection);
  session.open();
  const ended = screen.done.then(async (end) => {
    const lines = await farewell(session, connection);
    writeOut(lines.map((line) => `${line}\n`).join(''));
    return codeOf(end);
  });
  const forget = onInterrupt(async () => {
    screen.close();
    await ended;
  });
  try {
    return await ended;
  } finally {
    forget();
    giveBack();
    await stop();
  }
}

interface Plan {
  readonly isEmbedded: boolean;
  readonly isWatching: boolean;
  readonly build: BuildSettings;
  readonly look: NonNullable<ScreenOptions['flags']>;
  readonly connect: () => Promise<Connection>;
}

/** What the command line asks for. @throws CommandFailure, before the screen is there. */
function planOf(args: ParsedArguments): Plan {
  const configuration = configurationOf(args, stderrTalk());
  const remote = connectNamed(args);
  const theme = args.value('theme');
  if (theme !== undefined && theme !== 'dark' && theme !== 'light')
    throw usageError(`--theme takes dark or light, not ${JSON.stringify(theme)}`);
  return {
    isEmbedded: remote === undefined,
    // On a cluster that others use, too, a job ends when somebody says so.
    isWatching: !args.has('no-watch') && remote === undefined,
    build: {
      parameters: definitions(args.values('set'), '--set'),
      configuration: jobConfigurationOf(args, configuration),
      environment: ownEnvironment(),
      isShown: true,
    },
    look: {
      mouse: !args.has('no-mouse'),
      ascii: args.has('ascii'),
      ...(theme === undefined ? {} : { theme }),
    },
    connect: async () => remote ?? connectEmbedded({ ...CLUSTER_DEFAULTS, ...configuration }),
  };
}

function startSession(
  plan: Plan,
  store: ScreenStore,
  notebook: string | undefined,
  connection: Promise<Connection>,
): { readonly session: Session; readonly stop: () => Promise<void> } {
  const bundler = new CellBundler();
  const programs = new ProgramRunner({
    clock: systemClock,
    timeoutMs: programTimeoutMs(plan.build.configuration),
    onOutput: (text) => session.say('info', text.trimEnd()),
  });
  const types = new TypeService();
  const session = new Session({
    store,
    clock: systemClock,
    notebook: notebook === undefined ? undefined : resolve(notebook),
    notebookName: notebook ?? '',
    connection,
    builder: new JobBuilder(bundler, programs, plan.build),
    types,
    isWatching: plan.isWatching,
    environment: process.env,
  });
  const stop = async (): Promise<void> => {
    await session.close();
    programs.close();
    const closing = connection.then((it) => it.close());
    await Promise.allSettled([closing, bundler.stop(), types.close()]);
  };
  return { session, stop };
}

/** What became of the jobs: so that the terminal keeps something of it. */
async function farewell(
  session: Session,
  connection: Promise<Connection>,
): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(FAREWELL_MS);
  const lines = session.jobs().map(async ({ id, rows }) => {
    const { client } = await connection;
    return summaryLine(await client.job(id, signal), rows, systemClock.now());
  });
  const settled = await Promise.allSettled(lines);
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

function codeOf(end: ScreenEnd): number {
  if (end.reason !== 'signal') return EXIT.ok;
  switch (end.signal) {
    case 'SIGTERM':
      return EXIT.terminated;
    case 'SIGHUP':
      return 129;
    case 'SIGINT':
      return EXIT.interrupted;
  }
}
