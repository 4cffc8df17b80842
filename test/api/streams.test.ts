import { describe, expect, test } from 'vitest';
import type { DataStream } from '../../engine/index.ts';
import { type Api, apiOf, graphOf, inputsOf, newRecorder, nodeOf, refusal } from './program.ts';

describe('an operator', () => {
  const calls: readonly [string, string, (s: DataStream<number>) => DataStream<unknown>, object][] =
    [
      ['map', 'Map', (s) => s.map((n) => n), { kind: 'map', functions: ['map'] }],
      ['filter', 'Filter', (s) => s.filter(Boolean), { kind: 'filter', functions: ['filter'] }],
      [
        'flatMap',
        'Flat Map',
        (s) => s.flatMap((n) => [n]),
        { kind: 'flat-map', functions: ['flatMap'] },
      ],
      [
        'process',
        'Process',
        (s) => s.process(() => undefined),
        { kind: 'process', functions: ['process'] },
      ],
      [
        'process with an object',
        'Process',
        (s) => s.process({ process: () => undefined }),
        { kind: 'process', functions: ['process'] },
      ],
    ];
  test.each(calls)('of %s stands in the plan under its kind', (_, name, call, expected) => {
    const graph = graphOf(({ env }) => {
      call(env.from([1])).print();
    });
    expect(nodeOf(graph, name)).toMatchObject({ params: {}, chaining: 'always', ...expected });
  });

  test('takes its settings', () => {
    const graph = graphOf(({ env }) => {
      env
        .fromSequence(1, 9)
        .name('Numbers')
        .map((n) => n)
        .name('same')
        .uid('my-map')
        .setParallelism(3)
        .setMaxParallelism(64)
        .slotSharingGroup('heavy')
        .startNewChain()
        .setBufferTimeout(0)
        .setDescription('as it was')
        .print('numbers')
        .name('Out')
        .uid('my-sink')
        .setParallelism(1)
        .setMaxParallelism(8)
        .slotSharingGroup('default')
        .disableChaining()
        .setDescription('to the screen');
    });
    expect(graph.nodes).toMatchObject([
      { name: 'Source: Numbers' },
      {
        name: 'same',
        uid: 'my-map',
        parallelism: 3,
        maxParallelism: 64,
        slotSharingGroup: 'heavy',
        chaining: 'head',
        bufferTimeoutMs: 0,
        description: 'as it was',
      },
      {
        name: 'Sink: Out',
        uid: 'my-sink',
        parallelism: 1,
        maxParallelism: 8,
        slotSharingGroup: 'default',
        chaining: 'never',
        description: 'to the screen',
      },
    ]);
  });

  test.each<[string, (s: ReturnType<Api['env']['fromSequence']>) => unknown, string]>([
    [
      'no function',
      (s) => s.map(undefined as never),
      'map (cell "late", line 12): map is undefined; give a function',
    ],
    ['an async function', (s) => s.map(async (n) => n), 'map is an async function'],
    ['what is no tag', (s) => s.getSideOutput('late' as never), 'the tag is "late"'],
    [
      'an object without process',
      (s) => s.process({} as never),
      'the function has no process; give an object with process(…)',
    ],
    [
      'a parallelism of 0',
      (s) => s.setParallelism(0),
      'the parallelism is 0; give a whole number from 1 to 32768',
    ],
    ['half a parallelism', (s) => s.setParallelism(1.5), 'the parallelism is 1.5'],
    ['too many key groups', (s) => s.setMaxParallelism(40_000), 'the max parallelism is 40000'],
    ['an empty name', (s) => s.name(''), 'name (cell "late", line 12): the name is ""'],
    ['an empty uid', (s) => s.uid(''), 'the uid is ""'],
    ['a group without a name', (s) => s.slotSharingGroup(''), 'the group is ""'],
    ['a description that is none', (s) => s.setDescription(7 as never), 'the description is 7'],
    ['a timeout below -1', (s) => s.setBufferTimeout(-2), 'the timeout is -2'],
  ])('refuses %s', (_, call, message) => {
    expect(refusal(({ env }) => call(env.fromSequence(1, 2)))).toContain(message);
  });
});

describe('an edge', () => {
  const partitioners = [
    'rebalance',
    'rescale',
    'shuffle',
    'global',
    'forward',
    'broadcast',
  ] as const;
  test.each(partitioners)('of %s() is partitioned so', (kind) => {
    const graph = graphOf(({ env }) => {
      const stream: DataStream<number> = env.fromSequence(1, 2)[kind]();
      stream.map((n) => n).print();
    });
    expect(inputsOf(graph, 'Map')).toMatchObject([{ input: 0, partitioner: { kind } }]);
  });

  test('without any is left open', () => {
    const graph = graphOf(({ env }) => {
      env.from([1]).print();
    });
    expect(inputsOf(graph, 'Sink: print')[0]).not.toHaveProperty('partitioner');
  });

  test('of keyBy and partitionCustom has their functions', () => {
    const recorder = newRecorder();
    const { env } = apiOf(recorder);
    const key = (n: number): number => n % 2;
    const partition = (k: number): number => k;
    env
      .from([1])
      .keyBy(key)
      .map((n) => n)
      .partitionCustom(partition, key)
      .print();
    const { graph, functions } = recorder.build();
    expect(inputsOf(graph, 'Map')).toMatchObject([{ id: 1, partitioner: { kind: 'hash' } }]);
    expect(inputsOf(graph, 'Sink: print')).toMatchObject([{ partitioner: { kind: 'custom' } }]);
    expect([
      functions.get('e1.key'),
      functions.get('e2.key'),
      functions.get('e2.partition'),
    ]).toEqual([key, key, partition]);
  });

  test('is partitioned by the last call', () => {
    const graph = graphOf(({ env }) => {
      env
        .from([1])
        .keyBy((n) => n)
        .rebalance()
        .shuffle()
        .print();
    });
    expect(inputsOf(graph, 'Sink: print')).toMatchObject([{ partitioner: { kind: 'shuffle' } }]);
  });

  test.each<[string, (s: DataStream<number>) => unknown, string]>([
    [
      'a key that is no function',
      (s) => s.keyBy('id' as never),
      'keyBy (cell "late", line 12): the key is "id"',
    ],
    [
      'a partitioner without a key',
      (s) => s.partitionCustom((n: number) => n, 'n' as never),
      'the key is "n"',
    ],
    [
      'a partitioner that is none',
      (s) => s.partitionCustom(3 as never, (n) => n),
      'the partitioner is 3',
    ],
  ])('refuses %s', (_, call, message) => {
    expect(refusal(({ env }) => call(env.from([1])))).toContain(message);
  });
});

describe('a union', () => {
  test('has an edge from each, partitioned as each was', () => {
    const graph = graphOf(({ env }) => {
      const a = env.from([1]).name('a');
      const b = env.from([2]).name('b').rebalance();
      a.union(b, a)
        .map((n) => n)
        .print();
    });
    const [a, b] = [nodeOf(graph, 'Source: a').id, nodeOf(graph, 'Source: b').id];
    expect(
      inputsOf(graph, 'Map').map(({ source, partitioner }) => [source, partitioner?.kind]),
    ).toEqual([
      [a, undefined],
      [b, 'rebalance'],
      [a, undefined],
    ]);
  });

  test('is partitioned as a whole by what follows', () => {
    const graph = graphOf(({ env }) => {
      env
        .from([1])
        .union(env.from([2]).rebalance())
        .keyBy((n) => n)
        .count()
        .print();
    });
    expect(inputsOf(graph, 'Keyed Count').map(({ partitioner }) => partitioner?.kind)).toEqual([
      'hash',
      'hash',
    ]);
  });

  test('has event time when all its streams have it', () => {
    const windowed = (both: boolean) => (api: Api) => {
      const { env, watermarks, tumbling, count } = api;
      const timed = env.from([1]).withWatermarks(watermarks.monotonous(), (n) => n);
      const other: DataStream<number> = both ? timed : env.from([2]);
      timed
        .union(other)
        .windowAll(tumbling({ size: 5 }))
        .aggregate(count())
        .print();
    };
    expect(() => graphOf(windowed(true))).not.toThrow();
    expect(refusal(windowed(false))).toContain('windows over event time need streams that have it');
  });
});

test('a side output is an edge with its tag', () => {
  const graph = graphOf(({ env, outputTag }) => {
    const odd = outputTag<number>('odd');
    const split = env.from([1]).process<number>(() => undefined);
    split.print('even');
    split
      .getSideOutput(odd)
      .map((n) => n)
      .print('odd');
  });
  expect(inputsOf(graph, 'Map')).toMatchObject([
    { source: nodeOf(graph, 'Process').id, sideOutput: 'odd' },
  ]);
  expect(inputsOf(graph, 'Sink: print even')[0]).not.toHaveProperty('sideOutput');
});

test('a tag needs a name', () => {
  expect(refusal(({ outputTag }) => outputTag(''))).toBe(
    'outputTag: the name is ""; give a text that is not empty',
  );
});

describe('a stream of another evaluation is refused', () => {
  const foreign = (): DataStream<number> => apiOf(newRecorder()).env.from([1]);
  const message = 'this stream belongs to another evaluation of the program';

  test.each<[string, (s: DataStream<number>) => unknown]>([
    ['by union', (s) => s.union(foreign())],
    [
      'by connect',
      (s) =>
        s.connect(foreign()).map(
          (a) => a,
          (b) => b,
        ),
    ],
    [
      'by a join',
      (s) => {
        const keyed = s
          .join(foreign())
          .where((a) => a)
          .equalTo((b) => b);
        const { tumbling } = apiOf(newRecorder());
        keyed.window(tumbling({ size: 5, time: 'processing' })).apply((a, b) => a + b);
      },
    ],
  ])('%s', (_, call) => {
    expect(refusal(({ env }) => call(env.from([1])))).toContain(message);
  });

  test('and leaves no trace in the job', () => {
    const recorder = newRecorder();
    const stream = apiOf(recorder).env.from([1]);
    expect(() =>
      stream.connect(foreign()).map(
        (a) => a,
        (b) => b,
      ),
    ).toThrow(message);
    stream.print();
    expect(recorder.build().graph.nodes).toHaveLength(2);
  });
});

test.each<[string, (s: DataStream<number>) => unknown, string]>([
  ['union', (s) => s.union([1] as never), 'one of the streams is an array; give a stream'],
  ['connect', (s) => s.connect(undefined as never), 'the other stream is undefined; give a stream'],
  ['join', (s) => s.join('b' as never), 'the other stream is "b"; give a stream'],
])('what is no stream is refused by %s', (_, call, message) => {
  expect(refusal(({ env }) => call(env.from([1])))).toContain(message);
});
