// Carries the tasks of a job through their states: schedules, deploys when the slots are there, restarts what
// fails. The ExecutionGraph decides states, the policy decides restarts; every event is handled to its end
// before the next.

import { must } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import { type ErrorInfo, errorInfo, SluiceError } from '../../core/errors.ts';
import type { AttemptId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { ExecutionEffect, TaskReport } from '../../graph/execution-effects.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import { isTerminalJobState, type JobState } from '../../graph/execution-state.ts';
import type { Execution } from '../../graph/execution-vertex.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import { isSameParallelism } from '../../graph/rescaled-job.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import { FailureHistory, failureError } from './failure-history.ts';
import { JobRestarts } from './job-restarts.ts';
import type { JobSlots } from './job-slots.ts';
import type { FailureFacts, RestartPolicy } from './restart-policy.ts';

export interface JobSchedulerEvents {
  readonly clock: Clock;
  readonly log: Logger;
  /** Rejects when the task did not get to its slot. */
  readonly submit: (id: SubtaskId) => Promise<void>;
  readonly cancelTask: (execution: Execution) => void;
  readonly onTaskState: (id: SubtaskId, execution: Execution) => void;
  /** Some task has failed, and the job goes on or not: no checkpoint completes any more. */
  readonly onTaskFailed: () => void;
  /** The job is about to have another parallelism; no subtask of it runs. */
  readonly onRescale: (job: JobGraph) => void;
  /** These begin anew: all around them goes back to where they do. */
  readonly onRestart: (ids: readonly SubtaskId[]) => void;
  readonly onJobState: (state: JobState) => void;
}

export class JobScheduler {
  readonly graph: ExecutionGraph;
  readonly failures = new FailureHistory();
  readonly #slots: JobSlots;
  readonly #restarts: JobRestarts;
  readonly #events: JobSchedulerEvents;
  /** What the job is to be when it begins anew. */
  #rescaled: JobGraph | undefined;

  constructor(
    graph: ExecutionGraph,
    slots: JobSlots,
    policy: RestartPolicy,
    events: JobSchedulerEvents,
  ) {
    this.graph = graph;
    this.#slots = slots;
    this.#restarts = new JobRestarts(graph, policy, events.clock);
    this.#events = events;
  }

  /** Times that tasks were restarted. */
  get restarts(): number {
    return this.#restarts.count;
  }

  start(): void {
    this.#apply(this.graph.start(this.#now()));
    this.#schedule(this.graph.subtasks.map(({ id }) => id));
  }

  /** The job, which has not begun, has that parallelism from the beginning. */
  beginAs(job: JobGraph): void {
    if (!isSameParallelism(job, this.graph.job)) this.#become(job);
  }

  /** Ends all tasks of the job, which is RUNNING, and goes on with it at another parallelism from its last checkpoint. */
  rescale(job: JobGraph): void {
    this.#rescaled = job;
    const ids = this.#restarts.waitForAll(() => this.#restartIfPossible());
    this.#apply(this.graph.awaitRestart(ids, this.#now()));
  }

  cancel(): void {
    this.#apply(this.graph.cancelJob(this.#now()));
  }

  /** All slots are there: what is scheduled goes to them. */
  deploy(): void {
    const scheduled = this.graph.subtasks.filter(({ current }) => current.state === 'SCHEDULED');
    for (const { id } of scheduled) {
      const { allocationId, taskManager } = this.#slots.slotOf(id);
      const assignment = { allocationId, taskManager: taskManager.resourceId };
      this.#apply(this.graph.deploy(id, assignment, this.#now()));
    }
    for (const { id, current } of scheduled) this.#submit(id, current.attemptId);
  }

  /** It may not have arrived. */
  redeploy(id: SubtaskId): void {
    this.#submit(id, this.graph.subtask(id).current.attemptId);
  }

  onTaskState(report: TaskReport): void {
    this.#apply(this.graph.onTaskState(report, this.#now()));
  }

  onTaskEnded(attemptId: AttemptId, end: TaskEnd): void {
    if (end.state === 'FAILED') {
      this.#restarts.noteCause(attemptId, end.failure.cause);
      this.onTaskState({ attemptId, state: 'FAILED', error: failureError(end.failure) });
    } else this.onTaskState({ attemptId, state: end.state });
    this.#restartIfPossible();
  }

  /** The attempt is gone with what it ran in. */
  failTask(id: SubtaskId, error: ErrorInfo, cause: FailureFacts['cause']): void {
    this.#restarts.noteCause(this.graph.subtask(id).current.attemptId, cause);
    this.#apply(this.graph.fail(id, error, true, this.#now()));
    this.#restartIfPossible();
  }

  /** For a reason that no task gave. */
  failJob(error: ErrorInfo): void {
    if (isTerminalJobState(this.graph.state)) return;
    const atMs = this.#now();
    this.failures.add({
      atMs,
      error,
      task: undefined,
      taskManager: undefined,
      attempt: undefined,
    });
    this.#apply(this.graph.failJob(error, atMs));
  }

  onCheckpointCompleted(): void {
    this.#restarts.onCheckpointCompleted();
  }

  vertexOf({ vertex }: SubtaskId): JobVertex {
    return must(
      this.graph.job.vertices.find(({ id }) => id === vertex),
      `vertex ${vertex}`,
    );
  }

  /** `Source: generator -> Map (1/2)`. */
  taskName(attemptId: AttemptId): string {
    const id = this.graph.subtaskOfAttempt(attemptId)?.id;
    if (id === undefined) return 'a task that is gone';
    const { name, parallelism } = this.vertexOf(id);
    return `${name} (${id.subtask + 1}/${parallelism})`;
  }

  #now(): number {
    return this.#events.clock.now();
  }

  #schedule(ids: readonly SubtaskId[]): void {
    this.#apply(this.graph.schedule(ids, this.#now()));
    this.#slots.require();
  }

  #submit(id: SubtaskId, attemptId: AttemptId): void {
    this.#events.submit(id).catch((error: unknown) => {
      const current = this.graph.subtaskOfAttempt(attemptId)?.current;
      const reason = error instanceof SluiceError ? error.reason : undefined;
      // Whether it arrived is not known: heartbeats tell.
      if (current === undefined || reason === 'timeout') return;
      if (reason === 'no-slot') this.#slots.onSlotGone(current.assignment?.allocationId);
      this.failTask(id, errorInfo(error), 'lost');
    });
  }

  #apply(effects: readonly ExecutionEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ExecutionEffect): void {
    switch (effect.kind) {
      case 'task-state':
        return this.#events.onTaskState(effect.id, effect.execution);
      case 'cancel-task':
        return this.#events.cancelTask(effect.execution);
      case 'release-slot':
      case 'drop-task':
        return; // slots are kept until the job has ended; strays are ended with them
      case 'task-failed':
        return this.#onTaskFailed(effect.id, effect.execution, effect.error);
      case 'job-state':
        return this.#events.onJobState(effect.state);
    }
  }

  #onTaskFailed(id: SubtaskId, execution: Execution, error: ErrorInfo): void {
    const { attemptId, attempt, assignment } = execution;
    const task = this.taskName(attemptId);
    const atMs = this.#now();
    this.failures.add({ atMs, error, task, taskManager: assignment?.taskManager, attempt });
    const decision = this.#restarts.decide(id, attemptId, () => this.#restartIfPossible());
    this.#events.onTaskFailed();
    if (decision.kind === 'fail') return this.#apply(this.graph.failJob(error, atMs));
    const tasks = decision.ids.length === 1 ? 'it' : `${decision.ids.length} tasks`;
    this.#events.log.log('warn', `${task} failed: ${error.message}; ${tasks} will restart`);
    this.#apply(this.graph.awaitRestart(decision.ids, atMs));
  }

  #restartIfPossible(): void {
    const ids = this.#restarts.takeReady();
    if (ids === undefined) return;
    if (this.#rescaled !== undefined) return this.#restartAs(this.#rescaled);
    this.#events.onRestart(ids);
    this.#apply(this.graph.restart(ids, this.#now()));
    this.#schedule(ids);
  }

  #become(job: JobGraph): void {
    this.#events.onRescale(job);
    this.#apply(this.graph.rescale(job, this.#now()));
    this.#restarts.onRescaled();
  }

  #restartAs(job: JobGraph): void {
    this.#rescaled = undefined;
    this.#become(job);
    const ids = this.graph.subtasks.map(({ id }) => id);
    this.#events.onRestart(ids);
    this.#schedule(ids);
  }
}
