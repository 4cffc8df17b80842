// sluice list: the jobs of a cluster, as `bin/flink list` prints them.

import { escapeControl } from '../../engine/core/logger.ts';
import type { JobOverview } from '../../engine/rest/rest-messages.ts';
import type { Flags, ParsedArguments } from '../args.ts';
import { EXIT } from '../exit-codes.ts';
import { CLUSTER_FLAGS } from '../flags.ts';
import { withCluster } from '../run/connect.ts';
import { writeOut } from '../write-out.ts';

export const LIST_FLAGS: Flags = {
  ...CLUSTER_FLAGS,
  running: { kind: 'switch', short: 'r', description: 'Only those that run.' },
  scheduled: { kind: 'switch', short: 's', description: 'Only those that wait.' },
  all: { kind: 'switch', short: 'a', description: 'Those that have ended, too.' },
  json: { kind: 'switch', description: 'A JSON document.' },
};

const ENDED: readonly string[] = ['FINISHED', 'CANCELED', 'FAILED'];

export async function list(args: ParsedArguments): Promise<number> {
  const jobs = await withCluster(args, (client) => client.jobs());
  const groups = {
    running: jobs.filter(({ state }) => !ENDED.includes(state) && state !== 'CREATED'),
    scheduled: jobs.filter(({ state }) => state === 'CREATED'),
    ended: jobs.filter(({ state }) => ENDED.includes(state)),
  };
  const isOne = args.has('running') !== args.has('scheduled');
  const wanted = {
    running: isOne && args.has('scheduled') ? undefined : groups.running,
    scheduled: isOne && args.has('running') ? undefined : groups.scheduled,
    ended: args.has('all') ? groups.ended : undefined,
  };
  if (args.has('json')) {
    const shown = [wanted.running, wanted.scheduled, wanted.ended].flatMap((group) => group ?? []);
    writeOut(`${JSON.stringify({ jobs: shown })}\n`);
    return EXIT.ok;
  }
  writeOut(
    [
      'Waiting for response...\n',
      section(wanted.running, ' Running/Restarting Jobs ', 'No running jobs.'),
      section(wanted.scheduled, ' Scheduled Jobs ', 'No scheduled jobs.'),
      section(wanted.ended, ' Terminated Jobs ', 'No terminated jobs.'),
    ].join(''),
  );
  return EXIT.ok;
}

const WIDTH = 62;

function section(jobs: readonly JobOverview[] | undefined, title: string, none: string): string {
  if (jobs === undefined) return '';
  if (jobs.length === 0) return `${none}\n`;
  const left = '-'.repeat((WIDTH - title.length) >> 1);
  const lines = jobs.map(
    ({ jid, name, state, ...job }) =>
      `${timeOf(job['start-time'])} : ${jid} : ${escapeControl(name)} (${state})\n`,
  );
  return `${left}${title}${'-'.repeat(WIDTH - title.length - left.length)}\n${lines.join('')}${'-'.repeat(WIDTH)}\n`;
}

/** `dd.MM.yyyy HH:mm:ss`, in local time. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${two(date.getDate())}.${two(date.getMonth() + 1)}.${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
