// Joins each element with those of the other side whose time lies within bounds around its own. Both sides
// are buffered per key, by time, for as long as something may still join with them.

import { options } from '../core/options.ts';
import type { IntervalJoinParams } from '../graph/operator-params.ts';
import type { NamespacedState } from '../state/keyed-state.ts';
import { type Copier, copierFor } from '../state/value-copier.ts';
import { ElementOutput } from './element-output.ts';
import type { OperatorContext, StreamOperator } from './stream-operator.ts';
import { TimerService, type TimerTarget } from './timer-service.ts';

/** Parallel lists by ascending time; elements of one time in the order in which they came. */
interface Buffer {
  readonly times: number[];
  readonly values: unknown[];
}

type Side = 0 | 1;

interface Bounds {
  readonly lowerMs: number;
  readonly upperMs: number;
}

export class IntervalJoinOperator implements StreamOperator, TimerTarget {
  readonly #context: OperatorContext;
  readonly #join: (left: unknown, right: unknown) => unknown;
  readonly #buffers: NamespacedState<Side, Buffer>;
  readonly #timers: TimerService;
  readonly #output: ElementOutput;
  readonly #copier: Copier;
  /** By side: where the other side's times lie, seen from an element of this side. */
  readonly #bounds: readonly [Bounds, Bounds];

  constructor(params: IntervalJoinParams, context: OperatorContext) {
    this.#context = context;
    this.#join = context.function('join') as (left: unknown, right: unknown) => unknown;
    this.#buffers = context.keyedState.namespaced({ name: 'buffers' });
    this.#output = new ElementOutput(context);
    this.#timers = new TimerService(context, context.keyedState, this.#output, this);
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    const lowerMs = params.lowerMs + (params.lowerExclusive ? 1 : 0);
    const upperMs = params.upperMs - (params.upperExclusive ? 1 : 0);
    this.#bounds = [
      { lowerMs, upperMs },
      { lowerMs: -upperMs, upperMs: -lowerMs },
    ];
  }

  processElement(value: unknown): void {
    this.#process(value, 0);
  }

  processElement2(value: unknown): void {
    this.#process(value, 1);
  }

  onWatermark(watermark: number): boolean {
    return this.#timers.onWatermark(watermark);
  }

  resume(): boolean {
    return this.#timers.resume();
  }

  /** The oldest element of the side can join with nothing any more. */
  onEventTimer(timeMs: number, namespace: string | number): void {
    const side = namespace as Side;
    const buffer = this.#buffers.get(side);
    if (buffer === undefined) return;
    const { times, values } = buffer;
    let gone = 0;
    while (gone < times.length && this.#goneMs(side, times[gone] as number) <= timeMs) gone++;
    times.splice(0, gone);
    values.splice(0, gone);
    if (times.length === 0) return this.#buffers.remove(side);
    this.#buffers.put(side, buffer);
    this.#registerCleanup(side, times[0] as number);
  }

  onProcessingTimer(): void {
    // None is ever registered.
  }

  #process(value: unknown, side: Side): void {
    const timeMs = this.#context.time[0] as number;
    if (!Number.isFinite(timeMs)) {
      throw new TypeError(
        `an element with event time ${timeMs} at operator ${JSON.stringify(this.#context.name)}, which joins by event time: give both streams watermarks (withWatermarks)`,
      );
    }
    if (timeMs < this.#context.currentWatermark()) return this.#context.metrics.countLate(1);
    this.#insert(value, timeMs, side);
    this.#joinWithOther(value, timeMs, side);
  }

  #insert(value: unknown, timeMs: number, side: Side): void {
    const buffer = this.#buffers.get(side) ?? { times: [], values: [] };
    const { times, values } = buffer;
    const copy = this.#copier.copy(value);
    const at = countUpTo(times, timeMs);
    if (at === times.length) {
      times.push(timeMs);
      values.push(copy);
    } else {
      times.splice(at, 0, timeMs);
      values.splice(at, 0, copy);
    }
    this.#buffers.put(side, buffer);
    // Only the oldest has a timer; when it goes, the next gets one.
    if (at === 0) this.#registerCleanup(side, timeMs);
  }

  #joinWithOther(value: unknown, timeMs: number, side: Side): void {
    const { lowerMs, upperMs } = this.#bounds[side];
    const other = this.#buffers.get(side === 0 ? 1 : 0);
    if (other === undefined) return;
    const { times, values } = other;
    const from = timeMs + lowerMs;
    let i = countUpTo(times, timeMs + upperMs);
    while (i > 0 && (times[i - 1] as number) >= from) i--;
    for (; i < times.length && (times[i] as number) <= timeMs + upperMs; i++) {
      // The buffered element stays: what is emitted must not be a part of it.
      const match = this.#copier.copy(values[i]);
      this.#output.timeMs = Math.max(timeMs, times[i] as number);
      this.#output.collect(side === 0 ? this.#join(value, match) : this.#join(match, value));
    }
  }

  #registerCleanup(side: Side, timeMs: number): void {
    this.#timers.registerEvent(this.#goneMs(side, timeMs), side);
  }

  /** From this watermark on an element of that time joins with nothing: one at the watermark is not late. */
  #goneMs(side: Side, timeMs: number): number {
    return timeMs + Math.max(this.#bounds[side].upperMs, 0) + 1;
  }
}

/** How many of the ascending times are not after this one. */
function countUpTo(times: readonly number[], timeMs: number): number {
  let low = 0;
  let high = times.length;
  // Elements come more or less by time: most belong at the end.
  if (high > 0 && (times[high - 1] as number) <= timeMs) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
