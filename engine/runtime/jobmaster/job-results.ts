// The rows that a job's collect sinks hold for its client: asked for where the sink runs, and kept here,
// as they were handed over, when its task has finished.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { must } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { AttemptId, FencingToken, OperatorId, ResourceId } from '../../core/ids.ts';
import {
  type FinalResults,
  type ResultsRequest,
  type ResultsResponse,
  voidFrom,
} from '../../core/results.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import { isTerminalJobState } from '../../graph/execution-state.ts';
import type { JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import { isFinishedIn } from './task-deployments.ts';
import type { TaskManagers } from './task-managers.ts';

/** By operator and subtask. */
export type FinalRows = readonly (readonly [string, FinalResults])[];

export interface ResultsAnswer extends ResultsResponse {
  /** There will be no further row, and none of these is withdrawn. */
  readonly isLast: boolean;
}

/** Where a sink subtask runs now; `none` while it does not, `ended` when it never will. */
type SinkPlace =
  | { readonly kind: 'running'; readonly attemptId: AttemptId; readonly taskManager: ResourceId }
  | { readonly kind: 'none' | 'ended' };

const LOOK_AGAIN_MS = 20;

export class JobResults {
  readonly #graph: ExecutionGraph;
  readonly #clock: Clock;
  readonly #taskManagers: TaskManagers;
  readonly #token: FencingToken;
  readonly #latest: () => CompletedCheckpoint | undefined;
  readonly #final = new Map<string, FinalResults>();

  /** @param latest What a restart would go on from. */
  constructor(
    graph: ExecutionGraph,
    clock: Clock,
    taskManagers: TaskManagers,
    token: FencingToken,
    latest: () => CompletedCheckpoint | undefined,
  ) {
    this.#graph = graph;
    this.#clock = clock;
    this.#taskManagers = taskManagers;
    this.#token = token;
    this.#latest = latest;
  }

  /** What sinks held when their tasks had finished, by operator and subtask. */
  get final(): FinalRows {
    return [...this.#final];
  }

  /** Of an earlier leader, for subtasks that had finished at the checkpoint that the job goes on from. */
  recover(final: FinalRows, from: CompletedCheckpoint): void {
    for (const [key, results] of final) this.#final.set(key, results);
    this.onRestart(
      this.#graph.subtasks.map(({ id }) => id),
      from,
    );
  }

  /** The rows that its sinks still have stay here. A subtask that only finishes once more has none to add. */
  onTaskEnded(attemptId: AttemptId, end: TaskEnd): void {
    const vertex = this.#graph.subtaskOfAttempt(attemptId);
    if (vertex === undefined || end.state !== 'FINISHED') return;
    for (const results of end.results) {
      const key = keyOf(results.operatorId, vertex.id.subtask);
      if (!this.#final.has(key)) this.#final.set(key, results);
    }
  }

  /** What these had handed over is void, unless they had finished at the checkpoint that they go on from. */
  onRestart(ids: readonly SubtaskId[], from: CompletedCheckpoint | undefined): void {
    for (const { vertex, subtask } of ids) {
      const jobVertex = must(
        this.#graph.job.vertices.find(({ id }) => id === vertex),
        `vertex ${vertex}`,
      );
      if (from !== undefined && isFinishedIn(from, jobVertex, subtask)) continue;
      for (const { node } of jobVertex.operators)
        this.#final.delete(keyOf(node.operatorId, subtask));
    }
  }

  /** Answers when there is news, or with none after `waitMs`. */
  async request(
    operatorId: OperatorId,
    subtask: number,
    request: ResultsRequest,
  ): Promise<ResultsAnswer> {
    const until = this.#clock.monotonic() + request.waitMs;
    for (;;) {
      const final = this.#final.get(keyOf(operatorId, subtask));
      const answer = final && this.#finalAnswer(final, operatorId, subtask, request);
      if (answer !== undefined) return answer;
      const place = this.#placeOf(operatorId, subtask);
      if (place.kind === 'ended') return { ...nothingNew(request), isLast: true };
      const waitMs = Math.max(0, until - this.#clock.monotonic());
      if (place.kind === 'running') {
        const answer = await this.#ask(place, operatorId, { ...request, waitMs });
        if (answer !== undefined) return { ...answer, isLast: false };
      }
      if (this.#clock.monotonic() >= until) return { ...nothingNew(request), isLast: false };
      await new Promise<void>((done) => this.#clock.after(LOOK_AGAIN_MS, done));
    }
  }

  /**
   * Undefined when that would be nothing new. What a finished task has handed over is the end of it only when the
   * task cannot begin anew: one that was stopped with a savepoint can, as long as the job has not ended.
   */
  #finalAnswer(
    final: FinalResults,
    operatorId: OperatorId,
    subtask: number,
    request: ResultsRequest,
  ): ResultsAnswer | undefined {
    const answer = sliceOf(final, request);
    const latest = this.#latest();
    const vertex = this.#vertexOf(operatorId);
    const isSettled =
      isTerminalJobState(this.#graph.state) ||
      (latest !== undefined && vertex !== undefined && isFinishedIn(latest, vertex, subtask));
    const isKnown =
      answer.rows.length === 0 &&
      answer.version === request.version &&
      answer.committedOffset === request.committedOffset;
    if (!isSettled && isKnown) return undefined;
    return { ...answer, isLast: answer.isLast && isSettled };
  }

  #vertexOf(operatorId: OperatorId): JobVertex | undefined {
    return this.#graph.job.vertices.find(({ operators }) =>
      operators.some(({ node }) => node.operatorId === operatorId),
    );
  }

  #placeOf(operatorId: OperatorId, subtask: number): SinkPlace {
    const vertex = this.#vertexOf(operatorId);
    const execution = vertex && this.#graph.subtasksOf(vertex.id)[subtask]?.current;
    if (execution?.state === 'RUNNING' && execution.assignment !== undefined) {
      const { attemptId, assignment } = execution;
      return { kind: 'running', attemptId, taskManager: assignment.taskManager };
    }
    const hasEnded = execution === undefined || isTerminalJobState(this.#graph.state);
    return { kind: hasEnded ? 'ended' : 'none' };
  }

  /** Undefined when the task has gone meanwhile. */
  async #ask(
    place: SinkPlace & { kind: 'running' },
    operatorId: OperatorId,
    request: ResultsRequest,
  ): Promise<ResultsResponse | undefined> {
    try {
      return await this.#taskManagers.call(place.taskManager, (gateway) =>
        gateway.requestResults(this.#token, place.attemptId, operatorId, request),
      );
    } catch {
      return undefined;
    }
  }
}

/** Of a job that has ended. */
export function finalAnswer(
  rows: FinalRows,
  operatorId: OperatorId,
  subtask: number,
  request: ResultsRequest,
): ResultsAnswer {
  const [, final] = rows.find(([key]) => key === keyOf(operatorId, subtask)) ?? [];
  return final === undefined ? { ...nothingNew(request), isLast: true } : sliceOf(final, request);
}

const keyOf = (operatorId: OperatorId, subtask: number): string => `${operatorId}.${subtask}`;

function sliceOf(final: FinalResults, { version, offset, rowsMax }: ResultsRequest): ResultsAnswer {
  const from = version === final.version ? Math.max(0, offset - final.offset) : 0;
  const rows = final.rows.slice(from, from + rowsMax);
  return {
    version: final.version,
    voidFrom: voidFrom(final.starts, version),
    offset: final.offset + from,
    committedOffset: final.committedOffset,
    rows,
    isLast: from + rows.length >= final.rows.length,
  };
}

const nothingNew = ({ version, offset, committedOffset }: ResultsRequest): ResultsResponse => ({
  version,
  voidFrom: null,
  offset,
  committedOffset,
  rows: [],
});
