// The rows that a job's collect sinks hold for its client: asked for where the sink runs, and kept here,
// as they were handed over, when its task has finished.

import type { Clock } from '../../core/clock.ts';
import type { AttemptId, FencingToken, OperatorId, ResourceId } from '../../core/ids.ts';
import type { FinalResults, ResultsRequest, ResultsResponse } from '../../core/results.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import { isTerminalJobState } from '../../graph/execution-state.ts';
import type { TaskManagers } from './task-managers.ts';

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
  readonly #final = new Map<string, FinalResults>();

  constructor(
    graph: ExecutionGraph,
    clock: Clock,
    taskManagers: TaskManagers,
    token: FencingToken,
  ) {
    this.#graph = graph;
    this.#clock = clock;
    this.#taskManagers = taskManagers;
    this.#token = token;
  }

  keep(subtask: number, results: FinalResults): void {
    this.#final.set(`${results.operatorId}.${subtask}`, results);
  }

  /** The task runs again: what it had handed over is void. */
  forget(operatorId: OperatorId, subtask: number): void {
    this.#final.delete(`${operatorId}.${subtask}`);
  }

  /** Answers when there is news, or with none after `waitMs`. */
  async request(
    operatorId: OperatorId,
    subtask: number,
    request: ResultsRequest,
  ): Promise<ResultsAnswer> {
    const until = this.#clock.monotonic() + request.waitMs;
    for (;;) {
      const final = this.#final.get(`${operatorId}.${subtask}`);
      if (final !== undefined) return sliceOf(final, request);
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

  #placeOf(operatorId: OperatorId, subtask: number): SinkPlace {
    const vertex = this.#graph.job.vertices.find(({ operators }) =>
      operators.some(({ node }) => node.operatorId === operatorId),
    );
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

function sliceOf(final: FinalResults, { version, offset, rowsMax }: ResultsRequest): ResultsAnswer {
  const from = version === final.version ? Math.max(0, offset - final.offset) : 0;
  const rows = final.rows.slice(from, from + rowsMax);
  return {
    version: final.version,
    offset: final.offset + from,
    committedOffset: final.committedOffset,
    rows,
    isLast: from + rows.length >= final.rows.length,
  };
}

const nothingNew = ({ version, offset, committedOffset }: ResultsRequest): ResultsResponse => ({
  version,
  offset,
  committedOffset,
  rows: [],
});
