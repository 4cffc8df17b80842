// A TaskManager's main thread: gives slots to jobs, hands tasks to the slots' threads, carries what they
// say to their JobMasters and back, and ends what must end. It runs no user code, so it always answers.

import type { Barrier } from '../../core/barrier.ts';
import { type Clock, every } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { TaskSample } from '../../core/flame-sample.ts';
import {
  type AllocationId,
  type AttemptId,
  epochOf,
  type FencingToken,
  type JobId,
  type OperatorId,
} from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { ResultsRequest, ResultsResponse } from '../../core/results.ts';
import type { Remote, RpcService } from '../../rpc/rpc-service.ts';
import {
  RESOURCE_MANAGER,
  type Registration,
  type ResourceManagerGateway,
} from '../resourcemanager/resource-manager-gateway.ts';
import { JobConnection } from './job-connection.ts';
import type { AllocatedSlot } from './slot-table.ts';
import {
  type SlotRequest,
  TASK_EXECUTOR,
  type TaskExecutorGateway,
  type TaskManagerInfo,
  type TaskManagerLoad,
  type TaskSubmission,
  type TaskTrigger,
  type ThreadInfo,
} from './task-executor-gateway.ts';
import { TaskSlots, type TaskSlotsDependencies, type TaskSlotsSettings } from './task-slots.ts';

const REGISTRATION_RETRY_MS = 200;
/** Who has not answered by then is asked again, or another, if that leads meanwhile. */
const REGISTRATION_TIMEOUT_MS = 2_000;

/** Where the JobManager is that leads, and under which epoch. */
export interface LeaderLocation {
  readonly rpc: string;
  readonly epoch: number;
}

export interface TaskExecutorDependencies
  extends Omit<TaskSlotsDependencies, 'jobOf' | 'onSlotFree'> {
  readonly rpc: RpcService;
  /** Undefined while nobody is known to lead. */
  readonly findLeader: () => Promise<LeaderLocation | undefined>;
  readonly load: () => TaskManagerLoad;
  /** Ends the process. */
  readonly exit: (reason: string) => void;
}

interface RegisteredAt extends Remote<ResourceManagerGateway> {
  readonly registration: Registration;
}

export class TaskExecutor implements TaskExecutorGateway {
  readonly #info: TaskManagerInfo;
  readonly #rpc: RpcService;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #deps: TaskExecutorDependencies;
  readonly #slots: TaskSlots;
  readonly #jobs = new Map<JobId, JobConnection>();
  /** Slots that their JobMasters are known to have. */
  readonly #taken = new Set<AllocationId>();
  #resourceManager: RegisteredAt | undefined;
  #heartbeats: Disposable | undefined;
  /** The greatest that was heard of: whoever leads under a lower one leads no more. */
  #epoch = 0;
  #isClosed = false;

  constructor(info: TaskManagerInfo, settings: TaskSlotsSettings, deps: TaskExecutorDependencies) {
    this.#info = info;
    this.#rpc = deps.rpc;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#deps = deps;
    this.#slots = new TaskSlots(settings, {
      ...deps,
      jobOf: (jobId) => this.#jobs.get(jobId),
      onSlotFree: (slot) => this.#tellSlotFree(slot),
    });
  }

  /** Serves, and registers with the ResourceManager until it answers. */
  async start(): Promise<void> {
    this.#rpc.serve(TASK_EXECUTOR, this);
    this.#slots.warm();
    await this.#register();
  }

  requestSlot(token: FencingToken, request: SlotRequest): void {
    this.#checkEpoch(token);
    const { slot, allocationId, jobId, jobMaster } = request;
    const allocated = this.#slots.allocate(slot, allocationId, jobId);
    if (allocated === undefined) throw new SluiceError('slot-taken', `slot ${slot} is taken`);
    const job = this.#jobFor(jobId, request);
    void this.#offer(job, allocated, jobMaster.token);
  }

  async freeSlot(token: FencingToken, allocationId: AllocationId, cause: string): Promise<void> {
    this.#checkEpoch(token);
    const slot = this.#slots.get(allocationId);
    if (slot !== undefined) await this.#free(slot, cause);
  }

  async submitTask(token: FencingToken, submission: TaskSubmission): Promise<void> {
    const { jobId } = submission.deployment;
    const job = this.#fenced(jobId, token);
    await this.#slots.submit(job, submission);
  }

  cancelTask(token: FencingToken, attemptId: AttemptId): void {
    this.#checkEpoch(token);
    this.#slots.cancel(attemptId);
  }

  triggerCheckpoint(token: FencingToken, tasks: readonly TaskTrigger[], barrier: Barrier): void {
    this.#checkEpoch(token);
    for (const task of tasks) this.#slots.trigger(task, barrier);
  }

  notifyCheckpoint(
    token: FencingToken,
    attempts: readonly AttemptId[],
    checkpointId: number,
    outcome: 'complete' | 'aborted',
  ): void {
    this.#checkEpoch(token);
    for (const attemptId of attempts) this.#slots.notify(attemptId, checkpointId, outcome);
  }

  sendOperatorEvent(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    number: number,
    event: unknown,
  ): number {
    this.#checkEpoch(token);
    return this.#slots.sendEvent(attemptId, operatorId, number, event);
  }

  requestResults(
    token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    request: ResultsRequest,
  ): Promise<ResultsResponse> {
    this.#checkEpoch(token);
    return this.#slots.requestResults(attemptId, operatorId, request);
  }

  shutDown(token: FencingToken, reason: string): void {
    this.#checkEpoch(token);
    this.end(reason);
  }

  /** With its process. */
  end(reason: string): void {
    this.#log.log('info', `shutting down: ${reason}`);
    void this.close().finally(() => this.#deps.exit(reason));
  }

  threadDump(): Promise<readonly ThreadInfo[]> {
    return this.#slots.threadDump();
  }

  sampleTasks(
    attempts: readonly AttemptId[],
    durationMs: number,
    intervalMs: number,
  ): Promise<readonly TaskSample[]> {
    return this.#slots.sample(attempts, durationMs, intervalMs);
  }

  /** Channels to or from another TaskManager broke: their tasks cannot go on. */
  onChannelsBroken(channelIds: readonly string[], reason: string): void {
    this.#slots.failChannels(channelIds, reason);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#heartbeats?.[Symbol.dispose]();
    for (const job of this.#jobs.values()) job.close();
    this.#resourceManager?.close();
    await this.#slots.close();
  }

  async #register(): Promise<void> {
    while (!this.#isClosed) {
      try {
        const registered = await this.#registerWith(await this.#deps.findLeader());
        if (registered !== undefined) return this.#onRegistered(registered);
      } catch (error) {
        this.#log.log('debug', `registration: ${String(error)}`);
      }
      await new Promise<void>((done) => this.#clock.after(REGISTRATION_RETRY_MS, done));
    }
  }

  /** Undefined for one that leads no more. */
  async #registerWith(leader: LeaderLocation | undefined): Promise<RegisteredAt | undefined> {
    if (leader === undefined || leader.epoch < this.#epoch) return undefined;
    this.#onEpoch(leader.epoch);
    const remote = await this.#rpc.connect<ResourceManagerGateway>(leader.rpc, RESOURCE_MANAGER);
    const late = this.#clock.after(REGISTRATION_TIMEOUT_MS, () => remote.close());
    const registration = await remote.gateway
      .registerTaskExecutor(this.#info, this.#slots.report())
      .finally(() => late[Symbol.dispose]());
    this.#onEpoch(epochOf(registration.token));
    return { ...remote, registration };
  }

  /** What earlier leaders have here ends: the new one deploys anew. */
  #onEpoch(epoch: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    for (const job of this.#jobs.values())
      if (epochOf(job.token) < epoch) this.#loseJob(job, 'another JobManager leads');
  }

  /** One that was cut off, or sleeps, does not close its connection. */
  async #lookForLeader(): Promise<void> {
    const leader = await this.#deps.findLeader();
    if (leader !== undefined && leader.epoch > this.#epoch) this.#resourceManager?.close();
  }

  #onRegistered(resourceManager: RegisteredAt): void {
    this.#resourceManager = resourceManager;
    const { heartbeatIntervalMs } = resourceManager.registration;
    resourceManager.onClose(() => {
      if (this.#resourceManager !== resourceManager || this.#isClosed) return;
      this.#resourceManager = undefined;
      this.#heartbeats?.[Symbol.dispose]();
      void this.#register();
    });
    this.#heartbeats = every(this.#clock, heartbeatIntervalMs, () => this.#heartbeat());
  }

  #heartbeat(): void {
    const { resourceId } = this.#info;
    const resourceManager = this.#resourceManager;
    if (resourceManager !== undefined) {
      const report = { slots: this.#slots.report(), load: this.#deps.load() };
      resourceManager.gateway
        .heartbeat(resourceManager.registration.token, resourceId, report)
        .catch((error: unknown) => {
          this.#log.log('debug', `heartbeat: ${String(error)}`);
          if (reasonOf(error) === 'unknown-task-manager') resourceManager.close();
        });
    }
    this.#lookForLeader().catch((error: unknown) =>
      this.#log.log('debug', `looking for the leader: ${String(error)}`),
    );
    this.#slots.watch();
    for (const job of this.#jobs.values()) this.#heartbeatTo(job);
  }

  #heartbeatTo(job: JobConnection): void {
    const { jobId, token } = job;
    for (const slot of this.#slots.ofJob(jobId))
      if (!this.#taken.has(slot.allocationId)) void this.#offer(job, slot, token);
    const { tasks, ends } = this.#slots.reportOf(jobId);
    const taken = this.#slots
      .ofJob(jobId)
      .map(({ allocationId }) => allocationId)
      .filter((allocationId) => this.#taken.has(allocationId));
    job
      .call((gateway) => gateway.heartbeat(token, this.#info.resourceId, tasks, ends, taken))
      .then(
        (lost) => {
          this.#slots.reports.onEndsHeard(ends);
          for (const allocationId of lost) this.#onLostByJob(allocationId);
        },
        (error: unknown) => {
          this.#log.log('debug', `JobMaster of ${jobId}: ${String(error)}`);
          // It has ended, and the order to free its slots was lost.
          if (reasonOf(error) === 'no-endpoint' && this.#jobs.get(jobId) === job)
            this.#loseJob(job, 'it has ended');
        },
      );
    this.#slots.reports.repeat(jobId);
  }

  /** What has run in it failed there; the ResourceManager gives it to the job anew. */
  #onLostByJob(allocationId: AllocationId): void {
    const slot = this.#slots.get(allocationId);
    if (slot !== undefined) void this.#free(slot, 'its job has lost it');
  }

  #jobFor(jobId: JobId, { jobMaster }: SlotRequest): JobConnection {
    const current = this.#jobs.get(jobId);
    if (current !== undefined && current.token === jobMaster.token) return current;
    current?.close();
    const job: JobConnection = new JobConnection(
      jobId,
      jobMaster,
      this.#rpc,
      this.#log,
      (reason) => {
        if (this.#jobs.get(jobId) === job) this.#loseJob(job, reason);
      },
    );
    this.#jobs.set(jobId, job);
    return job;
  }

  #loseJob(job: JobConnection, reason: string): void {
    this.#jobs.delete(job.jobId);
    for (const slot of this.#slots.ofJob(job.jobId))
      void this.#free(slot, `the JobMaster is lost: ${reason}`);
  }

  async #offer(job: JobConnection, slot: AllocatedSlot, token: FencingToken): Promise<void> {
    const { resourceId, address, dataAddress } = this.#info;
    const { allocationId } = slot;
    try {
      const taken = await job.call((gateway) =>
        gateway.offerSlots(token, { resourceId, address, dataAddress }, [
          { slot: slot.slot, allocationId },
        ]),
      );
      if (taken.includes(allocationId)) this.#taken.add(allocationId);
      else await this.#free(slot, 'the JobMaster does not want it');
    } catch (error) {
      // Offer or answer were lost: the next heartbeat offers it again.
      if (reasonOf(error) !== 'timeout') await this.#free(slot, String(error));
    }
  }

  async #free(slot: AllocatedSlot, cause: string): Promise<void> {
    this.#taken.delete(slot.allocationId);
    await this.#slots.free(slot, cause);
    const { jobId } = slot;
    if (this.#slots.ofJob(jobId).length > 0) return;
    this.#slots.releaseJob(jobId);
    this.#jobs.get(jobId)?.close();
    this.#jobs.delete(jobId);
  }

  #tellSlotFree({ slot, allocationId }: AllocatedSlot): void {
    const resourceManager = this.#resourceManager;
    if (resourceManager === undefined) return; // the registration that follows reports the slots
    const { token } = resourceManager.registration;
    resourceManager.gateway
      .notifySlotFree(token, this.#info.resourceId, slot, allocationId)
      .catch((error: unknown) => {
        this.#log.log('debug', `slot ${slot} is free: ${String(error)}`);
      });
  }

  #checkEpoch(token: FencingToken): void {
    if (epochOf(token) < this.#epoch)
      throw new SluiceError('fenced', `epoch ${epochOf(token)} is over: ${this.#epoch} leads`);
  }

  #fenced(jobId: JobId, token: FencingToken): JobConnection {
    const job = this.#jobs.get(jobId);
    if (job === undefined || job.token !== token) {
      throw new SluiceError(
        'fenced',
        `job ${jobId}: not the JobMaster that this TaskManager serves`,
      );
    }
    return job;
  }
}

const reasonOf = (error: unknown): string | undefined =>
  error instanceof SluiceError ? error.reason : undefined;
