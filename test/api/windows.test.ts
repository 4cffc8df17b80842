import { describe, expect, test } from 'vitest';
import type { StreamNode } from '../../engine/graph/stream-graph.ts';
import type { KeyedStream, Trigger, WindowedStream } from '../../engine/index.ts';
import { type Api, graphOf, inputsOf, nodeOf, refusal } from './program.ts';

interface Reading {
  readonly sensor: string;
  readonly at: number;
  readonly value: number;
}

type Keyed = KeyedStream<Reading, string, 'event time'>;
type Windowed = WindowedStream<Reading, string, 'event time'>;

function keyed({ env, watermarks }: Api): Keyed {
  const timed = env.from<Reading>([]).withWatermarks(watermarks.monotonous(), (r) => r.at);
  return timed.keyBy((r) => r.sensor);
}

/** The window operator of a program. */
function windowNode(program: (api: Api, stream: Keyed) => { print(): unknown }): StreamNode {
  const graph = graphOf((api) => {
    program(api, keyed(api)).print();
  });
  const found = graph.nodes.find(({ kind }) => kind === 'window');
  if (found === undefined) throw new Error('no window');
  return found;
}

const refused = (program: (api: Api, stream: Keyed) => unknown): string =>
  refusal((api) => program(api, keyed(api)));

describe('an assigner in the plan', () => {
  const assigners: readonly [string, string, (api: Api, s: Keyed) => Windowed, object][] = [
    [
      'tumbling',
      'TumblingEventTimeWindows',
      ({ tumbling }, s) => s.window(tumbling({ size: 5000 })),
      { kind: 'tumbling', time: 'event', sizeMs: 5000, offsetMs: 0 },
    ],
    [
      'tumbling with an offset',
      'TumblingProcessingTimeWindows',
      ({ tumbling }, s) => s.window(tumbling({ size: 50, offset: -49, time: 'processing' })),
      { kind: 'tumbling', time: 'processing', sizeMs: 50, offsetMs: -49 },
    ],
    [
      'sliding',
      'SlidingEventTimeWindows',
      ({ sliding, hours, minutes }, s) =>
        s.window(sliding({ size: hours(1), slide: minutes(10), offset: 1 })),
      { kind: 'sliding', time: 'event', sizeMs: 3_600_000, slideMs: 600_000, offsetMs: 1 },
    ],
    [
      'sliding with gaps',
      'SlidingEventTimeWindows',
      ({ sliding }, s) => s.window(sliding({ size: 10, slide: 25 })),
      { kind: 'sliding', sizeMs: 10, slideMs: 25 },
    ],
    [
      'cumulative',
      'CumulativeEventTimeWindows',
      ({ cumulative }, s) => s.window(cumulative({ size: 60, step: 20 })),
      { kind: 'cumulative', time: 'event', sizeMs: 60, stepMs: 20, offsetMs: 0 },
    ],
    [
      'session',
      'EventTimeSessionWindows',
      ({ session }, s) => s.window(session({ gap: 30 })),
      { kind: 'session', time: 'event', gapMs: 30 },
    ],
    [
      'dynamicSession',
      'DynamicProcessingTimeSessionWindows',
      ({ dynamicSession }, s) =>
        s.window(dynamicSession((r: Reading) => r.value, { time: 'processing' })),
      { kind: 'dynamic-session', time: 'processing' },
    ],
    [
      'global',
      'GlobalWindows',
      ({ global, triggers }, s) => s.window(global()).trigger(triggers.never()),
      { kind: 'global' },
    ],
    [
      'countWindow',
      'CountWindows',
      (_, s) => s.countWindow(10),
      { kind: 'count', size: 10, slide: 10 },
    ],
    [
      'sliding countWindow',
      'CountWindows',
      (_, s) => s.countWindow(10, 3),
      { kind: 'count', size: 10, slide: 3 },
    ],
  ];
  test.each(assigners)('%s', (_, name, windowed, assigner) => {
    const node = windowNode((api, s) => windowed(api, s).aggregate(api.count()));
    expect(node.name).toBe(name);
    expect(node.params).toMatchObject({
      window: { assigner, evictor: null, allowedLatenessMs: 0, lateTag: null },
      aggregate: { kind: 'count' },
      keyed: true,
    });
  });

  test('brings its function', () => {
    const node = windowNode(({ dynamicSession, count }, s) =>
      s.window(dynamicSession((r) => r.value)).aggregate(count()),
    );
    expect(node.functions).toEqual(['gap']);
  });

  const refusals: readonly [string, (api: Api, s: Keyed) => unknown, string][] = [
    [
      'a size of 0',
      ({ tumbling }, s) => s.window(tumbling({ size: 0 })),
      'window (cell "late", line 12): the size is 0; give whole milliseconds above 0, such as minutes(5)',
    ],
    [
      'a negative size',
      ({ sliding }, s) => s.window(sliding({ size: -5, slide: 5 })),
      'the size is -5',
    ],
    [
      'half a millisecond',
      ({ tumbling }, s) => s.window(tumbling({ size: 0.5 })),
      'the size is 0.5',
    ],
    ['no size', ({ tumbling }, s) => s.window(tumbling({} as never)), 'the size is undefined'],
    [
      'a slide of 0',
      ({ sliding }, s) => s.window(sliding({ size: 5, slide: 0 })),
      'the slide is 0',
    ],
    [
      'an offset of a size',
      ({ tumbling }, s) => s.window(tumbling({ size: 5, offset: 5 })),
      'the offset is 5 ms; give whole milliseconds of less than the size, 5 ms',
    ],
    [
      'an offset of a slide',
      ({ sliding }, s) => s.window(sliding({ size: 9, slide: 5, offset: -5 })),
      'less than the slide, 5 ms',
    ],
    [
      'no size of steps',
      ({ cumulative }, s) => s.window(cumulative({ size: 0, step: 5 })),
      'the size is 0',
    ],
    [
      'a step of 0',
      ({ cumulative }, s) => s.window(cumulative({ size: 5, step: 0 })),
      'the step is 0',
    ],
    [
      'a step that does not fit',
      ({ cumulative }, s) => s.window(cumulative({ size: 50, step: 20 })),
      'the size, 50 ms, is no multiple of the step, 20 ms',
    ],
    ['no gap', ({ session }, s) => s.window(session({ gap: 0 })), 'the gap is 0'],
    [
      'a time that there is not',
      ({ session }, s) => s.window(session({ gap: 1, time: 'wall' as never })),
      `time is "wall"; give 'event' or 'processing'`,
    ],
    [
      'a window of no records',
      (_, s) => s.countWindow(0),
      'countWindow (cell "late", line 12): the size is 0; give a whole number of at least 1',
    ],
    ['a slide of no records', (_, s) => s.countWindow(5, 0), 'the slide is 0'],
    ['no window', (_, s) => s.window(undefined as never), 'the window is undefined; give one'],
    [
      'a gap that is no function',
      ({ dynamicSession, count }, s) => s.window(dynamicSession(30 as never)).aggregate(count()),
      'gap is 30; give a function',
    ],
    [
      'global windows that never fire',
      ({ global, count }, s) => s.window(global()).aggregate(count()),
      'aggregate (cell "late", line 12): global() windows never fire by themselves; add .trigger(triggers.count(100))',
    ],
  ];
  test.each(refusals)('is refused with %s', (_, program, message) => {
    expect(refused(program)).toContain(message);
  });

  test('over event time is refused on a stream that has none', () => {
    const untimed = ({ env, tumbling }: Api): unknown =>
      env
        .from<Reading>([])
        .keyBy((r) => r.sensor)
        .window(tumbling({ size: 5 }) as never);
    expect(refusal(untimed)).toContain(
      'windows over event time need streams that have it; call withWatermarks(…) on the source',
    );
  });
});

describe('a trigger in the plan', () => {
  const own: Trigger<Reading> = {
    onElement: () => 'fire',
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
    clear: () => undefined,
  };
  const triggers: readonly [
    string,
    (w: Windowed, api: Api) => Windowed,
    object,
    readonly string[],
  ][] = [
    ['eventTime', (w, { triggers: t }) => w.trigger(t.eventTime()), { kind: 'event-time' }, []],
    [
      'processingTime',
      (w, { triggers: t }) => w.trigger(t.processingTime()),
      { kind: 'processing-time' },
      [],
    ],
    ['count', (w, { triggers: t }) => w.trigger(t.count(7)), { kind: 'count', size: 7 }, []],
    [
      'continuous',
      (w, { triggers: t }) => w.trigger(t.continuous(9)),
      { kind: 'continuous', time: 'event', everyMs: 9 },
      [],
    ],
    [
      'continuous by the wall',
      (w, { triggers: t }) => w.trigger(t.continuous(9, { time: 'processing' })),
      { kind: 'continuous', time: 'processing' },
      [],
    ],
    [
      'delta',
      (w, { triggers: t }) => w.trigger(t.delta(2, (a, b) => b.value - a.value)),
      { kind: 'delta', threshold: 2 },
      ['delta'],
    ],
    ['never', (w, { triggers: t }) => w.trigger(t.never()), { kind: 'never' }, []],
    [
      'purging',
      (w, { triggers: t }) => w.trigger(t.purging(t.delta(2, (a, b) => b.value - a.value))),
      { kind: 'purging', of: { kind: 'delta', threshold: 2 } },
      ['delta'],
    ],
    ['an own one', (w) => w.trigger(own), { kind: 'own' }, ['trigger']],
  ];
  test.each(triggers)('%s', (_, triggered, trigger, functions) => {
    const node = windowNode((api, s) =>
      triggered(s.window(api.tumbling({ size: 5 })), api).aggregate(api.count()),
    );
    expect(node).toMatchObject({ params: { window: { trigger } }, functions });
  });

  const session = ({ session: of }: Api, s: Keyed): Windowed => s.window(of({ gap: 5 }));
  const refusals: readonly [string, (api: Api, s: Keyed) => unknown, string][] = [
    [
      'no records',
      (api, s) => session(api, s).trigger(api.triggers.count(0)),
      'trigger (cell "late", line 12): the number of elements is 0',
    ],
    [
      'an interval of 0',
      (api, s) => session(api, s).trigger(api.triggers.purging(api.triggers.continuous(0))),
      'the interval is 0',
    ],
    [
      'an interval of no time that there is',
      (api, s) => s.countWindow(5).trigger(api.triggers.continuous(5, { time: 'wall' as never })),
      'time is "wall"',
    ],
    [
      'no threshold',
      (api, s) => s.countWindow(5).trigger(api.triggers.delta(Number.NaN, () => 1)),
      'the threshold is NaN',
    ],
    [
      'delta on sessions',
      (api, s) => session(api, s).trigger(api.triggers.delta(1, () => 1)),
      'session windows grow together, and this trigger cannot',
    ],
    [
      'an own one on sessions that cannot follow',
      (api, s) => session(api, s).trigger(own),
      'give it onMerge, or take another',
    ],
    [
      'an object that is none',
      (_api, s) => s.countWindow(5).trigger({ onElement: () => 'fire' } as never),
      'the trigger has no onEventTime',
    ],
  ];
  test.each(refusals)('is refused with %s', (_, program, message) => {
    expect(refused(program)).toContain(message);
  });

  test('of your own that can follow serves sessions', () => {
    const merging = { ...own, onMerge: () => undefined };
    const node = windowNode((api, s) => session(api, s).trigger(merging).aggregate(api.count()));
    expect(node.functions).toEqual(['trigger']);
  });
});

describe('evictor and lateness', () => {
  const windowed = ({ tumbling }: Api, s: Keyed): Windowed => s.window(tumbling({ size: 5 }));

  test('stand in the plan', () => {
    const node = windowNode((api, s) =>
      windowed(api, s)
        .evictor(api.evictors.time(3))
        .allowedLateness(60)
        .sideOutputLateData(api.outputTag<Reading>('late'))
        .aggregate(api.count()),
    );
    expect(node.params).toMatchObject({
      window: { evictor: { kind: 'time', keepMs: 3 }, allowedLatenessMs: 60, lateTag: 'late' },
    });
  });

  test('of your own is a function', () => {
    const node = windowNode((api, s) =>
      windowed(api, s)
        .evictor((elements) => elements.slice(1))
        .aggregate(api.count()),
    );
    expect(node).toMatchObject({
      params: { window: { evictor: { kind: 'own' } } },
      functions: ['evict'],
    });
  });

  test('leave the windowed stream that they were called on as it was', () => {
    const node = windowNode((api, s) => {
      const base = windowed(api, s);
      base.evictor(api.evictors.count(1)).allowedLateness(9);
      return base.aggregate(api.count());
    });
    expect(node.params).toMatchObject({ window: { evictor: null, allowedLatenessMs: 0 } });
  });

  const refusals: readonly [string, (api: Api, s: Keyed) => unknown, string][] = [
    [
      'a negative lateness',
      (api, s) => windowed(api, s).allowedLateness(-1),
      'allowedLateness (cell "late", line 12): the lateness is -1',
    ],
    [
      'lateness by the wall',
      ({ tumbling }, s) => s.window(tumbling({ size: 5, time: 'processing' })).allowedLateness(5),
      'only windows over event time have late records',
    ],
    [
      'late records of counts',
      (api, s) => s.countWindow(5).sideOutputLateData(api.outputTag('late')),
      'only windows over event time have late records',
    ],
    [
      'a negative number kept',
      (api, s) => windowed(api, s).evictor(api.evictors.count(-1)),
      'the number of elements is -1',
    ],
    ['no evictor', (api, s) => windowed(api, s).evictor(7 as never), 'the evictor is 7'],
    [
      'no tag',
      (api, s) => windowed(api, s).sideOutputLateData('late' as never),
      `the tag is "late"; give one that outputTag('name') made`,
    ],
    ['no time kept', (api, s) => windowed(api, s).evictor(api.evictors.time(0)), 'the time is 0'],
  ];
  test.each(refusals)('are refused with %s', (_, program, message) => {
    expect(refused(program)).toContain(message);
  });
});

describe('what is made of a window', () => {
  const windowed = ({ tumbling }: Api, s: Keyed): Windowed => s.window(tumbling({ size: 5 }));
  const process = { process: () => undefined };
  const ends: readonly [
    string,
    (w: Windowed, api: Api) => { print(): unknown },
    object,
    readonly string[],
  ][] = [
    ['reduce', (w) => w.reduce((a) => a), { kind: 'reduce' }, ['reduce']],
    [
      'reduce with a function',
      (w) =>
        w.reduce(
          (a) => a,
          (k) => k,
        ),
      { kind: 'reduce' },
      ['reduce', 'window'],
    ],
    [
      'a ready aggregate',
      (w, { mean }) => w.aggregate(mean((r) => r.value)),
      { kind: 'mean' },
      ['of'],
    ],
    ['count', (w, { count }) => w.aggregate(count()), { kind: 'count' }, []],
    ['topN', (w, { topN }) => w.aggregate(topN(3, (r) => r.value)), { kind: 'top', n: 3 }, ['of']],
    ['minBy', (w, { minBy }) => w.aggregate(minBy((r) => r.value)), { kind: 'min-by' }, ['of']],
    [
      'countDistinct',
      (w, { countDistinct }) => w.aggregate(countDistinct((r) => r.value)),
      { kind: 'distinct-count' },
      ['of'],
    ],
    [
      'an aggregate with a function',
      (w, { count }) => w.aggregate(count(), (k, _, n) => [k, n]),
      { kind: 'count' },
      ['window'],
    ],
    [
      'an aggregate with an object',
      (w, { count }) => w.aggregate(count(), process),
      { kind: 'count' },
      ['process'],
    ],
    [
      'an own aggregate',
      (w) => w.aggregate({ create: () => 0, add: (a) => a }),
      { kind: 'own' },
      ['add', 'create'],
    ],
    [
      'a whole own aggregate',
      (w) => w.aggregate({ create: () => 0, add: (a) => a, merge: (a) => a, result: (a) => a }),
      { kind: 'own' },
      ['add', 'create', 'merge', 'result'],
    ],
    ['process', (w) => w.process(() => undefined), { kind: 'list' }, ['process']],
    ['apply', (w) => w.apply((k) => k), { kind: 'list' }, ['window']],
  ];
  test.each(ends)('by %s', (_, end, aggregate, functions) => {
    const node = windowNode((api, s) => end(windowed(api, s), api));
    expect(node).toMatchObject({ kind: 'window', params: { aggregate }, functions });
  });

  test('keeps the object of an own aggregate as its `this`', () => {
    class Counter {
      readonly step = 2;
      create(): number {
        return 0;
      }
      add(count: number): number {
        return count + this.step;
      }
    }
    let functions: { readonly add?: (...args: number[]) => unknown } = {};
    windowNode((api, s) => {
      functions = api.aggregate(new Counter()).functions;
      return windowed(api, s).aggregate(new Counter());
    });
    expect(functions.add?.(1)).toBe(3);
  });

  test('is described as Flink does', () => {
    const described = (of: (w: Windowed, api: Api) => Windowed): string | undefined =>
      windowNode((api, s) => of(windowed(api, s), api).aggregate(api.count())).description;
    expect(described((w) => w)).toBe(
      'Window(TumblingEventTimeWindows(5 ms), EventTimeTrigger, count)',
    );
    expect(
      described((w, { triggers, evictors }) =>
        w.trigger(triggers.purging(triggers.count(3))).evictor(evictors.count(1)),
      ),
    ).toBe(
      'Window(TumblingEventTimeWindows(5 ms), PurgingTrigger(CountTrigger(3)), CountEvictor, count)',
    );
  });

  const session = ({ session: of }: Api, s: Keyed): Windowed => s.window(of({ gap: 5 }));
  const own = { create: () => 0, add: (a: number) => a };
  const refusals: readonly [string, (api: Api, s: Keyed) => unknown, string][] = [
    [
      'an aggregate that cannot merge, on sessions',
      (api, s) => session(api, s).aggregate(own),
      'give it merge(a, b)',
    ],
    [
      'an aggregate without add',
      (api, s) => windowed(api, s).aggregate({ create: () => 0 } as never),
      'the aggregate has no add',
    ],
    [
      'no aggregate',
      (api, s) => windowed(api, s).aggregate(undefined as never),
      'the aggregate is undefined',
    ],
    [
      'the best none',
      (api, s) => windowed(api, s).aggregate(api.topN(0, (r: Reading) => r.value)),
      'the number of records of topN is 0',
    ],
    [
      'an object without process',
      (api, s) => windowed(api, s).process({} as never),
      'the function has no process',
    ],
    [
      'no second function',
      (api, s) => windowed(api, s).aggregate(api.count(), 'n' as never),
      'the second argument is "n"',
    ],
    [
      'no function',
      (api, s) => windowed(api, s).apply(null as never),
      'window is null; give a function',
    ],
  ];
  test.each(refusals)('is refused with %s', (_, program, message) => {
    expect(refused(program)).toContain(message);
  });
});

describe('windowAll', () => {
  test('gathers all records in one subtask', () => {
    const graph = graphOf((api) => {
      keyed(api)
        .windowAll(api.tumbling({ size: 5 }))
        .aggregate(api.count())
        .print();
    });
    expect(nodeOf(graph, 'TumblingEventTimeWindows')).toMatchObject({
      params: { keyed: false },
      parallelism: 1,
      maxParallelism: 1,
    });
    expect(inputsOf(graph, 'TumblingEventTimeWindows')).toMatchObject([
      { partitioner: { kind: 'global' } },
    ]);
  });

  test('has a form that counts', () => {
    const graph = graphOf((api) => {
      keyed(api).countWindowAll(5, 2).aggregate(api.count()).print();
    });
    expect(nodeOf(graph, 'CountWindows')).toMatchObject({
      params: { keyed: false, window: { assigner: { kind: 'count', size: 5, slide: 2 } } },
    });
  });

  test('cannot be made parallel', () => {
    const message = refused((api, s) =>
      s
        .windowAll(api.tumbling({ size: 5 }))
        .aggregate(api.count())
        .setParallelism(2),
    );
    expect(message).toContain('this operator has one: windowAll gathers all records in one place');
  });
});
