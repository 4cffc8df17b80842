import { describe, expect, test } from 'vitest';
import type { DataStream } from '../../engine/index.ts';
import { type Api, graphOf, inputsOf, nodeOf, refusal } from './program.ts';

type Timed = DataStream<number, 'event time'>;

const two = ({ env, watermarks }: Api): readonly [Timed, Timed] => [
  env.from([1]).withWatermarks(watermarks.monotonous(), (n) => n),
  env.from([2]).withWatermarks(watermarks.monotonous(), (n) => n),
];

const key = (n: number): number => n;
const kinds = (graph: ReturnType<typeof graphOf>, name: string): readonly unknown[] =>
  inputsOf(graph, name).map(({ input, partitioner }) => [input, partitioner?.kind]);

describe('connected streams', () => {
  const coProcess = { process1: () => undefined, process2: () => undefined };
  const calls: readonly [string, string, (a: Timed, b: Timed) => DataStream<unknown>, object][] = [
    [
      'map',
      'Co-Map',
      (a, b) => a.connect(b).map(key, key),
      { kind: 'co-map', functions: ['map1', 'map2'] },
    ],
    [
      'flatMap',
      'Co-Flat Map',
      (a, b) =>
        a.connect(b).flatMap(
          (n) => [n],
          (n) => [n],
        ),
      { kind: 'co-flat-map', functions: ['flatMap1', 'flatMap2'] },
    ],
    [
      'process',
      'Co-Process',
      (a, b) => a.connect(b).process(coProcess),
      { kind: 'co-process', functions: ['process'] },
    ],
  ];
  test.each(calls)('are two inputs of %s', (_, name, call, expected) => {
    const graph = graphOf((api) => {
      call(...two(api)).print();
    });
    expect(nodeOf(graph, name)).toMatchObject(expected);
    expect(kinds(graph, name)).toEqual([
      [0, undefined],
      [1, undefined],
    ]);
  });

  test.each<[string, (a: Timed, b: Timed) => DataStream<unknown>]>([
    ['before', (a, b) => a.keyBy(key).connect(b.keyBy(key)).process(coProcess)],
    ['after', (a, b) => a.connect(b).keyBy(key, key).process(coProcess)],
  ])('keyed %s keep state by key', (_, call) => {
    const graph = graphOf((api) => {
      call(...two(api)).print();
    });
    expect(nodeOf(graph, 'Co-Keyed-Process').kind).toBe('keyed-co-process');
    expect(kinds(graph, 'Co-Keyed-Process')).toEqual([
      [0, 'hash'],
      [1, 'hash'],
    ]);
  });

  test('may each be a union', () => {
    const graph = graphOf((api) => {
      const [a, b] = two(api);
      a.union(b).connect(b).map(key, key).print();
    });
    expect(kinds(graph, 'Co-Map').map((edge) => (edge as unknown[])[0])).toEqual([0, 0, 1]);
  });

  test.each<[string, (a: Timed, b: Timed) => unknown, string]>([
    [
      'half a function',
      (a, b) => a.connect(b).map(key, undefined as never),
      'map (cell "late", line 12): map2 is undefined',
    ],
    [
      'a plain function for both',
      (a, b) => a.connect(b).process((() => undefined) as never),
      'the function is a function; give an object with process1(…) and process2(…)',
    ],
    [
      'half an object',
      (a, b) => a.connect(b).process({ process1: () => undefined } as never),
      'the function has no process2',
    ],
    ['no first key', (a, b) => a.connect(b).keyBy(3 as never, key), 'the first key is 3'],
    [
      'half an object by key',
      (a, b) =>
        a
          .keyBy(key)
          .connect(b.keyBy(key))
          .process({} as never),
      'the function has no process1',
    ],
    ['half a key', (a, b) => a.connect(b).keyBy(key, 3 as never), 'the second key is 3'],
  ])('refuse %s', (_, call, message) => {
    expect(refusal((api) => call(...two(api)))).toContain(message);
  });
});

describe('a broadcast stream', () => {
  const process = { process: () => undefined, processBroadcast: () => undefined };

  test.each<[string, boolean, string]>([
    ['stream', false, 'Co-Process-Broadcast'],
    ['keyed stream', true, 'Co-Process-Broadcast-Keyed'],
  ])('is the second input beside a %s, with its states', (_, keyed, name) => {
    const graph = graphOf((api) => {
      const [a, b] = two(api);
      const rules = b.broadcast(api.map({ name: 'rules' }), api.map({ name: 'prices' }));
      const connected = keyed ? a.keyBy(key).connect(rules) : a.connect(rules);
      connected.process(process).print();
    });
    expect(nodeOf(graph, name)).toMatchObject({
      kind: 'broadcast-process',
      params: { keyed, states: ['rules', 'prices'] },
      functions: ['process'],
    });
    expect(kinds(graph, name)).toEqual([
      [0, keyed ? 'hash' : undefined],
      [1, 'broadcast'],
    ]);
  });

  test('leaves event time to the other one', () => {
    const windowed = (api: Api): void => {
      const [a] = two(api);
      const rules = api.env.from([3]).broadcast(api.map({ name: 'rules' }));
      const result = a.connect(rules).process<number>(process);
      result
        .windowAll(api.tumbling({ size: 5 }))
        .aggregate(api.count())
        .print();
    };
    expect(() => graphOf(windowed)).not.toThrow();
  });

  test.each<[string, (a: Timed, b: Timed, api: Api) => unknown, string]>([
    [
      'a state that is no map',
      (_, b, { value }) => b.broadcast(value({ name: 'rules' }) as never),
      'the value state "rules" cannot be broadcast; declare it by map({ name: "rules" })',
    ],
    [
      'what is no state',
      (_, b) => b.broadcast('rules' as never),
      'what was given is "rules"; declare a state by map(',
    ],
    [
      'two states of one name',
      (_, b, { map }) => b.broadcast(map({ name: 'a' }), map({ name: 'a' })),
      'two of the states have one name: a, a',
    ],
    [
      'a function that cannot see broadcast records',
      (a, b, { map }) =>
        a.connect(b.broadcast(map({ name: 'a' }))).process({ process: () => undefined } as never),
      'the function has no processBroadcast',
    ],
  ])('is refused with %s', (_, call, message) => {
    expect(refusal((api) => call(...two(api), api))).toContain(message);
  });
});

describe('a window join', () => {
  test('pairs what shares key and window', () => {
    const graph = graphOf((api) => {
      const [a, b] = two(api);
      a.join(b)
        .where(key)
        .equalTo(key)
        .window(api.tumbling({ size: 5 }))
        .trigger(api.triggers.count(2))
        .evictor(api.evictors.count(1))
        .allowedLateness(7)
        .apply((x, y) => x + y)
        .print();
    });
    expect(nodeOf(graph, 'Window Join')).toMatchObject({
      kind: 'window-join',
      description: 'Window(TumblingEventTimeWindows(5 ms), CountTrigger(2), CountEvictor, join)',
      params: {
        kind: 'join',
        window: {
          assigner: { kind: 'tumbling' },
          trigger: { kind: 'count' },
          evictor: { kind: 'count' },
          allowedLatenessMs: 7,
        },
      },
      functions: ['join'],
    });
    expect(kinds(graph, 'Window Join')).toEqual([
      [0, 'hash'],
      [1, 'hash'],
    ]);
  });

  test('gathers both sides for coGroup', () => {
    const graph = graphOf((api) => {
      const [a, b] = two(api);
      const grouped = a
        .coGroup(b)
        .where(key)
        .equalTo(key)
        .window(api.tumbling({ size: 5 }));
      grouped.apply((xs, ys) => [xs.length, ys.length]).print();
    });
    expect(nodeOf(graph, 'CoGroup')).toMatchObject({
      params: { kind: 'co-group' },
      functions: ['coGroup'],
    });
  });

  test.each<[string, (a: Timed, b: Timed, api: Api) => unknown, string]>([
    [
      'no left key',
      (a, b) => a.join(b).where(undefined as never),
      'where (cell "late", line 12): the key is undefined',
    ],
    [
      'no right key',
      (a, b) =>
        a
          .join(b)
          .where(key)
          .equalTo('n' as never),
      'equalTo (cell "late", line 12): the key is "n"',
    ],
    [
      'windows over event time that one side lacks',
      (a, _, { env, tumbling }) =>
        a
          .join(env.from([1]))
          .where(key)
          .equalTo(key)
          .window(tumbling({ size: 5 }) as never),
      'windows over event time need streams that have it',
    ],
    [
      'windows that never fire',
      (a, b, { global }) => a.join(b).where(key).equalTo(key).window(global()).apply(key),
      'join (cell "late", line 12): global() windows never fire by themselves',
    ],
  ])('is refused with %s', (_, call, message) => {
    expect(refusal((api) => call(...two(api), api))).toContain(message);
  });
});

describe('an interval join', () => {
  test('has its bounds, inclusive unless said', () => {
    const graph = graphOf((api) => {
      const [a, b] = two(api);
      const joined = a.keyBy(key).intervalJoin(b.keyBy(key)).between(-5, 0);
      joined
        .process((x, y) => x + y)
        .name('inclusive')
        .print();
      joined
        .lowerBoundExclusive()
        .upperBoundExclusive()
        .process((x) => x)
        .name('exclusive')
        .print();
    });
    expect(nodeOf(graph, 'inclusive')).toMatchObject({
      kind: 'interval-join',
      params: { lowerMs: -5, upperMs: 0, lowerExclusive: false, upperExclusive: false },
      functions: ['join'],
    });
    expect(nodeOf(graph, 'exclusive').params).toEqual({
      lowerMs: -5,
      upperMs: 0,
      lowerExclusive: true,
      upperExclusive: true,
    });
  });

  test.each<[string, (a: Timed, b: Timed, api: Api) => unknown, string]>([
    [
      'bounds the wrong way round',
      (a, b) => a.keyBy(key).intervalJoin(b.keyBy(key)).between(5, -5),
      'the lower bound, 5 ms, is above the upper one, -5 ms; swap them',
    ],
    [
      'half a bound',
      (a, b) => a.keyBy(key).intervalJoin(b.keyBy(key)).between(0.5, 1),
      'the lower bound is 0.5; give whole milliseconds',
    ],
    [
      'a side without event time',
      (a, _, { env }) =>
        a
          .keyBy(key)
          .intervalJoin(env.from([1]).keyBy(key))
          .between(0, 1),
      'both streams need event time',
    ],
  ])('is refused with %s', (_, call, message) => {
    expect(refusal((api) => call(...two(api), api))).toContain(message);
  });
});
