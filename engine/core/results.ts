// The collect protocol: a client takes the rows of one lane of a sink by version and offset.

import type { AttemptId, OperatorId } from './ids.ts';

export interface ResultsRequest {
  /** Of the sink's last answer; empty at first. */
  readonly version: string;
  /** Number of the first row that is wanted: those before it have been taken. */
  readonly offset: number;
  /** What the client knows to be committed: the sink answers when there is more. */
  readonly committedOffset: number;
  readonly rowsMax: number;
  /** How long to wait when there is nothing new. */
  readonly waitMs: number;
}

export interface ResultsResponse {
  /** Changes with every attempt of the sink. */
  readonly version: string;
  /** Of the version that was asked for, rows from this number on are void: they have been made anew. Null: none. */
  readonly voidFrom: number | null;
  /** Number of the first row of `rows`. */
  readonly offset: number;
  /** Rows before this one are covered by a completed checkpoint and will not be withdrawn. */
  readonly committedOffset: number;
  /** Each a JSON text. */
  readonly rows: readonly string[];
}

/** What a collect sink held when its task finished. */
export interface FinalResults extends Omit<ResultsResponse, 'voidFrom'> {
  readonly operatorId: OperatorId;
  readonly starts: readonly SinkStart[];
}

/** An attempt of a sink, and the number of the first row that it made itself: those before are restored. */
export interface SinkStart {
  readonly attempt: number;
  readonly firstRow: number;
}

/** Subtasks of a sink under each parallelism that the job has had, in order: lanes are numbered through. */
export type LaneCounts = readonly number[];

/** Name of the operator state that a collect sink keeps what follows in. */
export const RESULT_ROWS = 'rows';

/** What a collect sink keeps in a checkpoint. */
export interface StoredResults {
  /** Whose client these rows are for, and how they are numbered. */
  readonly jobId: string;
  /** Under another one, its lane has ended, and the JobMaster has its rows. */
  readonly parallelism: number;
  /** The job has ended with this snapshot, and its client has all of its rows. */
  readonly isLast: boolean;
  readonly offset: number;
  readonly rows: readonly string[];
  readonly starts: readonly SinkStart[];
}

/** Later attempts have greater numbers. */
export const resultsVersion = (attempt: number, attemptId: AttemptId | 'rescaled'): string =>
  `${attempt}.${attemptId}`;

/** `starts`: of the attempts so far, as far as rows of earlier ones may still be with the client; oldest first. */
export function voidFrom(starts: readonly SinkStart[], version: string): number | null {
  const attempt = Number.parseInt(version, 10);
  return starts.find((start) => start.attempt > attempt)?.firstRow ?? null;
}
