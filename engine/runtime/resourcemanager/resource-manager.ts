// Owns the TaskManagers: registers them, watches their heartbeats, gives their slots to jobs, and asks the
// driver for more of them or lets idle ones go. What to do is decided by the SlotManager; this carries it out.

import { type Clock, delay, every, type Timer } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import {
  type AllocationId,
  type FencingToken,
  type JobId,
  newAllocationId,
  newFencingToken,
  type ResourceId,
} from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import type { Remote, RpcService } from '../../rpc/rpc-service.ts';
import type { JobMasterGateway } from '../jobmaster/job-master-gateway.ts';
import {
  type JobMasterAddress,
  TASK_EXECUTOR,
  type TaskExecutorGateway,
  type TaskManagerInfo,
  type TaskManagerLoad,
} from '../taskexecutor/task-executor-gateway.ts';
import type { ResourceDriver, WorkerProfile } from './resource-driver.ts';
import type {
  Registration,
  ResourceManagerGateway,
  SlotReport,
  TaskExecutorReport,
} from './resource-manager-gateway.ts';
import { SlotManager, type SlotManagerEffect, type SlotManagerSettings } from './slot-manager.ts';

export interface ResourceManagerSettings {
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** TaskManagers kept idle beyond those in use. */
  readonly spares: number;
  /** A spare is started when nothing has changed for this long: never while a job is starting. */
  readonly spareDelayMs: number;
  readonly idleTimeoutMs: number;
  readonly profile: WorkerProfile;
  readonly slots: SlotManagerSettings;
}

export interface ResourceManagerDependencies {
  readonly rpc: RpcService;
  readonly driver: ResourceDriver | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Under which it leads. */
  readonly epoch: number;
}

interface TaskManager {
  readonly info: TaskManagerInfo;
  readonly remote: Remote<TaskExecutorGateway>;
  lastHeardMs: number;
  load: TaskManagerLoad | undefined;
}

/** What REST shows of a TaskManager. */
export interface TaskManagerDetails {
  readonly info: TaskManagerInfo;
  readonly silentMs: number;
  readonly lastHeartbeatMs: number;
  readonly slotsTotal: number;
  readonly slotsFree: number;
  readonly jobs: readonly { readonly slot: number; readonly jobId: JobId }[];
  readonly load: TaskManagerLoad | undefined;
}

/** How long a broken connection waits for the word of the driver. */
const REASON_MS = 100;
/** Until a slot that was refused is asked for again: by then a report may have said why. */
const REFUSED_MS = 100;

export class ResourceManager implements ResourceManagerGateway {
  readonly #settings: ResourceManagerSettings;
  readonly #deps: ResourceManagerDependencies;
  readonly #token: FencingToken;
  readonly #slots: SlotManager;
  readonly #taskManagers = new Map<ResourceId, TaskManager>();
  /** Started by the driver and not yet registered. */
  readonly #expected = new Set<ResourceId>();
  /** TaskManagers whose connection broke, until it is known why. */
  readonly #disconnections = new Map<ResourceId, Timer>();
  readonly #jobMasters = new Map<JobId, JobMasterAddress>();
  readonly #timer: Disposable;
  readonly #onChange: () => void;
  #lastChangeMs: number;
  #isClosed = false;

  constructor(
    settings: ResourceManagerSettings,
    deps: ResourceManagerDependencies,
    onChange: () => void,
  ) {
    this.#settings = settings;
    this.#deps = deps;
    this.#onChange = onChange;
    this.#token = newFencingToken(deps.random, deps.epoch);
    this.#slots = new SlotManager(settings.slots, () => newAllocationId(deps.random));
    this.#lastChangeMs = deps.clock.monotonic();
    this.#timer = every(
      deps.clock,
      Math.min(settings.heartbeatIntervalMs, settings.spareDelayMs),
      () => this.#tick(),
    );
    deps.driver?.onWorkerGone((worker, reason) => this.#lost(worker, reason));
  }

  /** Starts what must be there before any job comes. */
  start(initialWorkers: number): void {
    this.#startSpares(initialWorkers);
  }

  async registerTaskExecutor(
    info: TaskManagerInfo,
    slots: readonly SlotReport[],
  ): Promise<Registration> {
    const remote = await this.#deps.rpc.connect<TaskExecutorGateway>(info.address, TASK_EXECUTOR);
    if (this.#isClosed) throw new SluiceError('closed', 'the ResourceManager is shutting down');
    const now = this.#deps.clock.monotonic();
    const before = this.#taskManagers.get(info.resourceId);
    const taskManager: TaskManager = { info, remote, lastHeardMs: now, load: undefined };
    this.#taskManagers.set(info.resourceId, taskManager);
    // It lives: neither the end of an earlier connection nor a broken one is its loss.
    before?.remote.close();
    this.#disconnections.get(info.resourceId)?.[Symbol.dispose]();
    this.#disconnections.delete(info.resourceId);
    remote.onClose((reason) => {
      if (this.#taskManagers.get(info.resourceId) === taskManager)
        this.#disconnected(info.resourceId, reason);
    });
    this.#deps.log.log(
      'info',
      `TaskManager ${info.resourceId} registered with ${info.slotsMax} slots`,
    );
    const worker = {
      slotsMax: info.slotsMax,
      isElastic: info.slots === 'elastic',
      wasStarted: this.#expected.delete(info.resourceId),
    };
    this.#apply(this.#slots.onWorkerRegistered(info.resourceId, worker, slots, now));
    const { heartbeatIntervalMs, heartbeatTimeoutMs } = this.#settings;
    return { token: this.#token, heartbeatIntervalMs, heartbeatTimeoutMs };
  }

  heartbeat(token: FencingToken, resourceId: ResourceId, report: TaskExecutorReport): void {
    const taskManager = this.#fenced(token, resourceId);
    taskManager.lastHeardMs = this.#deps.clock.monotonic();
    taskManager.load = report.load;
    const effects = this.#slots.onReport(resourceId, report.slots, taskManager.lastHeardMs);
    if (effects.length > 0) this.#apply(effects);
  }

  notifySlotFree(
    token: FencingToken,
    resourceId: ResourceId,
    slot: number,
    allocationId: AllocationId,
  ): void {
    this.#fenced(token, resourceId);
    this.#apply(
      this.#slots.onSlotFree(resourceId, slot, allocationId, this.#deps.clock.monotonic()),
    );
  }

  declareRequirements(jobId: JobId, jobMaster: JobMasterAddress, slots: number): void {
    if (slots === 0) this.#jobMasters.delete(jobId);
    else this.#jobMasters.set(jobId, jobMaster);
    this.#apply(this.#slots.onRequirements(jobId, jobMaster, slots));
  }

  taskManagers(): readonly TaskManagerDetails[] {
    const now = this.#deps.clock.monotonic();
    return [...this.#taskManagers.values()].map(({ info, lastHeardMs, load }) => {
      const { total, free } = this.#slots.slotsOf(info.resourceId);
      const silentMs = now - lastHeardMs;
      return {
        info,
        silentMs,
        load,
        slotsTotal: total,
        slotsFree: free,
        lastHeartbeatMs: this.#deps.clock.now() - silentMs,
        jobs: this.#slots.jobsOf(info.resourceId),
      };
    });
  }

  taskExecutor(resourceId: ResourceId): Remote<TaskExecutorGateway>['gateway'] | undefined {
    return this.#taskManagers.get(resourceId)?.remote.gateway;
  }

  /** Lets every TaskManager go. */
  close(): void {
    this.#isClosed = true;
    this.#timer[Symbol.dispose]();
    for (const [resourceId, { remote }] of this.#taskManagers) {
      void remote.gateway
        .shutDown(this.#token, 'the cluster is shutting down')
        .catch(() => undefined);
      this.#deps.driver?.releaseWorker(resourceId);
    }
    for (const resourceId of this.#expected) this.#deps.driver?.releaseWorker(resourceId);
  }

  #fenced(token: FencingToken, resourceId: ResourceId): TaskManager {
    const taskManager = this.#taskManagers.get(resourceId);
    if (token !== this.#token || taskManager === undefined) {
      throw new SluiceError(
        'unknown-task-manager',
        `TaskManager ${resourceId} is not registered here`,
      );
    }
    return taskManager;
  }

  #apply(effects: readonly SlotManagerEffect[]): void {
    this.#lastChangeMs = this.#deps.clock.monotonic();
    for (const effect of effects) {
      switch (effect.kind) {
        case 'request-slot':
          void this.#requestSlot(effect);
          break;
        case 'start-workers':
          for (let i = 0; i < effect.count; i++) this.#startWorker();
          break;
        case 'not-enough':
          void this.#sayNotEnough(effect);
          break;
      }
    }
    this.#onChange();
  }

  async #requestSlot(effect: SlotManagerEffect & { kind: 'request-slot' }): Promise<void> {
    const { resourceId, slot, allocationId, jobId, jobMaster } = effect;
    const taken = await (this.#taskManagers
      .get(resourceId)
      ?.remote.gateway.requestSlot(this.#token, { slot, allocationId, jobId, jobMaster })
      .then(
        () => true,
        (error: unknown) => {
          this.#deps.log.log('warn', `slot ${slot} of ${resourceId} refused: ${String(error)}`);
          return delay(this.#deps.clock, REFUSED_MS).then(() => false);
        },
      ) ?? false);
    this.#apply(
      this.#slots.onSlotRequested(
        resourceId,
        slot,
        allocationId,
        taken,
        this.#deps.clock.monotonic(),
      ),
    );
  }

  async #sayNotEnough(effect: SlotManagerEffect & { kind: 'not-enough' }): Promise<void> {
    const { jobMaster, required, available, inUseByOthers } = effect;
    const isFinal = required > available + inUseByOthers;
    const others = inUseByOthers === 0 ? '' : `; other jobs use ${inUseByOthers}`;
    const wait = isFinal ? '' : ', and it waits for them';
    const message = `the job needs ${required} slots and the cluster can give it ${available}${others}${wait}`;
    await this.#toJobMaster(jobMaster, (gateway) =>
      gateway.notEnoughSlots({ message, available, isFinal }),
    );
  }

  async #toJobMaster(
    jobMaster: JobMasterAddress,
    call: (gateway: Remote<JobMasterGateway>['gateway']) => Promise<void>,
  ): Promise<void> {
    try {
      const remote = await this.#deps.rpc.connect<JobMasterGateway>(
        jobMaster.address,
        jobMaster.endpoint,
      );
      await call(remote.gateway).finally(() => remote.close());
    } catch (error) {
      this.#deps.log.log('debug', `JobMaster ${jobMaster.endpoint}: ${String(error)}`); // it has ended
    }
  }

  #startSpares(spares: number): void {
    const missing = this.#slots.startSpares(spares);
    for (let i = 0; i < missing; i++) this.#startWorker();
  }

  #startWorker(): void {
    const { driver, log } = this.#deps;
    if (driver === undefined) return;
    driver.requestWorker(this.#settings.profile).then(
      (resourceId) => {
        if (this.#taskManagers.has(resourceId)) this.#slots.onStarted();
        else this.#expected.add(resourceId);
      },
      (error: unknown) => {
        log.log('error', `no TaskManager could be started: ${String(error)}`);
        this.#apply(this.#slots.onStartFailed());
      },
    );
  }

  /** Its slots are gone at once; why, the driver may know, who sees its process end. */
  #disconnected(resourceId: ResourceId, reason: string): void {
    const { clock, driver } = this.#deps;
    if (driver === undefined) return this.#lost(resourceId, reason);
    if (this.#isClosed || !this.#forget(resourceId)) return;
    const timer = clock.after(REASON_MS, () => this.#lost(resourceId, reason));
    this.#disconnections.set(resourceId, timer);
  }

  #lost(resourceId: ResourceId, reason: string): void {
    const disconnection = this.#disconnections.get(resourceId);
    this.#disconnections.delete(resourceId);
    disconnection?.[Symbol.dispose]();
    if (this.#isClosed) return;
    if (disconnection === undefined && !this.#forget(resourceId)) return;
    this.#deps.log.log('warn', `TaskManager ${resourceId} is lost: ${reason}`);
    this.#deps.driver?.releaseWorker(resourceId);
    for (const jobMaster of this.#jobMasters.values()) {
      void this.#toJobMaster(jobMaster, (gateway) => gateway.taskManagerLost(resourceId, reason));
    }
  }

  /** False when it was not known. */
  #forget(resourceId: ResourceId): boolean {
    const taskManager = this.#taskManagers.get(resourceId);
    const wasExpected = this.#expected.delete(resourceId);
    if (taskManager === undefined && !wasExpected) return false;
    this.#taskManagers.delete(resourceId);
    taskManager?.remote.close();
    this.#apply(wasExpected ? this.#slots.onStartFailed() : this.#slots.onWorkerLost(resourceId));
    return true;
  }

  #tick(): void {
    const now = this.#deps.clock.monotonic();
    const { heartbeatTimeoutMs, spares, spareDelayMs, idleTimeoutMs } = this.#settings;
    for (const [resourceId, { lastHeardMs }] of this.#taskManagers) {
      if (now - lastHeardMs > heartbeatTimeoutMs) {
        this.#lost(resourceId, `no heartbeat for ${Math.round(now - lastHeardMs)} ms`);
      }
    }
    if (now - this.#lastChangeMs < spareDelayMs) return;
    this.#startSpares(spares);
    for (const resourceId of this.#slots.idleWorkers(now, idleTimeoutMs, spares))
      this.#release(resourceId);
  }

  #release(resourceId: ResourceId): void {
    const taskManager = this.#taskManagers.get(resourceId);
    // A TaskManager that nobody started, in a cluster of fixed size, stays.
    if (taskManager === undefined || this.#deps.driver === undefined) return;
    this.#taskManagers.delete(resourceId);
    this.#slots.onWorkerLost(resourceId);
    void taskManager.remote.gateway.shutDown(this.#token, 'idle').catch(() => undefined);
    taskManager.remote.close();
    this.#deps.driver.releaseWorker(resourceId);
    this.#onChange();
  }
}
