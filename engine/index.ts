// The public API, every name by hand. A notebook gets the same names from the program that evaluates it,
// with an `env` that builds its job (api/create-api.ts); what is imported here gives types, and an `env` that
// says how to start the program.

import { detachedRecorder } from './api/detached-recorder.ts';
import { Environment } from './api/environment.ts';

/** Where streams begin: `env.read(…)`, `env.from(…)`, `env.generate(…)`. */
export const env: Environment = new Environment(detachedRecorder());

export {
  type Aggregate,
  type AggregateFunction,
  aggregate,
  type Comparable,
  count,
  countDistinct,
  max,
  maxBy,
  mean,
  min,
  minBy,
  sum,
  topN,
} from './api/aggregates.ts';
export type { Environment } from './api/environment.ts';
export {
  type CsvFilesOptions,
  type FilesOptions,
  files,
  type LinesFilesOptions,
  type NdjsonFilesOptions,
} from './api/files-sink.ts';
export {
  type CsvOptions,
  type CsvSchema,
  csv,
  type FileFormat,
  lines,
  ndjson,
} from './api/formats.ts';
export { outputTag } from './api/output-tag.ts';
export { type ReplayOptions, replay } from './api/replay.ts';
export {
  type ConnectorSink,
  discard,
  type SocketSinkOptions,
  socketSink,
} from './api/sinks.ts';
export type { GenerateOptions, ReadOptions, SocketOptions } from './api/sources.ts';
export type {
  BroadcastConnectedStream,
  BroadcastStream,
  KeyedBroadcastConnectedStream,
} from './api/streams/broadcast-stream.ts';
export type { ConnectedStreams, KeyedConnectedStreams } from './api/streams/connected-streams.ts';
export type { DataStream, OperatorStream } from './api/streams/data-stream.ts';
export type { IntervalJoin, IntervalJoined } from './api/streams/interval-join.ts';
export type { KeyedStream } from './api/streams/keyed-stream.ts';
export type { SourceStream } from './api/streams/source-stream.ts';
export type { StreamSink } from './api/streams/stream-sink.ts';
export type { TimeMark } from './api/type-checks.ts';
export { type WatermarkStrategy, watermarks } from './api/watermarks.ts';
export {
  cumulative,
  dynamicSession,
  global,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from './api/windows/assigners.ts';
export {
  evictors,
  triggers,
  type WindowEvictor,
  type WindowTrigger,
} from './api/windows/triggers.ts';
export type { JoinedStreams } from './api/windows/window-joins.ts';
export type { WindowedStream, WindowFunction } from './api/windows/windowed-stream.ts';
export type {
  Sink,
  SinkFunction,
  UserCommitter,
  UserSinkContext,
  UserSinkWriter,
} from './connectors/user-sink.ts';
export type { Source, SplitReader } from './connectors/user-source.ts';
export type { Key } from './core/key-hash.ts';
export { days, hours, milliseconds, minutes, seconds } from './core/time.ts';
export type {
  BroadcastProcessFunction,
  BroadcastReadContext,
  BroadcastState,
  BroadcastWriteContext,
  CoGroupFunction,
  Collector,
  CoProcessFunction,
  Evictor,
  KeyedBroadcastProcessFunction,
  KeyedBroadcastReadContext,
  KeyedBroadcastWriteContext,
  KeyedContext,
  KeyedCoProcessFunction,
  KeyedOpenContext,
  KeyedProcessFunction,
  Lifecycle,
  MergeContext,
  OnTimerContext,
  OutputTag,
  ProcessContext,
  ProcessFunction,
  ProcessWindowFunction,
  ReadOnlyBroadcastState,
  RuntimeContext,
  Timers,
  TimestampedValue,
  Trigger,
  TriggerContext,
  TriggerResult,
  Window,
  WindowContext,
} from './operators/functions.ts';
export type {
  Accumulator,
  Accumulators,
  Counter,
  Histogram,
  Meter,
  MetricGroup,
} from './operators/metric-group.ts';
export {
  type AggregatingDescriptor,
  aggregating,
  type ListDescriptor,
  list,
  type MapDescriptor,
  map,
  type ReducingDescriptor,
  reducing,
  type StateOptions,
  type ValueDescriptor,
  value,
} from './state/descriptors.ts';
export type {
  AggregatingState,
  ListState,
  MapState,
  ReducingState,
  ValueState,
} from './state/keyed-state.ts';
export type { OperatorList } from './state/operator-state.ts';
