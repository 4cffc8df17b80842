import { describe, expect, test } from 'vitest';
import type { DataStream } from '../../engine/index.ts';
import { type Api, build, graphOf, refusal } from './program.ts';

interface Reading {
  readonly sensor: string;
}
const readings: readonly Reading[] = [{ sensor: 'a' }];

describe('a sink in the plan', () => {
  const sinks: readonly [string, (s: DataStream<Reading>, api: Api) => unknown, object][] = [
    [
      'print',
      (s) => s.print(),
      { name: 'Sink: print', params: { connector: { name: 'print', options: {} } } },
    ],
    [
      'print with a label',
      (s) => s.print('late'),
      {
        name: 'Sink: print late',
        params: { connector: { name: 'print', options: { label: 'late' } } },
      },
    ],
    ['collect', (s) => s.collect(), { params: { connector: { name: 'collect', options: {} } } }],
    [
      'collect with a name',
      (s) => s.collect('late'),
      {
        name: 'Sink: collect late',
        params: { connector: { name: 'collect', options: { name: 'late' } } },
      },
    ],
    [
      'discard',
      (s, { discard }) => s.sinkTo(discard()),
      { params: { connector: { name: 'discard', options: {} } } },
    ],
    [
      'socketSink',
      (s, { socketSink }) => s.sinkTo(socketSink('h', 7, { delimiter: ';' })),
      {
        name: 'Sink: socket h:7',
        params: { connector: { name: 'socket', options: { host: 'h', port: 7, delimiter: ';' } } },
      },
    ],
    [
      'files',
      (s, { files }) => s.sinkTo(files('out')),
      {
        name: 'Sink: files out',
        params: {
          connector: { name: 'files', options: { directory: 'out', format: { name: 'ndjson' } } },
        },
      },
    ],
    [
      'files of lines',
      (s, { files }) =>
        s.map((r) => r.sensor).sinkTo(files('out', { format: 'lines', suffix: '.log' })),
      {
        params: {
          connector: { name: 'files', options: { format: { name: 'lines' }, suffix: '.log' } },
        },
      },
    ],
    [
      'files of csv in buckets',
      (s, { files, minutes }) =>
        s.sinkTo(
          files('out', {
            format: 'csv',
            columns: ['sensor'],
            guardFormulas: true,
            prefix: 'readings',
            rollBytes: 1024,
            rollEvery: minutes(1),
            bucket: (r) => r.sensor,
          }),
        ),
      {
        params: {
          connector: {
            name: 'files',
            options: {
              directory: 'out',
              format: { name: 'csv', columns: ['sensor'], guardFormulas: true },
              prefix: 'readings',
              rollBytes: 1024,
              rollMs: 60_000,
              bucketed: true,
            },
          },
        },
        functions: ['bucket'],
      },
    ],
    [
      'a function',
      (s) => s.sinkTo(() => undefined),
      {
        name: 'Sink: own',
        params: { connector: { name: 'custom', options: {} } },
        functions: ['writer'],
      },
    ],
    ['an async function', (s) => s.sinkTo(async () => undefined), { functions: ['writer'] }],
    [
      'an object',
      (s) => s.sinkTo({ createWriter: () => ({ write: () => undefined }) }),
      { params: { connector: { name: 'custom', options: {} } }, functions: ['writer'] },
    ],
    [
      'an object that commits',
      (s) =>
        s.sinkTo({
          createWriter: () => ({ write: () => undefined, prepareCommit: () => [1] }),
          createCommitter: () => ({ commit: (_: number) => undefined }),
        }),
      { params: { connector: { name: 'custom', options: { commits: true } } } },
    ],
  ];
  test.each(sinks)('%s', (_, attach, expected) => {
    const graph = graphOf((api) => {
      attach(api.env.from(readings), api);
    });
    expect(graph.nodes.at(-1)).toMatchObject({ kind: 'sink', ...expected });
  });

  test.each<[string, (s: DataStream<Reading>, api: Api) => unknown, string]>([
    ['an empty label', (s) => s.print(''), 'print (cell "late", line 12): the label is ""'],
    ['an empty name', (s) => s.collect(''), 'the name is ""'],
    [
      'no sink',
      (s) => s.sinkTo(undefined as never),
      'sinkTo (cell "late", line 12): the sink is undefined; give an object with createWriter(…)',
    ],
    ['an object that is none', (s) => s.sinkTo({} as never), 'the sink has no createWriter'],
    ['no directory', (_, { files }) => files(''), 'files: the directory is ""'],
    [
      'a format that there is not',
      (_, { files }) => files('out', { format: 'xml' as never }),
      `the format is "xml"; give 'ndjson', 'lines' or 'csv'`,
    ],
    ['files of no bytes', (_, { files }) => files('out', { rollBytes: 0 }), 'rollBytes is 0'],
    ['files of no time', (_, { files }) => files('out', { rollEvery: 0 }), 'rollEvery is 0'],
    [
      'an async bucket',
      (_, { files }) => files('out', { bucket: (async () => 'a') as never }),
      'bucket is an async function',
    ],
    [
      'a port that there is not',
      (_, { socketSink }) => socketSink('h', 99_999),
      'socketSink: the port is 99999',
    ],
  ])('refuses %s', (_, attach, message) => {
    expect(refusal((api) => attach(api.env.from(readings), api))).toContain(message);
  });
});

test('a program without a sink is no job', () => {
  expect(() =>
    build(({ env }) => {
      env.from(readings).map((r) => r);
    }),
  ).toThrow('has no operators');
});
