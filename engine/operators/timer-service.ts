// Event and processing timers of a keyed operator, fired in time order with credit looked at in between.
// A firing that stopped carries on where it was: what has fired is no longer in the queue.

import type { KeyedStateBackend, TimerQueue } from '../state/keyed-state.ts';
import type { ElementOutput } from './element-output.ts';
import { FiringGate } from './firing-gate.ts';
import type { Timers } from './functions.ts';
import type { OperatorContext } from './stream-operator.ts';

/** Called with the timer's key as the current one. */
export interface TimerTarget {
  onEventTimer(timeMs: number, namespace: string | number): void;
  onProcessingTimer(timeMs: number, namespace: string | number): void;
}

export class TimerService {
  readonly #context: OperatorContext;
  readonly #target: TimerTarget;
  readonly #event: TimerQueue;
  readonly #processing: TimerQueue;
  readonly #gate: FiringGate;
  /** What is fired now; -Infinity when all of it has fired: a timer set behind its time waits for the next. */
  #eventUpToMs = Number.NEGATIVE_INFINITY;
  #processingUpToMs = Number.NEGATIVE_INFINITY;
  /** The wake-up that is asked for already. */
  #wakeMs = Number.POSITIVE_INFINITY;

  constructor(
    context: OperatorContext,
    state: KeyedStateBackend,
    output: ElementOutput,
    target: TimerTarget,
  ) {
    this.#context = context;
    this.#target = target;
    this.#event = state.timers('event-timers');
    this.#processing = state.timers('processing-timers');
    this.#gate = new FiringGate(context, output);
    this.#askToWake();
  }

  registerEvent(timeMs: number, namespace: string | number): void {
    this.#event.register(checked(timeMs), namespace);
  }

  /** One that is not set, at a time that is a number. */
  registerNewEvent(timeMs: number, namespace: string | number): void {
    this.#event.registerNew(timeMs, namespace);
  }

  registerProcessing(timeMs: number, namespace: string | number): void {
    this.#processing.register(checked(timeMs), namespace);
    this.#askToWake();
  }

  removeEvent(timeMs: number, namespace: string | number): void {
    this.#event.remove(timeMs, namespace);
  }

  removeProcessing(timeMs: number, namespace: string | number): void {
    this.#processing.remove(timeMs, namespace);
  }

  /** As StreamOperator.onWatermark. */
  onWatermark(watermark: number): boolean {
    this.#eventUpToMs = watermark;
    this.#gate.begin();
    return this.#run();
  }

  /** As StreamOperator.onProcessingTime. */
  onProcessingTime(now: number): boolean {
    // A timer fires when its millisecond is over: elements may still come in it.
    this.#processingUpToMs = now - 1;
    this.#wakeMs = Number.POSITIVE_INFINITY;
    this.#gate.begin();
    return this.#run();
  }

  resume(): boolean {
    this.#gate.resume();
    return this.#run();
  }

  #run(): boolean {
    const done = this.#fireEvent() && this.#fireProcessing();
    this.#askToWake();
    return done;
  }

  #fireEvent(): boolean {
    for (;;) {
      const timer = this.#event.poll(this.#eventUpToMs);
      if (timer === undefined) break;
      this.#target.onEventTimer(timer.timeMs, timer.namespace);
      if (this.#gate.mustStop()) return false;
    }
    this.#eventUpToMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  #fireProcessing(): boolean {
    for (;;) {
      const timer = this.#processing.poll(this.#processingUpToMs);
      if (timer === undefined) break;
      this.#target.onProcessingTimer(timer.timeMs, timer.namespace);
      if (this.#gate.mustStop()) return false;
    }
    this.#processingUpToMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  #askToWake(): void {
    const wakeMs = this.#processing.nextTimeMs() + 1;
    if (wakeMs >= this.#wakeMs) return;
    this.#wakeMs = wakeMs;
    this.#context.wakeAt(wakeMs);
  }
}

/** All timers of a function have one namespace. */
const USER_TIMERS = 0;

/** Timers as functions set them. */
export function userTimers(service: TimerService): Timers {
  return {
    event: (timeMs) => service.registerEvent(timeMs, USER_TIMERS),
    processing: (timeMs) => service.registerProcessing(timeMs, USER_TIMERS),
    deleteEvent: (timeMs) => service.removeEvent(timeMs, USER_TIMERS),
    deleteProcessing: (timeMs) => service.removeProcessing(timeMs, USER_TIMERS),
  };
}

function checked(timeMs: number): number {
  if (typeof timeMs !== 'number' || Number.isNaN(timeMs)) {
    throw new RangeError(
      `a timer at ${String(timeMs)}: the time must be a number (ctx.timestamp is NaN for an element without event time)`,
    );
  }
  return timeMs;
}
