// The rows that a job's collect sinks hold for its client, in lanes: asked for where the sink's subtask runs,
// and kept here, as they were handed over, when its task has finished or its lane has ended.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { must } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { AttemptId, FencingToken, OperatorId, ResourceId } from '../../core/ids.ts';
import {
  type FinalResults,
  type LaneCounts,
  type ResultsRequest,
  type ResultsResponse,
  voidFrom,
} from '../../core/results.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import { type EndedLane, endedLanes, resultOperators } from './result-lanes.ts';
import { isFinishedIn } from './task-deployments.ts';
import type { TaskManagers } from './task-managers.ts';

/** What a leader after this one must know of the rows. */
export interface KeptResults {
  /** What sinks held when their tasks had finished, or their lanes had ended: by operator and lane. */
  readonly final: readonly (readonly [string, FinalResults])[];
  /** All lanes of each sink that has had others than its first. */
  readonly lanes: readonly (readonly [OperatorId, LaneCounts])[];
}

export interface ResultsAnswer extends ResultsResponse {
  /** There will be no further row in this lane, and none of these is withdrawn. */
  readonly isLast: boolean;
  /** All lanes of the sink so far. */
  readonly lanes: LaneCounts;
}

type LaneAnswer = Omit<ResultsAnswer, 'lanes'>;

/**
 * Where a sink subtask runs now; `none` while it does not, `ended` when it never will, `unknown` when a leader had
 * begun the lane that died before a checkpoint: what the client has of it is void, and it may begin once more.
 */
type SinkPlace =
  | { readonly kind: 'running'; readonly attemptId: AttemptId; readonly taskManager: ResourceId }
  | { readonly kind: 'none' | 'unknown' | 'ended' };

const LOOK_AGAIN_MS = 20;

export class JobResults {
  readonly #graph: ExecutionGraph;
  readonly #clock: Clock;
  readonly #taskManagers: TaskManagers;
  readonly #token: FencingToken;
  readonly #latest: () => CompletedCheckpoint | undefined;
  /** By operator and lane. */
  readonly #final = new Map<string, FinalResults>();
  /** What is to be kept when the job gets another parallelism. */
  #ended: readonly EndedLane[] = [];
  /** Lanes that have ended will not begin again, under whichever leader. */
  #areLanesSettled = true;
  /** The job has ended, and whoever leads after us knows it. */
  #hasEnded = false;
  /** Under each parallelism before this one. */
  readonly #lanesBefore = new Map<OperatorId, LaneCounts>();

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

  get kept(): KeptResults {
    const sinks = [...this.#lanesBefore.keys()];
    return {
      final: [...this.#final],
      lanes: sinks.map((operatorId) => [operatorId, this.lanesOf(operatorId)]),
    };
  }

  /** Of an earlier leader, for subtasks that had finished at the checkpoint that the job goes on from. */
  recover({ final, lanes }: KeptResults, from: CompletedCheckpoint): void {
    for (const [key, results] of final) this.#final.set(key, results);
    for (const [operatorId, counts] of lanes)
      this.#lanesBefore.set(operatorId, counts.slice(0, -1));
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
      const key = this.#keyOf(results.operatorId, vertex.id.subtask);
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
        this.#final.delete(this.#keyOf(node.operatorId, subtask));
    }
  }

  /** Reads the rows that the lanes still had at that checkpoint. @throws SluiceError naming the file. */
  async prepareRescale(origin: CompletedCheckpoint, files: FileSystem): Promise<void> {
    this.#ended = await endedLanes(this.#graph.job, origin, files);
  }

  /** All lanes end, with those rows; the job, still as it was, gets another parallelism. */
  onRescale(): void {
    this.#areLanesSettled = false;
    for (const { subtask, results } of this.#ended) {
      const key = this.#keyOf(results.operatorId, subtask);
      if (!this.#final.has(key)) this.#final.set(key, results);
    }
    for (const vertex of this.#graph.job.vertices)
      for (const operatorId of resultOperators(vertex))
        this.#lanesBefore.set(operatorId, this.lanesOf(operatorId));
    this.#ended = [];
  }

  /** Of the job at its present parallelism: no leader goes back beyond it. */
  onCheckpointCompleted(): void {
    this.#areLanesSettled = true;
  }

  /** No lane goes on. */
  onJobEnded(): void {
    this.#hasEnded = true;
  }

  /** Of the job as it is now, too. */
  lanesOf(operatorId: OperatorId): LaneCounts {
    const before = this.#lanesBefore.get(operatorId) ?? [];
    const vertex = this.#vertexOf(operatorId);
    return vertex === undefined ? before : [...before, vertex.parallelism];
  }

  /** Answers when there is news, or with none after `waitMs`. */
  async request(
    operatorId: OperatorId,
    lane: number,
    request: ResultsRequest,
  ): Promise<ResultsAnswer> {
    const answer = await this.#answer(operatorId, lane, request);
    return { ...answer, lanes: this.lanesOf(operatorId) };
  }

  async #answer(
    operatorId: OperatorId,
    lane: number,
    request: ResultsRequest,
  ): Promise<LaneAnswer> {
    const until = this.#clock.monotonic() + request.waitMs;
    for (;;) {
      const final = this.#finalAnswer(operatorId, lane, request);
      if (final !== undefined) return final;
      const place = this.#placeOf(operatorId, lane);
      if (place.kind === 'ended') return { ...nothingNew(request), isLast: true };
      if (place.kind === 'unknown' && request.offset > request.committedOffset)
        return { ...nothingNew(request), voidFrom: 0, isLast: false };
      const waitMs = Math.max(0, until - this.#clock.monotonic());
      if (place.kind === 'running') {
        const answer = await this.#ask(place, operatorId, { ...request, waitMs });
        if (answer !== undefined) return { ...answer, isLast: false };
      }
      if (this.#clock.monotonic() >= until) return { ...nothingNew(request), isLast: false };
      await new Promise<void>((done) => this.#clock.after(LOOK_AGAIN_MS, done));
    }
  }

  /** Undefined when nothing is kept of the lane, or nothing more than the client has while it may go on. */
  #finalAnswer(
    operatorId: OperatorId,
    lane: number,
    request: ResultsRequest,
  ): LaneAnswer | undefined {
    const final = this.#final.get(keyOf(operatorId, lane));
    if (final === undefined) return undefined;
    const answer = sliceOf(final, request);
    const isOver = this.#hasEnded || this.#isSettled(operatorId, lane);
    if (isOver || !answer.isLast) return answer;
    const isNews =
      answer.rows.length > 0 ||
      answer.version !== request.version ||
      Math.min(answer.committedOffset, request.offset) > request.committedOffset;
    return isNews ? { ...answer, isLast: false } : undefined;
  }

  /** It will not begin anew: one that was stopped with a savepoint may, as long as the job has not ended. */
  #isSettled(operatorId: OperatorId, lane: number): boolean {
    const subtask = lane - this.#firstLane(operatorId);
    if (subtask < 0) return this.#areLanesSettled;
    const [latest, vertex] = [this.#latest(), this.#vertexOf(operatorId)];
    return latest !== undefined && vertex !== undefined && isFinishedIn(latest, vertex, subtask);
  }

  #keyOf(operatorId: OperatorId, subtask: number): string {
    return keyOf(operatorId, this.#firstLane(operatorId) + subtask);
  }

  /** Of those that the subtasks have now. */
  #firstLane(operatorId: OperatorId): number {
    return (this.#lanesBefore.get(operatorId) ?? []).reduce((sum, lanes) => sum + lanes, 0);
  }

  #vertexOf(operatorId: OperatorId): JobVertex | undefined {
    return this.#graph.job.vertices.find(({ operators }) =>
      operators.some(({ node }) => node.operatorId === operatorId),
    );
  }

  #placeOf(operatorId: OperatorId, lane: number): SinkPlace {
    const vertex = this.#vertexOf(operatorId);
    const subtask = lane - this.#firstLane(operatorId);
    const execution = vertex && this.#graph.subtasksOf(vertex.id)[subtask]?.current;
    if (execution?.state === 'RUNNING' && execution.assignment !== undefined) {
      const { attemptId, assignment } = execution;
      return { kind: 'running', attemptId, taskManager: assignment.taskManager };
    }
    if (vertex === undefined || this.#hasEnded) return { kind: 'ended' };
    // What an earlier leader knew of the lanes is still being read.
    if (this.#graph.state === 'CREATED') return { kind: 'none' };
    return { kind: subtask < vertex.parallelism ? 'none' : 'unknown' };
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
  { final }: KeptResults,
  lanes: LaneCounts,
  operatorId: OperatorId,
  lane: number,
  request: ResultsRequest,
): ResultsAnswer {
  const [, found] = final.find(([key]) => key === keyOf(operatorId, lane)) ?? [];
  const answer =
    found === undefined ? { ...nothingNew(request), isLast: true } : sliceOf(found, request);
  return { ...answer, lanes };
}

const keyOf = (operatorId: OperatorId, lane: number): string => `${operatorId}.${lane}`;

function sliceOf(final: FinalResults, { version, offset, rowsMax }: ResultsRequest): LaneAnswer {
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
