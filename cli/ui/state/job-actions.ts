// What can be done to a running job, and what is asked before it is done. On a cluster that others use, too,
// the answer is typed: one key is pressed too easily on a screen that may show the wrong job.

import type { JobSummary } from '../../model/cluster-model.ts';
import type { JobCommand } from '../commands.ts';
import type { ActionName } from '../keys.ts';
import { EMPTY_LINE } from './line-edit.ts';
import { type Context, currentDetails, currentJob, isRunning } from './selection.ts';
import type { Dialog } from './ui-state.ts';

type NamedJob = Pick<JobSummary, 'id' | 'name'>;

/** Longer names are not typed: the beginning of the id is. */
const WORD_MAX = 24;
const ID_WORD = 8;

/** Undefined where nothing needs to be asked. */
export function questionOf(
  { model }: Pick<Context, 'model'>,
  job: NamedJob,
  onYes: JobCommand,
): Dialog | undefined {
  const text = TEXTS[onYes.kind](job, onYes);
  if (!model.isEmbedded)
    return { kind: 'typed', ...text, word: wordOf(job), line: EMPTY_LINE, onYes };
  // Said with a number already, and without a loss.
  if (onYes.kind === 'savepoint' || onYes.kind === 'rescale') return undefined;
  return { kind: 'confirm', ...text, onYes };
}

/** Why that cannot be done to the job that is shown; undefined when it can. */
export function jobRefusal(context: Context, action: ActionName): string | undefined {
  const job = currentJob(context);
  if (job === undefined) return 'there is no job here';
  if (!isRunning(job)) return `${job.name} has ended`;
  if (context.model.isReadOnly) return 'this cluster is only looked at: its context is read-only';
  if (action !== 'rescale') return undefined;
  const details = currentDetails(context);
  return details === undefined ? 'enter the job first' : details.cannotRescale;
}

interface Texts {
  readonly question: string;
  readonly detail: string;
}

const TEXTS: Readonly<Record<JobCommand['kind'], (job: NamedJob, command: JobCommand) => Texts>> = {
  'cancel-job': ({ name }) => ({
    question: `Cancel "${name}"?`,
    detail: 'Its state is lost, unless a savepoint has it.',
  }),
  savepoint: ({ name }) => ({
    question: `Take a savepoint of "${name}"?`,
    detail: 'The job goes on. It is written to the directory of the cluster.',
  }),
  'stop-job': ({ name }) => ({
    question: `Stop "${name}" with a savepoint?`,
    detail: 'It ends when the savepoint is complete.',
  }),
  rescale: ({ name }, command) => ({
    question:
      command.kind === 'rescale'
        ? `Run "${command.what}" with parallelism ${command.parallelism}?`
        : `Run "${name}" with another parallelism?`,
    detail: 'A checkpoint is taken, and the job begins anew from it.',
  }),
};

const wordOf = ({ id, name }: NamedJob): string =>
  /^[\x21-\x7e]+$/.test(name) && name.length <= WORD_MAX ? name : id.slice(0, ID_WORD);
