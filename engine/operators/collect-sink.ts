// The sink of `print` and `collect` when a client is attached: rows wait here, numbered, until the client
// takes them, with Flink's collect protocol. Asking for offset n says that the rows before n have arrived.
// The buffer is part of the snapshot, so after a restore the rows that a checkpoint covers are still there,
// and rows behind it are made again, by an attempt whose version the client does not know: it is told which
// of its rows are void. The buffer is bounded: a slow client slows the job, nothing is lost.

import type { Clock } from '../core/clock.ts';
import { toJson } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import {
  type FinalResults,
  RESULT_ROWS,
  type ResultsRequest,
  type ResultsResponse,
  resultsVersion,
  type SinkStart,
  type StoredResults,
  voidFrom,
} from '../core/results.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';

interface Waiting {
  readonly request: ResultsRequest;
  readonly answer: (response: ResultsResponse) => void;
  readonly timer: Disposable;
}

export class CollectSink implements StreamOperator {
  readonly #context: OperatorContext;
  readonly #clock: Clock;
  readonly #version: string;
  readonly #isCheckpointed: boolean;
  readonly #waiting = new Set<Waiting>();
  readonly #stored: OperatorList<StoredResults>;
  #rows: string[] = [];
  /** Number of the first row in `#rows`. */
  #offset = 0;
  #bytes = 0;
  #committed = 0;
  /** Of this attempt, and of those before whose rows the client may have; no two with the same row. */
  #starts: readonly SinkStart[] = [];
  /** By checkpoint: the number of the row that comes next when its barrier passes. */
  readonly #offsetAt = new Map<number, number>();

  constructor(context: OperatorContext, clock: Clock, isCheckpointed: boolean) {
    this.#context = context;
    this.#clock = clock;
    this.#version = resultsVersion(context.subtask.attempt, context.subtask.attemptId);
    this.#isCheckpointed = isCheckpointed;
    this.#stored = context.operatorState.list<StoredResults>(RESULT_ROWS, 'split');
  }

  open(): void {
    const stored = this.#stored.get();
    const { attempt, jobId, parallelism } = this.#context.subtask;
    const isOwn = (one: StoredResults): boolean => one.jobId === jobId;
    const own = stored.find((one) => isOwn(one) && one.parallelism === parallelism);
    // The client of a job that goes on from another's savepoint counts from 0, and so does that of a new lane.
    this.#offset = own?.offset ?? 0;
    const anothers = stored.filter((one) => !isOwn(one) && !one.isLast);
    this.#rows = [...(own?.rows ?? []), ...anothers.flatMap(({ rows }) => rows)];
    this.#bytes = this.#rows.reduce((sum, row) => sum + row.length, 0);
    this.#committed = this.#next();
    const firstRow = this.#next();
    const earlier = own?.starts ?? [];
    this.#starts = [...earlier.filter((s) => s.firstRow < firstRow), { attempt, firstRow }];
  }

  processElement(value: unknown): void {
    const row = toJson(value);
    this.#rows.push(row);
    this.#bytes += row.length;
    if (!this.#isCheckpointed) this.#committed = this.#next();
    if (this.#waiting.size > 0) this.#context.wake();
  }

  isWritable(): boolean {
    return this.#rows.length < limits.collectRowsMax && this.#bytes < limits.collectBytesMax;
  }

  /** Answers at once if there is something to say, else when there is, or after the time that was given. */
  request(request: ResultsRequest, answer: (response: ResultsResponse) => void): void {
    this.#drop(request);
    if (this.#hasNews(request)) return answer(this.#response(request));
    const timer = this.#clock.after(request.waitMs, () => this.#answer(waiting));
    const waiting: Waiting = { request, answer, timer };
    this.#waiting.add(waiting);
  }

  /** Called at the end of a turn: whoever waits for rows gets them in one piece. */
  answerWaiting(): void {
    for (const waiting of this.#waiting) if (this.#hasNews(waiting.request)) this.#answer(waiting);
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** What is left when the task has finished. */
  rest(): Omit<FinalResults, 'operatorId'> {
    return {
      version: this.#version,
      starts: this.#starts,
      offset: this.#offset,
      committedOffset: this.#next(),
      rows: this.#rows,
    };
  }

  snapshot(checkpointId: number, isLast: boolean): void {
    this.#offsetAt.set(checkpointId, this.#next());
    const { jobId, parallelism } = this.#context.subtask;
    const rows = [...this.#rows];
    const [offset, starts] = [this.#offset, this.#starts];
    this.#stored.update([{ jobId, parallelism, isLast, offset, rows, starts }]);
  }

  onCheckpointComplete(checkpointId: number): undefined {
    this.#committed = Math.max(this.#committed, this.#offsetAt.get(checkpointId) ?? 0);
    for (const id of this.#offsetAt.keys()) if (id <= checkpointId) this.#offsetAt.delete(id);
    this.answerWaiting();
  }

  close(): void {
    for (const waiting of [...this.#waiting]) this.#answer(waiting);
  }

  #next(): number {
    return this.#offset + this.#rows.length;
  }

  /** The client has the rows before the offset that it asks for; of another version it knows nothing. */
  #drop({ version, offset }: ResultsRequest): void {
    if (version !== this.#version) return;
    this.#starts = this.#starts.slice(-1);
    if (offset <= this.#offset) return;
    const wasFull = !this.isWritable();
    const dropped = this.#rows.splice(0, offset - this.#offset);
    this.#offset += dropped.length;
    for (const row of dropped) this.#bytes -= row.length;
    if (wasFull) this.#context.wake();
  }

  #hasNews({ version, offset, committedOffset }: ResultsRequest): boolean {
    return version !== this.#version || offset < this.#next() || committedOffset < this.#committed;
  }

  #answer(waiting: Waiting): void {
    waiting.timer[Symbol.dispose]();
    if (this.#waiting.delete(waiting)) waiting.answer(this.#response(waiting.request));
  }

  #response({ version, offset, rowsMax }: ResultsRequest): ResultsResponse {
    const from = version === this.#version ? Math.max(0, offset - this.#offset) : 0;
    return {
      version: this.#version,
      voidFrom: voidFrom(this.#starts, version),
      offset: this.#offset + from,
      committedOffset: this.#committed,
      rows: this.#rows.slice(from, from + rowsMax),
    };
  }
}
