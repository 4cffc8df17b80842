// The tasks of a TaskManager in their slots' threads: deploys them, passes messages both ways, cancels,
// and knows when a thread has died or stands still in a call.

import type { Clock } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { AllocationId, AttemptId, JobId, OperatorId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { ResultsRequest, ResultsResponse } from '../../core/results.ts';
import { lastSeen } from '../../task/last-seen.ts';
import type { FromSlot, TaskEnd, TaskFailure, ToSlot } from '../../task/slot-messages.ts';
import type { TaskDeployment } from '../../task/task-deployment.ts';
import { type MetricsMemory, newMetricsMemory, readMetrics } from '../../task/task-metrics.ts';
import type { TaskReport } from '../jobmaster/job-master-gateway.ts';
import type { BlobCache } from './blob-cache.ts';
import type { ChannelTable } from './channel-table.ts';
import type { JobConnection } from './job-connection.ts';
import { type AllocatedSlot, SlotTable } from './slot-table.ts';
import type { SlotSpawner } from './slot-thread.ts';
import { type SlotWorker, SlotWorkerPool } from './slot-worker.ts';
import { StuckWatch } from './stuck-watch.ts';
import type { TaskSubmission, ThreadInfo } from './task-executor-gateway.ts';

export interface TaskSlotsSettings {
  readonly slotsMax: number;
  readonly threads: 'slot' | 'chain';
  readonly heapMaxBytes: number;
  readonly cancellationTimeoutMs: number;
  /** 0: never. */
  readonly stuckTimeoutMs: number;
}

export interface TaskSlotsDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly spawner: SlotSpawner;
  readonly channels: ChannelTable;
  readonly blobs: BlobCache;
  /** A stack as the inspector gives it, in the notebook's lines. */
  readonly mapStack: (stack: string, bundle: Uint8Array | undefined) => string;
  readonly jobOf: (jobId: JobId) => JobConnection | undefined;
  readonly onSlotFree: (slot: AllocatedSlot) => void;
}

interface Task {
  readonly deployment: TaskDeployment;
  readonly slot: AllocatedSlot;
  readonly worker: SlotWorker;
  readonly metrics: MetricsMemory;
  isCanceling: boolean;
  isStuck: boolean;
  stuckMs: number;
}

type FromTask = Exclude<FromSlot, { kind: 'ready' }>;

const SHOW_STUCK_AFTER_MS = 1_000;

export class TaskSlots {
  readonly #settings: TaskSlotsSettings;
  readonly #deps: TaskSlotsDependencies;
  readonly #table: SlotTable;
  readonly #pool: SlotWorkerPool;
  readonly #tasks = new Map<AttemptId, Task>();
  readonly #stuck = new StuckWatch();
  readonly #results = new Map<
    number,
    {
      resolve(response: ResultsResponse): void;
      reject(error: Error): void;
      readonly attemptId: AttemptId;
    }
  >();
  #nextRequest = 1;

  constructor(settings: TaskSlotsSettings, deps: TaskSlotsDependencies) {
    this.#settings = settings;
    this.#deps = deps;
    this.#pool = new SlotWorkerPool(deps.spawner, settings.heapMaxBytes);
    this.#table = new SlotTable(settings.slotsMax, settings.threads, (slot) =>
      this.#startWorker(slot),
    );
  }

  warm(): void {
    this.#pool.warm();
  }

  get(allocationId: AllocationId): AllocatedSlot | undefined {
    return this.#table.get(allocationId);
  }

  ofJob(jobId: JobId): readonly AllocatedSlot[] {
    return this.#table.ofJob(jobId);
  }

  report(): ReturnType<SlotTable['report']> {
    return this.#table.report();
  }

  allocate(slot: number, allocationId: AllocationId, jobId: JobId): AllocatedSlot | undefined {
    return this.#table.allocate(slot, allocationId, jobId);
  }

  /** Ends the slot's tasks with their threads. Resolves when the slot is free and a fresh thread is on its way. */
  async free(slot: AllocatedSlot, cause: string): Promise<void> {
    if (this.#table.get(slot.allocationId) !== slot) return;
    this.#table.free(slot.allocationId);
    for (const [attemptId, task] of this.#tasks) {
      if (task.slot === slot) this.#ended(attemptId, { state: 'FAILED', failure: lost(cause) });
    }
    await Promise.all([...slot.workers.values()].map((worker) => worker.terminate()));
    this.#pool.warm();
    this.#deps.onSlotFree(slot);
  }

  releaseJob(jobId: JobId): void {
    this.#deps.channels.releaseJob(jobId);
  }

  async submit(job: JobConnection, submission: TaskSubmission): Promise<void> {
    const { deployment } = submission;
    const slot = this.#table.get(deployment.allocationId);
    if (slot === undefined)
      throw new SluiceError('no-slot', `slot ${deployment.allocationId} is not allocated here`);
    const { bundle, plan, blobs: data } = deployment.program;
    const keys = [bundle, plan, ...data];
    const blobs = await this.#deps.blobs.fetch(keys, (key) =>
      job.call((gateway) => gateway.requestBlob(job.token, key)),
    );
    const worker = this.#table.workerFor(slot, deployment.attemptId);
    const threads = await this.#threadsOf(deployment);
    const bell = await worker.ready;
    if (this.#table.get(deployment.allocationId) !== slot)
      throw new SluiceError('no-slot', 'the slot was freed');
    if (worker.isGone) throw new SluiceError('no-thread', "the slot's thread has ended");
    const carriers = this.#deps.channels.open(deployment, worker, bell, ({ peer }) =>
      threads.get(peer.attemptId),
    );
    const metrics = newMetricsMemory(deployment.operators.length);
    this.#tasks.set(deployment.attemptId, {
      deployment,
      slot,
      worker,
      metrics,
      isCanceling: false,
      isStuck: false,
      stuckMs: 0,
    });
    worker.post({
      kind: 'deploy',
      deployment,
      carriers,
      metrics,
      blobs,
      checkpointDirectory: submission.checkpointDirectory,
    });
  }

  post(attemptId: AttemptId, message: ToSlot): void {
    this.#tasks.get(attemptId)?.worker.post(message);
  }

  /** The task is asked to end; if it does not, its thread is ended. */
  cancel(attemptId: AttemptId): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined || task.isCanceling) return;
    task.isCanceling = true;
    task.worker.post({ kind: 'cancel', attemptId });
    this.#deps.clock.after(this.#settings.cancellationTimeoutMs, () => {
      if (this.#tasks.get(attemptId) === task)
        void this.#kill(task.worker, 'did not end when it was cancelled');
    });
  }

  /** The tasks at these channels end with what went wrong; their threads go on. */
  failChannels(channelIds: readonly string[], reason: string): void {
    const broken = new Set(channelIds);
    for (const { deployment, worker } of this.#tasks.values()) {
      const channels = [...deployment.inputs, ...deployment.outputs].flatMap(
        ({ channels: all }) => all,
      );
      if (!channels.some(({ channelId }) => broken.has(channelId))) continue;
      worker.post({ kind: 'cancel', attemptId: deployment.attemptId });
      this.#ended(deployment.attemptId, { state: 'FAILED', failure: lost(reason) });
    }
  }

  requestResults(
    attemptId: AttemptId,
    operatorId: OperatorId,
    request: ResultsRequest,
  ): Promise<ResultsResponse> {
    const task = this.#tasks.get(attemptId);
    if (task === undefined)
      return Promise.reject(new SluiceError('no-task', `no task ${attemptId} here`));
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      this.#results.set(id, { resolve, reject, attemptId });
      task.worker.post({ kind: 'results', attemptId, operatorId, request, id });
    });
  }

  /** Looks at every task for calls that do not return. */
  watch(): void {
    const now = this.#deps.clock.monotonic();
    const { stuckTimeoutMs } = this.#settings;
    for (const [attemptId, task] of this.#tasks) {
      const stuckMs = this.#stuck.observe(attemptId, readMetrics(task.metrics, now), now);
      task.stuckMs = stuckMs;
      if (stuckTimeoutMs > 0 && stuckMs > stuckTimeoutMs && !task.isStuck && !task.isCanceling) {
        task.isStuck = true;
        void this.#failStuck(task, stuckMs);
      }
    }
  }

  reportOf(jobId: JobId): TaskReport[] {
    const now = this.#deps.clock.monotonic();
    return [...this.#tasks.values()]
      .filter(({ deployment }) => deployment.jobId === jobId)
      .map(({ deployment, metrics, stuckMs }) => ({
        attemptId: deployment.attemptId,
        metrics: readMetrics(metrics, now),
        stuckMs: stuckMs > SHOW_STUCK_AFTER_MS ? stuckMs : undefined,
      }));
  }

  async threadDump(): Promise<readonly ThreadInfo[]> {
    const workers = this.#table
      .all()
      .flatMap((slot) => [...slot.workers.values()].map((worker) => ({ slot, worker })));
    return Promise.all(
      workers.map(async ({ slot, worker }) => ({
        name: `slot ${slot.slot}`,
        stack: (await worker.stack()) ?? '',
      })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#table
        .all()
        .flatMap((slot) => [...slot.workers.values()].map((worker) => worker.terminate())),
    );
    await this.#pool.close();
  }

  #startWorker(slot: AllocatedSlot): SlotWorker {
    const worker = this.#pool.take();
    worker.attach({
      onMessage: (message) => this.#onMessage(message),
      onExit: (reason) => this.#onWorkerGone(slot, worker, reason),
    });
    return worker;
  }

  /** The threads of this process that the task exchanges records with, and how to wake them. */
  async #threadsOf(
    deployment: TaskDeployment,
  ): Promise<Map<AttemptId, { thread: object; bell: Awaited<SlotWorker['ready']> }>> {
    const threads = new Map<AttemptId, { thread: object; bell: Awaited<SlotWorker['ready']> }>();
    const channels = [...deployment.inputs, ...deployment.outputs].flatMap(
      ({ channels: all }) => all,
    );
    for (const { peer } of channels) {
      const slot = this.#table.get(peer.allocationId);
      if (slot === undefined || threads.has(peer.attemptId)) continue;
      const worker = this.#table.workerFor(slot, peer.attemptId);
      threads.set(peer.attemptId, { thread: worker, bell: await worker.ready });
    }
    return threads;
  }

  #onMessage(message: FromTask): void {
    switch (message.kind) {
      case 'state':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.updateTaskState(token, message),
        );
      case 'data-ended':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.updateTaskState(token, { attemptId: message.attemptId, state: 'DATA_ENDED' }),
        );
      case 'ended':
        return this.#ended(message.attemptId, message.end);
      case 'acknowledge':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.acknowledgeCheckpoint(token, message.attemptId, message.ack),
        );
      case 'decline':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.declineCheckpoint(token, message.attemptId, message.decline),
        );
      case 'operator-event':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.operatorEvent(token, message.attemptId, message.operatorId, message.event),
        );
      case 'results':
        this.#results.get(message.id)?.resolve(message.response);
        this.#results.delete(message.id);
        return;
      case 'message':
        return this.#toJob(message.attemptId, (gateway, token) =>
          gateway.taskMessage(token, message.message),
        );
    }
  }

  #toJob(
    attemptId: AttemptId,
    call: (
      gateway: Parameters<Parameters<JobConnection['call']>[0]>[0],
      token: JobConnection['token'],
    ) => Promise<unknown>,
  ): void {
    const task = this.#tasks.get(attemptId);
    const job = task === undefined ? undefined : this.#deps.jobOf(task.deployment.jobId);
    job?.tell((gateway) => call(gateway, job.token));
  }

  #ended(attemptId: AttemptId, end: TaskEnd): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    const metrics = readMetrics(task.metrics, 0);
    this.#toJob(attemptId, (gateway, token) =>
      gateway.updateTaskState(token, { attemptId, state: 'ENDED', end, metrics }),
    );
    this.#tasks.delete(attemptId);
    this.#stuck.forget(attemptId);
    this.#deps.channels.release(attemptId, end.state === 'FINISHED');
    for (const [id, waiting] of this.#results) {
      if (waiting.attemptId !== attemptId) continue;
      this.#results.delete(id);
      waiting.reject(new SluiceError('no-task', `task ${attemptId} has ended`));
    }
  }

  #onWorkerGone(slot: AllocatedSlot, worker: SlotWorker, reason: string): void {
    this.#table.forgetWorker(slot, worker);
    for (const [attemptId, task] of this.#tasks) {
      if (task.worker !== worker) continue;
      this.#ended(
        attemptId,
        task.isCanceling ? { state: 'CANCELED' } : { state: 'FAILED', failure: lost(reason, task) },
      );
    }
  }

  async #kill(worker: SlotWorker, reason: string): Promise<void> {
    const slot = this.#table.all().find(({ workers }) => [...workers.values()].includes(worker));
    await worker.terminate();
    if (slot !== undefined) this.#onWorkerGone(slot, worker, reason);
    this.#pool.warm();
  }

  async #failStuck(task: Task, stuckMs: number): Promise<void> {
    const { deployment, worker } = task;
    const metrics = readMetrics(task.metrics, 0);
    const facts = lastSeen(deployment.operators, metrics);
    const raw = await worker.stack();
    const bundle = this.#deps.blobs.get(deployment.program.bundle);
    const stack = raw === undefined ? '' : this.#deps.mapStack(raw, bundle);
    const message = `a call into ${facts.operator} has not returned for ${Math.round(stuckMs / 1000)} s (sluice.task.stuck-timeout)`;
    const error = { name: 'StuckCall', message, stack: `StuckCall: ${message}\n${stack}` };
    this.#ended(deployment.attemptId, {
      state: 'FAILED',
      failure: { ...facts, error, cause: 'stuck' },
    });
    await this.#kill(worker, message);
  }
}

const lost = (reason: string, task?: Task): TaskFailure => ({
  error: { name: 'TaskLost', message: reason },
  cause: 'lost',
  ...(task === undefined
    ? { operator: undefined, record: undefined, place: undefined }
    : lastSeen(task.deployment.operators, readMetrics(task.metrics, 0))),
});
