// withWatermarks: where records get their event time. Called on a source, the strategy runs inside it, once
// for each split; elsewhere it is an operator that sets times and makes watermarks anew.

import type { UserFunction } from '../../core/user-function.ts';
import type { WatermarkSpec } from '../../graph/operator-params.ts';
import { Check, shown } from '../program-error.ts';
import { WatermarkStrategy } from '../watermarks.ts';
import { type Flow, type Recorded, record } from './flow.ts';

interface Watermarking {
  readonly spec: WatermarkSpec;
  readonly functions: Readonly<Record<string, UserFunction>>;
}

/** @throws ProgramError when the strategy cannot be, or nothing says where the time stands. */
export function watermarking<T>(
  flow: Flow,
  call: string,
  strategy: WatermarkStrategy<T>,
  timestamp: ((value: T) => number) | undefined,
): Watermarking {
  const check = new Check(call, flow.recorder);
  check.that(
    strategy instanceof WatermarkStrategy,
    `the strategy is ${shown(strategy)}; give one of watermarks, such as watermarks.monotonous()`,
  );
  const { spec, functions } = strategy;
  check.wholeNumber('the bound of out-of-orderness', spec.boundMs, 0);
  check.wholeNumber('every', spec.everyRecords, 1);
  if (spec.idleMs !== null) check.duration('the time of idleness', spec.idleMs);
  if (timestamp !== undefined) {
    check.syncFunction('the timestamp', timestamp);
    return { spec, functions: { ...functions, timestamp } };
  }
  check.that(
    flow.hasEventTime || spec.kind === 'ingestion',
    'these records have no event time yet; say where it stands: withWatermarks(strategy, (value) => value.time)',
  );
  return { spec, functions };
}

/** An operator in the middle of a stream. */
export function recordTimestamps(flow: Flow, { spec, functions }: Watermarking): Recorded {
  return record([flow], {
    call: 'withWatermarks',
    kind: 'timestamps',
    name: 'Timestamps/Watermarks',
    params: { watermarks: spec },
    functions,
    hasEventTime: true,
  });
}
