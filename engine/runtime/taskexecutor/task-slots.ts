// The tasks of a TaskManager in their slots' threads: deploys them, passes messages both ways, cancels,
// and knows when a thread has died or stands still in a call.

import type { Barrier } from '../../core/barrier.ts';
import type { Clock } from '../../core/clock.ts';
import { SluiceError } from '../../core/errors.ts';
import type { TaskSample } from '../../core/flame-sample.ts';
import type { AllocationId, AttemptId, JobId, OperatorId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { ResultsRequest, ResultsResponse } from '../../core/results.ts';
import type { UserMetrics } from '../../core/user-metrics.ts';
import { lastSeen } from '../../task/last-seen.ts';
import type { FromSlot, TaskEnd, ToSlot } from '../../task/slot-messages.ts';
import { newMetricsMemory, readMetrics } from '../../task/task-metrics.ts';
import type { TaskEnded, TaskReport } from '../jobmaster/job-master-gateway.ts';
import type { BlobCache } from './blob-cache.ts';
import type { ChannelTable } from './channel-table.ts';
import type { JobConnection } from './job-connection.ts';
import type { LocalStateDirectory } from './local-state-directory.ts';
import { type FrameNames, sampleTasks } from './slot-sampling.ts';
import { type AllocatedSlot, SlotTable } from './slot-table.ts';
import { lost, type Task } from './slot-task.ts';
import type { SlotSpawner } from './slot-thread.ts';
import { type SlotWorker, SlotWorkerPool } from './slot-worker.ts';
import { StuckWatch } from './stuck-watch.ts';
import type { TaskSubmission, TaskTrigger, ThreadInfo } from './task-executor-gateway.ts';
import { TaskReports } from './task-reports.ts';
import { WaitingResults } from './waiting-results.ts';

export interface TaskSlotsSettings {
  readonly slotsMax: number;
  readonly threads: 'slot' | 'chain';
  readonly heapMaxBytes: number;
  /** Threads that stand ready for slots that are free. */
  readonly threadsWarm: number;
  readonly cancellationTimeoutMs: number;
  /** 0: never. */
  readonly stuckTimeoutMs: number;
}

export interface TaskSlotsDependencies extends FrameNames {
  readonly clock: Clock;
  readonly log: Logger;
  readonly spawner: SlotSpawner;
  readonly channels: ChannelTable;
  readonly blobs: BlobCache;
  readonly localState: LocalStateDirectory;
  /** A stack as the inspector gives it, in the notebook's lines. */
  readonly mapStack: (stack: string, bundle: Uint8Array | undefined) => string;
  readonly jobOf: (jobId: JobId) => JobConnection | undefined;
  readonly onSlotFree: (slot: AllocatedSlot) => void;
}

type FromTask = Exclude<FromSlot, { kind: 'ready' }>;

const SHOW_STUCK_AFTER_MS = 1_000;

export class TaskSlots {
  readonly reports: TaskReports;
  readonly #settings: TaskSlotsSettings;
  readonly #deps: TaskSlotsDependencies;
  readonly #table: SlotTable;
  readonly #pool: SlotWorkerPool;
  readonly #tasks = new Map<AttemptId, Task>();
  readonly #stuck = new StuckWatch();
  readonly #results = new WaitingResults();

  constructor(settings: TaskSlotsSettings, deps: TaskSlotsDependencies) {
    this.#settings = settings;
    this.#deps = deps;
    this.reports = new TaskReports(deps.jobOf);
    this.#pool = new SlotWorkerPool(deps.spawner, settings.heapMaxBytes);
    this.#table = new SlotTable(settings.slotsMax, settings.threads, (slot) =>
      this.#startWorker(slot),
    );
  }

  /** As many threads stand ready as may be wanted at once, and one in place of one that ends. */
  warm(): void {
    const { threadsWarm, slotsMax } = this.#settings;
    const free = slotsMax - this.#table.all().length;
    this.#pool.warm(Math.max(1, Math.min(threadsWarm, free)));
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
    const allocated = this.#table.allocate(slot, allocationId, jobId);
    if (allocated !== undefined) this.#table.prepare(allocated);
    return allocated;
  }

  /** Ends the slot's tasks with their threads. Resolves when the slot is free and a fresh thread is on its way. */
  async free(slot: AllocatedSlot, cause: string): Promise<void> {
    if (this.#table.get(slot.allocationId) !== slot) return;
    this.#table.free(slot.allocationId);
    for (const [attemptId, task] of this.#tasks) {
      if (task.slot === slot) this.#ended(attemptId, { state: 'FAILED', failure: lost(cause) });
    }
    await Promise.all([...slot.workers.values()].map((worker) => worker.terminate()));
    this.warm();
    this.#deps.onSlotFree(slot);
  }

  releaseJob(jobId: JobId): void {
    this.#deps.channels.releaseJob(jobId);
    this.reports.forgetJob(jobId);
    this.#deps.localState.release(jobId);
  }

  /** A task that is here already, or has been, is left alone. */
  async submit(job: JobConnection, submission: TaskSubmission): Promise<void> {
    const { attemptId, jobId } = submission.deployment;
    if (!this.reports.begin(attemptId, jobId)) return;
    try {
      await this.#deploy(job, submission);
    } catch (error) {
      this.reports.forget(attemptId);
      throw error;
    }
  }

  async #deploy(job: JobConnection, submission: TaskSubmission): Promise<void> {
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
    const threads = await this.#table.threadsOf(deployment);
    const bell = await worker.ready;
    if (this.#table.get(deployment.allocationId) !== slot)
      throw new SluiceError('no-slot', 'the slot was freed');
    if (worker.isGone) throw new SluiceError('no-thread', "the slot's thread has ended");
    if (!this.reports.has(deployment.attemptId)) return; // cancelled meanwhile
    const carriers = this.#deps.channels.open(deployment, worker, bell, ({ peer }) =>
      threads.get(peer.attemptId),
    );
    const metrics = newMetricsMemory(deployment.operators.length);
    this.#tasks.set(deployment.attemptId, {
      deployment,
      slot,
      worker,
      metrics,
      user: undefined,
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
      localDirectory: this.#deps.localState.of(deployment.jobId),
    });
  }

  /** One that has come before is left alone, and so is one that comes too early: it will come again. */
  trigger(trigger: TaskTrigger, barrier: Barrier): void {
    const { attemptId } = trigger;
    const { checkpointId } = barrier;
    const arrival = this.reports.onTrigger(trigger, checkpointId);
    if (arrival === 'new') this.#post(attemptId, { kind: 'trigger', attemptId, barrier });
    if (arrival !== 'late') return;
    const reason = 'its source has been handed out more since';
    this.reports.onDeclined(attemptId, { checkpointId, reason, isFault: false });
  }

  notify(attemptId: AttemptId, checkpointId: number, outcome: 'complete' | 'aborted'): void {
    this.reports.onNotified(attemptId, checkpointId, outcome);
    this.#post(attemptId, { kind: `checkpoint-${outcome}`, attemptId, checkpointId });
  }

  /** Answers how many events have come. */
  sendEvent(attemptId: AttemptId, operatorId: OperatorId, number: number, event: unknown): number {
    if (this.reports.takesEvent(attemptId, number))
      this.#post(attemptId, { kind: 'operator-event', attemptId, operatorId, event });
    return this.reports.eventsOf(attemptId);
  }

  /** The task is asked to end; if it does not, its thread is ended. */
  cancel(attemptId: AttemptId): void {
    const task = this.#tasks.get(attemptId);
    // One that is still being deployed comes to nothing.
    if (task === undefined) this.reports.onEnded(attemptId, { state: 'CANCELED' }, undefined);
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
    return this.#results.request(attemptId, operatorId, request, (m) => task.worker.post(m));
  }

  /** Looks at every task for calls that do not return. */
  watch(): void {
    const now = this.#deps.clock.monotonic();
    const { stuckTimeoutMs } = this.#settings;
    for (const [attemptId, task] of this.#tasks) {
      const stuckMs = this.#stuck.observe(attemptId, readMetrics(task.metrics, now), now);
      task.stuckMs = stuckMs;
      // What it answers goes with the next heartbeat.
      if (task.user !== undefined) task.worker.post({ kind: 'observe', attemptId });
      if (stuckTimeoutMs > 0 && stuckMs > stuckTimeoutMs && !task.isStuck && !task.isCanceling) {
        task.isStuck = true;
        void this.#failStuck(task, stuckMs);
      }
    }
  }

  /** For the job's heartbeat. */
  reportOf(jobId: JobId): {
    readonly tasks: readonly TaskReport[];
    readonly ends: readonly TaskEnded[];
  } {
    const now = this.#deps.clock.monotonic();
    const tasks = this.reports.standingsOf(jobId).map((standing) => {
      const task = this.#tasks.get(standing.attemptId);
      const stuckMs = task?.stuckMs ?? 0;
      return {
        ...standing,
        metrics: task && readMetrics(task.metrics, now, task.user),
        stuckMs: stuckMs > SHOW_STUCK_AFTER_MS ? stuckMs : undefined,
      };
    });
    return { tasks, ends: this.reports.endsOf(jobId) };
  }

  threadDump(): Promise<readonly ThreadInfo[]> {
    const threads = this.#table
      .all()
      .flatMap(({ slot, workers }) => [...workers.values()].map((worker) => ({ slot, worker })));
    return Promise.all(
      threads.map(async ({ slot, worker }) => ({
        name: `slot ${slot}`,
        stack: (await worker.stack()) ?? '',
      })),
    );
  }

  /** What these tasks do for so long. */
  sample(
    attempts: readonly AttemptId[],
    durationMs: number,
    intervalMs: number,
  ): Promise<readonly TaskSample[]> {
    const tasks = attempts.flatMap((id) => this.#tasks.get(id) ?? []);
    return sampleTasks(tasks, durationMs, intervalMs, this.#deps);
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#table
        .all()
        .flatMap((slot) => [...slot.workers.values()].map((worker) => worker.terminate())),
    );
    await this.#pool.close();
    await this.#deps.localState.close();
  }

  #startWorker(slot: AllocatedSlot): SlotWorker {
    const worker = this.#pool.take();
    worker.attach({
      onMessage: (message) => this.#onMessage(message),
      onExit: (reason) => this.#onWorkerGone(slot, worker, reason),
    });
    return worker;
  }

  #onMessage(message: FromTask): void {
    switch (message.kind) {
      case 'state':
        return this.reports.onState(message.attemptId, message.state);
      case 'data-ended':
        return this.reports.onDataEnded(message.attemptId);
      case 'observed':
        return this.#observed(message.attemptId, message.user);
      case 'ended':
        return this.#ended(message.attemptId, message.end);
      case 'operator-event':
        return this.reports.onEvent(message.attemptId, message.operatorId, message.event);
      case 'acknowledge':
        return this.reports.onAcknowledged(message.attemptId, message.ack);
      case 'decline':
        return this.reports.onDeclined(message.attemptId, message.decline);
      case 'results':
        return this.#results.onResponse(message.id, message.response);
      case 'message':
        return this.reports.tell(message.attemptId, (gateway, token) =>
          gateway.taskMessage(token, message.message),
        );
    }
  }

  #observed(attemptId: AttemptId, user: UserMetrics): void {
    const task = this.#tasks.get(attemptId);
    if (task !== undefined) task.user = user;
  }

  #post(attemptId: AttemptId, message: ToSlot): void {
    this.#tasks.get(attemptId)?.worker.post(message);
  }

  #ended(attemptId: AttemptId, end: TaskEnd): void {
    const task = this.#tasks.get(attemptId);
    if (task === undefined) return;
    this.reports.onEnded(attemptId, end, readMetrics(task.metrics, 0, task.user));
    this.#tasks.delete(attemptId);
    this.#stuck.forget(attemptId);
    this.#deps.channels.release(attemptId, end.state === 'FINISHED');
    this.#results.onTaskEnded(attemptId);
  }

  #onWorkerGone(slot: AllocatedSlot, worker: SlotWorker, reason: string): void {
    this.#table.forgetWorker(slot, worker);
    const own = [...this.#tasks].filter(([, task]) => task.worker === worker);
    for (const [attemptId, task] of own) {
      this.#ended(
        attemptId,
        task.isCanceling ? { state: 'CANCELED' } : { state: 'FAILED', failure: lost(reason, task) },
      );
    }
    // They come again, or the slot is given back. One that has died by itself would die again.
    if (own.length > 0 && this.#table.get(slot.allocationId) === slot) this.#table.prepare(slot);
  }

  async #kill(worker: SlotWorker, reason: string): Promise<void> {
    const slot = this.#table.all().find(({ workers }) => [...workers.values()].includes(worker));
    await worker.terminate();
    if (slot !== undefined) this.#onWorkerGone(slot, worker, reason);
    this.warm();
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
