// The module that a notebook gets as `sluice`: the names of engine/index.ts, with an `env` that records
// into the job being built.

import { days, hours, milliseconds, minutes, seconds } from '../core/time.ts';
import { aggregating, list, map, reducing, value } from '../state/descriptors.ts';
import * as aggregates from './aggregates.ts';
import { Environment } from './environment.ts';
import { files } from './files-sink.ts';
import { csv, lines, ndjson } from './formats.ts';
import { outputTag } from './output-tag.ts';
import type { Recorder } from './recorder.ts';
import { replay } from './replay.ts';
import { discard, socketSink } from './sinks.ts';
import { DataStream } from './streams/data-stream.ts';
import { flowOf } from './streams/flow.ts';
import { watermarks } from './watermarks.ts';
import {
  cumulative,
  dynamicSession,
  global,
  session,
  sliding,
  tumbling,
} from './windows/assigners.ts';
import { evictors, triggers } from './windows/triggers.ts';

/** Everything but `env` is the same for all programs. */
export const createApi = (recorder: Recorder): Readonly<Record<string, unknown>> => ({
  env: new Environment(recorder),
  ...{ csv, lines, ndjson },
  ...{ milliseconds, seconds, minutes, hours, days },
  ...{ watermarks, replay, outputTag },
  ...{ tumbling, sliding, session, dynamicSession, cumulative, global, triggers, evictors },
  ...aggregateNames,
  ...{ value, list, map, reducing, aggregating },
  ...{ files, socketSink, discard },
});

const { aggregate, count, countDistinct, max, maxBy, mean, min, minBy, sum, topN } = aggregates;
const aggregateNames = {
  aggregate,
  count,
  countDistinct,
  max,
  maxBy,
  mean,
  min,
  minBy,
  sum,
  topN,
};

/**
 * Shows the records of a cell's last expression, when it is a stream of this evaluation; does nothing with
 * any other value. For the host of an evaluation, once the program has ended without a sink.
 */
export function attachPreview(value: unknown, recorder: Recorder): void {
  if (value instanceof DataStream && value[flowOf].recorder === recorder) value.collect('preview');
}
