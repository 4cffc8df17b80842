// A stream of records, and the operators that may follow it. The names are those of Flink's DataStream API;
// every call either describes how records travel or records one operator.

import type { OutputTag, ProcessFunction } from '../../operators/functions.ts';
import { tagName } from '../output-tag.ts';
import { Check } from '../program-error.ts';
import { type AnySink, asSink, type ConnectorSink, collectSink, printSink } from '../sinks.ts';
import type { KeyCheck, TimeMark, Together } from '../type-checks.ts';
import type { WatermarkStrategy } from '../watermarks.ts';
import { counting, type EventTimeAssigner, type WindowAssigner } from '../windows/assigners.ts';
import { draftOf } from '../windows/window-draft.ts';
import { JoinedStreams } from '../windows/window-joins.ts';
import { WindowedStream } from '../windows/windowed-stream.ts';
import {
  BroadcastConnectedStream,
  type BroadcastDescriptor,
  BroadcastStream,
} from './broadcast-stream.ts';
import { ConnectedStreams } from './connected-streams.ts';
import * as flows from './flow.ts';
import { type Flow, flowOf, operatorOf, type Recorded } from './flow.ts';
import type { KeyedStream } from './keyed-stream.ts';
import * as settings from './operator-settings.ts';
import { attachSink, type StreamSink } from './stream-sink.ts';
import { recordTimestamps, watermarking } from './timestamps.ts';

declare const mark: unique symbol;
declare const recordType: unique symbol;

/** A stream of records of type `T`: a description, made by the program; nothing flows before the job runs. */
export class DataStream<out T, out M extends TimeMark = TimeMark> implements flows.Flowing {
  readonly [flowOf]: Flow;
  /** Exist for the type checker only. */
  declare readonly [recordType]?: T | undefined;
  declare readonly [mark]?: M | undefined;

  constructor(flow: Flow) {
    this[flowOf] = flow;
  }

  /** One record for each. */
  map<R>(map: (value: T) => R): OperatorStream<R, M> {
    return this.#operator({ call: 'map', kind: 'map', name: 'Map', functions: { map } });
  }

  /** Any number of records for each: an array, or what a generator yields, taken one by one. */
  flatMap<R>(flatMap: (value: T) => Iterable<R>): OperatorStream<R, M> {
    const functions = { flatMap };
    return this.#operator({ call: 'flatMap', kind: 'flat-map', name: 'Flat Map', functions });
  }

  /** The records for which `filter` is true; with a type guard they are of its type. */
  filter<S extends T>(filter: (value: T) => value is S): OperatorStream<S, M>;
  filter(filter: (value: T) => boolean): OperatorStream<T, M>;
  filter(filter: (value: T) => boolean): OperatorStream<T, M> {
    const functions = { filter };
    return this.#operator({ call: 'filter', kind: 'filter', name: 'Filter', functions });
  }

  /** Side outputs and any number of results: an object, or just its `process`. State needs `keyBy`. */
  process<R>(
    process: ProcessFunction<T, R> | ProcessFunction<T, R>['process'],
  ): OperatorStream<R, M> {
    this.#check('process').methods('the function', process, ['process']);
    const functions = { process };
    return this.#operator({ call: 'process', kind: 'process', name: 'Process', functions });
  }

  /**
   * Gives records their event time, `timestamp(record)` in epoch milliseconds, and makes watermarks; those
   * that came with the stream are dropped. Without `timestamp` the records keep the time that they have.
   */
  withWatermarks(
    strategy: WatermarkStrategy<T>,
    timestamp?: (value: T) => number,
  ): OperatorStream<T, 'event time'> {
    const flow = this[flowOf];
    const given = watermarking(flow, 'withWatermarks', strategy, timestamp);
    return flow.streams.operator(recordTimestamps(flow, given));
  }

  /** Flink's name of `withWatermarks`. */
  assignTimestampsAndWatermarks(
    strategy: WatermarkStrategy<T>,
    timestamp?: (value: T) => number,
  ): OperatorStream<T, 'event time'> {
    return this.withWatermarks(strategy, timestamp);
  }

  /** The records of all, in no order among the streams. */
  union<U, N extends TimeMark>(
    ...others: readonly DataStream<U, N>[]
  ): DataStream<T | U, Together<M, N>> {
    const check = this.#check('union');
    const all = others.map((other) => flows.flowOfArgument(check, 'one of the streams', other));
    return this[flowOf].streams.stream(flows.unionOf(this[flowOf], all));
  }

  /** Two streams, also of different types, for one operator that sees both. */
  connect<B>(other: BroadcastStream<B>): BroadcastConnectedStream<T, B, M>;
  connect<U, N extends TimeMark>(other: DataStream<U, N>): ConnectedStreams<T, U, Together<M, N>>;
  connect(
    other: BroadcastStream<unknown> | DataStream<unknown>,
  ): BroadcastConnectedStream<T, unknown, M> | ConnectedStreams<T, unknown> {
    if (other instanceof BroadcastStream)
      return new BroadcastConnectedStream(this[flowOf], other, false);
    const second = flows.flowOfArgument(this.#check('connect'), 'the other stream', other);
    return new ConnectedStreams(this[flowOf], second);
  }

  /**
   * Deals records out by key: all with one key meet in one subtask. A key is a string, number, bigint,
   * boolean, Date, or a tuple of these: `keyBy((f) => [f.origin, f.destination])`.
   */
  keyBy<const K>(key: (value: T) => K & KeyCheck<K>): KeyedStream<T, K, M> {
    this.#check('keyBy').syncFunction('the key', key);
    const flow = flows.partitioned(this[flowOf], { kind: 'hash' }, { key });
    return flow.streams.keyed(flow);
  }

  /** Pairs of records that share a key and a window: `.join(b).where(…).equalTo(…).window(…).apply(…)`. */
  join<U, N extends TimeMark>(
    other: DataStream<U, N>,
  ): JoinedStreams<T, U, 'join', Together<M, N>> {
    const right = flows.flowOfArgument(this.#check('join'), 'the other stream', other);
    return new JoinedStreams('join', this[flowOf], right);
  }

  /** As `join`, but of both sides all records of a key and window at once. */
  coGroup<U, N extends TimeMark>(
    other: DataStream<U, N>,
  ): JoinedStreams<T, U, 'co-group', Together<M, N>> {
    const right = flows.flowOfArgument(this.#check('coGroup'), 'the other stream', other);
    return new JoinedStreams('co-group', this[flowOf], right);
  }

  /** Windows of all records together, in one subtask. Their functions get undefined for a key. */
  windowAll(assigner: WindowAssigner<T, 'nothing'>): WindowedStream<T, undefined, M>;
  windowAll(assigner: EventTimeAssigner<T, M>): WindowedStream<T, undefined, 'event time'>;
  windowAll(assigner: WindowAssigner<T>): WindowedStream<T, undefined> {
    const draft = draftOf([this[flowOf]], 'windowAll', assigner);
    return new WindowedStream(this.#gathered(), draft, false);
  }

  /** Windows of the last `size` records, every `slide` of them, in one subtask. */
  countWindowAll(size: number, slide: number = size): WindowedStream<T, undefined, M> {
    const draft = draftOf([this[flowOf]], 'countWindowAll', counting(size, slide));
    return new WindowedStream(this.#gathered(), draft, false);
  }

  /**
   * Every record to all subtasks of what follows. With states, each made by `map({ name })`, the result is
   * to be connected with another stream, and its records are kept in those.
   */
  broadcast(): DataStream<T, M>;
  broadcast(
    state: BroadcastDescriptor,
    ...more: readonly BroadcastDescriptor[]
  ): BroadcastStream<T>;
  broadcast(...states: readonly BroadcastDescriptor[]): DataStream<T, M> | BroadcastStream<T> {
    if (states.length > 0) return new BroadcastStream(this[flowOf], states);
    return this.#partitioned('broadcast');
  }

  /** Evenly, in turns, over all subtasks of what follows. */
  rebalance(): DataStream<T, M> {
    return this.#partitioned('rebalance');
  }

  /** Evenly, in turns, over a few subtasks near by: cheaper than `rebalance`, and as even as the input is. */
  rescale(): DataStream<T, M> {
    return this.#partitioned('rescale');
  }

  /** Each record to a subtask drawn by lot. */
  shuffle(): DataStream<T, M> {
    return this.#partitioned('shuffle');
  }

  /** All records to the first subtask of what follows. */
  global(): DataStream<T, M> {
    return this.#partitioned('global');
  }

  /** Records stay in their subtask; what follows must have the same parallelism. */
  forward(): DataStream<T, M> {
    return this.#partitioned('forward');
  }

  /** A record goes to the subtask that `partition(key, subtasks)` says, from 0. */
  partitionCustom<K>(
    partition: (key: K, subtasks: number) => number,
    key: (value: T) => K,
  ): DataStream<T, M> {
    const check = this.#check('partitionCustom');
    check.syncFunction('the partitioner', partition);
    check.syncFunction('the key', key);
    return this.#partitioned('custom', { key, partition });
  }

  /** Writes the records: to `files(…)`, `socketSink(…)`, or a sink of your own. */
  sinkTo<Committable = never>(sink: AnySink<T, Committable>): StreamSink {
    return this.#sink('sinkTo', asSink(this.#check('sinkTo'), sink));
  }

  /** Shows the records: in the notebook, or on stdout, behind the label if there is one. */
  print(label?: string): StreamSink {
    return this.#sink('print', printSink(this.#check('print'), label));
  }

  /** Hands the records to the notebook, or to the program that runs it, under this name. */
  collect(name?: string): StreamSink {
    return this.#sink('collect', collectSink(this.#check('collect'), name));
  }

  #operator<R>(operator: flows.NewOperator): OperatorStream<R, M> {
    return this[flowOf].streams.operator(flows.record([this[flowOf]], operator));
  }

  #sink(call: string, sink: ConnectorSink<T>): StreamSink {
    return attachSink(this[flowOf], call, sink);
  }

  #partitioned(
    kind: 'broadcast' | 'rebalance' | 'rescale' | 'shuffle' | 'global' | 'forward' | 'custom',
    functions: flows.PartitionFunctions = {},
  ): DataStream<T, M> {
    const flow = flows.partitioned(this[flowOf], { kind }, functions);
    return flow.streams.stream(flow);
  }

  #gathered(): Flow {
    return flows.partitioned(this[flowOf], { kind: 'global' });
  }

  #check(call: string): Check {
    return new Check(call, this[flowOf].recorder);
  }
}

/** The output of an operator, and what can be said about that operator. */
export class OperatorStream<out T, out M extends TimeMark = TimeMark> extends DataStream<T, M> {
  readonly [operatorOf]: Recorded;

  constructor(recorded: Recorded) {
    super(recorded.flow);
    this[operatorOf] = recorded;
  }

  /** What the operator emits by `ctx.output(tag, value)`, or as late records of a window. */
  getSideOutput<S>(tag: OutputTag<S>): DataStream<S, M> {
    const check = new Check('getSideOutput', this[flowOf].recorder);
    const flow = flows.sideOutput(this[flowOf], tagName(check, tag));
    return flow.streams.stream(flow);
  }

  /** What the plan shows. */
  name(name: string): this {
    settings.setName(this[operatorOf], name);
    return this;
  }

  /**
   * The identity of the operator's state, unique in the job: what a savepoint finds it by. Without it the
   * identity comes from the names of cell and variable, and the kind of the operator.
   */
  uid(uid: string): this {
    settings.setUid(this[operatorOf], uid);
    return this;
  }

  /** How many subtasks run the operator. Else: `parallelism.default`, or as many as the source in front has. */
  setParallelism(parallelism: number): this {
    settings.setParallelism(this[operatorOf], parallelism);
    return this;
  }

  /** Number of key groups: the most subtasks that it can ever be rescaled to. Part of savepoints. */
  setMaxParallelism(maxParallelism: number): this {
    settings.setMaxParallelism(this[operatorOf], maxParallelism);
    return this;
  }

  /** Operators of different groups never share a slot. Else: the group of the inputs. */
  slotSharingGroup(group: string): this {
    settings.setSlotSharingGroup(this[operatorOf], group);
    return this;
  }

  /** The operator is a task of its own. */
  disableChaining(): this {
    settings.setChaining(this[operatorOf], 'never');
    return this;
  }

  /** The operator begins a new task; what follows may be chained to it. */
  startNewChain(): this {
    settings.setChaining(this[operatorOf], 'head');
    return this;
  }

  /** Milliseconds after which a frame of output is sent that is not full: 0 at once, -1 only when full. */
  setBufferTimeout(timeout: number): this {
    settings.setBufferTimeout(this[operatorOf], timeout);
    return this;
  }

  /** What the plan shows below the name. */
  setDescription(description: string): this {
    settings.setDescription(this[operatorOf], description);
    return this;
  }
}
