// What follows the failure of tasks: the policy says whether and when, the regions say what begins anew
// with them. Failures that come while a restart waits join it.

import type { Clock } from '../../core/clock.ts';
import type { AttemptId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import {
  type PipelinedRegion,
  pipelinedRegions,
  type SubtaskId,
  subtasksToRestart,
} from '../../graph/pipelined-regions.ts';
import type { FailureFacts, RestartPolicy } from './restart-policy.ts';

export type RestartDecision =
  | { readonly kind: 'fail' }
  /** These wait to begin anew; what of them still runs is to be cancelled. */
  | { readonly kind: 'restart'; readonly ids: readonly SubtaskId[] };

interface Waiting {
  readonly ids: readonly SubtaskId[];
  /** Otherwise somebody has asked for it: it does not count as a restart. */
  readonly isFailure: boolean;
  isDelayOver: boolean;
}

export class JobRestarts {
  readonly #graph: ExecutionGraph;
  readonly #policy: RestartPolicy;
  readonly #clock: Clock;
  #regions: readonly PipelinedRegion[];
  /** By attempt: what kind of failure it was, from its report until it is decided on. */
  readonly #causes = new Map<AttemptId, FailureFacts['cause']>();
  #waiting: Waiting | undefined;
  #count = 0;

  constructor(graph: ExecutionGraph, policy: RestartPolicy, clock: Clock) {
    this.#graph = graph;
    this.#policy = policy;
    this.#clock = clock;
    this.#regions = pipelinedRegions(graph.job);
  }

  /** Restarts so far. */
  get count(): number {
    return this.#count;
  }

  /** Told before the graph is, whose effect is the decision. */
  noteCause(attemptId: AttemptId, cause: FailureFacts['cause']): void {
    this.#causes.set(attemptId, cause);
  }

  /** `onReady`: called when the delay is over. */
  decide(id: SubtaskId, attemptId: AttemptId, onReady: () => void): RestartDecision {
    const cause = this.#causes.get(attemptId) ?? 'engine';
    this.#causes.delete(attemptId);
    const subtask = `${id.vertex}.${id.subtask}`;
    const decision = this.#policy.onFailure({ cause, subtask, nowMs: this.#clock.monotonic() });
    if (decision.kind === 'fail') return decision;
    const ids = subtasksToRestart(this.#regions, [id]);
    this.#wait(ids, true, decision.delayMs, onReady);
    return { kind: 'restart', ids };
  }

  /** All of the job is to begin anew, for no failure. */
  waitForAll(onReady: () => void): readonly SubtaskId[] {
    const ids = this.#graph.subtasks.map(({ id }) => id);
    this.#wait(ids, false, 0, onReady);
    return ids;
  }

  /** The job has another parallelism. */
  onRescaled(): void {
    this.#regions = pipelinedRegions(this.#graph.job);
  }

  /** What may begin anew now: the delay is over, and all of it has ended. */
  takeReady(): readonly SubtaskId[] | undefined {
    const waiting = this.#waiting;
    if (waiting?.isDelayOver !== true || !this.#graph.canRestart(waiting.ids)) return undefined;
    this.#waiting = undefined;
    if (waiting.isFailure) this.#count++;
    return waiting.ids;
  }

  onCheckpointCompleted(): void {
    this.#policy.onCheckpointCompleted();
  }

  #wait(ids: readonly SubtaskId[], hasFailed: boolean, delayMs: number, onReady: () => void): void {
    const { ids: earlier = [], isFailure = false } = this.#waiting ?? {};
    const isNew = (id: SubtaskId): boolean =>
      !earlier.some((other) => other.vertex === id.vertex && other.subtask === id.subtask);
    const waiting: Waiting = {
      ids: [...earlier, ...ids.filter(isNew)],
      isFailure: isFailure || hasFailed,
      isDelayOver: false,
    };
    this.#waiting = waiting;
    this.#clock.after(delayMs, () => {
      waiting.isDelayOver = true;
      onReady();
    });
  }
}
