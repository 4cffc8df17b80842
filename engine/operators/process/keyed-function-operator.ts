// What all keyed operators with a user's function object share: state, timers, and the calls of onTimer.

import { ElementOutput } from '../element-output.ts';
import type { Collector, KeyedOpenContext, Lifecycle, OnTimerContext } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { TimerService, type TimerTarget } from '../timer-service.ts';
import { type KeyedFunctionContext, KeyedOpenFunctionContext } from './function-context.ts';
import { UserObjectOperator } from './user-object.ts';

interface KeyedFunction extends Lifecycle<KeyedOpenContext> {
  onTimer?(timeMs: number, ctx: OnTimerContext<unknown>, out: Collector<unknown>): void;
}

type ContextFactory<C> = (
  context: OperatorContext,
  output: ElementOutput,
  timers: TimerService,
) => C;

export class KeyedFunctionOperator<
    T extends KeyedFunction,
    C extends KeyedFunctionContext = KeyedFunctionContext,
  >
  extends UserObjectOperator<T>
  implements TimerTarget
{
  protected readonly output: ElementOutput;
  protected readonly functionContext: C;
  readonly #timers: TimerService;

  constructor(context: OperatorContext, object: T, createContext: ContextFactory<C>) {
    super(context, object);
    this.output = new ElementOutput(context);
    this.#timers = new TimerService(context, context.keyedState, this.output, this);
    this.functionContext = createContext(context, this.output, this.#timers);
  }

  open(): void {
    this.object.open?.(new KeyedOpenFunctionContext(this.context, this.context.keyedState));
  }

  onWatermark(watermark: number): boolean {
    return this.#timers.onWatermark(watermark);
  }

  onProcessingTime(now: number): boolean {
    return this.#timers.onProcessingTime(now);
  }

  resume(): boolean {
    return this.#timers.resume();
  }

  onEventTimer(timeMs: number): void {
    this.output.timeMs = timeMs;
    this.functionContext.timeDomain = 'event';
    this.object.onTimer?.(timeMs, this.functionContext, this.output);
  }

  onProcessingTimer(timeMs: number): void {
    // What a processing timer emits has no event time, as in Flink.
    this.output.timeMs = Number.NaN;
    this.functionContext.timeDomain = 'processing';
    this.object.onTimer?.(timeMs, this.functionContext, this.output);
  }
}
