// Takes the rows and messages of a job that the session has submitted, from all subtasks of all its sinks, for as long as
// the job is shown.

import { type Clock, delay } from '../../engine/core/clock.ts';
import { messageLine } from '../../engine/core/job-message.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';
import { type Lane, readLanes } from '../run/lane-reader.ts';
import { readMessages } from '../run/message-reader.ts';
import type { RowEvents } from '../run/result-reader.ts';
import type { OutputLog } from './output-log.ts';

const RETRY_MS = 500;

/** Resolves when there will be no further row. Rejects with the signal's reason, or when there is no such job. */
export async function takeRows(
  { client, clock }: { readonly client: RestClient; readonly clock: Clock },
  jobId: string,
  log: OutputLog,
  signal: AbortSignal,
): Promise<void> {
  const { results } = await client.job(jobId, signal);
  const again = (): Promise<void> => delay(clock, RETRY_MS, signal);
  await Promise.all(
    results.map(({ operatorId, name, label, lanes }) => {
      // Where there is only one sink, its name says nothing.
      const sink = label === '' && results.length > 1 ? name : label;
      const open = ({ subtask, parallelism }: Lane): RowEvents =>
        log.lane(sink, parallelism === 1 ? undefined : subtask);
      return readLanes(client, { jobId, operatorId, lanes }, open, signal, again);
    }),
  );
}

/** What a job says, between its rows; of its warnings also each that is new, in a line. */
export async function takeMessages(
  { client, clock }: { readonly client: RestClient; readonly clock: Clock },
  jobId: string,
  log: OutputLog,
  signal: AbortSignal,
  onWarning: (text: string) => void,
): Promise<void> {
  let latest = '';
  const again = (): Promise<void> => delay(clock, RETRY_MS, signal);
  await readMessages(
    client,
    jobId,
    (messages, lost) => {
      if (lost > 0) log.say('warn', `${lost} older messages were not kept`);
      for (const message of messages) {
        const isWarning = message.level === 'warn' || message.level === 'error';
        const line = messageLine(message);
        log.say(isWarning ? 'warn' : 'info', line);
        if (!isWarning || line === latest) continue;
        latest = line;
        onWarning(line);
      }
    },
    signal,
    again,
  );
}
