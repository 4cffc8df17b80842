// Takes the rows of one lane of a sink with the collect protocol. A row is committed when a completed
// checkpoint covers it; until then it may be withdrawn, when its attempt fails and another makes it again.

import type { RestClient } from '../../engine/rest/rest-client.ts';
import { RestFailure } from '../../engine/rest/rest-failure.ts';
import type { ResultsMessage } from '../../engine/rest/rest-messages.ts';

export interface RowEvents {
  /** Rows that are new, in order. `tentative`: not committed yet. */
  onRows(rows: readonly string[], tentative: boolean): void;
  /** The oldest tentative rows are committed now. */
  onCommitted(rows: number): void;
  /** The newest tentative rows are void. */
  onWithdrawn(rows: number): void;
  /** Rows are asked for when it has resolved: what is not asked for stays in the sink, and stops it. */
  readonly room?: () => Promise<void>;
  /** The lanes that the sink has had so far. */
  onLanes?(lanes: readonly number[]): void;
  /** No further row comes; what is tentative now stays so. */
  onEnd?(): void;
}

export interface ResultStreamId {
  readonly jobId: string;
  readonly operatorId: string;
  readonly lane: number;
}

const ROWS_MAX = 1_000;
const WAIT_MS = 2_000;

/**
 * Resolves when there will be no further row: what no checkpoint covers then, stays tentative. Rejects when the cluster knows no such job, with the signal's
 * reason, and when the cluster cannot be reached: unless `again`, called then, resolves.
 */
export async function readResults(
  client: Pick<RestClient, 'results'>,
  { jobId, operatorId, lane }: ResultStreamId,
  events: RowEvents,
  signal: AbortSignal,
  again?: () => Promise<void>,
): Promise<void> {
  const cursor = new ResultCursor(events);
  for (;;) {
    await events.room?.();
    const request = { ...cursor.position, rowsMax: ROWS_MAX, waitMs: WAIT_MS };
    try {
      const answer = await client.results(jobId, operatorId, lane, request, signal);
      events.onLanes?.(answer.lanes);
      if (cursor.take(answer)) return;
    } catch (error) {
      signal.throwIfAborted();
      const isUnreachable = error instanceof RestFailure && error.reason === 'unreachable';
      if (again === undefined || !isUnreachable) throw error;
      await again();
    }
  }
}

/** Where a client stands in a stream of rows. */
class ResultCursor {
  readonly #events: RowEvents;
  #version = '';
  /** Number of the row that comes next. */
  #offset = 0;
  /** Number of the first row that is not committed. */
  #committed = 0;

  constructor(events: RowEvents) {
    this.#events = events;
  }

  get position(): {
    readonly version: string;
    readonly offset: number;
    readonly committedOffset: number;
  } {
    return { version: this.#version, offset: this.#offset, committedOffset: this.#committed };
  }

  /** True when that was the last of it. Rows of a job that was cut short may be tentative for ever. */
  take(answer: ResultsMessage): boolean {
    if (answer.voidFrom !== null) this.#onOtherAttempt(answer.voidFrom);
    this.#version = answer.version;
    const rows = answer.rows.slice(Math.max(0, this.#offset - answer.offset));
    this.#commit(Math.min(answer.committedOffset, this.#offset));
    const certain = Math.min(rows.length, Math.max(0, answer.committedOffset - this.#offset));
    this.#offset += rows.length;
    if (certain > 0) {
      this.#events.onRows(rows.slice(0, certain), false);
      this.#committed += certain;
    }
    if (rows.length > certain) this.#events.onRows(rows.slice(certain), true);
    return answer.isLast;
  }

  /** It goes on from a checkpoint: rows before this number stand, all others come again, maybe in another order. */
  #onOtherAttempt(voidFrom: number): void {
    this.#commit(Math.min(this.#offset, voidFrom));
    const withdrawn = this.#offset - this.#committed;
    if (withdrawn > 0) this.#events.onWithdrawn(withdrawn);
    this.#offset = this.#committed;
  }

  #commit(upTo: number): void {
    if (upTo <= this.#committed) return;
    this.#events.onCommitted(upTo - this.#committed);
    this.#committed = upTo;
  }
}
