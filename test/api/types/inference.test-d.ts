// What types come out without annotations.

import {
  aggregate,
  type Collector,
  count,
  countDistinct,
  csv,
  type DataStream,
  dynamicSession,
  env,
  files,
  global,
  hours,
  type KeyedStream,
  lines,
  list,
  map,
  max,
  mean,
  min,
  minutes,
  ndjson,
  type OperatorStream,
  outputTag,
  replay,
  session,
  sliding,
  sum,
  topN,
  triggers,
  tumbling,
  value,
  watermarks,
} from 'sluice';
import { describe, expectTypeOf, test } from 'vitest';

interface Flight {
  readonly origin: string;
  readonly destination: string;
  readonly time: number;
  readonly delay: number;
}

type Of<S> = S extends DataStream<infer T> ? T : never;
type KeyOf<S> = S extends KeyedStream<unknown, infer K> ? K : never;

const untimed = env.from<Flight>([]);
const flights = untimed.withWatermarks(watermarks.monotonous(), (f) => f.time);
const byOrigin = flights.keyBy((f) => f.origin);

describe('a source gives records', () => {
  test('of the schema of a csv file', () => {
    const read = env.read(
      csv('flights.csv', {
        time: 'local-time',
        at: 'time',
        day: 'date',
        origin: 'string',
        delay: 'int?',
        ratio: 'float',
        cancelled: 'boolean',
        extra: 'json',
      }),
    );
    expectTypeOf<Of<typeof read>>().toEqualTypeOf<{
      time: number;
      at: number;
      day: number;
      origin: string;
      delay: number | null;
      ratio: number;
      cancelled: boolean;
      extra: unknown;
    }>();
  });

  test('of all columns as strings where there is no schema', () => {
    const read = env.read(csv('flights.csv'));
    expectTypeOf<Of<typeof read>>().toEqualTypeOf<Record<string, string>>();
  });

  test('of text, of what was said of JSON, and of what was given', () => {
    expectTypeOf(env.read(lines('log'))).toExtend<DataStream<string>>();
    expectTypeOf(env.read(ndjson<Flight>('f.ndjson'))).toExtend<DataStream<Flight>>();
    const given = env.from([{ a: 1 }, { a: 2 }]);
    expectTypeOf<Of<typeof given>>().toEqualTypeOf<{ a: number }>();
    const made = env.generate((i) => ({ id: i, name: `n${i}` }));
    expectTypeOf<Of<typeof made>>().toEqualTypeOf<{ id: number; name: string }>();
    expectTypeOf(env.fromSequence(1, 10)).toExtend<DataStream<number>>();
    expectTypeOf(env.socket('localhost', 9999)).toExtend<DataStream<string>>();
  });

  test('without event time, until watermarks are made', () => {
    expectTypeOf(untimed).toExtend<DataStream<Flight, 'no event time'>>();
    expectTypeOf(flights).toEqualTypeOf<OperatorStream<Flight, 'event time'>>();
  });
});

test('a parameter has the type of its default', () => {
  expectTypeOf(env.param('airport', 'ATL')).toEqualTypeOf<string>();
  expectTypeOf(env.param('n', 10)).toEqualTypeOf<number>();
  expectTypeOf(env.param('dry', false)).toEqualTypeOf<boolean>();
});

describe('one stream', () => {
  test('map, flatMap and filter follow their functions', () => {
    expectTypeOf(flights.map((f) => f.delay)).toEqualTypeOf<OperatorStream<number, 'event time'>>();
    const split = env.from(['a b']).flatMap((line) => line.split(' '));
    expectTypeOf<Of<typeof split>>().toEqualTypeOf<string>();
    const yielded = flights.flatMap(function* (f) {
      yield f.origin;
      yield f.delay;
    });
    expectTypeOf<Of<typeof yielded>>().toEqualTypeOf<string | number>();
    expectTypeOf(flights.filter((f) => f.delay > 0)).toEqualTypeOf<typeof flights>();
  });

  test('a type guard narrows', () => {
    const mixed = env.from<string | number>([1, 'a']);
    const texts = mixed.filter((v): v is string => typeof v === 'string');
    expectTypeOf<Of<typeof texts>>().toEqualTypeOf<string>();
  });

  test('settings keep the type', () => {
    const named = flights
      .map((f) => f.delay)
      .name('delays')
      .uid('d')
      .setParallelism(2);
    expectTypeOf<Of<typeof named>>().toEqualTypeOf<number>();
    expectTypeOf(
      untimed.name('Flights').withWatermarks(watermarks.none(), (f) => f.time),
    ).toEqualTypeOf<typeof flights>();
  });

  test('a union has the types of all, and event time when all have it', () => {
    const both = flights.union(env.from(['x']));
    expectTypeOf(both).toEqualTypeOf<DataStream<Flight | string, 'no event time'>>();
    expectTypeOf(flights.union(flights)).toEqualTypeOf<DataStream<Flight, 'event time'>>();
  });

  test('process functions know their records, and say what they emit', () => {
    const result = flights.process<string>((f, ctx, out) => {
      expectTypeOf(f).toEqualTypeOf<Flight>();
      expectTypeOf(ctx.timestamp).toEqualTypeOf<number>();
      out.collect(f.origin);
    });
    expectTypeOf<Of<typeof result>>().toEqualTypeOf<string>();
    const typed = flights.process((f, _ctx, out: Collector<number>) => out.collect(f.delay));
    expectTypeOf<Of<typeof typed>>().toEqualTypeOf<number>();
  });

  test('a side output has the type of its tag', () => {
    const tooLate = outputTag<{ why: string }>('too late');
    const side = flights.process(() => undefined).getSideOutput(tooLate);
    expectTypeOf(side).toEqualTypeOf<DataStream<{ why: string }, 'event time'>>();
  });

  test('replay changes nothing', () => {
    expectTypeOf(replay(flights, { speed: 60 })).toEqualTypeOf<typeof flights>();
    expectTypeOf(replay(untimed, { by: (f) => f.time + f.delay })).toExtend<
      DataStream<Flight, 'no event time'>
    >();
  });

  test('an order is by a number or a string of the record', () => {
    env.read(csv('f.csv', { time: 'time', delay: 'int' }), {
      orderBy: (f) => {
        expectTypeOf(f).toEqualTypeOf<{ time: number; delay: number }>();
        return f.time + f.delay;
      },
    });
  });
});

describe('a key', () => {
  test('is a primitive, a Date or a tuple of these', () => {
    expectTypeOf<KeyOf<typeof byOrigin>>().toEqualTypeOf<string>();
    const pair = flights.keyBy((f) => [f.origin, f.delay]);
    expectTypeOf<KeyOf<typeof pair>>().toEqualTypeOf<readonly [string, number]>();
    const flag = flights.keyBy((f) => f.delay > 0);
    expectTypeOf<KeyOf<typeof flag>>().toEqualTypeOf<boolean>();
    const day = flights.keyBy((f) => new Date(f.time));
    expectTypeOf<KeyOf<typeof day>>().toEqualTypeOf<Date>();
    const big = flights.keyBy((f) => BigInt(f.delay));
    expectTypeOf<KeyOf<typeof big>>().toEqualTypeOf<bigint>();
    const word = flights.keyBy((f) => (f.delay > 0 ? 'late' : 'on time'));
    expectTypeOf<KeyOf<typeof word>>().toEqualTypeOf<'late' | 'on time'>();
  });

  test('is seen by running results', () => {
    const counts = byOrigin.count();
    expectTypeOf<Of<typeof counts>>().toEqualTypeOf<readonly [string, number]>();
    const sums = byOrigin.sum((f) => f.delay);
    expectTypeOf<Of<typeof sums>>().toEqualTypeOf<readonly [string, number]>();
    const bigs = byOrigin.sum((f) => BigInt(f.delay));
    expectTypeOf<Of<typeof bigs>>().toEqualTypeOf<readonly [string, bigint]>();
    const firsts = byOrigin.min((f) => f.destination);
    expectTypeOf<Of<typeof firsts>>().toEqualTypeOf<readonly [string, string]>();
    const worst = byOrigin.maxBy((f) => f.delay);
    expectTypeOf<Of<typeof worst>>().toEqualTypeOf<Flight>();
    const means = byOrigin.aggregate(
      mean((f) => f.delay),
      (airport, minutes) => ({ airport, minutes }),
    );
    expectTypeOf<Of<typeof means>>().toEqualTypeOf<{ airport: string; minutes: number }>();
    expectTypeOf(byOrigin.distinct()).toEqualTypeOf<typeof flights>();
  });

  test('gives process functions typed state', () => {
    byOrigin.process<string>({
      process(f, ctx, out) {
        expectTypeOf(f).toEqualTypeOf<Flight>();
        expectTypeOf(ctx.key).toEqualTypeOf<string>();
        const last = ctx.state(value({ name: 'last', default: 0 }));
        expectTypeOf(last.value()).toEqualTypeOf<number>();
        const seen = ctx.state(list<Flight>({ name: 'seen' }));
        expectTypeOf(seen.get()).toEqualTypeOf<readonly Flight[]>();
        ctx.timers.event(f.time + minutes(5));
        out.collect(ctx.key);
      },
      onTimer(timeMs, ctx, out) {
        expectTypeOf(timeMs).toEqualTypeOf<number>();
        out.collect(`${ctx.key} ${ctx.timeDomain}`);
      },
    });
  });
});

describe('a window', () => {
  const hourly = byOrigin.window(sliding({ size: hours(1), slide: minutes(10) }));

  test('aggregates what it looks at', () => {
    const alone = hourly.aggregate(mean((f) => f.delay));
    expectTypeOf(alone).toEqualTypeOf<OperatorStream<number, 'event time'>>();
    const worst = hourly.aggregate(topN(3, (f) => f.delay));
    expectTypeOf<Of<typeof worst>>().toEqualTypeOf<readonly Flight[]>();
    const last = hourly.aggregate(max((f) => f.destination));
    expectTypeOf<Of<typeof last>>().toEqualTypeOf<string>();
    const least = hourly.aggregate(min((f) => new Date(f.time)));
    expectTypeOf<Of<typeof least>>().toEqualTypeOf<Date>();
    const kinds = hourly.aggregate(countDistinct((f) => f.destination));
    expectTypeOf<Of<typeof kinds>>().toEqualTypeOf<number>();
    const total = hourly.aggregate(sum((f) => f.delay));
    expectTypeOf<Of<typeof total>>().toEqualTypeOf<number>();
  });

  test('hands key, window and result to a function', () => {
    const late = hourly.aggregate(
      mean((f) => f.delay),
      (key, window, value) => ({ airport: key, until: window.end, minutes: value }),
    );
    expectTypeOf<Of<typeof late>>().toEqualTypeOf<{
      airport: string;
      until: number;
      minutes: number;
    }>();
    const counted = hourly.aggregate(count(), (key, _window, n) => [key, n] as const);
    expectTypeOf<Of<typeof counted>>().toEqualTypeOf<readonly [string, number]>();
    const reduced = hourly.reduce(
      (a, b) => (a.delay > b.delay ? a : b),
      (key, window, f) => [key, window.start, f.delay] as const,
    );
    expectTypeOf<Of<typeof reduced>>().toEqualTypeOf<readonly [string, number, number]>();
    const applied = hourly.apply((key, _window, all) => `${key}: ${all.length}`);
    expectTypeOf<Of<typeof applied>>().toEqualTypeOf<string>();
  });

  test('takes an aggregate of your own, with or without a result', () => {
    const ratio = hourly.aggregate({
      create: () => ({ late: 0, all: 0 }),
      add: (a, f) => ({ late: a.late + (f.delay > 0 ? 1 : 0), all: a.all + 1 }),
      result: (a) => a.late / a.all,
    });
    expectTypeOf<Of<typeof ratio>>().toEqualTypeOf<number>();
    const raw = hourly.aggregate({ create: () => 0, add: (a, f) => a + f.delay });
    expectTypeOf<Of<typeof raw>>().toEqualTypeOf<number>();
    const keyed = hourly.aggregate(
      { create: () => 0, add: (a, f) => a + f.delay, result: (a) => String(a) },
      (key, _window, text) => ({ key, text }),
    );
    expectTypeOf<Of<typeof keyed>>().toEqualTypeOf<{ key: string; text: string }>();
    const shared = aggregate({ create: () => 0, add: (a: number, f: Flight) => a + f.delay });
    expectTypeOf(hourly.aggregate(shared)).toEqualTypeOf<OperatorStream<number, 'event time'>>();
  });

  test('gives process functions all elements', () => {
    const all = hourly.process<number>((key, window, elements, ctx, out) => {
      expectTypeOf(key).toEqualTypeOf<string>();
      expectTypeOf(elements).toEqualTypeOf<readonly Flight[]>();
      const fired = ctx.globalState(value({ name: 'fired', default: 0 }));
      out.collect(window.end + fired.value());
    });
    expectTypeOf<Of<typeof all>>().toEqualTypeOf<number>();
    const one = hourly.aggregate(count(), {
      process(_key, _window, [n], _ctx, out: Collector<string>) {
        expectTypeOf(n).toEqualTypeOf<number | undefined>();
        out.collect(String(n));
      },
    });
    expectTypeOf<Of<typeof one>>().toEqualTypeOf<string>();
  });

  test('sees the records in gaps, triggers and evictors', () => {
    byOrigin.window(dynamicSession((f) => f.delay * 1000)).aggregate(count());
    byOrigin
      .window(global())
      .trigger(triggers.purging(triggers.delta(10, (a, b) => b.delay - a.delay)))
      .evictor((elements) => elements.filter(({ value: f }) => f.delay > 0))
      .aggregate(count());
    byOrigin.countWindow(10).aggregate(mean((f) => f.delay));
  });

  test('over processing time needs no event time, and gives none', () => {
    const keyed = untimed.keyBy((f) => f.origin);
    const counts = keyed
      .window(tumbling({ size: minutes(1), time: 'processing' }))
      .aggregate(count());
    expectTypeOf(counts).toEqualTypeOf<OperatorStream<number, 'no event time'>>();
    keyed.window(session({ gap: minutes(1), time: 'processing' })).aggregate(count());
    keyed.countWindow(3).aggregate(count());
  });

  test('of all records has no key', () => {
    const total = flights
      .windowAll(tumbling({ size: hours(1) }))
      .aggregate(count(), (key, window, n) => {
        expectTypeOf(key).toEqualTypeOf<undefined>();
        return { until: window.end, n };
      });
    expectTypeOf<Of<typeof total>>().toEqualTypeOf<{ until: number; n: number }>();
  });
});

describe('two streams', () => {
  interface Weather {
    readonly airport: string;
    readonly at: number;
    readonly wind: number;
  }
  const weather = env.from<Weather>([]).withWatermarks(watermarks.monotonous(), (w) => w.at);

  test('joined in windows know both sides', () => {
    const joined = flights
      .join(weather)
      .where((f) => f.origin)
      .equalTo((w) => w.airport)
      .window(tumbling({ size: hours(1) }))
      .apply((f, w) => ({ delay: f.delay, wind: w.wind }));
    expectTypeOf(joined).toEqualTypeOf<
      OperatorStream<{ delay: number; wind: number }, 'event time'>
    >();
    const grouped = flights
      .coGroup(weather)
      .where((f) => f.origin)
      .equalTo((w) => w.airport)
      .window(tumbling({ size: hours(1) }))
      .apply((fs, ws) => fs.map((f) => [f.delay, ws.length] as const));
    expectTypeOf<Of<typeof grouped>>().toEqualTypeOf<readonly [number, number]>();
  });

  test('joined by interval know both sides', () => {
    const joined = byOrigin
      .intervalJoin(weather.keyBy((w) => w.airport))
      .between(minutes(-30), 0)
      .upperBoundExclusive()
      .process((f, w) => f.delay * w.wind);
    expectTypeOf(joined).toEqualTypeOf<OperatorStream<number, 'event time'>>();
  });

  test('connected know their sides, and their key', () => {
    const plain = flights.connect(weather).map(
      (f) => f.origin,
      (w) => w.airport,
    );
    expectTypeOf<Of<typeof plain>>().toEqualTypeOf<string>();
    byOrigin.connect(weather.keyBy((w) => w.airport)).process<number>({
      process1(f, ctx, out) {
        expectTypeOf(f).toEqualTypeOf<Flight>();
        expectTypeOf(ctx.key).toEqualTypeOf<string>();
        out.collect(f.delay);
      },
      process2(w) {
        expectTypeOf(w).toEqualTypeOf<Weather>();
      },
    });
    flights.connect(weather).keyBy(
      (f) => f.origin,
      (w) => w.airport,
    );
  });

  test('of which one is broadcast share a typed state', () => {
    const winds = map<string, number>({ name: 'winds' });
    const rules = weather.broadcast(winds);
    const warned = byOrigin.connect(rules).process<string>({
      process(f, ctx, out) {
        const wind = ctx.broadcastState(winds).get(f.origin);
        expectTypeOf(wind).toEqualTypeOf<number | undefined>();
        out.collect(ctx.key);
      },
      processBroadcast(w, ctx) {
        ctx.broadcastState(winds).put(w.airport, w.wind);
      },
    });
    expectTypeOf(warned).toEqualTypeOf<OperatorStream<string, 'event time'>>();
    flights.connect(rules).process<string>({
      process: (f, _ctx, out) => out.collect(f.origin),
      processBroadcast: () => undefined,
    });
  });
});

test('a stream of a type is one of a wider type', () => {
  expectTypeOf(flights).toExtend<DataStream<{ origin: string }>>();
  expectTypeOf(byOrigin).toExtend<KeyedStream<{ origin: string }, string>>();
  expectTypeOf(flights).toExtend<DataStream<Flight>>();
  expectTypeOf(untimed).toExtend<DataStream<unknown>>();
  expectTypeOf(untimed.keyBy((f) => f.origin)).toExtend<DataStream<unknown>>();
  expectTypeOf(untimed.keyBy((f) => f.origin)).toExtend<KeyedStream<unknown, unknown>>();
});

test('a stream is not one of a narrower type, nor one with event time', () => {
  expectTypeOf(flights).not.toExtend<DataStream<Flight & { extra: string }>>();
  expectTypeOf(untimed).not.toExtend<DataStream<Flight, 'event time'>>();
  expectTypeOf(byOrigin).not.toExtend<KeyedStream<Flight, number>>();
});

test('a function may take streams of either mark', () => {
  const counted = (stream: DataStream<Flight>): DataStream<readonly [string, number]> =>
    stream.keyBy((f) => f.origin).count();
  counted(flights);
  counted(untimed);
  const windowed = (stream: DataStream<Flight>): DataStream<number> =>
    stream.windowAll(tumbling({ size: hours(1) })).aggregate(count());
  windowed(flights);
});

test('sinks take what they can write', () => {
  flights.print();
  flights.map((f) => f.origin).sinkTo(files('out', { format: 'lines' }));
  flights.sinkTo(files('out'));
  flights.sinkTo((f) => expectTypeOf(f).toEqualTypeOf<Flight>());
  flights.sinkTo({
    createWriter: () => ({
      write(f: Flight) {
        expectTypeOf(f.delay).toBeNumber();
      },
    }),
  });
});

test('a notebook is written without a type', () => {
  const reported = env
    .read(
      csv('data/flights.csv.gz', {
        time: 'local-time',
        origin: 'string',
        destination: 'string',
        distance: 'int',
        delay: 'int',
      }),
      { orderBy: (f) => f.time + minutes(f.delay) },
    )
    .withWatermarks(watermarks.boundedOutOfOrderness(minutes(30)), (f) => f.time);
  const late = reported
    .filter((f) => f.delay > 0)
    .keyBy((f) => f.origin)
    .window(sliding({ size: hours(1), slide: minutes(10) }))
    .aggregate(
      mean((f) => f.delay),
      (key, window, value) => ({ airport: key, until: window.end, minutes: value }),
    );
  expectTypeOf<Of<typeof late>>().toEqualTypeOf<{
    airport: string;
    until: number;
    minutes: number;
  }>();
  late.print();
});
