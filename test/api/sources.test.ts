import { describe, expect, test } from 'vitest';
import type { StreamNode } from '../../engine/graph/stream-graph.ts';
import { type Api, build, graphOf, refusal } from './program.ts';

/** The one source of a program that prints it. */
function source(program: (api: Api) => { print(): unknown }): StreamNode {
  const graph = graphOf((api) => {
    program(api).print();
  });
  const found = graph.nodes.find(({ kind }) => kind === 'source');
  if (found === undefined) throw new Error('no source');
  return found;
}

describe('read', () => {
  test('names the files, their format, and nothing that was not said', () => {
    expect(source(({ env, lines }) => env.read(lines('logs/*.txt')))).toMatchObject({
      name: 'Source: *.txt',
      params: {
        connector: { name: 'files', options: { paths: 'logs/*.txt', format: { name: 'lines' } } },
        watermarks: null,
      },
      functions: [],
    });
  });

  test('keeps the columns of a csv schema in their order', () => {
    const { params } = source(({ env, csv }) =>
      env.read(
        csv(
          ['a.csv', 'b.csv.gz'],
          { time: 'local-time', delay: 'int?' },
          { delimiter: ';', onMalformed: 'skip' },
        ),
      ),
    );
    expect(params).toEqual({
      connector: {
        name: 'files',
        options: {
          paths: ['a.csv', 'b.csv.gz'],
          format: {
            name: 'csv',
            columns: [
              { name: 'time', type: 'local-time' },
              { name: 'delay', type: 'int?' },
            ],
            delimiter: ';',
            onMalformed: 'skip',
          },
        },
      },
      watermarks: null,
    });
  });

  test('follows', () => {
    const { params } = source(({ env, ndjson }) =>
      env.read(ndjson('log.ndjson'), { follow: true, startAt: 'end' }),
    );
    expect(params).toMatchObject({
      connector: { options: { follow: true, startAt: 'end', format: { name: 'ndjson' } } },
    });
  });

  test('in an order of its own has one subtask and the rank in a slot', () => {
    const node = source(({ env, csv }) =>
      env.read(csv('f.csv', { time: 'time', delay: 'int' }), { orderBy: (f) => f.time + f.delay }),
    );
    expect(node).toMatchObject({
      params: { ordered: true },
      functions: ['orderBy'],
      parallelism: 1,
      maxParallelism: 1,
    });
  });

  test.each<[string, (api: Api) => unknown, string]>([
    [
      'what is no format',
      ({ env }) => env.read('a.txt' as never),
      'read (cell "late", line 12): what to read is "a.txt"; give a format',
    ],
    ['no path', ({ env, lines }) => env.read(lines([])), 'there is no path'],
    ['an empty path', ({ env, lines }) => env.read(lines('')), 'a path is ""'],
    [
      'a column type that there is not',
      ({ env, csv }) => env.read(csv('f.csv', { time: 'timestamp' as never })),
      'csv column "time" has the unknown type "timestamp"',
    ],
    [
      'a start at the end of what is not followed',
      ({ env, lines }) => env.read(lines('a'), { startAt: 'end' }),
      'add follow: true',
    ],
    [
      'an order by no function',
      ({ env, lines }) => env.read(lines('a'), { orderBy: 'line' as never }),
      'orderBy is "line"; give a function',
    ],
    [
      'an order of what has no end',
      ({ env, lines }) => env.read(lines('a'), { follow: true, orderBy: (line) => line }),
      'orderBy needs all records',
    ],
  ])('refuses %s', (_, program, message) => {
    expect(refusal(program)).toContain(message);
  });
});

describe('from', () => {
  test('puts the values into a blob that travels with the job', () => {
    const { graph, blobs } = build(({ env }) => {
      env.from([1, 2, 3]).print();
    });
    const [key] = blobs.keys();
    expect(graph.nodes[0]).toMatchObject({
      name: 'Source: collection',
      params: { connector: { name: 'collection', options: { key, count: 3 } } },
      parallelism: 1,
      maxParallelism: 1,
    });
  });

  test('refuses what cannot be iterated over', () => {
    expect(refusal(({ env }) => env.from(3 as never))).toContain('the values are 3; give an array');
  });
});

describe('other sources', () => {
  test('a sequence has its bounds', () => {
    expect(source(({ env }) => env.fromSequence(-5, 10))).toMatchObject({
      params: { connector: { name: 'sequence', options: { from: -5, to: 10 } } },
    });
  });

  test('a generator has its function, count and rate', () => {
    const node = source(({ env }) => env.generate((i) => i, { count: 10, ratePerSecond: 2.5 }));
    expect(node).toMatchObject({
      params: { connector: { name: 'generator', options: { count: 10, ratePerSecond: 2.5 } } },
      functions: ['generate'],
    });
  });

  test('a socket has its address and one subtask', () => {
    const node = source(({ env }) => env.socket('localhost', 9999, { retries: 3 }));
    expect(node).toMatchObject({
      name: 'Source: socket localhost:9999',
      params: {
        connector: { name: 'socket', options: { host: 'localhost', port: 9999, retries: 3 } },
      },
      parallelism: 1,
      maxParallelism: 1,
    });
  });

  test.each<[string, (api: Api) => unknown, string]>([
    ['half numbers', ({ env }) => env.fromSequence(0.5, 2), 'the first number is 0.5'],
    ['no last number', ({ env }) => env.fromSequence(1, Number.NaN), 'the last number is NaN'],
    ['no host', ({ env }) => env.socket('', 1), 'the host is ""'],
    [
      'an empty delimiter',
      ({ env }) => env.socket('h', 1, { delimiter: '' }),
      'the delimiter is ""',
    ],
    ['negative retries', ({ env }) => env.socket('h', 1, { retries: -1 }), 'retries is -1'],
    ['a negative count', ({ env }) => env.generate((i) => i, { count: -1 }), 'count is -1'],
    [
      'a rate of 0',
      ({ env }) => env.generate((i) => i, { ratePerSecond: 0 }),
      'ratePerSecond is 0; give a number above 0',
    ],
    ['a port that there is not', ({ env }) => env.socket('h', 0), 'the port is 0; give a whole'],
    [
      'an async generator function',
      ({ env }) => env.generate(async (i) => i),
      'the generator is an async function, and records do not wait for promises',
    ],
  ])('refuse %s', (_, program, message) => {
    expect(refusal(program)).toContain(message);
  });

  test('with one subtask have one key group', () => {
    expect(refusal(({ env }) => env.socket('h', 1).setMaxParallelism(2))).toContain(
      'this operator has one: a socket cannot be split',
    );
  });

  test('with one subtask cannot have more', () => {
    expect(refusal(({ env }) => env.socket('h', 1).setParallelism(2))).toBe(
      'setParallelism (cell "late", line 12): 2 subtasks; this operator has one: a socket cannot be split',
    );
  });
});
