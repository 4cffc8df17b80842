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

export class JobRestarts {
  readonly #graph: ExecutionGraph;
  readonly #policy: RestartPolicy;
  readonly #clock: Clock;
  readonly #regions: readonly PipelinedRegion[];
  /** By attempt: what kind of failure it was, from its report until it is decided on. */
  readonly #causes = new Map<AttemptId, FailureFacts['cause']>();
  #waiting: { readonly ids: readonly SubtaskId[]; isDelayOver: boolean } | undefined;
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
    this.#wait(ids, decision.delayMs, onReady);
    return { kind: 'restart', ids };
  }

  /** What may begin anew now: the delay is over, and all of it has ended. */
  takeReady(): readonly SubtaskId[] | undefined {
    const waiting = this.#waiting;
    if (waiting?.isDelayOver !== true || !this.#graph.canRestart(waiting.ids)) return undefined;
    this.#waiting = undefined;
    this.#count++;
    return waiting.ids;
  }

  onCheckpointCompleted(): void {
    this.#policy.onCheckpointCompleted();
  }

  #wait(ids: readonly SubtaskId[], delayMs: number, onReady: () => void): void {
    const earlier = this.#waiting?.ids ?? [];
    const isNew = (id: SubtaskId): boolean =>
      !earlier.some((other) => other.vertex === id.vertex && other.subtask === id.subtask);
    const waiting = { ids: [...earlier, ...ids.filter(isNew)], isDelayOver: false };
    this.#waiting = waiting;
    this.#clock.after(delayMs, () => {
      waiting.isDelayOver = true;
      onReady();
    });
  }
}
