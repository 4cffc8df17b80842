// A job as Flink's own endpoints answer, as far as the screen draws it: of a real Flink there is nothing else.

import type { JobState, TaskState } from '../graph/execution-state.ts';

/** Undefined parts: the cluster does not answer for them, as for checkpoints of a job without. */
export interface FlinkJobAnswers {
  readonly job: FlinkJob;
  readonly restarts: number;
  readonly checkpoints: FlinkCheckpoints | undefined;
  readonly checkpointIntervalMs: number | undefined;
  readonly exceptions: readonly FlinkException[];
  /** In the order of `job.vertices`. */
  readonly vertices: readonly FlinkVertexAnswers[];
  /** Index of the vertex that is to be asked for first when the job is looked into again. */
  readonly nextVertex: number;
  /** Undefined when its parallelism can be changed. */
  readonly cannotRescale: string | undefined;
}

export interface FlinkJob {
  readonly jid: string;
  readonly name: string;
  readonly state: JobState;
  readonly 'start-time': number;
  /** -1 while it has not ended. */
  readonly 'end-time': number;
  readonly vertices: readonly FlinkVertex[];
  readonly plan: { readonly nodes: readonly FlinkPlanNode[] };
}

export interface FlinkVertex {
  readonly id: string;
  readonly name: string;
  /** Since Flink 1.19. */
  readonly slotSharingGroupId?: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly status: TaskState;
  readonly metrics: { readonly 'read-records': number; readonly 'write-records': number };
}

interface FlinkPlanNode {
  readonly id: string;
  /** `Source: Numbers<br/>+- Parse<br/>   +- Positive<br/>`: the chain as a tree. */
  readonly description: string;
  readonly inputs?: readonly { readonly id: string; readonly ship_strategy: string }[];
}

export interface FlinkVertexAnswers {
  readonly subtasks: readonly FlinkSubtask[];
  /** Aggregates over the subtasks, by metric. */
  readonly metrics: ReadonlyMap<string, FlinkAggregate>;
  /** By subtask, epoch ms. */
  readonly watermarks: ReadonlyMap<number, number>;
  /** By subtask. */
  readonly loads: ReadonlyMap<number, FlinkLoad>;
}

/** Shares of time. */
export interface FlinkLoad {
  readonly subtask: number;
  readonly ratio?: number;
  readonly busyRatio?: number | 'NaN';
}

export interface FlinkSubtask {
  readonly subtask: number;
  readonly status: TaskState;
  readonly attempt: number;
  readonly 'taskmanager-id': string;
  readonly metrics: { readonly 'read-records': number; readonly 'write-records': number };
}

export interface FlinkAggregate {
  readonly id: string;
  readonly sum: number;
  readonly avg: number;
}

export interface FlinkCheckpoints {
  readonly counts: {
    readonly restored: number;
    readonly in_progress: number;
    readonly completed: number;
    readonly failed: number;
  };
  readonly summary: {
    readonly end_to_end_duration: { readonly p50: number | 'NaN'; readonly p95: number | 'NaN' };
  };
  readonly history: readonly FlinkCheckpoint[];
}

export interface FlinkCheckpoint {
  readonly id: number;
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly is_savepoint: boolean;
  readonly trigger_timestamp: number;
  readonly end_to_end_duration: number;
  readonly state_size: number;
  readonly num_subtasks: number;
  readonly num_acknowledged_subtasks: number;
  readonly failure_message?: string | null;
}

export interface FlinkException {
  readonly exceptionName: string;
  readonly stacktrace: string;
  readonly timestamp: number;
  readonly taskName: string | null;
  readonly taskManagerId: string | null;
}
