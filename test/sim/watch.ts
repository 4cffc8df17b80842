// What must hold all the time, looked at whenever something has happened in the cluster: of tasks and the job,
// of checkpoints and their files, of the sink's files. What does not is kept under a name; the first one counts.

import { crc32 } from 'node:zlib';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { AttemptId } from '../../engine/core/ids.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import { filesOf } from '../../engine/state/state-handle.ts';
import type { FileAction } from '../harness/memory-files.ts';
import type { MiniCluster } from '../harness/mini-cluster.ts';

export interface CheckpointLimits {
  readonly concurrentMax: number;
  readonly timeoutMs: number;
  readonly retained: number;
  /** Of the job when it is cancelled: its checkpoints stay. */
  readonly keepsOnCancel: boolean;
}

export interface Violation {
  readonly name: string;
  readonly text: string;
}

/** By which a checkpoint may end later than it should: timers are late, and disks slow. */
const LATE_MS = 1_500;
/** In progress beside the periodic ones: a savepoint, one by hand, the last of the job. */
const BY_HAND_MAX = 2;

const TASK_STATES = ['CREATED', 'SCHEDULED', 'DEPLOYING', 'INITIALIZING', 'RUNNING'];
const JOB_STATES: Readonly<Record<string, readonly string[]>> = {
  CREATED: ['RUNNING', 'FAILING', 'CANCELLING', 'CANCELED', 'FAILED'],
  RUNNING: ['RESTARTING', 'FAILING', 'CANCELLING', 'FINISHED', 'FAILED', 'CANCELED'],
  RESTARTING: ['RUNNING', 'CREATED', 'FAILING', 'CANCELLING', 'CANCELED', 'FAILED'],
  FAILING: ['FAILED'],
  CANCELLING: ['CANCELED', 'FAILING', 'FAILED', 'FINISHED'],
};

export class Watch {
  readonly violations: Violation[] = [];
  /** When checkpoints completed, virtual ms. */
  readonly completedAt: number[] = [];
  readonly #cluster: MiniCluster;
  readonly #master: JobMaster;
  readonly #limits: CheckpointLimits;
  /** What the job was begun from. */
  #originId = 0;
  #isOver = false;
  readonly #isDamaged: (path: string) => boolean;
  readonly #tell: (line: string) => void;
  readonly #tasks = new Map<string, { attempt: number; state: string }>();
  #jobState: string;
  #seenEvent = 0;
  #latest: CompletedCheckpoint | undefined;
  #restoredAtMs = -1;
  /** Those that a restart may need, oldest first. */
  #retained: CompletedCheckpoint[] = [];

  /** @param tell Hears of every event of the cluster. */
  constructor(
    cluster: MiniCluster,
    master: JobMaster,
    limits: CheckpointLimits,
    isDamaged: (path: string) => boolean,
    tell: (line: string) => void,
  ) {
    this.#isDamaged = isDamaged;
    this.#tell = tell;
    this.#cluster = cluster;
    this.#master = master;
    this.#limits = limits;
    this.#jobState = master.state;
    this.#seenEvent = cluster.dispatcher.events.latestId;
    const before = cluster.clock.afterEvent;
    cluster.clock.afterEvent = () => {
      before();
      if (!this.#isOver && cluster.dispatcher.events.latestId > this.#seenEvent) this.#look();
    };
    const observe = cluster.files.observe;
    cluster.files.observe = (action) => {
      observe(action);
      if (this.#isOver) return;
      this.#tell(`disk: ${action.operation} ${action.path} by ${action.machine}`);
      this.#onDisk(action);
    };
  }

  /** Nothing is looked at any more. */
  end(): void {
    this.#isOver = true;
  }

  wrong(name: string, text: string): void {
    this.violations.push({ name, text });
  }

  #look(): void {
    const { events } = this.#cluster.dispatcher;
    let areCheckpointsNews = false;
    for (const { id, event } of events.since(this.#seenEvent)) {
      this.#seenEvent = id;
      this.#tell(JSON.stringify(event));
      if (!('jobId' in event) || event.jobId !== this.#master.jobId) continue;
      if (event.kind === 'task')
        this.#onTask(`${event.vertex}.${event.subtask}`, event.attempt, event.state);
      else if (event.kind === 'job') this.#onJob(event.state);
      else if (event.kind === 'checkpoint') areCheckpointsNews = true;
    }
    if (areCheckpointsNews || this.#master.checkpoints.latest !== this.#latest)
      this.#onCheckpoints();
  }

  #onTask(task: string, attempt: number, state: string): void {
    const before = this.#tasks.get(task) ?? { attempt: -1, state: 'CREATED' };
    this.#tasks.set(task, { attempt, state });
    if (attempt < before.attempt)
      this.wrong('attempts', `attempt ${attempt} of ${task} is ${state} after ${before.attempt}`);
    if (attempt !== before.attempt) return;
    const [from, to] = [TASK_STATES.indexOf(before.state), TASK_STATES.indexOf(state)];
    const isBack = to >= 0 && (from < 0 || to < from) && before.state !== 'CANCELING';
    const isOver = ['FINISHED', 'FAILED', 'CANCELED'].includes(before.state);
    if (isBack || (isOver && before.state !== state))
      this.wrong('task-states', `${task} goes from ${before.state} to ${state}`);
  }

  #onJob(state: string): void {
    if (state !== this.#jobState && JOB_STATES[this.#jobState]?.includes(state) !== true)
      this.wrong('job-states', `the job goes from ${this.#jobState} to ${state}`);
    this.#jobState = state;
  }

  #onCheckpoints(): void {
    if (this.#jobState in JOB_STATES === false) return; // it has ended, and what it leaves is another matter
    const { latest } = this.#master.checkpoints;
    if (latest !== undefined && latest !== this.#latest) this.#onCompleted(latest);
    this.#onRestored();
    for (const one of this.#retained) this.#mustBeDurable(one);
    this.#mustEnd();
  }

  #onCompleted(checkpoint: CompletedCheckpoint): void {
    const { checkpointId } = checkpoint;
    const before = this.#latest?.checkpointId ?? 0;
    this.#latest = checkpoint;
    if (this.#master.checkpoints.history.counts.completed === 0) {
      this.#originId = checkpointId;
      return;
    }
    this.completedAt.push(this.#cluster.clock.elapsedMs);
    if (checkpointId <= before)
      this.wrong('checkpoint-order', `checkpoint ${checkpointId} completes after ${before}`);
    this.#mustBeCurrent(checkpoint);
    this.#retained.push(checkpoint);
    this.#retained = this.#retained.slice(-this.#limits.retained);
  }

  /** Its parts are of the attempts that run. */
  #mustBeCurrent({ checkpointId, vertices }: CompletedCheckpoint): void {
    for (const { vertex, subtasks } of vertices) {
      for (const [i, { handle }] of subtasks.entries()) {
        const { attemptId } = this.#master.graph.subtask({ vertex, subtask: i }).current;
        for (const file of filesOf(handle))
          if (!file.path.includes(shortOf(attemptId)))
            this.wrong(
              'stale-attempt',
              `checkpoint ${checkpointId} has ${file.path}, and ${attemptId} runs`,
            );
      }
    }
  }

  /** It would survive a power loss now. */
  #mustBeDurable({ checkpointId, path, vertices }: CompletedCheckpoint): void {
    const { files } = this.#cluster;
    if (files.durableBytesOf(`${path}/_metadata`) === undefined)
      this.wrong('durable-metadata', `the metadata of checkpoint ${checkpointId} is not durable`);
    const all = vertices.flatMap(({ subtasks }) => subtasks.map(({ handle }) => handle));
    for (const file of all.flatMap(filesOf)) {
      if (this.#isDamaged(file.path)) continue;
      const bytes = files.durableBytesOf(file.path);
      if (bytes === undefined || bytes.length !== file.sizeBytes || crc32(bytes) !== file.crc)
        this.wrong(
          'durable-state',
          `${file.path} of checkpoint ${checkpointId} is ${bytes === undefined ? 'not durable' : 'not what was written'}`,
        );
    }
  }

  #onRestored(): void {
    const { restored } = this.#master.checkpoints.history.latest;
    if (restored === undefined || restored.atMs === this.#restoredAtMs) return;
    this.#restoredAtMs = restored.atMs;
    const completed = this.#retained.at(-1)?.checkpointId ?? this.#originId;
    if (restored.id < completed)
      this.wrong('fallback', `checkpoint ${restored.id} is restored after ${completed} completed`);
  }

  #mustEnd(): void {
    const { concurrentMax, timeoutMs } = this.#limits;
    const { history } = this.#master.checkpoints.history;
    const pending = history.filter(({ status }) => status === 'IN_PROGRESS');
    if (pending.length > concurrentMax + BY_HAND_MAX)
      this.wrong('pending-checkpoints', `${pending.length} checkpoints are in progress`);
    const now = this.#cluster.clock.now();
    for (const { id, triggerMs } of pending)
      if (now - triggerMs > timeoutMs + LATE_MS)
        this.wrong(
          'checkpoint-timeout',
          `checkpoint ${id} is in progress for ${now - triggerMs} ms`,
        );
  }

  /** A file is published only when the checkpoint that it was prepared under is complete, and then stays. */
  #onDisk({ operation, path, from = '' }: FileAction): void {
    const isOut = path.startsWith('/out/') && !path.includes('/.sluice');
    if (isOut && (operation === 'remove' || operation === 'append' || operation === 'writeFile'))
      this.wrong('committed-file', `${operation} of ${path}, which is committed`);
    if (operation !== 'link' || !isOut) return;
    const id = Number(/\.c(\d+)$/.exec(from)?.[1] ?? Number.NaN);
    const completed = this.#master.checkpoints.latest?.checkpointId ?? 0;
    if (!(id <= completed))
      this.wrong('early-commit', `${from} is published when checkpoint ${completed} is complete`);
  }
}

const shortOf = (attemptId: AttemptId): string => attemptId.slice(0, 8);
