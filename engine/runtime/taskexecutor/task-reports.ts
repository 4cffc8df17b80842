// What a TaskManager tells JobMasters of their tasks. Each thing is told when it happens; since a message may
// be lost, each heartbeat also says how the tasks stand, and tells again what has not been heard: ends of
// tasks, their words on checkpoints, and events for enumerators, which are numbered.

import type { CheckpointDecline, TaskAcknowledgement } from '../../checkpoint/acknowledgement.ts';
import type { AttemptId, JobId, OperatorId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import { Inbox, Outbox } from '../../rpc/numbered.ts';
import type { Gateway } from '../../rpc/rpc-service.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import type { TaskMetrics } from '../../task/task-metrics.ts';
import type { JobMasterGateway, TaskEnded, TaskStanding } from '../jobmaster/job-master-gateway.ts';
import type { JobConnection } from './job-connection.ts';
import type { TaskTrigger } from './task-executor-gateway.ts';

interface Known {
  readonly jobId: JobId;
  state: TaskStanding['state'];
  hasDataEnded: boolean;
  completedCheckpoint: number;
  abortedCheckpoint: number;
  triggeredCheckpoint: number;
  /** By checkpoint: acknowledged or declined, and the JobMaster may not have heard it. */
  readonly answers: Map<number, Call>;
  readonly eventsIn: Inbox;
  readonly eventsOut: Outbox<{ readonly operatorId: OperatorId; readonly event: unknown }>;
}

type Call = (gateway: Gateway<JobMasterGateway>, token: JobConnection['token']) => Promise<unknown>;

export class TaskReports {
  readonly #jobOf: (jobId: JobId) => JobConnection | undefined;
  readonly #tasks = new Map<AttemptId, Known>();
  /** Ends of which their JobMasters have not said that they know. */
  readonly #ends = new Map<AttemptId, { readonly jobId: JobId; readonly ended: TaskEnded }>();
  /** The latest that have ended: one that is deployed once more has been sent twice. */
  readonly #endedBefore = new Set<AttemptId>();

  constructor(jobOf: (jobId: JobId) => JobConnection | undefined) {
    this.#jobOf = jobOf;
  }

  /** A task is being deployed. False for one that is here, or has been. */
  begin(attemptId: AttemptId, jobId: JobId): boolean {
    if (this.#tasks.has(attemptId) || this.#endedBefore.has(attemptId)) return false;
    this.#tasks.set(attemptId, {
      jobId,
      state: 'DEPLOYING',
      hasDataEnded: false,
      completedCheckpoint: 0,
      abortedCheckpoint: 0,
      triggeredCheckpoint: 0,
      answers: new Map(),
      eventsIn: new Inbox(),
      eventsOut: new Outbox(),
    });
    return true;
  }

  has(attemptId: AttemptId): boolean {
    return this.#tasks.has(attemptId);
  }

  /** Its deployment has failed, and whoever asked for it hears so. */
  forget(attemptId: AttemptId): void {
    this.#tasks.delete(attemptId);
  }

  onState(attemptId: AttemptId, state: 'INITIALIZING' | 'RUNNING'): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    task.state = state;
    this.tell(attemptId, (gateway, token) => gateway.updateTaskState(token, { attemptId, state }));
  }

  onDataEnded(attemptId: AttemptId): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    task.hasDataEnded = true;
    const update = { attemptId, state: 'DATA_ENDED' } as const;
    this.tell(attemptId, (gateway, token) => gateway.updateTaskState(token, update));
  }

  onEnded(attemptId: AttemptId, end: TaskEnd, metrics: TaskMetrics | undefined): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    this.#tasks.delete(attemptId);
    this.#remember(attemptId);
    const ended: TaskEnded = { attemptId, state: 'ENDED', end, metrics };
    this.#ends.set(attemptId, { jobId: task.jobId, ended });
    const job = this.#jobOf(task.jobId);
    job?.tell(async (gateway) => {
      await gateway.updateTaskState(job.token, ended);
      this.#ends.delete(attemptId);
    });
  }

  /** From a reader to its enumerator. */
  onEvent(attemptId: AttemptId, operatorId: OperatorId, event: unknown): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    const number = task.eventsOut.add({ operatorId, event });
    this.#sendEvent(attemptId, task, number, operatorId, event);
  }

  /** An event for a reader has come. False when it is not the next: it will come again. */
  takesEvent(attemptId: AttemptId, number: number): boolean {
    return this.#tasks.get(attemptId)?.eventsIn.takes(number) ?? false;
  }

  /** Events that have come for the readers of a task. */
  eventsOf(attemptId: AttemptId): number {
    return this.#tasks.get(attemptId)?.eventsIn.count ?? 0;
  }

  /**
   * A trigger has come. `early`: something that was to come in front of it has not, and will be sent again.
   * `late`: what came behind it has, and a snapshot would hold that. `known`: it has come before.
   */
  onTrigger(
    { attemptId, events, after }: TaskTrigger,
    checkpointId: number,
  ): 'new' | 'known' | 'early' | 'late' {
    const task = this.#tasks.get(attemptId);
    if (task === undefined || task.triggeredCheckpoint >= checkpointId) return 'known';
    const came = task.eventsIn.count;
    if (came < events || task.triggeredCheckpoint < after) return 'early';
    task.triggeredCheckpoint = checkpointId;
    return came > events ? 'late' : 'new';
  }

  onAcknowledged(attemptId: AttemptId, ack: TaskAcknowledgement): void {
    this.#answer(attemptId, ack.checkpointId, (gateway, token) =>
      gateway.acknowledgeCheckpoint(token, attemptId, ack),
    );
  }

  onDeclined(attemptId: AttemptId, decline: CheckpointDecline): void {
    this.#answer(attemptId, decline.checkpointId, (gateway, token) =>
      gateway.declineCheckpoint(token, attemptId, decline),
    );
  }

  onNotified(attemptId: AttemptId, checkpointId: number, outcome: 'complete' | 'aborted'): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    if (outcome === 'complete')
      task.completedCheckpoint = Math.max(task.completedCheckpoint, checkpointId);
    else task.abortedCheckpoint = Math.max(task.abortedCheckpoint, checkpointId);
  }

  /** What is said once: its loss shows elsewhere. */
  tell(attemptId: AttemptId, call: Call): void {
    const task = this.#tasks.get(attemptId);
    const job = task === undefined ? undefined : this.#jobOf(task.jobId);
    job?.tell((gateway) => call(gateway, job.token));
  }

  standingsOf(jobId: JobId): readonly TaskStanding[] {
    return [...this.#tasks]
      .filter(([, task]) => task.jobId === jobId)
      .map(([attemptId, task]) => ({
        attemptId,
        state: task.state,
        hasDataEnded: task.hasDataEnded,
        completedCheckpoint: task.completedCheckpoint,
        abortedCheckpoint: task.abortedCheckpoint,
        triggeredCheckpoint: task.triggeredCheckpoint,
        events: task.eventsIn.count,
      }));
  }

  /** Ends that the JobMaster may not have heard of. */
  endsOf(jobId: JobId): readonly TaskEnded[] {
    return [...this.#ends.values()].filter((end) => end.jobId === jobId).map(({ ended }) => ended);
  }

  /** The JobMaster has them. */
  onEndsHeard(ends: readonly TaskEnded[]): void {
    for (const { attemptId } of ends) this.#ends.delete(attemptId);
  }

  /** Events and words on checkpoints that may have been lost are sent again. */
  repeat(jobId: JobId): void {
    for (const [attemptId, task] of this.#tasks) {
      if (task.jobId !== jobId) continue;
      for (const [checkpointId, call] of task.answers)
        this.#sendAnswer(attemptId, task, checkpointId, call);
      for (const [number, { operatorId, event }] of task.eventsOut.waiting)
        this.#sendEvent(attemptId, task, number, operatorId, event);
    }
  }

  /** The job has nothing here any more. */
  forgetJob(jobId: JobId): void {
    for (const [attemptId, end] of this.#ends)
      if (end.jobId === jobId) this.#ends.delete(attemptId);
  }

  /** A task's word on a checkpoint: said until it has been heard, or the task has ended. */
  #answer(attemptId: AttemptId, checkpointId: number, call: Call): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    task.answers.set(checkpointId, call);
    const [oldest] = task.answers.keys();
    if (oldest !== undefined && task.answers.size > limits.checkpointAnswersMax)
      task.answers.delete(oldest);
    this.#sendAnswer(attemptId, task, checkpointId, call);
  }

  #sendAnswer(attemptId: AttemptId, task: Known, checkpointId: number, call: Call): void {
    this.tell(attemptId, async (gateway, token) => {
      await call(gateway, token);
      if (task.answers.get(checkpointId) === call) task.answers.delete(checkpointId);
    });
  }

  #sendEvent(
    attemptId: AttemptId,
    task: Known,
    number: number,
    operatorId: OperatorId,
    event: unknown,
  ): void {
    this.tell(attemptId, async (gateway, token) => {
      task.eventsOut.onReceived(
        await gateway.operatorEvent(token, attemptId, operatorId, number, event),
      );
    });
  }

  #remember(attemptId: AttemptId): void {
    this.#endedBefore.add(attemptId);
    const [oldest] = this.#endedBefore;
    if (oldest !== undefined && this.#endedBefore.size > limits.endedTasksRememberedMax)
      this.#endedBefore.delete(oldest);
  }
}
