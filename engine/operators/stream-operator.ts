// The contract of every operator: one element's worth of logic that never waits. A chain (task/) calls it
// in one thread, in this order: initialize, open, then any number of elements, watermarks, processing-time turns and
// snapshots, then finish and endInput (at the end
// of input only), then close. It emits by calling `context.emit`, which
// runs the rest of the chain before it returns.

import type { Configuration } from '../core/configuration.ts';
import type { AttemptId, OperatorId } from '../core/ids.ts';
import type { Logger } from '../core/logger.ts';
import type { CellRows } from '../state/heap/cell-rows.ts';
import type { SliceLog } from '../state/heap/slice-log.ts';
import type { KeyedStateBackend } from '../state/keyed-state.ts';
import type { OperatorStateStore } from '../state/operator-state.ts';
import type { Accumulators, MetricGroup } from './metric-group.ts';

export interface StreamOperator {
  /** What takes time before the first element, such as finishing what a checkpoint left pending. */
  initialize?(): Promise<void>;
  /** State is restored and `initialize` done; called before anything else. */
  open?(): void;
  /**
   * Input 0 of two, or the only one. The record's event time stands in `context.time[0]`. May also be called
   * while the operator is pending, by one above it in the chain that is in the middle of its own output.
   */
  processElement(value: unknown): void;
  /** What `processElement` does, for chains that write it into their code: it is not called then. */
  readonly inline?: InlineCall | InlineFold | InlineKeyedFold | InlineLogs | undefined;
  /** Of a source whose records may be made by the chain's own code. */
  readonly eventTime?: EventTime;
  /** Input 1 of a two-input operator. */
  processElement2?(value: unknown): void;
  /**
   * Event time has reached `watermark` on all inputs. True: done, and the chain passes the watermark on.
   * False: it stopped for want of credit, between two outputs; the chain calls `resume` when there is some.
   */
  onWatermark?(watermark: number): boolean;
  /** Those behind are about to hear that nothing comes for a while, and will not wait for what is held here. */
  onIdle?(): void;
  /** Processing time has reached a timer asked for by `context.wakeAt`. As `onWatermark`. */
  onProcessingTime?(now: number): boolean;
  /** Carries on where the operator stopped. True when nothing is left undone. */
  resume?(): boolean;
  /** False while a sink's buffer is full: the chain takes no more input until `context.wake()`. */
  isWritable?(): boolean;
  /**
   * The watermark that follows this operator's output, when it makes its own and swallows those of its input.
   * Asked after each element, watermark and processing-time turn; -Infinity while there is none.
   */
  ownWatermark?(): number;
  /** Beside `ownWatermark`: nothing comes for a while, so the output is left out of its receivers' minimum. */
  ownIdle?(): boolean;
  /** End of input, after the last watermark; may emit. As `onWatermark`. */
  finish?(): boolean;
  /** After `finish`: what takes time to end. Without checkpoints this is where a sink commits. */
  endInput?(): Promise<void>;
  /** A barrier is about to pass: flush what must be in front of it. Elements wait until it resolves. */
  prepareBarrier?(checkpointId: number): Promise<void> | undefined;
  /**
   * The state backends are about to be written: puts there what the operator holds elsewhere. Synchronous.
   * Not called while a firing or an element is half done, unless by an operator with `canSnapshotPending`.
   * `isLast`: the job ends with it.
   */
  snapshot?(checkpointId: number, isLast: boolean): void;
  /** What the operator has not finished with is in its snapshot: a checkpoint need not wait for it. */
  readonly canSnapshotPending?: boolean;
  onCheckpointComplete?(checkpointId: number): Promise<void> | undefined;
  onCheckpointAborted?(checkpointId: number): void;
  /** Also after a failure: releases what `open` took. Must not throw. */
  close?(): void;
}

export interface InlineCall {
  /** `map`: emits what it returns. `filter`: emits the record for which it returns something truthy. */
  readonly kind: 'map' | 'filter';
  readonly call: (value: unknown) => unknown;
}

/** Nothing is emitted: `cell.value` becomes `call(cell.value, value)`, for event times of the cell's own; else as ever. */
export interface InlineFold {
  readonly kind: 'fold';
  readonly call: (held: unknown, value: unknown) => unknown;
  readonly cell: {
    value: unknown;
    /** From the first up to the second; NaN: none. */
    readonly times: Float64Array;
  };
}

/**
 * A running aggregate by key: what the key has becomes `call(held, value)`, and `output` of that is emitted. As long as
 * it stands in cells, the chain's own code does that; else it sets the key, and calls `keep` to do it.
 */
export interface InlineKeyedFold {
  readonly kind: 'keyed-fold';
  readonly rows: CellRows;
  readonly call: (held: unknown, value: unknown) => unknown;
  /** Puts what a key holds that is new, where there is such a thing. */
  begin(): void;
  /** Absent: what is emitted is a copy of what is held. */
  readonly output: ((key: unknown, held: unknown) => unknown) | undefined;
  /** `output` may keep what it gets. */
  readonly copies: boolean;
  /** Of a `next` that is undefined, or the value itself: what is held instead. */
  take(next: unknown, value: unknown): unknown;
  keep(next: unknown): void;
}

/**
 * Two keyed inputs whose elements are kept as they come: one that cells take is added to its side's log by the chain's
 * own code, for event times of the cell's own; `prepare` comes before the first of a slice, and when room is needed.
 */
export interface InlineLogs {
  readonly kind: 'logs';
  readonly cell: {
    left: SliceLog;
    right: SliceLog;
    /** From the first up to the second; NaN: none. */
    readonly times: Float64Array;
  };
  /** False: the element at work is for `processElement`, or `processElement2`. */
  prepare(side: 0 | 1): boolean;
}

/** How a record gets its event time; what is no number is refused. */
export interface EventTime {
  /** Absent: it has none. */
  readonly of?: (value: unknown, timeMs: number) => unknown;
  refuse(time: unknown): never;
}

/** Event time of the element at work: `time[0]`, NaN for none. Set it before emitting to change it. */
export type TimeCell = Float64Array;

export interface OperatorContext {
  readonly operatorId: OperatorId;
  readonly uid: string;
  readonly name: string;
  readonly subtask: SubtaskInfo;
  readonly configuration: Configuration;
  readonly log: Logger;
  readonly time: TimeCell;
  /** Where keyed state lives; throws for an operator without keyed input. */
  readonly keyedState: KeyedStateBackend;
  readonly operatorState: OperatorStateStore;
  /** All sources above are bounded: silence on the input then says nothing about time. */
  readonly isInputBounded: boolean;
  readonly metrics: OperatorMetrics;
  /** What its functions measure by themselves. */
  readonly userMetrics: MetricGroup;
  readonly accumulators: Accumulators;
  /** Hands a value to the rest of the chain, with the event time that stands in `time[0]`. */
  emit(value: unknown): void;
  emitSide(tag: string, value: unknown): void;
  /** Whether every output of the chain has credit. Firings look at it every limits.firingOutputsPerTurn outputs. */
  hasCredit(): boolean;
  /** The operator has stopped in the middle of an element: nothing is fed until `resume` returns true. */
  pend(): void;
  /** Wall time, epoch ms. */
  processingTime(): number;
  /** Asks for `onProcessingTime` at that wall time. The earliest one asked for counts; it is asked for again after each. */
  wakeAt(timeMs: number): void;
  /** Asks for a turn, from a callback: `resume` is called in it if the operator is pending. */
  wake(): void;
  /** Fails the task: for errors that show between calls. */
  fail(error: unknown): void;
  /** The highest watermark that this operator has been given. */
  currentWatermark(): number;
  /** A function of the program, by its slot; throws when the plan names none. */
  function(slot: string): (...args: never[]) => unknown;
  hasFunction(slot: string): boolean;
}

export interface SubtaskInfo {
  readonly jobId: string;
  readonly jobName: string;
  readonly vertexName: string;
  /** From 0. */
  readonly index: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly attemptId: AttemptId;
  /** From 0. */
  readonly attempt: number;
}

export interface OperatorMetrics {
  /** Records late to all their windows, dropped or sent to a side output. */
  countLate(records: number): void;
  countWindowFired(windows: number): void;
}
