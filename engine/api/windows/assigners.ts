// Window assigners: which windows a record belongs to. Windows are aligned with the epoch; `[start, end)`,
// epoch milliseconds. Over event time unless `time: 'processing'` is said.

import type { UserFunction } from '../../core/user-function.ts';
import type { AssignerSpec, TimeDomain } from '../../graph/operator-params.ts';
import type { Problem, TimeMark, TimeNeed } from '../type-checks.ts';

declare const assigns: unique symbol;

/** What `.window(…)` takes: made by `tumbling`, `sliding`, `session` and their like. */
export interface WindowAssigner<in T, out N extends TimeNeed = TimeNeed> {
  /** As it stands in the plan. */
  readonly spec: AssignerSpec;
  readonly functions: Readonly<Record<string, UserFunction>>;
  /** Exists for the type checker only. */
  readonly [assigns]?: ((value: T) => N) | undefined;
}

/** Windows over event time, on a stream with this mark: refused where it has none. */
export type EventTimeAssigner<T, M extends TimeMark> = EventTimeAssigners<T>[M];

interface EventTimeAssigners<T> {
  readonly 'event time': WindowAssigner<T, 'event time'>;
  readonly 'no event time': WindowAssigner<unknown, 'event time'> &
    Problem<"a window over event time needs event time: call withWatermarks(…) on the source, or write time: 'processing'">;
}

/** Event time is what windows are over that say nothing. */
type NeedOf<D extends TimeDomain> = D extends 'event' ? 'event time' : 'nothing';

/** Windows of one size, side by side: each record is in one. */
export function tumbling<D extends TimeDomain = 'event'>(options: {
  /** Milliseconds: `minutes(5)`. */
  readonly size: number;
  /** Moves all windows: windows of a day in UTC+8 have `offset: hours(-8)`. Less than the size. */
  readonly offset?: number;
  readonly time?: D;
}): WindowAssigner<unknown, NeedOf<D>> {
  const { size, offset = 0, time = 'event' } = options;
  return assigner({ kind: 'tumbling', time, sizeMs: size, offsetMs: offset });
}

/**
 * Windows of one size that begin every `slide`: a record is in `size / slide` of them. With a slide above
 * the size there are gaps, and records in them belong to no window.
 */
export function sliding<D extends TimeDomain = 'event'>(options: {
  readonly size: number;
  readonly slide: number;
  /** Less than the slide. */
  readonly offset?: number;
  readonly time?: D;
}): WindowAssigner<unknown, NeedOf<D>> {
  const { size, slide, offset = 0, time = 'event' } = options;
  return assigner({ kind: 'sliding', time, sizeMs: size, slideMs: slide, offsetMs: offset });
}

/**
 * Windows that begin together and end one step after another: with a size of a day and a step of an hour,
 * the day so far, every hour. The size is a multiple of the step.
 */
export function cumulative<D extends TimeDomain = 'event'>(options: {
  readonly size: number;
  readonly step: number;
  /** Less than the size. */
  readonly offset?: number;
  readonly time?: D;
}): WindowAssigner<unknown, NeedOf<D>> {
  const { size, step, offset = 0, time = 'event' } = options;
  return assigner({ kind: 'cumulative', time, sizeMs: size, stepMs: step, offsetMs: offset });
}

/** A window lasts until nothing has come for `gap`. Windows grow together when a record joins them. */
export function session<D extends TimeDomain = 'event'>(options: {
  readonly gap: number;
  readonly time?: D;
}): WindowAssigner<unknown, NeedOf<D>> {
  return assigner({ kind: 'session', time: options.time ?? 'event', gapMs: options.gap });
}

/** As `session`, with a gap of its own, in milliseconds above 0, after each record. */
export function dynamicSession<T, D extends TimeDomain = 'event'>(
  gap: (value: T) => number,
  options: { readonly time?: D } = {},
): WindowAssigner<T, NeedOf<D>> {
  return assigner({ kind: 'dynamic-session', time: options.time ?? 'event' }, { gap });
}

/**
 * One window for everything, that never ends. It fires when its trigger says so:
 * `.window(global()).trigger(triggers.count(100))`.
 */
export const global = (): WindowAssigner<unknown, 'nothing'> => assigner({ kind: 'global' });

/** `countWindow(size, slide)`: it has its own method, since it brings its own trigger. */
export const counting = (size: number, slide: number): WindowAssigner<unknown, 'nothing'> =>
  assigner({ kind: 'count', size, slide });

const assigner = <T, N extends TimeNeed>(
  spec: AssignerSpec,
  functions: Readonly<Record<string, UserFunction>> = {},
): WindowAssigner<T, N> => ({ spec, functions });
