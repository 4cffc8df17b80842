// A TaskManager's main thread: gives slots to jobs, hands tasks to the slots' threads, carries what they
// say to their JobMasters and back, and ends what must end. It runs no user code, so it always answers.

import type { Barrier } from '../../core/barrier.ts';
import { type Clock, every } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AllocationId, AttemptId, FencingToken, JobId, OperatorId } from '../../core/ids.ts';
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
  type ThreadInfo,
} from './task-executor-gateway.ts';
import { TaskSlots, type TaskSlotsDependencies, type TaskSlotsSettings } from './task-slots.ts';

const REGISTRATION_RETRY_MS = 200;

export interface TaskExecutorDependencies
  extends Omit<TaskSlotsDependencies, 'jobOf' | 'onSlotFree'> {
  readonly rpc: RpcService;
  readonly load: () => TaskManagerLoad;
  /** Ends the process. */
  readonly exit: (reason: string) => void;
}

export class TaskExecutor implements TaskExecutorGateway {
  readonly #info: TaskManagerInfo;
  readonly #resourceManagerAddress: string;
  readonly #rpc: RpcService;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #deps: TaskExecutorDependencies;
  readonly #slots: TaskSlots;
  readonly #jobs = new Map<JobId, JobConnection>();
  #resourceManager:
    | (Remote<ResourceManagerGateway> & { readonly registration: Registration })
    | undefined;
  #heartbeats: Disposable | undefined;
  #isClosed = false;

  constructor(
    info: TaskManagerInfo,
    resourceManagerAddress: string,
    settings: TaskSlotsSettings,
    deps: TaskExecutorDependencies,
  ) {
    this.#info = info;
    this.#resourceManagerAddress = resourceManagerAddress;
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

  requestSlot(_token: FencingToken, request: SlotRequest): void {
    const { slot, allocationId, jobId, jobMaster } = request;
    const allocated = this.#slots.allocate(slot, allocationId, jobId);
    if (allocated === undefined) throw new SluiceError('slot-taken', `slot ${slot} is taken`);
    const job = this.#jobFor(jobId, request);
    void this.#offer(job, allocated, jobMaster.token);
  }

  freeSlot(allocationId: AllocationId, cause: string): void {
    const slot = this.#slots.get(allocationId);
    if (slot !== undefined) void this.#free(slot, cause);
  }

  async submitTask(token: FencingToken, submission: TaskSubmission): Promise<void> {
    const { jobId } = submission.deployment;
    const job = this.#fenced(jobId, token);
    await this.#slots.submit(job, submission);
  }

  cancelTask(_token: FencingToken, attemptId: AttemptId): void {
    this.#slots.cancel(attemptId);
  }

  triggerCheckpoint(_token: FencingToken, attempts: readonly AttemptId[], barrier: Barrier): void {
    for (const attemptId of attempts)
      this.#slots.post(attemptId, { kind: 'trigger', attemptId, barrier });
  }

  notifyCheckpoint(
    _token: FencingToken,
    attempts: readonly AttemptId[],
    checkpointId: number,
    outcome: 'complete' | 'aborted',
  ): void {
    const kind = outcome === 'complete' ? 'checkpoint-complete' : 'checkpoint-aborted';
    for (const attemptId of attempts)
      this.#slots.post(attemptId, { kind, attemptId, checkpointId });
  }

  sendOperatorEvent(
    _token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    event: unknown,
  ): void {
    this.#slots.post(attemptId, { kind: 'operator-event', attemptId, operatorId, event });
  }

  requestResults(
    _token: FencingToken,
    attemptId: AttemptId,
    operatorId: OperatorId,
    request: ResultsRequest,
  ): Promise<ResultsResponse> {
    return this.#slots.requestResults(attemptId, operatorId, request);
  }

  shutDown(reason: string): void {
    this.#log.log('info', `shutting down: ${reason}`);
    void this.close().finally(() => this.#deps.exit(reason));
  }

  threadDump(): Promise<readonly ThreadInfo[]> {
    return this.#slots.threadDump();
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
        const remote = await this.#rpc.connect<ResourceManagerGateway>(
          this.#resourceManagerAddress,
          RESOURCE_MANAGER,
        );
        const registration = await remote.gateway.registerTaskExecutor(
          this.#info,
          this.#slots.report(),
        );
        return this.#onRegistered({ ...remote, registration });
      } catch (error) {
        this.#log.log('debug', `registration: ${String(error)}`);
        await new Promise<void>((done) => this.#clock.after(REGISTRATION_RETRY_MS, done));
      }
    }
  }

  #onRegistered(
    resourceManager: Remote<ResourceManagerGateway> & { readonly registration: Registration },
  ): void {
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
          if (error instanceof SluiceError && error.reason === 'unknown-task-manager')
            resourceManager.close();
        });
    }
    this.#slots.watch();
    for (const job of this.#jobs.values()) {
      job.tell((gateway) =>
        gateway.heartbeat(job.token, resourceId, this.#slots.reportOf(job.jobId)),
      );
    }
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
      if (!taken.includes(allocationId)) await this.#free(slot, 'the JobMaster does not want it');
    } catch (error) {
      await this.#free(slot, String(error));
    }
  }

  async #free(slot: AllocatedSlot, cause: string): Promise<void> {
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
