// Runs one job: gets slots, deploys tasks, follows their states, takes checkpoints, restarts what fails,
// and answers for all of it. Every event is handled to its end before the next; the ExecutionGraph decides
// states, the policy decides restarts, this carries both out. One per job, and nothing of one touches
// another.

import type { TaskAcknowledgement } from '../../checkpoint/acknowledgement.ts';
import type { ToReader } from '../../connectors/source-events.ts';
import { must } from '../../core/assert.ts';
import { every } from '../../core/clock.ts';
import { type ErrorInfo, errorInfo, SluiceError } from '../../core/errors.ts';
import {
  type AllocationId,
  type AttemptId,
  type BlobKey,
  type FencingToken,
  type JobId,
  newFencingToken,
  type OperatorId,
  type ResourceId,
} from '../../core/ids.ts';
import { options } from '../../core/options.ts';
import type { ResultsRequest } from '../../core/results.ts';
import type { ExecutionEffect } from '../../graph/execution-effects.ts';
import { ExecutionGraph } from '../../graph/execution-graph.ts';
import { isTerminalJobState, type JobState } from '../../graph/execution-state.ts';
import type { Execution } from '../../graph/execution-vertex.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { StreamNode } from '../../graph/stream-graph.ts';
import type { Gateway } from '../../rpc/rpc-service.ts';
import { lastSeen } from '../../task/last-seen.ts';
import type { TaskEnd } from '../../task/slot-messages.ts';
import type { TaskExecutorGateway } from '../taskexecutor/task-executor-gateway.ts';
import { checkpointPlan } from './checkpoint-plan.ts';
import { FailureHistory, failureError } from './failure-history.ts';
import { JobCheckpoints } from './job-checkpoints.ts';
import type { JobMasterDependencies } from './job-master-dependencies.ts';
import type {
  JobMasterGateway,
  SlotOffer,
  SlotShortage,
  TaskManagerLocation,
  TaskReport,
  TaskStateUpdate,
} from './job-master-gateway.ts';
import { JobMetrics } from './job-metrics.ts';
import { JobRestarts } from './job-restarts.ts';
import { JobResults, type ResultsAnswer, type SinkPlace } from './job-results.ts';
import { JobSlots } from './job-slots.ts';
import { JobSources } from './job-sources.ts';
import type { JobSubmission } from './job-submission.ts';
import { type FailureFacts, restartPolicy } from './restart-policy.ts';
import { taskDeployment } from './task-deployments.ts';
import { TaskManagers } from './task-managers.ts';

export class JobMaster implements JobMasterGateway {
  readonly jobId: JobId;
  readonly submission: JobSubmission;
  readonly job: JobGraph;
  readonly graph: ExecutionGraph;
  readonly metrics = new JobMetrics();
  readonly failures = new FailureHistory();
  readonly checkpoints: JobCheckpoints;
  readonly slots: JobSlots;
  readonly #deps: JobMasterDependencies;
  readonly #token: FencingToken;
  readonly #taskManagers: TaskManagers;
  readonly #results: JobResults;
  readonly #sources: JobSources;
  readonly #restarts: JobRestarts;
  /** Attempts whose data has ended. */
  readonly #dataEnded = new Set<AttemptId>();
  #heartbeats: Disposable | undefined;
  #stopServing: (() => void) | undefined;

  constructor(submission: JobSubmission, job: JobGraph, deps: JobMasterDependencies) {
    const { clock, random } = deps;
    this.submission = submission;
    this.jobId = submission.jobId;
    this.job = job;
    this.#deps = deps;
    this.#token = newFencingToken(random);
    this.graph = new ExecutionGraph(job, random, clock.now());
    this.#restarts = new JobRestarts(
      this.graph,
      restartPolicy(submission.configuration, random),
      clock,
    );
    this.#taskManagers = new TaskManagers(deps.rpc, clock, (resourceId, reason) =>
      this.taskManagerLost(resourceId, reason),
    );
    this.#results = new JobResults(clock, this.#taskManagers, this.#token, (operatorId, subtask) =>
      this.#placeOf(operatorId, subtask),
    );
    this.slots = this.#createSlots();
    this.#sources = this.#createSources();
    this.checkpoints = this.#createCheckpoints();
  }

  get state(): JobState {
    return this.graph.state;
  }

  /** Times that tasks were restarted. */
  get restarts(): number {
    return this.#restarts.count;
  }

  /** All its sources end by themselves. */
  get isBounded(): boolean {
    return this.job.vertices.every(({ id }) => this.#sources.isBounded(id));
  }

  start(): void {
    const { clock, rpc, heartbeatTimeoutMs } = this.#deps;
    this.#stopServing = rpc.serve(this.#endpoint, this);
    this.#heartbeats = every(clock, heartbeatTimeoutMs / 2, () => this.#checkHeartbeats());
    this.#sources.start(undefined);
    this.#apply(this.graph.start(clock.now()));
    this.#schedule(this.graph.subtasks.map(({ id }) => id));
  }

  cancel(): void {
    this.checkpoints.stop('Checkpoint Coordinator is shutting down.');
    this.#apply(this.graph.cancelJob(this.#deps.clock.now()));
  }

  requestResults(
    operatorId: OperatorId,
    subtask: number,
    request: ResultsRequest,
  ): Promise<ResultsAnswer> {
    return this.#results.request(operatorId, subtask, request);
  }

  offerSlots(
    token: FencingToken,
    from: TaskManagerLocation,
    offers: readonly SlotOffer[],
  ): readonly AllocationId[] {
    this.#fenced(token);
    this.#taskManagers.add(from, this.#deps.clock.monotonic());
    return offers
      .filter(({ slot, allocationId }) =>
        this.slots.offer({ slot, allocationId, taskManager: from }),
      )
      .map(({ allocationId }) => allocationId);
  }

  updateTaskState(token: FencingToken, update: TaskStateUpdate): void {
    this.#fenced(token);
    const { attemptId, state } = update;
    switch (state) {
      case 'DATA_ENDED':
        return this.#onDataEnded(attemptId);
      case 'ENDED':
        this.metrics.ended(attemptId, update.metrics, this.#deps.clock.monotonic());
        return this.#onTaskEnded(attemptId, update.end);
      case 'INITIALIZING':
      case 'RUNNING':
        this.#apply(this.graph.onTaskState({ attemptId, state }, this.#deps.clock.now()));
        if (state === 'RUNNING') this.#startCheckpointsWhenAllRun();
    }
  }

  acknowledgeCheckpoint(token: FencingToken, attemptId: AttemptId, ack: TaskAcknowledgement): void {
    this.#fenced(token);
    this.checkpoints.onAcknowledge(attemptId, ack);
  }

  declineCheckpoint(
    token: FencingToken,
    attemptId: AttemptId,
    checkpointId: number,
    reason: string,
  ): void {
    this.#fenced(token);
    this.checkpoints.onDecline(attemptId, checkpointId, reason);
  }

  operatorEvent(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    event: unknown,
  ): void {
    this.#fenced(token);
    const vertex = this.graph.subtaskOfAttempt(attemptId);
    if (vertex !== undefined) this.#sources.onEvent(operatorId, vertex.id.subtask, event);
  }

  heartbeat(token: FencingToken, resourceId: ResourceId, tasks: readonly TaskReport[]): void {
    this.#fenced(token);
    const now = this.#deps.clock.monotonic();
    this.#taskManagers.heard(resourceId, now);
    for (const report of tasks) this.metrics.report(report, now);
  }

  requestBlob(token: FencingToken, key: BlobKey): Uint8Array {
    this.#fenced(token);
    return must(this.submission.blobs.get(key), `blob ${key}`);
  }

  notEnoughSlots({ message }: SlotShortage): void {
    this.slots.onShortage(message);
    this.#deps.onEvent({ kind: 'slots', jobId: this.jobId, message });
  }

  taskManagerLost(resourceId: ResourceId, reason: string): void {
    this.slots.onTaskManagerLost(resourceId);
    this.#taskManagers.remove(resourceId);
    const message = `TaskManager ${resourceId} is lost: ${reason}`;
    for (const { id, current, isTerminal } of this.graph.subtasks) {
      if (isTerminal || current.assignment?.taskManager !== resourceId) continue;
      const observed = this.metrics.get(current.attemptId);
      const facts = observed && lastSeen(this.#vertex(id).operators, observed.metrics);
      const error = { name: 'TaskManagerLost', message };
      this.#failTask(id, facts === undefined ? error : failureError({ error, ...facts }), 'lost');
    }
  }

  get #endpoint(): string {
    return `job-master-${this.jobId}`;
  }

  #fenced(token: FencingToken): void {
    if (token !== this.#token)
      throw new SluiceError('fenced', `job ${this.jobId} has another JobMaster`);
  }

  #createSlots(): JobSlots {
    const { configuration } = this.submission;
    const requestMs = configuration.get(options.slotRequestTimeout);
    const shortageMs = configuration.get(options.slotShortageTimeout) ?? requestMs;
    return new JobSlots(
      this.job,
      { requestMs, shortageMs },
      {
        clock: this.#deps.clock,
        declare: (slots) => this.#declareSlots(slots),
        free: ({ taskManager, allocationId }) =>
          this.#taskManagers.tell(taskManager.resourceId, (gateway) =>
            gateway.freeSlot(allocationId, 'the job has ended'),
          ),
        onComplete: () => this.#deploy(),
        onTimeout: (message) => this.#failJob({ name: 'NoSlots', message }),
      },
    );
  }

  #createSources(): JobSources {
    const { clock, log, files } = this.#deps;
    return new JobSources(this.job, {
      clock,
      log,
      files,
      baseDirectory: this.submission.baseDirectory,
      send: (id, operatorId, event) => this.#toReader(id, operatorId, event),
      fail: (source, error) => this.#failJob(sourceFailure(source, error)),
    });
  }

  #createCheckpoints(): JobCheckpoints {
    const { clock, log, files, checkpointDirectory, onEvent } = this.#deps;
    return new JobCheckpoints(this.submission.configuration, checkpointDirectory, {
      clock,
      log,
      files,
      job: this.job,
      plan: () => checkpointPlan(this.graph),
      snapshotCoordinators: (checkpointId) => this.#sources.snapshot(checkpointId),
      trigger: (tasks, barrier) =>
        this.#toTasks(tasks, (gateway, attempts) =>
          gateway.triggerCheckpoint(this.#token, attempts, barrier),
        ),
      notify: (tasks, checkpointId, outcome) =>
        this.#toTasks(tasks, (gateway, attempts) =>
          gateway.notifyCheckpoint(this.#token, attempts, checkpointId, outcome),
        ),
      onCompleted: ({ checkpointId }) => {
        this.#restarts.onCheckpointCompleted();
        this.#sources.onCheckpointComplete(checkpointId);
      },
      onChange: () => onEvent({ kind: 'checkpoints', jobId: this.jobId }),
      failJob: (message) => this.#failJob({ name: 'CheckpointFailure', message }),
    });
  }

  #declareSlots(slots: number): void {
    const address = {
      address: this.#deps.rpc.address,
      endpoint: this.#endpoint,
      token: this.#token,
    };
    this.#deps.declareRequirements(this.jobId, address, slots);
  }

  #schedule(ids: readonly SubtaskId[]): void {
    this.#apply(this.graph.schedule(ids, this.#deps.clock.now()));
    this.slots.require();
  }

  /** All slots are there: what is scheduled goes to them. */
  #deploy(): void {
    const scheduled = this.graph.subtasks.filter(({ current }) => current.state === 'SCHEDULED');
    const now = this.#deps.clock.now();
    for (const { id } of scheduled) {
      const { allocationId, taskManager } = this.slots.slotOf(id);
      this.#apply(
        this.graph.deploy(id, { allocationId, taskManager: taskManager.resourceId }, now),
      );
    }
    for (const { id } of scheduled) this.#submit(id);
  }

  #submit(id: SubtaskId): void {
    const deployment = taskDeployment(
      {
        jobId: this.jobId,
        graph: this.graph,
        program: this.#deps.program,
        slotOf: (other) => this.slots.slotOf(other),
        restored: this.checkpoints.latest,
        isInputBounded: (vertex) => this.#sources.isBounded(vertex),
      },
      id,
    );
    const { attemptId } = deployment;
    const submission = { deployment, checkpointDirectory: this.checkpoints.directory };
    this.#taskManagers
      .call(this.slots.slotOf(id).taskManager.resourceId, (gateway) =>
        gateway.submitTask(this.#token, submission),
      )
      .catch((error: unknown) => {
        const isCurrent = this.graph.subtask(id).current.attemptId === attemptId;
        if (isCurrent) this.#failTask(id, errorInfo(error), 'lost');
      });
  }

  #onTaskEnded(attemptId: AttemptId, end: TaskEnd): void {
    const vertex = this.graph.subtaskOfAttempt(attemptId);
    if (vertex === undefined) return;
    const now = this.#deps.clock.now();
    if (end.state === 'FAILED') {
      this.#restarts.noteCause(attemptId, end.failure.cause);
      const error = failureError(end.failure);
      this.#apply(this.graph.onTaskState({ attemptId, state: 'FAILED', error }, now));
    } else {
      if (end.state === 'FINISHED') {
        for (const results of end.results) this.#results.keep(vertex.id.subtask, results);
      }
      this.#apply(this.graph.onTaskState({ attemptId, state: end.state }, now));
    }
    this.#restartIfPossible();
  }

  /** The attempt is gone with what it ran in. */
  #failTask(id: SubtaskId, error: ErrorInfo, cause: FailureFacts['cause']): void {
    this.#restarts.noteCause(this.graph.subtask(id).current.attemptId, cause);
    this.#apply(this.graph.fail(id, error, true, this.#deps.clock.now()));
    this.#restartIfPossible();
  }

  /** For a reason that no task gave. */
  #failJob(error: ErrorInfo): void {
    if (isTerminalJobState(this.state)) return;
    const atMs = this.#deps.clock.now();
    this.failures.add({ atMs, error, task: undefined, taskManager: undefined });
    this.#apply(this.graph.failJob(error, atMs));
  }

  #apply(effects: readonly ExecutionEffect[]): void {
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: ExecutionEffect): void {
    const { jobId } = this;
    switch (effect.kind) {
      case 'task-state': {
        const { id, execution } = effect;
        const { attempt, state } = execution;
        this.#deps.onEvent({ kind: 'task', jobId, ...id, attempt, state });
        return;
      }
      case 'cancel-task': {
        const { attemptId, assignment } = effect.execution;
        if (assignment === undefined) return;
        this.#taskManagers.tell(assignment.taskManager, (gateway) =>
          gateway.cancelTask(this.#token, attemptId),
        );
        return;
      }
      case 'release-slot':
      case 'drop-task':
        return; // slots are kept until the job has ended; strays are ended with them
      case 'task-failed':
        return this.#onTaskFailed(effect.id, effect.execution, effect.error);
      case 'job-state':
        return this.#onJobState(effect.state);
    }
  }

  #onTaskFailed(id: SubtaskId, { attemptId, assignment }: Execution, error: ErrorInfo): void {
    const { clock, log } = this.#deps;
    const { name, parallelism } = this.#vertex(id);
    const task = `${name} (${id.subtask + 1}/${parallelism})`;
    log.log('warn', `${task} failed: ${error.message}`);
    this.failures.add({ atMs: clock.now(), error, task, taskManager: assignment?.taskManager });
    const decision = this.#restarts.decide(id, attemptId, () => this.#restartIfPossible());
    this.checkpoints.stop('The job has failed.');
    if (decision.kind === 'fail') this.#apply(this.graph.failJob(error, clock.now()));
    else this.#apply(this.graph.awaitRestart(decision.ids, clock.now()));
  }

  #restartIfPossible(): void {
    const ids = this.#restarts.takeReady();
    if (ids === undefined) return;
    const { latest } = this.checkpoints;
    if (latest !== undefined) this.checkpoints.restored(latest);
    this.#sources.restart(ids, latest);
    for (const id of ids) {
      for (const { node } of this.#vertex(id).operators) {
        this.#results.forget(node.operatorId, id.subtask);
      }
    }
    this.#apply(this.graph.restart(ids, this.#deps.clock.now()));
    this.#schedule(ids);
  }

  #vertex({ vertex }: SubtaskId): JobVertex {
    return must(
      this.job.vertices.find(({ id }) => id === vertex),
      `vertex ${vertex}`,
    );
  }

  #onJobState(state: JobState): void {
    this.#deps.log.log('info', `job ${JSON.stringify(this.job.name)} is ${state}`);
    if (isTerminalJobState(state)) this.#end(state);
    this.#deps.onEvent({ kind: 'job', jobId: this.jobId, state });
  }

  #end(state: JobState): void {
    this.#sources.close();
    this.#heartbeats?.[Symbol.dispose]();
    this.slots.releaseAll();
    this.#declareSlots(0);
    void this.checkpoints.close(state === 'CANCELED');
    // Calls that are under way still find their answers.
    this.#deps.clock.soon(() => {
      this.#stopServing?.();
      this.#taskManagers.close();
      this.#deps.onEnded(this);
    });
  }

  #startCheckpointsWhenAllRun(): void {
    if (this.state === 'RUNNING' && checkpointPlan(this.graph) !== undefined)
      this.checkpoints.start();
  }

  /** When no source of the job has data left, what it ends with is committed at once. */
  #onDataEnded(attemptId: AttemptId): void {
    this.#dataEnded.add(attemptId);
    const { vertices } = this.#sources;
    const hasEnded = ({ state, attemptId: id }: Execution): boolean =>
      state === 'FINISHED' || this.#dataEnded.has(id);
    const all = vertices.every((id) =>
      this.graph.subtasksOf(id).every(({ current }) => hasEnded(current)),
    );
    const vertex = this.graph.subtaskOfAttempt(attemptId)?.id.vertex;
    if (all && vertices.some((id) => id === vertex)) this.checkpoints.triggerLast();
  }

  #checkHeartbeats(): void {
    const { clock, heartbeatTimeoutMs } = this.#deps;
    for (const resourceId of this.#taskManagers.silent(clock.monotonic(), heartbeatTimeoutMs)) {
      this.taskManagerLost(resourceId, `no heartbeat for ${heartbeatTimeoutMs} ms`);
    }
  }

  #toTasks(
    tasks: readonly { readonly attemptId: AttemptId }[],
    call: (
      gateway: Gateway<TaskExecutorGateway>,
      attempts: readonly AttemptId[],
    ) => Promise<unknown>,
  ): void {
    const attempts = tasks.map(({ attemptId }) => attemptId);
    const byTaskManager = Map.groupBy(
      attempts,
      (attemptId) => this.graph.subtaskOfAttempt(attemptId)?.current.assignment?.taskManager,
    );
    for (const [resourceId, own] of byTaskManager) {
      if (resourceId !== undefined)
        this.#taskManagers.tell(resourceId, (gateway) => call(gateway, own));
    }
  }

  #toReader(id: SubtaskId, operatorId: OperatorId, event: ToReader): void {
    const { attemptId, assignment } = this.graph.subtask(id).current;
    if (assignment === undefined) return;
    this.#taskManagers.tell(assignment.taskManager, (gateway) =>
      gateway.sendOperatorEvent(this.#token, attemptId, operatorId, event),
    );
  }

  #placeOf(operatorId: OperatorId, subtask: number): SinkPlace {
    const vertex = this.job.vertices.find(({ operators }) =>
      operators.some(({ node }) => node.operatorId === operatorId),
    );
    const execution = vertex && this.graph.subtasksOf(vertex.id)[subtask]?.current;
    if (execution?.state === 'RUNNING' && execution.assignment !== undefined) {
      const { attemptId, assignment } = execution;
      return { kind: 'running', attemptId, taskManager: assignment.taskManager };
    }
    return { kind: execution === undefined || isTerminalJobState(this.state) ? 'ended' : 'none' };
  }
}

function sourceFailure({ name, origin }: StreamNode, error: unknown): ErrorInfo {
  return failureError({
    error: errorInfo(error),
    operator: name,
    record: undefined,
    place: origin && `cell "${origin.cell}", line ${origin.line}`,
  });
}
