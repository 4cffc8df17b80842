// Takes the rows of all lanes of a sink. A lane is what one of its subtasks makes; when the job gets another
// parallelism its lanes end and others begin, of which each answer tells.

import type { RestClient } from '../../engine/rest/rest-client.ts';
import { type RowEvents, readResults } from './result-reader.ts';

export interface Lane {
  readonly subtask: number;
  readonly parallelism: number;
}

export interface SinkId {
  readonly jobId: string;
  readonly operatorId: string;
  /** Subtasks of the sink under each parallelism so far: lanes are numbered through. */
  readonly lanes: readonly number[];
}

/**
 * Resolves when there will be no further row in any lane. Rejects as `readResults` does.
 * @param open Called once for each lane, in order.
 */
export async function readLanes(
  client: Pick<RestClient, 'results'>,
  { jobId, operatorId, lanes }: SinkId,
  open: (lane: Lane) => RowEvents,
  signal: AbortSignal,
  again?: () => Promise<void>,
): Promise<void> {
  const reading: Promise<void>[] = [];
  const openNew = (counts: readonly number[]): void => {
    for (const place of lanesOf(counts).slice(reading.length)) {
      const lane = reading.length;
      const events = { ...open(place), onLanes: openNew };
      const read = readResults(client, { jobId, operatorId, lane }, events, signal, again);
      const ended = read.finally(() => events.onEnd?.());
      ended.catch(() => undefined); // awaited below, maybe later
      reading.push(ended);
    }
  };
  openNew(lanes);
  // Others may begin while these are read.
  for (let i = 0; i < reading.length; i++) await reading[i];
}

const lanesOf = (counts: readonly number[]): readonly Lane[] =>
  counts.flatMap((parallelism) =>
    Array.from({ length: parallelism }, (_, subtask) => ({ subtask, parallelism })),
  );
