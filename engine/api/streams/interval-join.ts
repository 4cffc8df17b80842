// Pairs of records of one key whose event times differ by no more than given bounds. Unlike a window join it
// cuts nothing off at the edge of a window.

import { formatDurationMs } from '../../core/time.ts';
import type { IntervalJoinParams } from '../../graph/operator-params.ts';
import { Check, shown } from '../program-error.ts';
import type { TimeMark } from '../type-checks.ts';
import type { OperatorStream } from './data-stream.ts';
import { type Flow, record } from './flow.ts';

/** Two keyed streams, to be joined: say how near two records must be. */
export class IntervalJoin<out L, out R, out M extends TimeMark> {
  readonly #left: Flow;
  readonly #right: Flow;

  constructor(left: Flow, right: Flow) {
    this.#left = left;
    this.#right = right;
  }

  /**
   * A right record matches when its time is from `left + lower` to `left + upper`, both inclusive,
   * milliseconds; either may be negative.
   */
  between(lower: number, upper: number): IntervalJoined<L, R, M> {
    const check = new Check('between', this.#left.recorder);
    for (const [what, ms] of [
      ['the lower bound', lower],
      ['the upper bound', upper],
    ] as const) {
      check.that(
        Number.isInteger(ms),
        `${what} is ${shown(ms)}; give whole milliseconds, such as minutes(-5)`,
      );
    }
    check.that(
      lower <= upper,
      `the lower bound, ${formatDurationMs(lower)}, is above the upper one, ${formatDurationMs(upper)}; ` +
        'swap them',
    );
    check.that(
      this.#left.hasEventTime && this.#right.hasEventTime,
      'both streams need event time; call withWatermarks(…) on their sources',
    );
    const params = { lowerMs: lower, upperMs: upper, lowerExclusive: false, upperExclusive: false };
    return new IntervalJoined(this.#left, this.#right, params);
  }
}

export class IntervalJoined<out L, out R, out M extends TimeMark> {
  readonly #left: Flow;
  readonly #right: Flow;
  readonly #params: IntervalJoinParams;

  constructor(left: Flow, right: Flow, params: IntervalJoinParams) {
    this.#left = left;
    this.#right = right;
    this.#params = params;
  }

  /** A record exactly at the lower bound does not match. */
  lowerBoundExclusive(): IntervalJoined<L, R, M> {
    return new IntervalJoined(this.#left, this.#right, { ...this.#params, lowerExclusive: true });
  }

  /** A record exactly at the upper bound does not match. */
  upperBoundExclusive(): IntervalJoined<L, R, M> {
    return new IntervalJoined(this.#left, this.#right, { ...this.#params, upperExclusive: true });
  }

  /** A record for each pair; its event time is the later of the two. */
  process<O>(join: (left: L, right: R) => O): OperatorStream<O, M> {
    const recorded = record([this.#left, this.#right], {
      call: 'intervalJoin',
      kind: 'interval-join',
      name: 'Interval Join',
      params: this.#params,
      functions: { join },
    });
    return this.#left.streams.operator(recorded);
  }
}
