// The operators of one task, wired: what one emits runs the next before it returns; what leaves the chain
// goes to record writers. The chain keeps event time in one cell, knows which operator is at work (for
// errors), passes watermarks from operator to operator, and remembers where an operator stopped for want
// of credit: until `resume` returns true nothing more is fed.

import type { Barrier } from '../core/barrier.ts';
import type { Clock } from '../core/clock.ts';
import { END_OF_TIME } from '../core/time.ts';
import type { TimeCell } from '../operators/stream-operator.ts';
import { type ChainCode, type ChainedOperator, type ChainOutput, chainCode } from './chain-code.ts';
import { ChainCounts } from './chain-counts.ts';
import type { ChainEntry } from './chain-entries.ts';
import { ChainWatermarks, type OperatorWatermarks } from './chain-watermarks.ts';
import { OPERATOR, operatorColumn, TASK } from './task-metrics.ts';

/** Makes the operators; each is given how it emits. Called head first. */
export type OperatorFactory = (index: number, emit: ChainEmitter) => ChainedOperator;

export interface ChainEmitter {
  emit(value: unknown): void;
  emitSide(tag: string, value: unknown): void;
  /** Whether every output has credit. */
  hasCredit(): boolean;
  /** The operator has stopped in the middle of an element. */
  pend(): void;
  wakeAt(timeMs: number): void;
  currentWatermark(): number;
}

interface Paused {
  readonly kind: 'watermark' | 'finish' | 'time';
  readonly at: number;
}

interface Lost {
  readonly record: unknown;
}

export class OperatorChain {
  readonly time: TimeCell;
  readonly #operators: ChainedOperator[] = [];
  readonly #code: ChainCode;
  readonly #counts: ChainCounts;
  readonly #sinks: readonly ChainedOperator[];
  readonly #hasOwnWatermarks: boolean;
  readonly #outputs: readonly ChainOutput[];
  readonly #metrics: Float64Array;
  /** By operator: stopped in the middle of an element. */
  readonly #pending: boolean[] = [];
  #pendingCount = 0;
  readonly #watermarks: ChainWatermarks;
  /** By operator: when it asked for a turn by wall time. */
  readonly #wakeAt: number[] = [];
  /** Work on all operators that stopped at one of them. */
  #paused: Paused | undefined;
  /** Its one element says `isPaused` to the chain's code. */
  readonly #isPaused = new Int32Array(1);
  #lost: Lost | undefined;

  constructor(
    count: number,
    make: OperatorFactory,
    outputs: readonly ChainOutput[],
    time: TimeCell,
    metrics: Float64Array,
    copy: ((value: unknown) => unknown) | undefined,
    /** By input edge; asked when the operators are made. */
    entriesOf: () => readonly ChainEntry[] = () => [{ input: 0 }],
  ) {
    this.#outputs = outputs;
    this.time = time;
    this.#metrics = metrics;
    this.#watermarks = new ChainWatermarks(count, this.#operators, outputs);
    for (let i = 0; i < count; i++) {
      this.#pending.push(false);
      this.#wakeAt.push(END_OF_TIME);
      this.#operators.push(make(i, this.#emitterOf(i)));
    }
    this.#counts = new ChainCounts(this.#operators, outputs);
    this.#code = chainCode({
      operators: this.#operators,
      outputs,
      time,
      metrics,
      counts: this.#counts,
      copy,
      entries: entriesOf(),
      paused: this.#isPaused,
      lost: (error, record) => {
        // An error that comes through several chains was lost in the last of them.
        this.#lost ??= { record };
        throw error;
      },
    });
    for (const [i, { connect }] of this.#operators.entries())
      connect?.(this.#code.main[i] as (value: unknown) => void);
    this.#hasOwnWatermarks = this.#operators.some(
      ({ operator }) => operator.ownWatermark !== undefined,
    );
    this.#sinks = this.#operators.filter(({ operator }) => operator.isWritable !== undefined);
  }

  get operators(): readonly ChainedOperator[] {
    return this.#operators;
  }

  /** Index of the operator at work. It stands among the metrics, so that others see where a call hangs. */
  get currentOperator(): number {
    return this.#metrics[TASK.operator] as number;
  }

  /** The event time that the task has reached: of its input, or what its source makes. */
  get watermark(): number {
    return Math.max(this.#watermarks.input, this.#watermarks.passed(0));
  }

  /** The event time that the input has reached. */
  get inputWatermark(): number {
    return this.#watermarks.input;
  }

  /** Some operator makes watermarks of its own: they are looked at after every element. */
  get hasOwnWatermarks(): boolean {
    return this.#hasOwnWatermarks;
  }

  open(): void {
    for (const [i, { operator }] of this.#operators.entries()) {
      this.#metrics[TASK.operator] = i;
      operator.open?.();
    }
  }

  /** What feeds the chain: by input edge, or from a source. Always the same functions. */
  get ways(): Pick<ChainCode, 'rows' | 'handing' | 'made' | 'pulled'> {
    return this.#code;
  }

  /** Its one element is not 0 while the chain is paused: for generated code. */
  get pausedCell(): Int32Array {
    return this.#isPaused;
  }

  /** The record whose processing has failed the chain, for errors. */
  get lost(): Lost | undefined {
    return this.#lost;
  }

  /** A turn of the task begins: what is emitted in it may take the short way. */
  beginTurn(): void {
    for (const { writer } of this.#outputs) writer.beginHandover();
  }

  endTurn(): void {
    for (const { writer } of this.#outputs) writer.endHandover();
  }

  /** Whether every output has credit and every sink has room. */
  hasCredit(): boolean {
    for (const { writer } of this.#outputs) if (!writer.hasCredit()) return false;
    for (const { operator } of this.#sinks) if (operator.isWritable?.() === false) return false;
    return true;
  }

  /** Writes the operators' counters that follow from others. */
  settleCounts(): void {
    this.#counts.settle(this.#metrics);
  }

  /** Counts what operators emit that call back: tells whether a turn did something. */
  get emitted(): number {
    let sum = 0;
    for (let i = 0; i < this.#operators.length; i++) {
      sum += this.#metrics[operatorColumn(i, OPERATOR.recordsOut)] as number;
    }
    return sum;
  }

  /** Nothing may be fed: an operator has not finished with what it was given. */
  get isPaused(): boolean {
    return this.#isPaused[0] !== 0;
  }

  /** Whether a snapshot taken now would hold everything. */
  get canSnapshot(): boolean {
    if (this.#paused !== undefined) return false;
    return this.#operators.every(
      ({ operator }, i) => this.#pending[i] !== true || operator.canSnapshotPending === true,
    );
  }

  /** Carries on where operators stopped, the last one first. True when nothing is left undone. */
  resume(): boolean {
    // What operators made of the last element's rest has its watermarks behind it.
    return this.#resumePending() && this.#resumePaused() && this.#advanceFrom(0);
  }

  /** Event time of the input has advanced, or it is no longer idle. False when an operator stopped; then `resume`. */
  advanceWatermark(watermark: number): boolean {
    this.#watermarks.setInput(watermark, false);
    return this.#advanceFrom(0);
  }

  /** Passes on watermarks that operators made themselves since the last call. Not while the chain is paused. */
  advanceOwnWatermarks(): boolean {
    return this.isPaused ? false : this.#advanceFrom(0);
  }

  /** The whole input is idle: those behind are told. */
  markIdle(): boolean {
    this.#watermarks.setInput(this.#watermarks.input, true);
    return this.#advanceFrom(0);
  }

  /** Earliest wall time at which an operator that may work then asked for a turn. */
  nextWakeMs(): number {
    let earliest = END_OF_TIME;
    for (const [i, time] of this.#wakeAt.entries()) {
      if (this.#mayWake(i)) earliest = Math.min(earliest, time);
    }
    return earliest;
  }

  /** Some operator has asked for a turn by now; the clock is looked at only if one has asked at all. */
  isDue(clock: Pick<Clock, 'now'>): boolean {
    const wakeMs = this.nextWakeMs();
    return wakeMs < END_OF_TIME && wakeMs <= clock.now();
  }

  /** Gives operators whose time has come their turn. False when one stopped; then `resume`. */
  onProcessingTime(nowMs: number): boolean {
    for (const [i, { operator }] of this.#operators.entries()) {
      if ((this.#wakeAt[i] as number) > nowMs || !this.#mayWake(i)) continue;
      const wasPaused = this.isPaused;
      this.#wakeAt[i] = END_OF_TIME;
      this.#metrics[TASK.operator] = i;
      const isDone = operator.onProcessingTime?.(nowMs) ?? true;
      if (wasPaused || (isDone && !this.isPaused)) continue;
      if (this.#paused === undefined) this.#pause({ kind: 'time', at: i });
      return false;
    }
    return true;
  }

  /** While the chain is paused only those that wait for the time themselves. */
  #mayWake(index: number): boolean {
    return !this.isPaused || this.#pending[index] === true;
  }

  /** The input has ended. False when an operator stopped; then `resume`. */
  finish(): boolean {
    return this.#finishFrom(0);
  }

  /** What must be done before the barrier passes; undefined when nothing waits. */
  prepareBarrier(checkpointId: number): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    for (const [i, { operator }] of this.#operators.entries()) {
      this.#metrics[TASK.operator] = i;
      const wait = operator.prepareBarrier?.(checkpointId);
      if (wait !== undefined) waiting.push(wait);
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
  }

  emitBarrier(barrier: Barrier): void {
    this.settleCounts();
    for (const { writer } of this.#outputs) writer.emitBarrier(barrier);
  }

  /** Sends what waits without credit. True when something left. */
  drain(): boolean {
    let moved = false;
    for (const { writer, from } of this.#outputs) {
      this.#metrics[TASK.operator] = from; // whose record it is that cannot be sent
      if (writer.drain()) moved = true;
    }
    return moved;
  }

  /** Sends what has waited for its buffer timeout. Returns when it wants to be called again, monotonic ms. */
  flushAged(nowMs: number): number {
    let nextMs = END_OF_TIME;
    for (const { writer, from } of this.#outputs) {
      this.#metrics[TASK.operator] = from;
      nextMs = Math.min(nextMs, writer.flushAged(nowMs));
    }
    return nextMs;
  }

  /** By operator, for a snapshot. */
  snapshotWatermarks(): readonly OperatorWatermarks[] {
    return this.#watermarks.snapshot();
  }

  /** After a restore, before `open`: nothing at or below these fires again. */
  restoreWatermarks(watermarks: readonly (OperatorWatermarks | undefined)[]): void {
    this.#watermarks.restore(watermarks);
  }

  /** Also after a failure: whatever one of them throws, the others are closed. */
  close(): void {
    let failure: { readonly error: unknown } | undefined;
    for (const [i, { operator }] of this.#operators.entries()) {
      try {
        operator.close?.();
      } catch (error) {
        failure ??= { error };
        this.#metrics[TASK.operator] = i;
      }
    }
    if (failure !== undefined) throw failure.error;
  }

  #resumePending(): boolean {
    for (let i = this.#operators.length - 1; i >= 0 && this.#pendingCount > 0; i--) {
      if (this.#pending[i] !== true) continue;
      this.#metrics[TASK.operator] = i;
      this.#setPending(i, false);
      if (this.#operators[i]?.operator.resume?.() === false) this.#setPending(i, true);
      // It may have stopped again, or one behind it: what is above waits for them.
      if (this.#pending.includes(true, i)) return false;
    }
    return true;
  }

  /** The work on all operators that one of them has stopped. */
  #resumePaused(): boolean {
    const paused = this.#paused;
    if (paused === undefined) return true;
    this.#pause(undefined);
    this.#metrics[TASK.operator] = paused.at;
    const isDone = this.#operators[paused.at]?.operator.resume?.() ?? true;
    if (!isDone || this.#pendingCount > 0) {
      this.#pause(paused);
      return false;
    }
    if (paused.kind === 'time') return true;
    if (paused.kind === 'finish') return this.#finishFrom(paused.at + 1);
    this.#watermarks.pass(paused.at);
    return this.#advanceFrom(paused.at + 1);
  }

  #setPending(index: number, isPending: boolean): void {
    if (this.#pending[index] === isPending) return;
    this.#pending[index] = isPending;
    this.#pendingCount += isPending ? 1 : -1;
    this.#pause(this.#paused);
  }

  #pause(paused: Paused | undefined): void {
    this.#paused = paused;
    this.#isPaused[0] = this.#pendingCount > 0 || paused !== undefined ? 1 : 0;
  }

  #advanceFrom(first: number): boolean {
    for (let i = first; i < this.#operators.length; i++) {
      const watermark = this.#watermarks.take(i);
      if (watermark !== undefined) {
        this.#metrics[TASK.operator] = i;
        const isDone = this.#operators[i]?.operator.onWatermark?.(watermark) ?? true;
        if (!isDone || this.#pendingCount > 0) {
          this.#pause({ kind: 'watermark', at: i });
          return false;
        }
      }
      this.#watermarks.pass(i);
    }
    return true;
  }

  #finishFrom(first: number): boolean {
    for (let i = first; i < this.#operators.length; i++) {
      this.#metrics[TASK.operator] = i;
      const isDone = this.#operators[i]?.operator.finish?.() ?? true;
      if (!isDone || this.#pendingCount > 0) {
        this.#pause({ kind: 'finish', at: i });
        return false;
      }
    }
    return true;
  }

  #emitterOf(index: number): ChainEmitter {
    return {
      emit: (value) => this.#code.main[index]?.(value),
      emitSide: (tag, value) => this.#code.side[index]?.get(tag)?.(value),
      hasCredit: () => this.#pendingCount === 0 && this.hasCredit(),
      pend: () => this.#setPending(index, true),
      wakeAt: (timeMs) => {
        if (timeMs < (this.#wakeAt[index] as number)) this.#wakeAt[index] = timeMs;
      },
      currentWatermark: () => this.#watermarks.given(index),
    };
  }
}
