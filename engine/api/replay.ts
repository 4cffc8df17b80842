// Event time drives wall time: a stream that was recorded passes as it once did, or faster. The speed is a
// parameter, so that the same notebook is a demo and, with `--set speed=max`, a test.

import type { ReplayParams } from '../graph/operator-params.ts';
import { Check, shown } from './program-error.ts';
import type { DataStream, OperatorStream } from './streams/data-stream.ts';
import { flowOf, record } from './streams/flow.ts';
import type { TimeMark } from './type-checks.ts';

export interface ReplayOptions<T> {
  /**
   * Seconds of event time in a second of wall time: 3600 is an hour a second. `max`: as fast as it can. The
   * parameter of the program below wins over it. Default 1.
   */
  readonly speed?: number | 'max';
  /** The parameter that sets the speed: with the default, `speed`, `--set speed=60` or `--set speed=max`. */
  readonly parameter?: string;
  /** The time that sets the pace, in epoch milliseconds, where it is not the event time of the records. */
  readonly by?: (value: T) => number;
}

/**
 * Lets the records of a stream pass at the pace of their event times, for demos. The first one passes at
 * once; results are the same at any speed. Each subtask keeps its own pace.
 *
 * ```ts
 * replay(flights, { speed: 3600 }).print();
 * ```
 */
export function replay<T, M extends TimeMark>(
  stream: DataStream<T, M>,
  { speed = 1, parameter = 'speed', by }: ReplayOptions<T> = {},
): OperatorStream<T, M> {
  const given: Partial<DataStream<T, M>> | undefined = stream;
  const flow = given?.[flowOf];
  if (flow === undefined)
    return new Check('replay').fail(`the stream is ${shown(given)}; give a stream`);
  const check = new Check('replay', flow.recorder);
  check.text('the parameter', parameter);
  const wanted = flow.recorder.param(parameter, speed) ?? speed;
  check.that(
    flow.hasEventTime || by !== undefined,
    'these records have no event time; call withWatermarks(…) before, or say by which time: { by: (value) => value.time }',
  );
  const recorded = record([flow], {
    call: 'replay',
    kind: 'replay',
    name: 'Replay',
    params: { speed: speedOf(check, wanted) } satisfies ReplayParams,
    functions: by === undefined ? {} : { time: by },
  });
  return flow.streams.operator(recorded);
}

/** Null: no pace at all. */
function speedOf(check: Check, wanted: number | string): number | null {
  if (wanted === 'max') return null;
  const speed = typeof wanted === 'string' && wanted.trim() === '' ? Number.NaN : Number(wanted);
  if (Number.isFinite(speed) && speed > 0) return speed;
  return check.fail(`the speed is ${shown(wanted)}; give a number above 0, or 'max'`);
}
