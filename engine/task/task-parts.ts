// What a task is made of, and what it tells the slot that it runs in.

import type { Barrier } from '../core/barrier.ts';
import type { RecordWriter } from '../network/record-writer.ts';
import type { InFlightRecord } from './in-flight.ts';
import type { InputGate } from './input-gate.ts';
import type { LatencyTracking } from './latency-tracking.ts';
import type { OperatorChain } from './operator-chain.ts';
import type { TaskEnd, TaskFailure } from './slot-messages.ts';

export interface TaskSource {
  poll(max: number): 'more' | 'nothing' | 'end';
  /** Reads no more: what it has read follows, then the end. */
  drain(): void;
  /** The record at work, for errors. */
  readonly record: unknown;
}

export interface TaskParts {
  readonly chain: OperatorChain;
  /** Of a task without a source. */
  readonly input: InputGate | undefined;
  readonly source: TaskSource | undefined;
  readonly writers: readonly RecordWriter[];
  readonly metrics: Float64Array;
  /** Absent where no latency markers are sent. */
  readonly latency?: LatencyTracking | undefined;
  readonly isCheckpointed: boolean;
  /** Barriers may overtake records. */
  readonly mayOvertake: boolean;
  /** It had finished in the checkpoint that is restored: it says so again, and does nothing else. */
  readonly isRestoredFinished: boolean;
}

/** To be taken between two elements. */
export interface DueCheckpoint {
  readonly barrier: Barrier;
  readonly startMs: number;
  readonly overtakes: boolean;
}

export interface SnapshotFacts {
  /** Epoch ms. */
  readonly alignmentStartMs: number;
  /** Bytes of input during the alignment. */
  readonly alignedBytes: number;
  /** The data had ended before the barrier. */
  readonly isFinished: boolean;
  /** What the barrier has overtaken belongs to it; undefined when it was aligned. */
  readonly overtaken: InFlightRecord | undefined;
}

export interface TaskEvents {
  onRunning(): void;
  onDataEnded(): void;
  onEnded(end: TaskEnd): void;
  /** All in front of the barrier is processed and nothing behind it: take the snapshot now. */
  onSnapshot(barrier: Barrier, facts: SnapshotFacts): void;
  /** A barrier was cancelled or overtaken. */
  onDeclined(checkpointId: number, reason: string): void;
  /** What a failure is told with: operator, place. */
  describe(
    failure: Pick<TaskFailure, 'error' | 'cause'>,
    operator: number,
    record: string | undefined,
  ): TaskFailure;
  /** What collect sinks still hold. */
  finalResults(): (TaskEnd & { state: 'FINISHED' })['results'];
  wake(): void;
}
