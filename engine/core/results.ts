// The collect protocol: a client takes the rows of one sink subtask by version and offset.

import type { OperatorId } from './ids.ts';

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
  /** Changes with every attempt of the sink: rows from `committedOffset` on of another version are void. */
  readonly version: string;
  /** Number of the first row of `rows`. */
  readonly offset: number;
  /** Rows before this one are covered by a completed checkpoint and will not be withdrawn. */
  readonly committedOffset: number;
  /** Each a JSON text. */
  readonly rows: readonly string[];
}

/** What a collect sink held when its task finished. */
export interface FinalResults extends ResultsResponse {
  readonly operatorId: OperatorId;
}
