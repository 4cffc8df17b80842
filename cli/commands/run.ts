// sluice run: a notebook's jobs without a screen, or a jar on a Flink.

import { options } from '../../engine/core/options.ts';
import { definitions, type Flags, type ParsedArguments } from '../args.ts';
import { configurationOf, jobConfigurationOf, programTimeoutMs } from '../configuration.ts';
import { usageError } from '../exit-codes.ts';
import { OWN_CLUSTER_FLAGS, PROGRAM_FLAGS } from '../flags.ts';
import { onInterrupt } from '../lifecycle.ts';
import { type Connection, connectEmbedded, connectNamed } from '../run/connect.ts';
import { refuseFlink } from '../run/flink-target.ts';
import { NotebookRun } from '../run/run-notebook.ts';
import { savepointLocation } from '../savepoint-location.ts';
import { stderrTalk } from '../talk.ts';
import { TypeService } from '../types/type-service.ts';
import { outputRoom, writeOut } from '../write-out.ts';
import { isJar, runJar } from './run-jar.ts';

const CLAIM_MODES: readonly string[] = ['CLAIM', 'NO_CLAIM'];

export const RUN_FLAGS = {
  cell: { kind: 'values', value: 'TITLE|N', description: 'Run this cell only; may be repeated.' },
  ...PROGRAM_FLAGS,
  check: { kind: 'switch', description: 'Check types first; an error stops with exit code 4.' },
  json: { kind: 'switch', description: 'Rows as JSON lines with job, sink, subtask and value.' },
  eager: {
    kind: 'switch',
    description: 'Print rows at once, before a checkpoint covers them: at least once.',
  },
  ...OWN_CLUSTER_FLAGS,
  detached: { kind: 'switch', short: 'd', description: 'Submit and leave; needs --jobmanager.' },
  fromSavepoint: {
    kind: 'value',
    short: 's',
    value: 'PATH',
    description: 'Continue from a savepoint or retained checkpoint.',
  },
  allowNonRestoredState: {
    kind: 'switch',
    short: 'n',
    description: 'Leave behind state of operators that the job does not have.',
  },
  claimMode: {
    kind: 'value',
    value: 'MODE',
    description: 'claim: what it continues from becomes its own; no_claim (default): it stays.',
  },
  class: {
    kind: 'value',
    short: 'c',
    value: 'NAME',
    description: "Of a jar: its program's class.",
  },
} as const satisfies Flags;

export async function run(
  args: ParsedArguments,
  summaryTo: 'stderr' | 'stdout' = 'stderr',
): Promise<number> {
  const [notebook, ...more] = args.positionals;
  if (notebook === undefined) throw usageError('run needs a notebook: sluice run notebook.ts');
  if (isJar(notebook)) return runJar(args);
  if (more.length > 0) throw usageError(`run takes one notebook, not also ${more.join(' ')}`);
  if (args.has('class')) throw usageError('--class is for a jar: a notebook has cells (--cell)');
  const isNamed = args.has('jobmanager') || args.has('context');
  if (args.has('detached') && !isNamed)
    throw usageError('--detached needs --jobmanager: a cluster of its own ends with the command');
  const talk = stderrTalk();
  const configuration = configurationOf(args, talk);
  const types = new TypeService();
  const savepoint = args.value('fromSavepoint');
  let hasRows = false;
  const execution = new NotebookRun(
    {
      notebook,
      cells: args.values('cell'),
      parameters: definitions(args.values('set'), '--set'),
      configuration: { ...jobConfigurationOf(args, configuration), ...claimModeOf(args) },
      programTimeoutMs: programTimeoutMs(configuration),
      types,
      isChecked: args.has('check'),
      isWatched: process.stderr.isTTY,
      json: args.has('json'),
      eager: args.has('eager'),
      detached: args.has('detached'),
      savepointPath: savepoint === undefined ? undefined : savepointLocation(savepoint),
      allowNonRestoredState: args.has('allowNonRestoredState'),
      write(text) {
        hasRows = true;
        writeOut(text);
      },
      room: outputRoom,
      summary(text) {
        if (summaryTo === 'stderr') return talk.say(text);
        writeOut(hasRows ? `\n${text}\n` : `${text}\n`);
        hasRows = false;
      },
    },
    talk,
  );
  const stop = onInterrupt(() => execution.cancel());
  try {
    return await execution.run(
      async () =>
        (await connectToSluice(args)) ??
        connectEmbedded({ 'execution.checkpointing.interval': '500 ms', ...configuration }),
    );
  } finally {
    stop();
    void types.close(); // it ends with the process
  }
}

/** Undefined when none is named: the jobs get a cluster of their own. */
async function connectToSluice(args: ParsedArguments): Promise<Connection | undefined> {
  const named = connectNamed(args);
  if (named === undefined) return undefined;
  try {
    await refuseFlink(named.client, 'run');
    return named;
  } catch (error) {
    await named.close();
    throw error;
  }
}

/** @throws CommandFailure for a mode that is none. */
function claimModeOf(args: ParsedArguments): Readonly<Record<string, string>> {
  const mode = args.value('claimMode');
  if (mode === undefined) return {};
  const known = mode.toUpperCase();
  if (!CLAIM_MODES.includes(known))
    throw usageError(`--claimMode is claim or no_claim, not ${JSON.stringify(mode)}`);
  if (!args.has('fromSavepoint'))
    throw usageError('--claimMode says to whom a savepoint belongs: it needs --fromSavepoint');
  return { [options.claimMode.key]: known };
}
