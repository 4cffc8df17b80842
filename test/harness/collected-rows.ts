// A client of one job: takes the rows of every sink as `sluice run` does, and keeps what stands.

import { readLanes } from '../../cli/run/lane-reader.ts';
import type { RowEvents } from '../../cli/run/result-reader.ts';
import type { OperatorId } from '../../engine/core/ids.ts';
import type { Dispatcher } from '../../engine/runtime/dispatcher/dispatcher.ts';
import { jobDetails } from '../../engine/runtime/jobmaster/job-details.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';

export class CollectedRows {
  /** By sink: its rows, each parsed; those of its subtasks one after another. */
  readonly #rows = new Map<string, unknown[][]>();
  /** How many were taken back. */
  withdrawn = 0;
  /** Settles when there will be no further row. */
  readonly done: Promise<unknown>;

  /** @param room Resolves when more rows are wanted. */
  constructor(dispatcher: Dispatcher, master: JobMaster, room?: () => Promise<void>) {
    const client = {
      results: (_jobId: string, operatorId: string, lane: number, request: never) => {
        const job = dispatcher.job(master.jobId);
        if (job === undefined) return Promise.reject(new Error('no such job'));
        return job.results.request(operatorId as OperatorId, lane, request);
      },
    };
    const { signal } = new AbortController();
    this.done = Promise.all(
      jobDetails(master, 0).results.map(({ operatorId, name, lanes }) => {
        const open = (): RowEvents => this.#eventsOf(this.#newRows(name), room);
        return readLanes(client, { jobId: master.jobId, operatorId, lanes }, open, signal);
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
    return {
      onRows: (texts) => void rows.push(...texts.map((text): unknown => JSON.parse(text))),
      onCommitted: () => undefined,
      onWithdrawn: (count) => {
        this.withdrawn += count;
        rows.length -= count;
      },
      ...(room === undefined ? {} : { room }),
    };
  }
}
