// Runs one job: what TaskManagers, the ResourceManager and the Dispatcher say to it comes in here and goes to
// the part that it is for: the scheduler, the slots, the checkpoints, the sources, the results. One per job,
// and nothing of one touches another.

import type { CheckpointDecline, TaskAcknowledgement } from '../../checkpoint/acknowledgement.ts';
import { must } from '../../core/assert.ts';
import { errorInfo, SluiceError } from '../../core/errors.ts';
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
import type { JobMessage } from '../../core/job-message.ts';
import type { ResultsRequest } from '../../core/results.ts';
import { ExecutionGraph } from '../../graph/execution-graph.ts';
import { isTerminalJobState, type JobState } from '../../graph/execution-state.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import { checkpointPlan } from './checkpoint-plan.ts';
import { EndedData } from './ended-data.ts';
import { sourceFailure } from './failure-history.ts';
import { JobCheckpoints } from './job-checkpoints.ts';
import { checkpointEvent } from './job-events.ts';
import type { JobMasterDependencies } from './job-master-dependencies.ts';
import type {
  JobMasterGateway,
  SlotOffer,
  SlotShortage,
  TaskEnded,
  TaskManagerLocation,
  TaskReport,
  TaskStateUpdate,
} from './job-master-gateway.ts';
import { JobMessages } from './job-messages.ts';
import { JobMetrics } from './job-metrics.ts';
import { JobRescale } from './job-rescale.ts';
import { continueFrom, type JobOrigin, jobOrigin } from './job-restore.ts';
import { JobResults, type ResultsAnswer } from './job-results.ts';
import { JobScheduler } from './job-scheduler.ts';
import { JobSlots, slotTimeouts } from './job-slots.ts';
import { JobSources } from './job-sources.ts';
import type { JobSubmission } from './job-submission.ts';
import { failTasksOn } from './lost-task-manager.ts';
import { restartPolicy } from './restart-policy.ts';
import { TaskCommands } from './task-commands.ts';
import { TaskManagers } from './task-managers.ts';
import { TaskRepairs } from './task-repairs.ts';
import { submitTask } from './task-submission.ts';

export class JobMaster implements JobMasterGateway {
  readonly jobId: JobId;
  readonly submission: Omit<JobSubmission, 'blobs'>;
  readonly graph: ExecutionGraph;
  readonly metrics = new JobMetrics();
  readonly messages: JobMessages;
  readonly scheduler: JobScheduler;
  readonly checkpoints: JobCheckpoints;
  readonly slots: JobSlots;
  readonly results: JobResults;
  readonly rescale: JobRescale;
  readonly #deps: JobMasterDependencies;
  readonly #token: FencingToken;
  readonly #taskManagers: TaskManagers;
  readonly #sources: JobSources;
  readonly #commands: TaskCommands;
  readonly #repairs: TaskRepairs;
  readonly #endedData: EndedData;
  #blobs: JobSubmission['blobs'];
  #stopServing: (() => void) | undefined;
  #shown: JobState = 'CREATED';

  constructor(submission: JobSubmission, job: JobGraph, deps: JobMasterDependencies) {
    const { clock, random } = deps;
    const { blobs, ...rest } = submission;
    this.submission = rest;
    this.#blobs = blobs;
    this.jobId = submission.jobId;
    this.#deps = deps;
    this.#token = newFencingToken(random, deps.epoch);
    this.messages = new JobMessages(clock, deps.log);
    this.graph = new ExecutionGraph(job, random, clock.now());
    this.#taskManagers = new TaskManagers(deps.rpc, clock, {
      onBroken: (resourceId) => this.slots.onTaskManagerLost(resourceId),
      onLost: (resourceId, reason) => this.taskManagerLost(resourceId, reason),
    });
    const latest = (): typeof this.checkpoints.latest => this.checkpoints.latest;
    this.results = new JobResults(this.graph, clock, this.#taskManagers, this.#token, latest);
    this.#commands = new TaskCommands(this.graph, this.#taskManagers, this.#token);
    this.slots = this.#createSlots();
    this.scheduler = this.#createScheduler();
    this.#sources = this.#createSources();
    this.#endedData = new EndedData(this.graph, this.#sources.vertices);
    this.checkpoints = this.#createCheckpoints();
    this.rescale = new JobRescale(this, clock, deps.files, deps.registry);
    this.#repairs = new TaskRepairs(this.scheduler, this.#commands, {
      onState: (attemptId, state) => this.#onTaskState(attemptId, state),
      onDataEnded: (attemptId) => this.#onDataEnded(attemptId),
    });
  }

  get job(): JobGraph {
    return this.graph.job;
  }

  /** As others know it: that it has ended they hear when the leader after us would know it. */
  get state(): JobState {
    return this.#shown;
  }

  /** All its sources end by themselves. */
  get isBounded(): boolean {
    return this.job.vertices.every(({ id }) => this.#sources.isBounded(id));
  }

  start(): void {
    const { rpc, heartbeatTimeoutMs, recovered, files } = this.#deps;
    this.#stopServing = rpc.serve(this.#endpoint, this);
    this.#taskManagers.watch(heartbeatTimeoutMs);
    const own = recovered?.checkpoints ?? [];
    const origin = jobOrigin(this.submission, own, this.job, files, (text) =>
      this.messages.warn(text),
    );
    if (origin === undefined) return this.#begin({ kind: 'nothing' });
    origin.then(
      (found) => this.#begin(found),
      (error: unknown) => this.scheduler.failJob(errorInfo(error)),
    );
  }

  cancel(): void {
    this.checkpoints.stop('Checkpoint Coordinator is shutting down.');
    this.scheduler.cancel();
  }

  requestResults(
    operatorId: OperatorId,
    lane: number,
    request: ResultsRequest,
  ): Promise<ResultsAnswer> {
    return this.results.request(operatorId, lane, request);
  }

  async offerSlots(
    token: FencingToken,
    from: TaskManagerLocation,
    offers: readonly SlotOffer[],
  ): Promise<readonly AllocationId[]> {
    this.#fenced(token);
    if (!(await this.#taskManagers.add(from, this.#deps.clock.monotonic()))) return [];
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
        this.results.onTaskEnded(attemptId, update.end);
        this.scheduler.onTaskEnded(attemptId, update.end);
        return this.checkpoints.onTaskEnded(attemptId);
      case 'INITIALIZING':
      case 'RUNNING':
        return this.#onTaskState(attemptId, state);
    }
  }

  acknowledgeCheckpoint(token: FencingToken, attemptId: AttemptId, ack: TaskAcknowledgement): void {
    this.#fenced(token);
    this.checkpoints.onAcknowledge(attemptId, ack);
  }

  declineCheckpoint(token: FencingToken, attemptId: AttemptId, decline: CheckpointDecline): void {
    this.#fenced(token);
    this.checkpoints.onDecline(attemptId, decline);
  }

  operatorEvent(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    number: number,
    event: unknown,
  ): number {
    this.#fenced(token);
    const vertex = this.graph.subtaskOfAttempt(attemptId);
    // One of an earlier attempt has nothing to say any more.
    return vertex === undefined
      ? number
      : this.#sources.onEvent(vertex.id, attemptId, operatorId, number, event);
  }

  taskMessage(token: FencingToken, message: JobMessage): void {
    this.#fenced(token);
    this.messages.add(message);
  }

  heartbeat(
    token: FencingToken,
    resourceId: ResourceId,
    tasks: readonly TaskReport[],
    ends: readonly TaskEnded[],
    slots: readonly AllocationId[],
  ): readonly AllocationId[] {
    this.#fenced(token);
    const now = this.#deps.clock.monotonic();
    this.#taskManagers.heard(resourceId, now);
    for (const end of ends) this.updateTaskState(token, end);
    for (const report of tasks) this.metrics.report(report, now);
    this.#repairs.onHeartbeat(resourceId, tasks);
    return slots.filter((allocationId) => !this.slots.has(allocationId));
  }

  requestBlob(token: FencingToken, key: BlobKey): Uint8Array {
    this.#fenced(token);
    return must(this.#blobs.get(key), `blob ${key}`);
  }

  notEnoughSlots({ message, available, isFinal }: SlotShortage): void {
    if (this.slots.onShortage(message, available, isFinal)) this.messages.warn(message);
    this.rescale.onShortage(available);
    this.#deps.onEvent({ kind: 'slots', jobId: this.jobId, message });
  }

  taskManagerLost(resourceId: ResourceId, reason: string): void {
    this.slots.onTaskManagerLost(resourceId);
    this.#taskManagers.remove(resourceId);
    failTasksOn(resourceId, reason, this.scheduler, this.metrics);
  }

  #begin(origin: JobOrigin): void {
    if (this.graph.state !== 'CREATED') return; // cancelled while it was read
    continueFrom(this, origin, this.#deps.recovered);
    this.#sources.start(this.checkpoints.latest);
    this.scheduler.start();
  }

  get #endpoint(): string {
    return `job-master-${this.jobId}`;
  }

  #fenced(token: FencingToken): void {
    if (token !== this.#token)
      throw new SluiceError('fenced', `job ${this.jobId} has another JobMaster`);
  }

  #createSlots(): JobSlots {
    return new JobSlots(this.job, slotTimeouts(this.submission.configuration), {
      clock: this.#deps.clock,
      declare: (slots) => this.#declareSlots(slots),
      free: ({ taskManager, allocationId }) =>
        this.#taskManagers.told(taskManager.resourceId, (gateway) =>
          gateway.freeSlot(this.#token, allocationId, 'the job does not need it any more'),
        ),
      onComplete: () => this.scheduler.deploy(),
      onSpare: () => this.rescale.onSpare(),
      onTimeout: (message) => this.scheduler.failJob({ name: 'NoSlots', message }),
    });
  }

  #createScheduler(): JobScheduler {
    const { clock, random, onEvent } = this.#deps;
    const policy = restartPolicy(this.submission.configuration, random);
    return new JobScheduler(this.graph, this.slots, policy, {
      clock,
      log: this.messages.logger(''),
      submit: (id) => this.#submit(id),
      cancelTask: (execution) => this.#commands.cancel(execution),
      onTaskState: (id, { attempt, state }) =>
        onEvent({ kind: 'task', jobId: this.jobId, ...id, attempt, state }),
      onTaskFailed: () => this.checkpoints.stop('The job has failed.'),
      onRescale: (job) => this.#beforeRescale(job),
      onRestart: (ids) => this.#beforeRestart(ids),
      onJobState: (state) => this.#onJobState(state),
    });
  }

  #createSources(): JobSources {
    const { clock, files } = this.#deps;
    return new JobSources(this.job, {
      clock,
      log: this.messages.logger(''),
      files,
      baseDirectory: this.submission.baseDirectory,
      send: (id, operatorId, event) => this.#commands.sendToReader(id, operatorId, event),
      fail: (source, error) => this.scheduler.failJob(sourceFailure(source, error)),
    });
  }

  #createCheckpoints(): JobCheckpoints {
    const { clock, files, checkpointDirectory, checkpointRoot, registry, onEvent } = this.#deps;
    return new JobCheckpoints(this.submission.configuration, checkpointDirectory, {
      root: checkpointRoot,
      clock,
      log: this.messages.logger(''),
      taskName: (attemptId) => this.scheduler.taskName(attemptId),
      files,
      registry,
      job: () => this.job,
      plan: () => checkpointPlan(this.graph),
      snapshotCoordinators: (checkpointId) => this.#sources.snapshot(checkpointId),
      tasks: this.#commands,
      onCompleted: ({ checkpointId }) => {
        this.scheduler.onCheckpointCompleted();
        this.#sources.onCheckpointComplete(checkpointId);
        this.results.onCheckpointCompleted();
        this.rescale.onCheckpointCompleted();
      },
      onProgress: (...progress) => onEvent(checkpointEvent(this.jobId, ...progress)),
      failJob: (message) => this.scheduler.failJob({ name: 'CheckpointFailure', message }),
    });
  }

  #declareSlots(slots: number): void {
    const { rpc, declareRequirements } = this.#deps;
    const jobMaster = { address: rpc.address, endpoint: this.#endpoint, token: this.#token };
    declareRequirements(this.jobId, jobMaster, slots);
  }

  #submit(id: SubtaskId): Promise<void> {
    const { jobId, graph, slots, checkpoints } = this;
    const { program, recovered } = this.#deps;
    const job = { jobId, graph, slots, checkpoints, program, token: this.#token };
    const [sources, taskManagers] = [this.#sources, this.#taskManagers];
    const { firstAttempt = 0 } = recovered ?? {};
    return submitTask({ ...job, sources, taskManagers, firstAttempt }, id);
  }

  /** No task is left of the job as it was. */
  #beforeRescale(job: JobGraph): void {
    this.results.onRescale();
    this.slots.rescale(job);
    this.#sources.rescale(job);
    this.rescale.onRescaled(job);
  }

  /** All of them go on from the latest checkpoint, and so does what they read from and write to. */
  #beforeRestart(ids: readonly SubtaskId[]): void {
    const { latest } = this.checkpoints;
    if (latest !== undefined) this.checkpoints.restored(latest);
    this.#commands.forget(ids.map((id) => this.graph.subtask(id).current.attemptId));
    this.#sources.restart(ids, latest);
    this.results.onRestart(ids, latest);
  }

  #onJobState(state: JobState): void {
    if (!isTerminalJobState(state)) return this.#show(state);
    this.#sources.close();
    const released = this.slots.releaseAll();
    this.#declareSlots(0);
    const known = this.checkpoints.end();
    if (known === undefined) this.#end(state, released);
    else void known.then(() => this.#end(state, released));
  }

  #show(state: JobState): void {
    this.#shown = state;
    this.#deps.log.log('info', `job ${JSON.stringify(this.job.name)} is ${state}`);
    this.#deps.onEvent({ kind: 'job', jobId: this.jobId, state });
  }

  #end(state: JobState, released: Promise<void>): void {
    this.results.onJobEnded();
    const cleared = this.checkpoints.close(state, released);
    void released.then(() => this.#taskManagers.close());
    this.#show(state);
    // Calls that are under way still find their answers.
    this.#deps.clock.soon(() => {
      this.messages.end();
      this.#stopServing?.();
      this.#blobs = new Map();
      this.#deps.onEnded(this, cleared);
    });
  }

  #onTaskState(attemptId: AttemptId, state: 'INITIALIZING' | 'RUNNING'): void {
    this.scheduler.onTaskState({ attemptId, state });
    if (this.graph.state !== 'RUNNING' || checkpointPlan(this.graph) === undefined) return;
    this.checkpoints.start();
    this.rescale.onRunning();
  }

  /** When no source of the job has data left, what it ends with is committed at once. */
  #onDataEnded(attemptId: AttemptId): void {
    if (this.#endedData.isLast(attemptId)) this.checkpoints.triggerLast();
  }
}
