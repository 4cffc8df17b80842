// What REST and the screen show of checkpoints: counts, the latest ones, each with its subtasks. Bounded.

import { type CheckpointKind, isSavepoint } from '../core/barrier.ts';
import type { VertexId } from '../core/ids.ts';
import type { CheckpointTiming } from './acknowledgement.ts';
import type { CheckpointTask } from './checkpoint.ts';

export interface SubtaskCheckpointStats extends CheckpointTiming {
  readonly ackMs: number;
}

export interface CheckpointStats {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly triggerMs: number;
  /** When the last acknowledgement came, or the checkpoint failed. */
  readonly latestAckMs: number;
  readonly endMs: number | undefined;
  readonly stateBytes: number;
  readonly checkpointedBytes: number;
  /** Of all that have acknowledged. */
  readonly processedBytes: number;
  readonly persistedBytes: number;
  readonly acknowledged: number;
  readonly subtasks: number;
  readonly failure: string | undefined;
  readonly path: string | undefined;
  readonly isDiscarded: boolean;
  /** By vertex: a place for every subtask that takes part, filled when it has acknowledged. */
  readonly vertices: ReadonlyMap<VertexId, readonly (SubtaskCheckpointStats | undefined)[]>;
}

export interface RestoredCheckpoint {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly path: string;
  readonly atMs: number;
}

/** What is left of a completed checkpoint for the statistics. */
export interface CheckpointSample {
  readonly stateBytes: number;
  readonly checkpointedBytes: number;
  readonly processedBytes: number;
  readonly persistedBytes: number;
  readonly durationMs: number;
}

export interface CheckpointCounts {
  readonly restored: number;
  readonly completed: number;
  readonly failed: number;
  readonly inProgress: number;
}

/** The latest of each kind, however long ago. */
export interface LatestCheckpoints {
  readonly completed: CheckpointStats | undefined;
  readonly savepoint: CheckpointStats | undefined;
  readonly failed: CheckpointStats | undefined;
  readonly restored: RestoredCheckpoint | undefined;
}

/** With a vertex: its last subtask has just acknowledged; without: it has begun, is complete, or has failed. */
export type CheckpointProgress = (stats: CheckpointStats, vertex: VertexId | undefined) => void;

/** Completed checkpoints that the statistics are over. */
const SAMPLES_MAX = 1_000;

export class CheckpointHistory {
  readonly #rememberedMax: number;
  readonly #onProgress: CheckpointProgress;
  #history: CheckpointStats[] = [];
  #latestCompleted: CheckpointStats | undefined;
  #latestSavepoint: CheckpointStats | undefined;
  #latestFailed: CheckpointStats | undefined;
  readonly #samples: CheckpointSample[] = [];
  #completed = 0;
  #failed = 0;
  #restored = 0;
  #latestRestored: RestoredCheckpoint | undefined;

  constructor(rememberedMax: number, onProgress: CheckpointProgress) {
    this.#rememberedMax = rememberedMax;
    this.#onProgress = onProgress;
  }

  /** Newest first. */
  get history(): readonly CheckpointStats[] {
    return this.#history;
  }

  get counts(): CheckpointCounts {
    const inProgress = this.#history.filter(({ status }) => status === 'IN_PROGRESS').length;
    return {
      restored: this.#restored,
      completed: this.#completed,
      failed: this.#failed,
      inProgress,
    };
  }

  get latest(): LatestCheckpoints {
    return {
      completed: this.#latestCompleted,
      savepoint: this.#latestSavepoint,
      failed: this.#latestFailed,
      restored: this.#latestRestored,
    };
  }

  /** Of the latest completed checkpoints, oldest first. */
  get samples(): readonly CheckpointSample[] {
    return this.#samples;
  }

  find(id: number): CheckpointStats | undefined {
    return this.#history.find((stats) => stats.id === id);
  }

  begin(
    id: number,
    kind: CheckpointKind,
    triggerMs: number,
    tasks: readonly CheckpointTask[],
  ): void {
    const vertices = new Map<VertexId, undefined[]>();
    for (const { vertex } of tasks)
      vertices.set(vertex, [...(vertices.get(vertex) ?? []), undefined]);
    const stats: CheckpointStats = {
      id,
      kind,
      triggerMs,
      vertices,
      status: 'IN_PROGRESS',
      latestAckMs: -1,
      endMs: undefined,
      stateBytes: 0,
      checkpointedBytes: 0,
      processedBytes: 0,
      persistedBytes: 0,
      acknowledged: 0,
      subtasks: tasks.length,
      failure: undefined,
      path: undefined,
      isDiscarded: false,
    };
    this.#history = [stats, ...this.#history].slice(0, this.#rememberedMax);
    this.#onProgress(stats, undefined);
  }

  acknowledge(id: number, vertex: VertexId, index: number, subtask: SubtaskCheckpointStats): void {
    const changed = this.#change(id, (stats) => {
      const subtasks = [...(stats.vertices.get(vertex) ?? [])];
      subtasks[index] = subtask;
      return {
        ...stats,
        vertices: new Map(stats.vertices).set(vertex, subtasks),
        latestAckMs: subtask.ackMs,
        stateBytes: stats.stateBytes + subtask.stateBytes,
        checkpointedBytes: stats.checkpointedBytes + subtask.checkpointedBytes,
        processedBytes: stats.processedBytes + subtask.processedBytes,
        persistedBytes: stats.persistedBytes + subtask.persistedBytes,
        acknowledged: stats.acknowledged + 1,
      };
    });
    const isLast = changed?.vertices.get(vertex)?.includes(undefined) === false;
    if (isLast) this.#onProgress(changed, vertex);
  }

  complete(id: number, path: string, nowMs: number): void {
    this.#completed++;
    const stats = this.#change(id, (before) => ({
      ...before,
      status: 'COMPLETED',
      path,
      endMs: nowMs,
    }));
    if (stats === undefined) return;
    this.#onProgress(stats, undefined);
    if (isSavepoint(stats.kind)) this.#latestSavepoint = stats;
    else this.#latestCompleted = stats;
    const durationMs = Math.max(stats.latestAckMs, stats.triggerMs) - stats.triggerMs;
    this.#samples.push({ ...stats, durationMs });
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
  }

  fail(id: number, failure: string, nowMs: number): void {
    this.#failed++;
    const change = (stats: CheckpointStats): CheckpointStats => ({
      ...stats,
      status: 'FAILED',
      failure,
      endMs: nowMs,
    });
    const stats = this.#change(id, change);
    if (stats === undefined) return;
    this.#latestFailed = stats;
    this.#onProgress(stats, undefined);
  }

  discard(id: number): void {
    const stats = this.#change(id, (before) => ({ ...before, isDiscarded: true }));
    if (stats !== undefined && this.#latestCompleted?.id === id) this.#latestCompleted = stats;
  }

  restore(id: number, kind: CheckpointKind, path: string, nowMs: number): void {
    this.#restored++;
    this.#latestRestored = { id, kind, path, atMs: nowMs };
  }

  /** As it is then; undefined when it is not remembered. */
  #change(
    id: number,
    change: (stats: CheckpointStats) => CheckpointStats,
  ): CheckpointStats | undefined {
    this.#history = this.#history.map((stats) => (stats.id === id ? change(stats) : stats));
    return this.find(id);
  }
}
