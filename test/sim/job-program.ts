// A job's shape as a program for the cluster. It watches itself: an operator to which a watermark comes that is
// lower than one before, or a timer out of its time, says so.

import type { OperatorStream } from '../../engine/api/streams/data-stream.ts';
import type { KeyedProcessFunction, ProcessFunction } from '../../engine/operators/functions.ts';
import type { Api } from '../api/program.ts';
import type { TestProgram } from '../harness/test-jobs.ts';
import { BATCH, EARLY, isLeft, type JobShape, recordOf, type SimRecord } from './job-shape.ts';

type Records = OperatorStream<SimRecord, 'event time'>;
type Rows = OperatorStream<{ readonly key: number; readonly n: number }, 'event time'>;

interface World {
  /** What an operator has seen that must not be. */
  readonly onWrong: (text: string) => void;
  /** Takes a little time. */
  readonly look: () => void;
}

export const programOf =
  (shape: JobShape, world: World): TestProgram =>
  (api) => {
    const rows = rowsOf(api, shape, world);
    if (shape.hasEarly) api.env.generate((i) => i, { count: EARLY }).print('early');
    if (shape.sink !== 'files') rows.print('rows');
    if (shape.sink !== 'print')
      rows.sinkTo(api.files('/out', { rollBytes: shape.rollBytes, prefix: 'rows' }));
  };

function slowly<T>(row: T, looks: number, look: () => void): T {
  for (let i = 0; i < looks; i++) look();
  return row;
}

function rowsOf(api: Api, shape: JobShape, world: World): Rows {
  const { kind, sizeMs, slideMs } = shape;
  const records = recordsOf(api, shape, world);
  const keyed = records.keyBy((row) => row.key);
  const sum = (a: SimRecord, b: SimRecord): SimRecord => ({ ...a, n: a.n + b.n });
  switch (kind) {
    case 'reduce':
      return keyed.reduce(sum);
    case 'batches':
      return keyed.process(batchSums(api));
    case 'tumbling':
      return keyed.window(api.tumbling({ size: sizeMs })).reduce(sum);
    case 'sliding':
      return keyed.window(api.sliding({ size: sizeMs, slide: slideMs })).reduce(sum);
    case 'session':
      return keyed.window(api.session({ gap: slideMs })).reduce(sum);
    case 'timers':
      return keyed.process(bucketSums(api, sizeMs, world.onWrong));
    case 'coGroup':
    case 'intervalJoin':
      return joined(api, shape, records, world);
  }
}

function recordsOf(api: Api, shape: JobShape, { onWrong, look }: World): Records {
  const { count, ratePerSecond, disorderMs, isSpread, copies, looks } = shape;
  const { env, watermarks } = api;
  const source = env
    .generate((i) => recordOf(i, disorderMs), {
      count,
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    })
    .withWatermarks(watermarks.boundedOutOfOrderness(disorderMs), (row) => row.t);
  const spread = isSpread ? source.rebalance() : source;
  const watched = spread.process(watcher(onWrong));
  const all = copies === 1 ? watched : watched.flatMap((row) => copiesOf(row, copies));
  if (looks === 0) return all;
  // Behind a shuffle of its own, so that batches wait in front of it.
  const dealt = all.keyBy((row) => row.key).filter(() => true);
  return dealt.map((row) => slowly(row, looks, look));
}

/** A record comes in pieces: without credit the operator stops in the middle of it. */
function* copiesOf(row: SimRecord, copies: number): Generator<SimRecord> {
  for (let i = 0; i < copies; i++) yield { ...row, n: row.n * copies + i };
}

/** Passes records on, and looks at the watermark. */
function watcher(onWrong: (text: string) => void): ProcessFunction<SimRecord, SimRecord> {
  let watermark = Number.NEGATIVE_INFINITY;
  return {
    process(row, ctx, out) {
      if (ctx.watermark < watermark) onWrong('the watermark of an operator fell');
      watermark = ctx.watermark;
      out.collect(row);
    },
  };
}

/** Of every few records of a key: what one batch has left behind is in the next. */
function batchSums(api: Api): KeyedProcessFunction<number, SimRecord, SimRecord> {
  const sums = api.value<number>({ name: 'sum', default: 0 });
  const members = api.map<number, number>({ name: 'members' });
  return {
    process(row, ctx, out) {
      const [sum, seen] = [ctx.state(sums), ctx.state(members)];
      sum.update(sum.value() + row.n);
      seen.put(row.n, row.t);
      if ([...seen.keys()].length < BATCH) return;
      out.collect({ ...row, n: sum.value() });
      sum.clear();
      for (const n of [...seen.keys()]) seen.remove(n);
    },
  };
}

/** Sums over stretches of time, each said by a timer at its end. */
function bucketSums(
  api: Api,
  sizeMs: number,
  onWrong: (text: string) => void,
): KeyedProcessFunction<number, SimRecord, SimRecord> {
  const sums = api.map<number, number>({ name: 'sums' });
  return {
    process(row, ctx) {
      const end = (Math.floor(row.t / sizeMs) + 1) * sizeMs;
      const state = ctx.state(sums);
      if (ctx.watermark >= end) onWrong('a record came late');
      state.put(end, (state.get(end) ?? 0) + row.n);
      // One that is set for nothing, and taken back.
      ctx.timers.event(end + 1);
      ctx.timers.event(end);
      ctx.timers.deleteEvent(end + 1);
    },
    onTimer(timeMs, ctx, out) {
      const state = ctx.state(sums);
      const n = state.get(timeMs);
      if (n === undefined) onWrong('a timer fired twice, or one that was taken back');
      if (ctx.watermark < timeMs) onWrong('a timer fired before its time');
      state.remove(timeMs);
      out.collect({ key: ctx.key, n: n ?? 0, t: timeMs });
    },
  };
}

function joined(api: Api, shape: JobShape, records: Records, world: World): Rows {
  const others = shape.hasOneSource ? records : recordsOf(api, shape, world);
  const left = records.filter(isLeft);
  const right = others.filter((row) => !isLeft(row));
  if (shape.kind === 'intervalJoin')
    return left
      .keyBy((row) => row.key)
      .intervalJoin(right.keyBy((row) => row.key))
      .between(-shape.slideMs, shape.slideMs)
      .process((a, b) => ({ key: a.key, n: a.n * 10_000 + b.n }));
  return left
    .coGroup(right)
    .where((row) => row.key)
    .equalTo((row) => row.key)
    .window(api.tumbling({ size: shape.sizeMs }))
    .apply((lefts, rights) =>
      [lefts[0] ?? rights[0]].flatMap((row) =>
        row === undefined ? [] : [{ key: row.key, n: sumOf(lefts) * 10_000 + sumOf(rights) }],
      ),
    );
}

const sumOf = (rows: readonly SimRecord[]): number => rows.reduce((sum, { n }) => sum + n, 0);
