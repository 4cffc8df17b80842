// How event time advances. A strategy looks at the times of a stream's records and says from time to time
// that no earlier one is expected: a watermark. It does so at record positions, never by wall clock, so that
// a replay gives the same rows at any speed.

import type { UserFunction } from '../core/user-function.ts';
import type { WatermarkSpec } from '../graph/operator-params.ts';

declare const looksAt: unique symbol;

/** Records of a split between two watermarks, unless `.every(…)` says otherwise. */
const EVERY_RECORDS = 64;

export class WatermarkStrategy<in T> {
  /** As it stands in the plan. */
  readonly spec: WatermarkSpec;
  readonly functions: Readonly<Record<string, UserFunction>>;
  /** Exists for the type checker only. */
  declare readonly [looksAt]?: ((value: T) => void) | undefined;

  constructor(spec: WatermarkSpec, functions: Readonly<Record<string, UserFunction>> = {}) {
    this.spec = spec;
    this.functions = functions;
  }

  /**
   * A split that has given nothing for `timeout` milliseconds no longer holds event time back. The others
   * decide until it gives something again.
   */
  withIdleness(timeout: number): WatermarkStrategy<T> {
    return new WatermarkStrategy({ ...this.spec, idleMs: timeout }, this.functions);
  }

  /**
   * A watermark after so many records of a split, instead of 64. With 1, records are late as soon as they
   * can be: what small examples want. It is also made when the input falls silent, and at its end.
   */
  every(records: number): WatermarkStrategy<T> {
    return new WatermarkStrategy({ ...this.spec, everyRecords: records }, this.functions);
  }
}

const strategy = <T>(
  spec: Partial<WatermarkSpec> & Pick<WatermarkSpec, 'kind'>,
  functions: Readonly<Record<string, UserFunction>> = {},
): WatermarkStrategy<T> =>
  new WatermarkStrategy(
    { boundMs: 0, idleMs: null, everyRecords: EVERY_RECORDS, ...spec },
    functions,
  );

export const watermarks = {
  /** A record may come up to `bound` milliseconds of event time after a later one. What is later is late. */
  boundedOutOfOrderness: (bound: number): WatermarkStrategy<unknown> =>
    strategy({ kind: 'bounded', boundMs: bound }),

  /** Times never go back within a split. */
  monotonous: (): WatermarkStrategy<unknown> => strategy({ kind: 'bounded' }),

  /**
   * Records say it themselves: `punctuate` gives the watermark that a record stands for, or undefined.
   * `time` is the record's event time.
   */
  punctuated: <T>(
    punctuate: (value: T, time: number) => number | undefined,
  ): WatermarkStrategy<T> => strategy({ kind: 'punctuated', everyRecords: 1 }, { punctuate }),

  /** A record's time is the wall time at which it came in: results depend on when the job runs. */
  ingestionTime: (): WatermarkStrategy<unknown> => strategy({ kind: 'ingestion' }),

  /** None before the end of the input: windows over event time fire then. */
  none: (): WatermarkStrategy<unknown> => strategy({ kind: 'none' }),
} as const;
