// What must hold of a job's checkpoints: they complete in their order, are durable as long as a restart may need
// them, end in their time, and no restart goes back behind one of which tasks have heard.

import { crc32 } from 'node:zlib';
import type { CompletedCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { isLastOfJob } from '../../engine/core/barrier.ts';
import type { AttemptId } from '../../engine/core/ids.ts';
import type { JobMaster } from '../../engine/runtime/jobmaster/job-master.ts';
import { filesOf } from '../../engine/state/state-handle.ts';
import type { MemoryFiles } from '../harness/memory-files.ts';
import type { SimulatedClock } from '../harness/simulated-clock.ts';

export interface CheckpointLimits {
  readonly concurrentMax: number;
  readonly timeoutMs: number;
  readonly retained: number;
  /** Of the job when it is cancelled: its checkpoints stay. */
  readonly keepsOnCancel: boolean;
}

export interface Damage {
  /** Files that are not any more what was written. */
  readonly damaged: ReadonlySet<string>;
}

/** By which a checkpoint may end later than it should: timers are late, and disks slow. */
const LATE_MS = 1_500;
/** In progress beside the periodic ones: a savepoint, one for another parallelism, the last of the job. */
const BY_HAND_MAX = 3;
/** Behind the retained ones: the next leader may not have heard of the latest. */
const REMEMBERED = 12;

export class CheckpointWatch {
  /** When checkpoints completed, virtual ms. */
  readonly completedAt: number[] = [];
  readonly #clock: SimulatedClock;
  readonly #files: MemoryFiles;
  readonly #limits: CheckpointLimits;
  readonly #damage: Damage;
  readonly #wrong: (name: string, text: string) => void;
  #originId = 0;
  /** The last of which tasks have heard that it is complete. */
  #toldId = 0;
  #master: JobMaster | undefined;
  #latest: CompletedCheckpoint | undefined;
  #restoredAtMs = -1;
  /** Oldest first, of all leaders. */
  #completed: CompletedCheckpoint[] = [];

  constructor(
    clock: SimulatedClock,
    files: MemoryFiles,
    limits: CheckpointLimits,
    damage: Damage,
    wrong: (name: string, text: string) => void,
  ) {
    this.#clock = clock;
    this.#files = files;
    this.#limits = limits;
    this.#damage = damage;
    this.#wrong = wrong;
  }

  /** What the job was begun from; 0: nothing. */
  get originId(): number {
    return this.#originId;
  }

  onToldComplete(checkpointId: number): void {
    this.#toldId = Math.max(this.#toldId, checkpointId);
  }

  /** Something has happened to the job. */
  look(master: JobMaster, areCheckpointsNews: boolean): void {
    const { latest } = master.checkpoints;
    if (!areCheckpointsNews && latest === this.#latest) return;
    if (master !== this.#master) this.#follow(master);
    for (const one of this.#newsOf(master)) this.#onLatest(master, one);
    this.#mustGoForward(master);
    for (const one of this.#retained) this.#mustBeDurable(one);
    this.#mustEnd(master);
  }

  /** It begins, or goes on under another leader: which knows of its checkpoints when it has read them. */
  #follow(master: JobMaster): void {
    this.#master = master;
    this.#restoredAtMs = -1;
    this.#latest = undefined;
  }

  /** Oldest first: several may have become complete at one moment. */
  #newsOf({ checkpoints }: JobMaster): readonly CompletedCheckpoint[] {
    const { latest, kept, history } = checkpoints;
    const { completed } = history.counts;
    if (latest === undefined || latest === this.#latest) return [];
    if (completed === 0) return [latest];
    const known = this.#latest === undefined ? -1 : kept.indexOf(this.#latest);
    return kept.slice(known + 1).slice(-completed);
  }

  /** Those that a restart may need. */
  get #retained(): readonly CompletedCheckpoint[] {
    const latestId = this.#latest?.checkpointId ?? 0;
    return this.#completed
      .filter(({ checkpointId }) => checkpointId <= latestId)
      .slice(-this.#limits.retained);
  }

  #onLatest(master: JobMaster, checkpoint: CompletedCheckpoint): void {
    const { checkpointId } = checkpoint;
    const before = this.#latest?.checkpointId ?? 0;
    this.#latest = checkpoint;
    if (master.checkpoints.history.counts.completed === 0) {
      if (this.#completed.length === 0) this.#originId = checkpointId;
      // What the leader before had not registered is nothing that anybody goes on from.
      this.#completed = this.#completed.filter((one) => one.checkpointId <= checkpointId);
      return;
    }
    this.completedAt.push(this.#clock.elapsedMs);
    if (checkpointId <= before)
      this.#wrong('checkpoint-order', `checkpoint ${checkpointId} completes after ${before}`);
    this.#mustBeCurrent(master, checkpoint);
    const known = this.#completed.filter((one) => one.checkpointId < checkpointId);
    this.#completed = [...known, checkpoint].slice(-REMEMBERED);
  }

  /** Its parts are of the attempts that run. */
  #mustBeCurrent({ graph }: JobMaster, { checkpointId, vertices }: CompletedCheckpoint): void {
    for (const { vertex, subtasks } of vertices) {
      for (const [i, { handle }] of subtasks.entries()) {
        const { attemptId } = graph.subtask({ vertex, subtask: i }).current;
        for (const file of filesOf(handle))
          if (!file.path.includes(shortOf(attemptId)))
            this.#wrong(
              'stale-attempt',
              `checkpoint ${checkpointId} has ${file.path}, and ${attemptId} runs`,
            );
      }
    }
  }

  /** It would survive a power loss now. */
  #mustBeDurable({ checkpointId, path, vertices }: CompletedCheckpoint): void {
    if (this.#files.durableBytesOf(`${path}/_metadata`) === undefined)
      this.#wrong('durable-metadata', `the metadata of checkpoint ${checkpointId} is not durable`);
    const all = vertices.flatMap(({ subtasks }) => subtasks.map(({ handle }) => handle));
    for (const file of all.flatMap(filesOf)) {
      if (this.#damage.damaged.has(file.path)) continue;
      const bytes = this.#files.durableBytesOf(file.path);
      if (bytes === undefined || bytes.length !== file.sizeBytes || crc32(bytes) !== file.crc)
        this.#wrong(
          'durable-state',
          `${file.path} of checkpoint ${checkpointId} is ${bytes === undefined ? 'not durable' : 'not what was written'}`,
        );
    }
  }

  /** Also a leader that goes on from nothing has gone back. */
  #mustGoForward({ state, checkpoints }: JobMaster): void {
    const { restored } = checkpoints.history.latest;
    const hasBegun = state === 'RUNNING' && checkpoints.history.counts.completed === 0;
    if (hasBegun && restored === undefined && this.#toldId > 0)
      this.#wrong('fallback', `the job begins anew after checkpoint ${this.#toldId}`);
    if (restored === undefined) return;
    if (restored.atMs === this.#restoredAtMs) return;
    this.#restoredAtMs = restored.atMs;
    const completed = Math.max(this.#toldId, this.#retained.at(-1)?.checkpointId ?? this.#originId);
    if (restored.id < completed)
      this.#wrong('fallback', `checkpoint ${restored.id} is restored after ${completed} completed`);
  }

  #mustEnd({ checkpoints, state }: JobMaster): void {
    const { concurrentMax, timeoutMs } = this.#limits;
    const { history, latest } = checkpoints.history;
    const pending = history.filter(({ status }) => status === 'IN_PROGRESS');
    const last = this.#latest;
    const isEnding = last !== undefined && isLastOfJob(last.kind) && state === 'RUNNING';
    const isBehind = last !== undefined && pending.some(({ id }) => id > last.checkpointId);
    if (isEnding && isBehind && latest.restored?.id !== last.checkpointId)
      this.#wrong('behind-the-last', `a checkpoint begins behind ${last.checkpointId}, the last`);
    if (pending.length > concurrentMax + BY_HAND_MAX)
      this.#wrong('pending-checkpoints', `${pending.length} checkpoints are in progress`);
    const now = this.#clock.now();
    for (const { id, triggerMs } of pending)
      if (now - triggerMs > timeoutMs + LATE_MS)
        this.#wrong(
          'checkpoint-timeout',
          `checkpoint ${id} is in progress for ${now - triggerMs} ms`,
        );
  }
}

const shortOf = (attemptId: AttemptId): string => attemptId.slice(0, 8);
