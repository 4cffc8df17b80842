// What users hand to operators: functions, objects with a lifecycle, and the contexts that they are given.
// The API re-exports these names. Wherever an object with `process` is accepted, a plain function
// `(value, ctx, out) => …` is too. A context and a collector belong to the call that received them: using
// them later, from a promise or a timeout, is not allowed.

import type { AnyDescriptor, MapDescriptor, StateAccess, StateOf } from '../state/descriptors.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { Accumulators, MetricGroup } from './metric-group.ts';

declare const outputType: unique symbol;

/** Names a side output and the type of its records. */
export interface OutputTag<T> {
  readonly name: string;
  /** Exists for the type checker only. */
  readonly [outputType]?: (value: T) => T;
}

/** Takes what a function emits. It travels with the event time of the element or timer at work. */
export interface Collector<O> {
  collect(value: O): void;
}

/** Where a function runs. */
export interface RuntimeContext {
  readonly jobId: string;
  readonly jobName: string;
  readonly operatorName: string;
  /** From 0. */
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** From 0: how often this subtask was restarted. */
  readonly attempt: number;
  readonly metrics: MetricGroup;
  readonly accumulators: Accumulators;
  /** State of the subtask, not of a key; dealt out over the new subtasks when the job is rescaled. */
  listState<T>(name: string): OperatorList<T>;
  /** As `listState`, but after a restore every subtask gets all of it. */
  unionListState<T>(name: string): OperatorList<T>;
}

/** What every function object may have beside its work. */
export interface Lifecycle<Context> {
  /** Once, before any element, with restored state. */
  open?(ctx: Context): void;
  /** Once, also after a failure. */
  close?(): void;
  /** A snapshot is taken now: what stands in state is in it. */
  snapshotState?(checkpointId: number): void;
  notifyCheckpointComplete?(checkpointId: number): void;
}

export interface ProcessContext extends RuntimeContext {
  /** Event time of the element or timer at work, epoch ms; NaN when it has none. */
  readonly timestamp: number;
  /** The operator's event time: no element at or before it is expected. -Infinity at first. */
  readonly watermark: number;
  /** Wall time, epoch ms. */
  readonly processingTime: number;
  /** Emits to a side output: `stream.getSideOutput(tag)`. */
  output<T>(tag: OutputTag<T>, value: NoInfer<T>): void;
}

/** Timers of the current key. Setting one twice is setting it once. */
export interface Timers {
  /**
   * Calls `onTimer` when the watermark reaches `timeMs`. At the end of input all of them fire, also those set
   * meanwhile: a timer that sets the next one must stop when `ctx.watermark` is Infinity.
   */
  event(timeMs: number): void;
  /** Calls `onTimer` when the millisecond `timeMs` of wall time has passed. Not fired at the end of input. */
  processing(timeMs: number): void;
  deleteEvent(timeMs: number): void;
  deleteProcessing(timeMs: number): void;
}

/** State and timers of the current key. */
export interface KeyedContext<K> extends ProcessContext, StateAccess {
  readonly key: K;
  readonly timers: Timers;
}

export interface OnTimerContext<K> extends KeyedContext<K> {
  /** Which kind of timer it is. */
  readonly timeDomain: 'event' | 'processing';
}

/** `open` comes before any key: states may be asked for, not read. */
export interface KeyedOpenContext extends RuntimeContext, StateAccess {}

export interface ProcessFunction<I, O> extends Lifecycle<RuntimeContext> {
  process(value: I, ctx: ProcessContext, out: Collector<O>): void;
}

export interface KeyedProcessFunction<K, I, O> extends Lifecycle<KeyedOpenContext> {
  process(value: I, ctx: KeyedContext<K>, out: Collector<O>): void;
  onTimer?(timeMs: number, ctx: OnTimerContext<K>, out: Collector<O>): void;
}

export interface CoProcessFunction<I1, I2, O> extends Lifecycle<RuntimeContext> {
  process1(value: I1, ctx: ProcessContext, out: Collector<O>): void;
  process2(value: I2, ctx: ProcessContext, out: Collector<O>): void;
}

export interface KeyedCoProcessFunction<K, I1, I2, O> extends Lifecycle<KeyedOpenContext> {
  process1(value: I1, ctx: KeyedContext<K>, out: Collector<O>): void;
  process2(value: I2, ctx: KeyedContext<K>, out: Collector<O>): void;
  onTimer?(timeMs: number, ctx: OnTimerContext<K>, out: Collector<O>): void;
}

/** A map that every subtask holds whole. The stream's side may only look at it. */
export interface ReadOnlyBroadcastState<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  entries(): IterableIterator<[K, V]>;
}

/** Written only from the broadcast side, where every subtask sees the same elements. */
export interface BroadcastState<K, V> extends ReadOnlyBroadcastState<K, V> {
  put(key: K, value: V): void;
  remove(key: K): void;
  clear(): void;
}

export interface BroadcastReadContext extends ProcessContext {
  broadcastState<K, V>(descriptor: MapDescriptor<K, V>): ReadOnlyBroadcastState<K, V>;
}

export interface BroadcastWriteContext extends ProcessContext {
  broadcastState<K, V>(descriptor: MapDescriptor<K, V>): BroadcastState<K, V>;
}

export interface BroadcastProcessFunction<I, B, O> extends Lifecycle<RuntimeContext> {
  process(value: I, ctx: BroadcastReadContext, out: Collector<O>): void;
  processBroadcast(value: B, ctx: BroadcastWriteContext, out: Collector<O>): void;
}

export interface KeyedBroadcastReadContext<K> extends KeyedContext<K>, BroadcastReadContext {}

export interface KeyedBroadcastWriteContext<K> extends BroadcastWriteContext {
  /** Calls for every key of this subtask that has this state, with that key as the current one. */
  applyToKeyedState<D extends AnyDescriptor>(
    descriptor: D,
    call: (key: K, state: StateOf<D>) => void,
  ): void;
}

export interface KeyedBroadcastProcessFunction<K, I, B, O> extends Lifecycle<KeyedOpenContext> {
  process(value: I, ctx: KeyedBroadcastReadContext<K>, out: Collector<O>): void;
  processBroadcast(value: B, ctx: KeyedBroadcastWriteContext<K>, out: Collector<O>): void;
  onTimer?(timeMs: number, ctx: OnTimerContext<K> & BroadcastReadContext, out: Collector<O>): void;
}

/** `[start, end)`, epoch ms. Global and count windows reach from -Infinity to Infinity. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What a window's function sees beside key, window and elements. */
export interface WindowContext extends RuntimeContext {
  readonly watermark: number;
  readonly processingTime: number;
  /** State of this key and window; clear it in `clear`. Refused for windows that merge. */
  windowState: StateAccess['state'];
  /** State of this key, over all its windows. */
  globalState: StateAccess['state'];
  output<T>(tag: OutputTag<T>, value: NoInfer<T>): void;
}

export interface ProcessWindowFunction<I, O, K> extends Lifecycle<RuntimeContext> {
  /** At each firing, with all elements of the window; with the one result when the window aggregates. */
  process(
    key: K,
    window: Window,
    elements: readonly I[],
    ctx: WindowContext,
    out: Collector<O>,
  ): void;
  /** The window is gone for good: clear what `windowState` holds for it. Nothing can be emitted. */
  clear?(key: K, window: Window, ctx: WindowContext): void;
}

/** `purge` drops the window's elements; the window itself lives until its time is over. */
export type TriggerResult = 'continue' | 'fire' | 'purge' | 'fire-and-purge';

/** Timers and state here belong to the current key and window. */
export interface TriggerContext extends StateAccess {
  readonly watermark: number;
  readonly processingTime: number;
  registerEventTimer(timeMs: number): void;
  registerProcessingTimer(timeMs: number): void;
  deleteEventTimer(timeMs: number): void;
  deleteProcessingTimer(timeMs: number): void;
}

export interface MergeContext extends TriggerContext {
  /** Merges the state of the windows that grew together into that of the new one. List, reducing, aggregating. */
  mergeState(descriptor: AnyDescriptor): void;
}

/** Decides when a window fires. State is kept through `ctx`, never in the object: it serves all windows. */
export interface Trigger<T> {
  onElement(value: T, timeMs: number, window: Window, ctx: TriggerContext): TriggerResult;
  onEventTime(timeMs: number, window: Window, ctx: TriggerContext): TriggerResult;
  onProcessingTime(timeMs: number, window: Window, ctx: TriggerContext): TriggerResult;
  /** Absent: the trigger cannot be used with session windows. */
  onMerge?(window: Window, ctx: MergeContext): void;
  /** The window is gone: delete its timers and state. */
  clear(window: Window, ctx: TriggerContext): void;
}

/** An element of a window with its event time (NaN for none), as evictors see it. */
export interface TimestampedValue<T> {
  readonly value: T;
  readonly timeMs: number;
}

/** Says which elements stay in the window; called before each firing. */
export type Evictor<T> = (
  elements: readonly TimestampedValue<T>[],
  window: Window,
) => readonly TimestampedValue<T>[];

/** What a window co-group makes of the elements of both sides; either list may be empty, never both. */
export type CoGroupFunction<L, R, O> = (lefts: readonly L[], rights: readonly R[]) => Iterable<O>;
