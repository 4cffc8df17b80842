// Answers of the door that the client reads, in Flink's names.

import type { ResultsResponse } from '../core/results.ts';
import type { JobState } from '../graph/execution-state.ts';

export interface ClusterOverview {
  readonly taskmanagers: number;
  readonly 'slots-total': number;
  readonly 'slots-available': number;
  readonly 'flink-version': string;
  readonly 'flink-commit': string;
}

export interface JobOverview {
  readonly jid: string;
  readonly name: string;
  readonly state: JobState;
  readonly 'start-time': number;
  /** -1 while it has not ended. */
  readonly 'end-time': number;
  readonly tasks: Readonly<Record<string, number>>;
}

export interface TaskManagerMessage {
  readonly id: string;
  readonly slotsNumber: number;
  readonly freeSlots: number;
  /** Epoch ms of its last heartbeat. */
  readonly timeSinceLastHeartbeat: number;
  readonly memoryConfiguration: { readonly totalProcessMemory: number };
  /** Only of a sluice. */
  readonly sluice?: {
    readonly pid: number;
    readonly silentMs: number;
    readonly load: {
      readonly cpu: number;
      readonly heapUsedBytes: number;
      readonly rssBytes: number;
    } | null;
    readonly slots: readonly { readonly slot: number; readonly jobId: string }[];
  };
}

interface OperationFailure {
  readonly class: string;
  readonly 'stack-trace': string;
}

/** Of a checkpoint, a savepoint or a disposal: Flink spells their failures in two ways. */
export interface OperationResult {
  readonly checkpointId?: number;
  readonly location?: string;
  readonly failureCause?: OperationFailure;
  readonly 'failure-cause'?: OperationFailure;
}

export interface OperationStatus {
  readonly status: { readonly id: 'IN_PROGRESS' | 'COMPLETED' };
  readonly operation: OperationResult | null;
}

/** By vertex. */
export type ResourceRequirementsMessage = Readonly<
  Record<
    string,
    { readonly parallelism: { readonly lowerBound: number; readonly upperBound: number } }
  >
>;

export interface ResultsMessage extends ResultsResponse {
  readonly isLast: boolean;
  /** Subtasks of the sink under each parallelism that the job has had. */
  readonly lanes: readonly number[];
}

export interface SavepointRequest {
  /** Undefined: where the cluster's configuration says. */
  readonly directory: string | undefined;
  readonly format?: SavepointFormat;
  /** The job is cancelled behind it. */
  readonly isCancelling?: boolean;
}

export interface StopRequest {
  readonly directory: string | undefined;
  readonly format?: SavepointFormat;
  /** Its data ends first: every window and timer fires. */
  readonly isDrained: boolean;
}

export type SavepointFormat = 'CANONICAL' | 'NATIVE';

/** As Flink reads it; what is absent is as the jar and the cluster say. */
export interface JarRunRequest {
  readonly entryClass?: string;
  readonly programArgsList?: readonly string[];
  readonly parallelism?: number;
  readonly savepointPath?: string;
  readonly allowNonRestoredState?: boolean;
  readonly claimMode?: string;
  readonly flinkConfiguration?: Readonly<Record<string, string>>;
}

export interface JobResult {
  readonly id: string;
  readonly 'application-status': 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'UNKNOWN';
  /** Milliseconds. */
  readonly 'net-runtime': number;
  readonly 'failure-cause'?: OperationFailure | undefined;
}

export interface AccumulatorMessage {
  readonly name: string;
  /** `IntCounter`, `Histogram` … */
  readonly type: string;
  readonly value: string;
}
