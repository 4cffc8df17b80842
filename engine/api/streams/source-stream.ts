// The stream of a source. Event time that is given to it is given inside the source, where splits can still
// be told apart: watermarks are made for each.

import type { Json } from '../../core/json.ts';
import type { SourceParams } from '../../graph/operator-params.ts';
import type { TimeMark } from '../type-checks.ts';
import type { WatermarkStrategy } from '../watermarks.ts';
import { OperatorStream } from './data-stream.ts';
import { flowOf, operatorOf, type Recorded } from './flow.ts';
import { watermarking } from './timestamps.ts';

/** What `env.read` and its like give. */
export class SourceStream<out T, out M extends TimeMark = TimeMark> extends OperatorStream<T, M> {
  readonly #params: SourceParams;
  #isTimed = false;

  constructor(recorded: Recorded, params: SourceParams) {
    super(recorded);
    this.#params = params;
  }

  /**
   * Gives records their event time, `timestamp(record)` in epoch milliseconds, and makes watermarks: in the
   * source itself, for each of its splits. Called a second time it is an operator behind the source.
   *
   * ```ts
   * env.read(…).withWatermarks(watermarks.boundedOutOfOrderness(minutes(30)), (flight) => flight.time)
   * ```
   */
  override withWatermarks(
    strategy: WatermarkStrategy<T>,
    timestamp?: (value: T) => number,
  ): OperatorStream<T, 'event time'> {
    if (this.#isTimed) return super.withWatermarks(strategy, timestamp);
    const flow = this[flowOf];
    const { spec, functions } = watermarking(flow, 'withWatermarks', strategy, timestamp);
    const params: SourceParams = { ...this.#params, watermarks: spec };
    const recorded = this[operatorOf];
    flow.recorder.change(recorded.node, { params: params as unknown as Json, functions });
    this.#isTimed = true;
    return flow.streams.operator({ ...recorded, flow: { ...flow, hasEventTime: true } });
  }
}
