// When a window fires, and which of its elements it then has. Without a trigger, windows over time fire
// when their time is over; global ones never.

import type { UserFunction } from '../../core/user-function.ts';
import type { EvictorSpec, TimeDomain, TriggerSpec } from '../../graph/operator-params.ts';

declare const looksAt: unique symbol;

/** One of `triggers`. An object of your own, a `Trigger`, may stand in its place. */
export interface WindowTrigger<in T> {
  /** As it stands in the plan. */
  readonly spec: TriggerSpec;
  readonly functions: Readonly<Record<string, UserFunction>>;
  /** Exists for the type checker only. */
  readonly [looksAt]?: ((value: T) => void) | undefined;
}

export const triggers = {
  /** When the watermark passes the end of the window, and again for each late record after that. */
  eventTime: (): WindowTrigger<unknown> => trigger({ kind: 'event-time' }),

  /** When wall time passes the end of the window. */
  processingTime: (): WindowTrigger<unknown> => trigger({ kind: 'processing-time' }),

  /** At each `size` elements. */
  count: (size: number): WindowTrigger<unknown> => trigger({ kind: 'count', size }),

  /** Every so many milliseconds, and at the end of the window: for results before it is over. */
  continuous: (
    every: number,
    options: { readonly time?: TimeDomain } = {},
  ): WindowTrigger<unknown> =>
    trigger({ kind: 'continuous', time: options.time ?? 'event', everyMs: every }),

  /** When `delta(a, b)` between the element that fired last and the newest is above the threshold. */
  delta: <T>(threshold: number, delta: (a: T, b: T) => number): WindowTrigger<T> =>
    trigger({ kind: 'delta', threshold }, { delta }),

  /** Not at all. */
  never: (): WindowTrigger<unknown> => trigger({ kind: 'never' }),

  /** As the other one; and what has fired is dropped from the window. */
  purging: <T>(of: WindowTrigger<T>): WindowTrigger<T> =>
    trigger({ kind: 'purging', of: of.spec }, of.functions),
} as const;

const trigger = <T>(
  spec: TriggerSpec,
  functions: Readonly<Record<string, UserFunction>> = {},
): WindowTrigger<T> => ({ spec, functions });

/** One of `evictors`. A function of your own, an `Evictor`, may stand in its place. */
export interface WindowEvictor {
  /** As it stands in the plan. */
  readonly spec: EvictorSpec;
}

/** Evictors make a window keep all its elements until it fires, also where it aggregates. */
export const evictors = {
  /** The last `keep` elements stay. */
  count: (keep: number): WindowEvictor => ({ spec: { kind: 'count', keep } }),

  /** The elements of the last so many milliseconds before the newest stay. */
  time: (keep: number): WindowEvictor => ({ spec: { kind: 'time', keepMs: keep } }),
} as const;
