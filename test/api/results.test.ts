// What programs compute: the functions that the API hands over are those that the operators ask for.

import { describe, expect, test } from 'vitest';
import type { DataStream } from '../../engine/index.ts';
import { run } from './interpreter.ts';
import type { Api } from './program.ts';

interface Flight {
  readonly origin: string;
  readonly time: number;
  readonly delay: number;
}

const flights: readonly Flight[] = [
  { origin: 'ATL', time: 1, delay: 10 },
  { origin: 'LAX', time: 2, delay: 5 },
  { origin: 'ATL', time: 3, delay: -2 },
  { origin: 'ATL', time: 12, delay: 7 },
];

const timed = ({ env, watermarks }: Api): DataStream<Flight, 'event time'> =>
  env.from(flights).withWatermarks(watermarks.monotonous(), (f) => f.time);

/** What a stream made of the flights holds. */
function resultOf(
  program: (flights: DataStream<Flight, 'event time'>, api: Api) => DataStream<unknown>,
): readonly unknown[] {
  const sinks = run((api) => {
    program(timed(api), api).print();
  });
  return sinks['Sink: print'] ?? [];
}

describe('one stream', () => {
  test.each<[string, (s: DataStream<Flight>, api: Api) => DataStream<unknown>, readonly unknown[]]>(
    [
      ['map', (s) => s.map((f) => f.delay), [10, 5, -2, 7]],
      ['filter', (s) => s.filter((f) => f.delay < 0).map((f) => f.time), [3]],
      ['flatMap', (s) => s.flatMap((f) => (f.delay > 5 ? [f.time, f.delay] : [])), [1, 10, 12, 7]],
      [
        'flatMap with a generator',
        (s) =>
          s.flatMap(function* (f) {
            yield f.time;
          }),
        [1, 2, 3, 12],
      ],
      [
        'process',
        (s) => s.process((f, ctx, out) => out.collect([f.delay, ctx.timestamp])),
        [
          [10, 1],
          [5, 2],
          [-2, 3],
          [7, 12],
        ],
      ],
      ['union', (s) => s.union(s).map((f) => f.time), [1, 2, 3, 12, 1, 2, 3, 12]],
      ['replay', (s, { replay }) => replay(s, { speed: 'max' }).map((f) => f.time), [1, 2, 3, 12]],
    ],
  )('%s', (_, program, expected) => {
    expect(resultOf((s, api) => program(s, api))).toEqual(expected);
  });

  test('a side output', () => {
    const result = resultOf((s, { outputTag }) => {
      const early = outputTag<Flight>('early');
      const split = s.process<Flight>((f, ctx, out) =>
        f.delay < 0 ? ctx.output(early, f) : out.collect(f),
      );
      return split.getSideOutput(early).map((f) => f.time);
    });
    expect(result).toEqual([3]);
  });
});

describe('by key', () => {
  test.each<
    [string, (s: ReturnType<typeof byOrigin>, api: Api) => DataStream<unknown>, readonly unknown[]]
  >([
    [
      'count',
      (s) => s.count(),
      [
        ['ATL', 1],
        ['LAX', 1],
        ['ATL', 2],
        ['ATL', 3],
      ],
    ],
    [
      'sum',
      (s) => s.sum((f) => f.delay),
      [
        ['ATL', 10],
        ['LAX', 5],
        ['ATL', 8],
        ['ATL', 15],
      ],
    ],
    [
      'min',
      (s) => s.min((f) => f.delay),
      [
        ['ATL', 10],
        ['LAX', 5],
        ['ATL', -2],
        ['ATL', -2],
      ],
    ],
    [
      'max',
      (s) => s.max((f) => f.delay),
      [
        ['ATL', 10],
        ['LAX', 5],
        ['ATL', 10],
        ['ATL', 10],
      ],
    ],
    ['minBy', (s) => s.minBy((f) => f.delay).map((f) => f.time), [1, 2, 3, 3]],
    ['maxBy', (s) => s.maxBy((f) => f.delay).map((f) => f.time), [1, 2, 1, 1]],
    [
      'reduce',
      (s) => s.reduce((a, b) => ({ ...b, delay: a.delay + b.delay })).map((f) => f.delay),
      [10, 5, 8, 15],
    ],
    ['distinct', (s) => s.distinct().map((f) => f.time), [1, 2]],
    ['a ready aggregate', (s, { mean }) => s.aggregate(mean((f) => f.delay)), [10, 5, 4, 5]],
    [
      'an own aggregate',
      (s) =>
        s.aggregate(
          { create: () => 0, add: (n) => n + 1, result: (n) => n * 100 },
          (key, n) => `${key} ${n}`,
        ),
      ['ATL 100', 'LAX 100', 'ATL 200', 'ATL 300'],
    ],
  ])('%s', (_, program, expected) => {
    expect(resultOf((s, api) => program(byOrigin(s), api))).toEqual(expected);
  });

  const byOrigin = (s: DataStream<Flight, 'event time'>) => s.keyBy((f) => f.origin);

  test('state and timers', () => {
    const result = resultOf((s, { value }) =>
      byOrigin(s).process<readonly unknown[]>({
        process(f, ctx) {
          const count = ctx.state(value({ name: 'count', default: 0 }));
          count.update(count.value() + 1);
          ctx.timers.event(f.time + 100);
        },
        onTimer(timeMs, ctx, out) {
          out.collect([ctx.key, timeMs, ctx.state(value({ name: 'count', default: 0 })).value()]);
        },
      }),
    );
    expect(result).toEqual([
      ['ATL', 101, 3],
      ['LAX', 102, 1],
      ['ATL', 103, 3],
      ['ATL', 112, 3],
    ]);
  });
});

describe('in windows', () => {
  type Program = (s: DataStream<Flight, 'event time'>, api: Api) => DataStream<unknown>;
  const windows: readonly [string, Program, readonly unknown[]][] = [
    [
      'an aggregate with key and window',
      (s, { tumbling, count }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .aggregate(count(), (key, window, n) => [key, window.end, n]),
      [
        ['ATL', 10, 2],
        ['LAX', 10, 1],
        ['ATL', 20, 1],
      ],
    ],
    [
      'an aggregate alone',
      (s, { tumbling, sum }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .aggregate(sum((f) => f.delay)),
      [8, 5, 7],
    ],
    [
      'reduce',
      (s, { tumbling }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .reduce(
            (a, b) => (a.delay > b.delay ? a : b),
            (_key, _window, f) => f.delay,
          ),
      [10, 5, 7],
    ],
    [
      'apply',
      (s, { tumbling }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .apply((key, _window, all) => [key, all.map((f) => f.time)]),
      [
        ['ATL', [1, 3]],
        ['LAX', [2]],
        ['ATL', [12]],
      ],
    ],
    [
      'process',
      (s, { tumbling }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .process<number>((_key, _window, all, _ctx, out) => {
            for (const { time } of all) out.collect(time);
          }),
      [1, 3, 2, 12],
    ],
    [
      'an aggregate processed',
      (s, { tumbling, count }) =>
        s
          .keyBy((f) => f.origin)
          .window(tumbling({ size: 10 }))
          .aggregate(count(), {
            process(key, _window, [n], _ctx, out) {
              out.collect(`${key} ${n}`);
            },
          }),
      ['ATL 2', 'LAX 1', 'ATL 1'],
    ],
    [
      'windowAll',
      (s, { tumbling, count }) =>
        s
          .windowAll(tumbling({ size: 10 }))
          .aggregate(count(), (key, window, n) => [key, window.start, n]),
      [
        [undefined, 0, 3],
        [undefined, 10, 1],
      ],
    ],
    [
      'countWindow',
      (s, { topN }) =>
        s
          .keyBy((f) => f.origin)
          .countWindow(2)
          .aggregate(topN(1, (f) => f.delay))
          .map(([f]) => f?.delay),
      [10],
    ],
    [
      'countWindowAll, sliding',
      (s, { count }) => s.countWindowAll(3, 2).aggregate(count()),
      [2, 3],
    ],
    [
      'sessions with an own aggregate',
      (s, { session }) =>
        s
          .keyBy((f) => f.origin)
          .window(session({ gap: 5 }))
          .aggregate(
            { create: () => 0, add: (n) => n + 1, merge: (a, b) => a + b },
            (key, window, n) => [key, window.end, n],
          ),
      [
        ['LAX', 7, 1],
        ['ATL', 8, 2],
        ['ATL', 17, 1],
      ],
    ],
    [
      'sessions with gaps of the records',
      (s, { dynamicSession, count }) =>
        s.windowAll(dynamicSession((f) => Math.abs(f.delay))).aggregate(count()),
      [3, 1],
    ],
    [
      'global windows, a trigger and an evictor',
      (s, { global, triggers, evictors }) =>
        s
          .windowAll(global())
          .trigger(triggers.count(2))
          .evictor(evictors.count(1))
          .apply((_key, _window, all) => all.map((f) => f.time)),
      [[2], [12]],
    ],
    [
      'global windows at the end of the input',
      (s, { global, triggers, count }) =>
        s.windowAll(global()).trigger(triggers.eventTime()).aggregate(count()),
      [4],
    ],
    [
      'an own evictor and a trigger with a function',
      (s, { tumbling, triggers }) =>
        s
          .windowAll(tumbling({ size: 10 }))
          .trigger(triggers.delta(1, (a, b) => b.time - a.time))
          .evictor((all) => all.slice(-1))
          .apply((_key, _window, all) => all.map((f) => f.time)),
      [[3]],
    ],
  ];
  test.each(windows)('%s', (_, program, expected) => {
    expect(resultOf(program)).toEqual(expected);
  });
});

describe('of two streams', () => {
  type Program = (s: DataStream<Flight, 'event time'>, api: Api) => DataStream<unknown>;
  const origin = (f: Flight): string => f.origin;
  const pairs: readonly [string, Program, readonly unknown[]][] = [
    [
      'connected maps',
      (s, { env }) => s.connect(env.from(['x'])).map(origin, (x) => x),
      ['x', 'ATL', 'LAX', 'ATL', 'ATL'],
    ],
    [
      'connected flat maps',
      (s, { env }) =>
        s.connect(env.from([[1, 2]])).flatMap(
          () => [],
          (x) => x,
        ),
      [1, 2],
    ],
    [
      'a co-process function',
      (s, { env }) =>
        s.connect(env.from(['x'])).process<string>({
          process1: (f, _ctx, out) => out.collect(f.origin),
          process2: (x, _ctx, out) => out.collect(x),
        }),
      ['x', 'ATL', 'LAX', 'ATL', 'ATL'],
    ],
    [
      'a keyed co-process function',
      (s, { env, value }) => {
        const limit = value({ name: 'limit', default: 0 });
        const limits = env.from([['ATL', 8]] as const).keyBy(([airport]) => airport);
        return s
          .keyBy(origin)
          .connect(limits)
          .process<number>({
            process1: (f, ctx, out) =>
              f.delay > ctx.state(limit).value() ? out.collect(f.delay) : undefined,
            process2: ([, minutes], ctx) => ctx.state(limit).update(minutes),
          });
      },
      [10, 5],
    ],
    [
      'broadcast state',
      (s, { env, map }) => {
        const names = map<string, string>({ name: 'names' });
        const airports = env.from([['ATL', 'Atlanta']] as const).broadcast(names);
        return s.connect(airports).process<string>({
          process: (f, ctx, out) => out.collect(ctx.broadcastState(names).get(f.origin) ?? '?'),
          processBroadcast: ([code, name], ctx) => ctx.broadcastState(names).put(code, name),
        });
      },
      ['Atlanta', '?', 'Atlanta', 'Atlanta'],
    ],
    [
      'broadcast state, keyed',
      (s, { env, map }) => {
        const names = map<string, string>({ name: 'names' });
        const airports = env.from([['LAX', 'Los Angeles']] as const).broadcast(names);
        return s
          .keyBy(origin)
          .connect(airports)
          .process<string>({
            process: (_f, ctx, out) => out.collect(ctx.broadcastState(names).get(ctx.key) ?? '?'),
            processBroadcast: ([code, name], ctx) => ctx.broadcastState(names).put(code, name),
          });
      },
      ['?', 'Los Angeles', '?', '?'],
    ],
    [
      'a window join',
      (s, { tumbling }) =>
        s
          .join(s)
          .where(origin)
          .equalTo(origin)
          .window(tumbling({ size: 10 }))
          .apply((a, b) => `${a.time}-${b.time}`),
      ['1-1', '1-3', '3-1', '3-3', '2-2', '12-12'],
    ],
    [
      'a co-group',
      (s, { tumbling }) =>
        s
          .coGroup(s.filter((f) => f.delay > 5))
          .where(origin)
          .equalTo(origin)
          .window(tumbling({ size: 10 }))
          .apply((a, b) => [`${a.length}-${b.length}`]),
      ['2-1', '1-0', '1-1'],
    ],
    [
      'an interval join',
      (s) =>
        s
          .keyBy(origin)
          .intervalJoin(s.keyBy(origin))
          .between(1, 9)
          .upperBoundExclusive()
          .process((a, b) => `${a.time}-${b.time}`),
      ['1-3'],
    ],
  ];
  test.each(pairs)('%s', (_, program, expected) => {
    const canonical = (values: readonly unknown[]): ReadonlySet<string> =>
      new Set(
        values.map(
          (value, i) =>
            `${JSON.stringify(value)} ${values.slice(0, i).filter((v) => v === value).length}`,
        ),
      );
    expect(canonical(resultOf(program))).toEqual(canonical(expected));
  });
});
