import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../engine/core/byte-buffer.ts';
import { operatorIdOf } from '../../engine/core/ids.ts';
import { limits } from '../../engine/core/limits.ts';
import { ValueReader } from '../../engine/core/value-reader.ts';
import type { OperatorKind, Origin } from '../../engine/graph/stream-graph.ts';
import { encodeCollection } from '../../engine/program/collection.ts';
import { GraphRecorder, type RecorderOptions } from '../../engine/program/graph-recorder.ts';

const cellOf = (index: number, title: string) => ({ index, title, declarations: [], options: {} });

/** A recorder whose target is cell 1, "Late", of two, and what tests say about where the caller stands. */
class Bench {
  origin: Origin | undefined;
  readonly recorder: GraphRecorder;

  constructor(options: Partial<RecorderOptions> = {}) {
    this.recorder = new GraphRecorder({
      bundle: {
        cell: { index: 1, title: 'Late' },
        cells: [cellOf(0, 'Flights'), cellOf(1, 'Late')],
      },
      surroundings: { parameters: {} },
      origin: () => this.origin,
      ...options,
    });
  }

  at(cell: string, variable: string, line: number): this {
    this.origin = { cell, variable, line, column: 1 };
    return this;
  }

  node(kind: OperatorKind, ...from: number[]): number {
    const functions = kind === 'map' || kind === 'filter' ? { [kind]: () => true } : {};
    const id = this.recorder.addNode({ kind, name: kind, params: {}, functions });
    for (const source of from) this.recorder.addEdge({ source, target: id, input: 0 });
    return id;
  }

  uids(): string[] {
    return this.recorder.build().graph.nodes.map(({ uid }) => uid);
  }
}

describe('the graph', () => {
  test('numbers operators and edges in the order of their making, and names functions by slot', () => {
    const bench = new Bench();
    const { recorder } = bench;
    const map = (x: unknown) => x;
    const source = recorder.addNode({
      kind: 'source',
      name: 'csv',
      params: { a: 1 },
      functions: {},
      parallelism: 1,
    });
    const mapped = recorder.addNode({ kind: 'map', name: 'map', params: {}, functions: { map } });
    recorder.addEdge({
      source,
      target: mapped,
      input: 0,
      partitioner: { kind: 'hash' },
      functions: { key: map },
    });
    const sink = bench.node('sink', mapped);
    const { graph, functions } = recorder.build();
    expect(graph.nodes.map(({ id }) => id)).toEqual([source, mapped, sink]);
    expect([source, mapped, sink]).toEqual([1, 2, 3]);
    expect(graph.nodes[0]).toEqual({
      ...{
        id: 1,
        kind: 'source',
        name: 'csv',
        params: { a: 1 },
        functions: [],
        chaining: 'always',
      },
      ...{ uid: 'Late/source-1', operatorId: operatorIdOf('Late/source-1'), parallelism: 1 },
    });
    expect(graph.edges).toEqual([
      { id: 1, source: 1, target: 2, input: 0, partitioner: { kind: 'hash' } },
      { id: 2, source: 2, target: 3, input: 0 },
    ]);
    expect([...functions]).toEqual([
      ['2.map', map],
      ['e1.key', map],
    ]);
  });

  test('takes what is said of an operator later', () => {
    const bench = new Bench();
    const { recorder } = bench;
    const [source, more] = [bench.node('source'), (x: unknown) => x];
    recorder.change(source, { name: 'renamed', uid: 'mine', parallelism: 4, chaining: 'never' });
    recorder.change(source, { params: { late: 5 }, functions: { b: more, a: more } });
    recorder.change(source, { name: 'again' });
    bench.node('sink', source);
    const { graph, functions } = recorder.build();
    expect(graph.nodes[0]).toMatchObject({
      ...{ name: 'again', uid: 'mine', operatorId: operatorIdOf('mine'), parallelism: 4 },
      ...{ chaining: 'never', params: { late: 5 }, functions: ['a', 'b'] },
    });
    expect(functions.get('1.b')).toBe(more);
  });

  test('is named by its cell, or as the program says', () => {
    const { recorder } = new Bench();
    expect(recorder.build().graph.name).toBe('Late');
    recorder.nameJob('mine');
    expect(recorder.build().graph.name).toBe('mine');
  });

  test('holds the last setting of each key, and the parameters asked for', () => {
    const { recorder } = new Bench({ surroundings: { parameters: { speed: '9', other: 'x' } } });
    recorder.configure({ a: '1', b: '2' });
    recorder.configure({ b: '3' });
    expect([
      recorder.param('speed', 1),
      recorder.param('size', 5),
      recorder.param('constructor', 0),
    ]).toEqual(['9', undefined, undefined]);
    expect(recorder.build().graph).toMatchObject({
      configuration: { a: '1', b: '3' },
      parameters: { speed: '9', size: 5, constructor: 0 },
    });
  });

  test('refuses operators that were never recorded', () => {
    const bench = new Bench();
    expect(() => bench.recorder.change(1, { name: 'x' })).toThrow('operator 1 of 0');
    expect(() => bench.node('map', 7)).toThrow('operator 7 of 1');
  });
});

describe('sinks', () => {
  test('of other cells are dropped, and what leads only to them', () => {
    const bench = new Bench();
    bench.recorder.enterCell(0);
    const source = bench.node('source');
    bench.node('sink', bench.node('filter', source));
    const shared = bench.node('map', source);
    bench.recorder.enterCell(1);
    const unread = bench.node('source');
    bench.node('map', unread, shared);
    bench.node('sink', shared);
    const { graph, functions } = bench.recorder.build();
    expect(graph.nodes.map(({ id }) => id)).toEqual([1, 4, 7]);
    expect(graph.edges.map((edge) => [edge.source, edge.target])).toEqual([
      [1, 4],
      [4, 7],
    ]);
    expect([...functions.keys()]).toEqual(['4.map']);
  });

  test('keep all that leads to them, over any number of inputs, once', () => {
    const bench = new Bench();
    const [a, b, c] = [bench.node('source'), bench.node('source'), bench.node('source')];
    const left = bench.node('map', a, b);
    bench.node('sink', bench.node('filter', left, a), c);
    bench.node('sink', left);
    expect(bench.recorder.build().graph.nodes).toHaveLength(7);
    expect(bench.recorder.hasSink).toBe(true);
  });

  test('are none while only other cells have some', () => {
    const bench = new Bench();
    bench.recorder.enterCell(0);
    bench.node('sink', bench.node('source'));
    expect(bench.recorder.hasSink).toBe(false);
    expect(bench.recorder.build().graph).toMatchObject({ nodes: [], edges: [] });
  });
});

describe('uids', () => {
  /** source → the kinds in order → sink, all in the declaration `late`. */
  const chain = (kinds: readonly OperatorKind[]): string[] => {
    const bench = new Bench().at('Late', 'late', 5);
    let last = bench.node('source');
    for (const kind of kinds) last = bench.node(kind, last);
    bench.at('Late', '', 9).node('sink', last);
    return bench.uids();
  };

  test('come from cell, declaration, kind and ordinal', () => {
    expect(chain(['map', 'filter', 'map'])).toEqual([
      ...['Late/late/source-1', 'Late/late/map-1', 'Late/late/filter-1', 'Late/late/map-2'],
      'Late/sink-1',
    ]);
  });

  test('an operator put in shifts only those of its kind behind it', () => {
    const before = chain(['map', 'keyed-fold', 'map']);
    const after = chain(['map', 'filter', 'keyed-fold', 'map']);
    expect(after.filter((uid) => !before.includes(uid))).toEqual(['Late/late/filter-1']);
    expect(before.every((uid) => after.includes(uid))).toBe(true);
  });

  test('count for each declaration and cell apart', () => {
    const bench = new Bench();
    const a = bench.at('Flights', 'flights', 1).node('source');
    const b = bench.at('Late', 'late', 5).node('map', a);
    const c = bench.at('Late', 'later', 6).node('map', b);
    bench.node('sink', bench.node('map', c));
    expect(bench.uids()).toEqual([
      ...['Flights/flights/source-1', 'Late/late/map-1', 'Late/later/map-1', 'Late/later/map-2'],
      'Late/later/sink-1',
    ]);
  });

  test('of the program win, and leave the others as they are', () => {
    const uids = (explicit: boolean): string[] => {
      const bench = new Bench().at('Late', 'late', 5);
      const first = bench.node('filter', bench.node('source'));
      if (explicit) bench.recorder.change(first, { uid: 'mine' });
      bench.node('sink', bench.node('filter', first));
      return bench.uids();
    };
    expect(uids(true)).toEqual(uids(false).with(1, 'mine'));
  });

  test('of two operators that are equal are an error with both lines', () => {
    const bench = new Bench();
    const source = bench.at('Flights', 'flights', 3).node('source');
    const map = bench.at('Late', 'late', 12).node('map', source);
    bench.recorder.change(source, { uid: 'same' });
    bench.recorder.change(map, { uid: 'same' });
    bench.node('sink', map);
    expect(() => bench.recorder.build()).toThrow(
      expect.objectContaining({
        reason: 'duplicate-uid',
        message: expect.stringMatching(/"same".*cell "Flights", line 3.*cell "Late", line 12/),
        origin: expect.objectContaining({ line: 12 }),
      }),
    );
  });

  test('that are equal matter only among operators of the job', () => {
    const bench = new Bench();
    const [source, unread] = [bench.node('source'), bench.node('source')];
    bench.recorder.change(source, { uid: 'same' });
    bench.recorder.change(unread, { uid: 'same' });
    bench.node('sink', source);
    expect(bench.uids()).toEqual(['same', 'Late/sink-1']);
  });

  test('of operators that were made in no known place are the current cell’s', () => {
    const bench = new Bench();
    bench.recorder.enterCell(0);
    const source = bench.node('source');
    bench.recorder.enterCell(1);
    bench.origin = { cell: '', variable: '', line: 4, column: 2 };
    bench.node('sink', source);
    expect(bench.uids()).toEqual(['Flights/source-1', 'Late/sink-1']);
    expect(bench.recorder.origin()).toEqual({ cell: 'Late', variable: '', line: 4, column: 2 });
  });
});

describe('collections', () => {
  const read = (bytes: Uint8Array, count: number): unknown[] => {
    const reader = new ValueReader(new ByteReader(bytes));
    return Array.from({ length: count }, () => reader.read());
  };

  test('are kept under the key of their content', () => {
    const { recorder } = new Bench();
    const values = [{ a: 1 }, { a: Number.NaN }, undefined, 'x'];
    const { key, count } = recorder.blob(values);
    const source = recorder.addNode({
      kind: 'source',
      name: 'c',
      params: { blob: key },
      functions: {},
    });
    recorder.blob(['read by nobody']);
    const sink = recorder.addNode({ kind: 'sink', name: 's', params: {}, functions: {} });
    recorder.addEdge({ source, target: sink, input: 0 });
    const { blobs, graph } = recorder.build();
    expect([...blobs.keys()]).toEqual([key]);
    expect(read(blobs.get(key) ?? new Uint8Array(), count)).toEqual(values);
    expect(graph.collections).toHaveLength(2);
    expect(graph.collections?.[0]).toEqual({ key, count: 4 });
    expect(new Bench().recorder.blob(new Set(values)).key).toBe(key);
  });

  test('in a slot are those that the program had, and their iterables are not touched', () => {
    const untouched = {
      [Symbol.iterator]() {
        throw new Error('drained');
      },
    };
    const collections = [{ ...new Bench().recorder.blob([1]) }];
    const { recorder } = new Bench({ collections });
    expect(recorder.blob(untouched)).toEqual(collections[0]);
    expect(recorder.blob(untouched)).toEqual({ key: '', count: 0 });
    expect(recorder.build().blobs.size).toBe(0);
  });

  test('without an end, or too large, are refused, and closed', () => {
    let isClosed = false;
    function* endless(): Iterable<string> {
      try {
        for (;;) yield 'x'.repeat(1_000);
      } finally {
        isClosed = true;
      }
    }
    expect(() => encodeCollection(endless(), 10_000)).toThrow(
      /^from\(\): 10 values take \d+ bytes, and 10000 is/,
    );
    expect(isClosed).toBe(true);
    expect(() => new Bench().recorder.blob(endless())).toThrow(String(limits.collectionBytesMax));
    expect(encodeCollection(['x'.repeat(9_000)], 10_000).count).toBe(1);
  });

  test('with a value that cannot travel are refused with its number', () => {
    expect(() => encodeCollection([1, { f: () => 1 }])).toThrow(
      expect.objectContaining({
        message: 'from(): value 1 cannot travel with the job',
        cause: expect.objectContaining({ path: '.f' }),
      }),
    );
  });
});
