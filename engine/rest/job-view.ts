// A job as sluice's own endpoint shows it: all that the screen draws, in one answer. Types that the client
// shares; times in epoch ms, shares from 0 to 1.

import type { JobState, TaskState } from '../graph/execution-state.ts';

export interface JobView {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  readonly startMs: number;
  readonly endMs: number | null;
  readonly restarts: number;
  /** All its sources end by themselves. */
  readonly isBounded: boolean;
  /** What it waits for before it can run. */
  readonly waitsFor: string | null;
  readonly vertices: readonly VertexView[];
  readonly edges: readonly EdgeView[];
  readonly checkpoints: CheckpointsView;
  readonly failures: readonly FailureView[];
  readonly results: readonly ResultStreamView[];
}

export interface VertexView {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly slotSharingGroup: string;
  readonly state: TaskState;
  readonly operators: readonly OperatorView[];
  readonly subtasks: readonly SubtaskView[];
  /** Of the last completed checkpoint. */
  readonly stateBytes: number | null;
}

export interface OperatorView {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly after: number;
  readonly cell: string | null;
  readonly line: number | null;
  readonly recordsIn: number;
  readonly recordsOut: number;
}

export interface SubtaskView {
  readonly index: number;
  readonly state: TaskState;
  readonly attempt: number;
  readonly taskManager: string | null;
  readonly slot: number | null;
  /** Of a source: those that it has read. */
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly recordsInPerSecond: number | null;
  readonly recordsOutPerSecond: number | null;
  readonly busy: number | null;
  readonly backPressured: number | null;
  readonly idle: number | null;
  /** Null before the first, and at the end of time. */
  readonly watermarkMs: number | null;
  readonly lateRecords: number;
  readonly windowsFired: number;
  readonly skippedRecords: number;
  readonly stuckMs: number | null;
}

interface EdgeView {
  readonly source: string;
  readonly target: string;
  readonly shipStrategy: string;
  readonly notChained: string;
}

export interface CheckpointsView {
  readonly intervalMs: number | null;
  readonly completed: number;
  readonly failed: number;
  readonly inProgress: number;
  readonly restored: number;
  /** Newest first. */
  readonly history: readonly CheckpointView[];
}

export interface CheckpointView {
  readonly id: number;
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly isSavepoint: boolean;
  readonly triggerMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly acknowledged: number;
  readonly subtasks: number;
  readonly failure: string | null;
  readonly byVertex: Readonly<
    Record<string, { readonly acknowledged: number; readonly total: number }>
  >;
}

interface FailureView {
  readonly atMs: number;
  readonly task: string | null;
  readonly taskManager: string | null;
  readonly text: string;
}

/** A sink whose rows can be taken, in lanes: one a subtask, under each parallelism that the job has had. */
interface ResultStreamView {
  readonly operatorId: string;
  readonly name: string;
  /** What stands before its rows; empty when nothing was said. */
  readonly label: string;
  /** How many there were under each, in order: lanes are numbered through. */
  readonly lanes: readonly number[];
}
