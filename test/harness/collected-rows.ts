// A client of one job: takes the rows of every sink as `sluice run` does, and keeps what stands.

import { readLanes } from '../../cli/run/lane-reader.ts';
import type { RowEvents } from '../../cli/run/result-reader.ts';
import type { OperatorId } from '../../engine/core/ids.ts';
import type { ResultsRequest } from '../../engine/core/results.ts';
import { RestFailure } from '../../engine/rest/rest-failure.ts';
import { jobDetails } from '../../engine/runtime/jobmaster/job-details.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import type { ResultsAnswer } from '../../engine/runtime/jobmaster/job-results.ts';

/** How a client reaches a job, wherever it runs now. */
export interface JobDoor {
  /** Rejects as `unreachable` when nobody is there. */
  results(operatorId: OperatorId, lane: number, request: ResultsRequest): Promise<ResultsAnswer>;
  /** Before it is tried again. */
  again(): Promise<void>;
}

export const unreachable = (): RestFailure => new RestFailure('unreachable', 'nobody leads');

export class CollectedRows {
  /** By sink: its rows, each parsed; those of its subtasks one after another. */
  readonly #rows = new Map<string, unknown[][]>();
  /** How many were taken back. */
  withdrawn = 0;
  /** Some were taken back that had been said to stay. */
  hasLostCommitted = false;
  /** Settles when there will be no further row. */
  readonly done: Promise<unknown>;

  /** @param room Resolves when more rows are wanted. */
  constructor(door: JobDoor, master: JobMaster, room?: () => Promise<void>) {
    const client = {
      results: (_jobId: string, operatorId: string, lane: number, request: ResultsRequest) =>
        door.results(operatorId as OperatorId, lane, request),
    };
    const { signal } = new AbortController();
    this.done = Promise.all(
      jobDetails(master, 0).results.map(({ operatorId, name, lanes }) => {
        const open = (): RowEvents => this.#eventsOf(this.#newRows(name), room);
        return readLanes(client, { jobId: master.jobId, operatorId, lanes }, open, signal, () =>
          door.again(),
        );
      }),
    );
  }

  /** Of the sink of that name; all of them, when there is only one. */
  of(sink: string): readonly unknown[] {
    return (this.#rows.get(sink) ?? []).flat();
  }

  #newRows(name: string): unknown[] {
    const rows: unknown[] = [];
    this.#rows.set(name, [...(this.#rows.get(name) ?? []), rows]);
    return rows;
  }

  #eventsOf(rows: unknown[], room?: () => Promise<void>): RowEvents {
    let committed = 0;
    return {
      onRows: (texts, isTentative) => {
        rows.push(...texts.map((text): unknown => JSON.parse(text)));
        if (!isTentative) committed += texts.length;
      },
      onCommitted: (count) => {
        committed += count;
      },
      onWithdrawn: (count) => {
        this.withdrawn += count;
        rows.length -= count;
        if (rows.length < committed) this.hasLostCommitted = true;
      },
      ...(room === undefined ? {} : { room }),
    };
  }
}
