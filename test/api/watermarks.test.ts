import { describe, expect, test } from 'vitest';
import type { WatermarkStrategy } from '../../engine/index.ts';
import { type Api, build, graphOf, inputsOf, nodeOf, refusal } from './program.ts';

interface Reading {
  readonly at: number;
}
const readings: readonly Reading[] = [{ at: 1 }];

describe('a strategy in the plan', () => {
  const strategies: readonly [
    string,
    (w: Api['watermarks']) => WatermarkStrategy<Reading>,
    object,
  ][] = [
    [
      'boundedOutOfOrderness',
      (w) => w.boundedOutOfOrderness(500),
      { kind: 'bounded', boundMs: 500 },
    ],
    ['monotonous', (w) => w.monotonous(), { kind: 'bounded', boundMs: 0 }],
    ['ingestionTime', (w) => w.ingestionTime(), { kind: 'ingestion' }],
    ['none', (w) => w.none(), { kind: 'none' }],
    ['with idleness', (w) => w.monotonous().withIdleness(30), { kind: 'bounded', idleMs: 30 }],
    ['for every record', (w) => w.monotonous().every(1), { everyRecords: 1 }],
  ];
  test.each(strategies)('%s', (_, strategy, expected) => {
    const graph = graphOf(({ env, watermarks }) => {
      env
        .from(readings)
        .withWatermarks(strategy(watermarks), (r) => r.at)
        .print();
    });
    const defaults = { boundMs: 0, idleMs: null, everyRecords: 64 };
    expect(graph.nodes[0]).toMatchObject({
      kind: 'source',
      params: { watermarks: { ...defaults, ...expected } },
      functions: ['timestamp'],
    });
  });

  test('punctuated has its function, and looks at every record', () => {
    const graph = graphOf(({ env, watermarks }) => {
      const strategy = watermarks.punctuated((r: Reading, time) => (r.at > 5 ? time : undefined));
      env
        .from(readings)
        .withWatermarks(strategy, (r) => r.at)
        .print();
    });
    expect(graph.nodes[0]).toMatchObject({
      params: { watermarks: { kind: 'punctuated', everyRecords: 1 } },
      functions: ['punctuate', 'timestamp'],
    });
  });
});

describe('withWatermarks', () => {
  test('on a source works inside it, also after settings', () => {
    const graph = graphOf(({ env, watermarks }) => {
      const timed = env
        .from(readings)
        .name('Readings')
        .withWatermarks(watermarks.monotonous(), (r) => r.at);
      timed.uid('readings').print();
    });
    expect(graph.nodes.map(({ kind }) => kind)).toEqual(['source', 'sink']);
    expect(graph.nodes[0]).toMatchObject({ name: 'Source: Readings', uid: 'readings' });
  });

  test('on a source a second time is an operator, and so it is anywhere else', () => {
    const graph = graphOf(({ env, watermarks }) => {
      const source = env.from(readings);
      source.withWatermarks(watermarks.monotonous(), (r) => r.at).print('first');
      source.withWatermarks(watermarks.none(), (r) => -r.at).print('second');
      source
        .map((r) => r)
        .assignTimestampsAndWatermarks(watermarks.none(), (r) => r.at)
        .print();
    });
    const timestamps = graph.nodes.filter(({ kind }) => kind === 'timestamps');
    expect(timestamps).toMatchObject([
      { name: 'Timestamps/Watermarks', params: { watermarks: { kind: 'none' } } },
      { functions: ['timestamp'] },
    ]);
    expect(inputsOf(graph, 'Sink: print first')[0]?.source).toBe(graph.nodes[0]?.id);
  });

  test('keeps the order of a source that has one', () => {
    const graph = graphOf(({ env, csv, watermarks }) => {
      env
        .read(csv('f.csv', { time: 'time' }), { orderBy: (f) => f.time })
        .withWatermarks(watermarks.monotonous(), (f) => f.time)
        .print();
    });
    expect(graph.nodes[0]).toMatchObject({
      params: { ordered: true, watermarks: { kind: 'bounded' } },
      functions: ['orderBy', 'timestamp'],
    });
  });

  test('without a timestamp keeps the time that records have', () => {
    const graph = graphOf(({ env, watermarks }) => {
      const timed = env.from(readings).withWatermarks(watermarks.monotonous(), (r) => r.at);
      timed
        .map((r) => r)
        .withWatermarks(watermarks.boundedOutOfOrderness(9))
        .print();
    });
    expect(nodeOf(graph, 'Timestamps/Watermarks').functions).toEqual([]);
  });

  test.each<[string, (api: Api) => unknown, string]>([
    [
      'no timestamp where records have no time',
      ({ env, watermarks }) => env.from(readings).withWatermarks(watermarks.monotonous()),
      'withWatermarks (cell "late", line 12): these records have no event time yet; say where it stands',
    ],
    [
      'what is no strategy',
      ({ env }) => env.from(readings).withWatermarks('monotonous' as never, (r) => r.at),
      'the strategy is "monotonous"; give one of watermarks',
    ],
    [
      'a negative bound',
      ({ env, watermarks }) =>
        env.from(readings).withWatermarks(watermarks.boundedOutOfOrderness(-1), (r) => r.at),
      'the bound of out-of-orderness is -1; give a whole number of at least 0',
    ],
    [
      'an idleness of no time',
      ({ env, watermarks }) =>
        env.from(readings).withWatermarks(watermarks.none().withIdleness(0), (r) => r.at),
      'the time of idleness is 0; give whole milliseconds above 0',
    ],
    [
      'watermarks after no record',
      ({ env, watermarks }) =>
        env.from(readings).withWatermarks(watermarks.monotonous().every(0), (r) => r.at),
      'every is 0',
    ],
    [
      'a timestamp that is no function',
      ({ env, watermarks }) =>
        env.from(readings).withWatermarks(watermarks.monotonous(), 'at' as never),
      'the timestamp is "at"; give a function',
    ],
  ])('refuses %s', (_, program, message) => {
    expect(refusal(program)).toContain(message);
  });

  test('needs no timestamp for ingestion time', () => {
    const graph = graphOf(({ env, watermarks }) => {
      env.from(readings).withWatermarks(watermarks.ingestionTime()).print();
    });
    expect(graph.nodes[0]?.functions).toEqual([]);
  });
});

describe('replay', () => {
  const replayed = (
    options: Parameters<Api['replay']>[1],
    parameters: Readonly<Record<string, string>> = {},
  ) =>
    build(
      ({ env, replay, watermarks }) => {
        const timed = env.from(readings).withWatermarks(watermarks.monotonous(), (r) => r.at);
        replay<Reading, 'event time'>(timed, options as never).print();
      },
      { parameters },
    ).graph;

  test('has a speed, 1 unless said', () => {
    expect(nodeOf(replayed({}), 'Replay')).toMatchObject({ kind: 'replay', params: { speed: 1 } });
    expect(nodeOf(replayed({ speed: 3600 }), 'Replay').params).toEqual({ speed: 3600 });
  });

  test('can be as fast as it can', () => {
    expect(nodeOf(replayed({ speed: 'max' }), 'Replay').params).toEqual({ speed: null });
  });

  test('has the speed that the parameter says, which the job remembers', () => {
    const graph = replayed({ speed: 3600 }, { speed: '60' });
    expect(nodeOf(graph, 'Replay').params).toEqual({ speed: 60 });
    expect(graph.parameters).toEqual({ speed: '60' });
    expect(nodeOf(replayed({ speed: 60 }, { speed: 'max' }), 'Replay').params).toEqual({
      speed: null,
    });
    expect(
      nodeOf(replayed({ parameter: 'pace' }, { speed: '60', pace: '7' }), 'Replay').params,
    ).toEqual({ speed: 7 });
  });

  test('goes by another time where that is said', () => {
    const graph = graphOf(({ env, replay }) => {
      replay(env.from(readings), { by: (r) => r.at }).print();
    });
    expect(nodeOf(graph, 'Replay').functions).toEqual(['time']);
  });

  test.each<[string, (api: Api) => unknown, string]>([
    [
      'a stream without event time',
      ({ env, replay }) => replay(env.from(readings)),
      'replay (cell "late", line 12): these records have no event time',
    ],
    [
      'a speed of 0',
      ({ env, replay }) => replay(env.from(readings), { by: (r) => r.at, speed: 0 }),
      "the speed is 0; give a number above 0, or 'max'",
    ],
    [
      'a parameter without a name',
      ({ env, replay }) => replay(env.from(readings), { by: (r) => r.at, parameter: '' }),
      'the parameter is ""',
    ],
    ['what is no stream', ({ replay }) => replay(7 as never), 'replay: the stream is 7'],
  ])('refuses %s', (_, program, message) => {
    expect(refusal(program)).toContain(message);
  });

  test.each(['fast', '', '-1', '0'])('refuses --set speed=%s', (speed) => {
    expect(() => replayed({}, { speed })).toThrow('give a number above 0');
  });
});
