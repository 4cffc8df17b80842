// Whatever a program builds, the translation loses nothing and invents nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Configuration } from '../../engine/core/configuration.ts';
import { operatorIdOf } from '../../engine/core/ids.ts';
import { type JobGraph, jobGraphOf } from '../../engine/graph/job-graph.ts';
import type { StreamEdge, StreamGraph, StreamNode } from '../../engine/graph/stream-graph.ts';

const configuration = new Configuration({ 'parallelism.default': 2 });

type NodeDraw = {
  readonly inputs: readonly number[];
  readonly isTwoInput: boolean;
  readonly partitioner: 'none' | 'hash' | 'rebalance' | 'global';
  readonly parallelism: number | undefined;
  readonly chaining: StreamNode['chaining'];
  readonly slotSharingGroup: string | undefined;
  readonly sideOutput: string | undefined;
};

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 1 });

const nodeDraw: fc.Arbitrary<NodeDraw> = fc.record({
  inputs: fc.array(fc.nat(), { maxLength: 2 }),
  isTwoInput: fc.boolean(),
  partitioner: fc.constantFrom('none', 'none', 'none', 'hash', 'rebalance', 'global'),
  parallelism: optional(fc.integer({ min: 1, max: 4 })),
  chaining: fc.constantFrom('always', 'always', 'always', 'head', 'never'),
  slotSharingGroup: optional(fc.constantFrom('default', 'heavy')),
  sideOutput: optional(fc.constant('late')),
});

/** Each operator is fed by earlier ones: 1, 2 of a union, or 2 inputs; without any it is a source. */
function graphOf(draws: readonly NodeDraw[], prefix = ''): StreamGraph {
  const inputs = draws.map((draw, i) => inputsOf(draw, i));
  const nodes = draws.map((draw, i) => nodeOf(draw, i, inputs[i] ?? [], `${prefix}${i}`));
  const edges = inputs.flat().map((edge, i) => ({ id: i + 1, ...edge }));
  return { name: 'random', nodes, edges, configuration: {}, parameters: {} };
}

type Input = Omit<StreamEdge, 'id'>;

function inputsOf(draw: NodeDraw, i: number): readonly Input[] {
  const sources = i === 0 ? [] : draw.inputs.map((input) => (input % i) + 1);
  const isTwoInput = draw.isTwoInput && sources.length === 2;
  const partitioner = draw.partitioner === 'none' ? undefined : { kind: draw.partitioner };
  const settings = defined({ partitioner, sideOutput: draw.sideOutput });
  return sources.map((source, n) => ({
    source,
    target: i + 1,
    input: isTwoInput && n === 1 ? 1 : 0,
    ...settings,
  }));
}

function nodeOf(draw: NodeDraw, i: number, inputs: readonly Input[], uid: string): StreamNode {
  const fed = inputs.some(({ input }) => input === 1) ? 'co-map' : 'map';
  return {
    id: i + 1,
    kind: inputs.length === 0 ? 'source' : fed,
    name: uid,
    uid,
    operatorId: operatorIdOf(uid),
    params: {},
    functions: [],
    chaining: draw.chaining,
    ...defined({ parallelism: draw.parallelism, slotSharingGroup: draw.slotSharingGroup }),
  };
}

/** Without the fields that are undefined. */
const defined = <T extends object>(fields: T): { [K in keyof T]: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

const draws = fc.array(nodeDraw, { minLength: 1, maxLength: 12 });

/** Every edge of a job, chained or not, as `source>target:input:sideOutput`. */
function drawnEdges(job: JobGraph): readonly string[] {
  const chained = job.vertices.flatMap(({ operators }) =>
    operators.flatMap(({ node, after, sideOutput }) =>
      after < 0 ? [] : [`${operators[after]?.node.uid}>${node.uid}:0:${sideOutput ?? ''}`],
    ),
  );
  const byId = new Map(job.vertices.map((vertex) => [vertex.id, vertex]));
  const others = job.edges.map((edge) => {
    const source = byId.get(edge.source)?.operators[edge.from]?.node.uid;
    const target = byId.get(edge.target)?.operators[0]?.node.uid;
    return `${source}>${target}:${edge.input}:${edge.sideOutput ?? ''}`;
  });
  return sorted([...chained, ...others]);
}

describe('of any graph', () => {
  test('every operator is in exactly one vertex', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const job = jobGraphOf(graphOf(drawn), configuration);
        const ids = job.vertices.flatMap(({ operators }) => operators.map(({ node }) => node.id));
        expect(ids.toSorted((a, b) => a - b)).toEqual(drawn.map((_, i) => i + 1));
      }),
    );
  });

  test('every edge is there once, inside a chain or between two', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const graph = graphOf(drawn);
        const expected = graph.edges.map(
          (e) => `${e.source - 1}>${e.target - 1}:${e.input}:${e.sideOutput ?? ''}`,
        );
        expect(drawnEdges(jobGraphOf(graph, configuration))).toEqual(sorted(expected));
      }),
    );
  });

  test('a chain is a tree of one-to-one edges, all of one parallelism and one slot sharing group', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const graph = graphOf(drawn);
        for (const { operators, parallelism, slotSharingGroup } of jobGraphOf(graph, configuration)
          .vertices) {
          for (const [i, { node, after }] of operators.entries()) {
            expect(after).toBeLessThan(i);
            expect(node.parallelism ?? parallelism).toBe(parallelism);
            expect(node.slotSharingGroup ?? slotSharingGroup).toBe(slotSharingGroup);
            if (i === 0) continue;
            const ins = graph.edges.filter(({ target }) => target === node.id);
            expect(ins).toHaveLength(1);
            expect(ins[0]?.partitioner).toBeUndefined();
            expect(ins[0]?.source).toBe(operators[after]?.node.id);
            expect(node.chaining).toBe('always');
          }
        }
      }),
    );
  });

  test('an edge that is not chained leads to the head of its vertex and says why', () => {
    fc.assert(
      fc.property(draws, (drawn) => {
        const graph = graphOf(drawn);
        const job = jobGraphOf(graph, configuration);
        for (const edge of job.edges) {
          const original = graph.edges.find(({ id }) => id === edge.id);
          const target = job.vertices.find(({ id }) => id === edge.target);
          expect(target?.operators[0]?.node.id).toBe(original?.target);
          expect(edge.unchained).not.toBe('');
        }
      }),
    );
  });

  test('vertices keep their ids, and all else, when unrelated operators come and go before them', () => {
    fc.assert(
      fc.property(draws, draws, (drawn, others) => {
        const graph = graphOf(drawn);
        const unrelated = graphOf(others, 'other ');
        const together: StreamGraph = {
          ...graph,
          nodes: [...unrelated.nodes, ...graph.nodes.map((node) => shifted(node, others.length))],
          edges: [
            ...unrelated.edges,
            ...graph.edges.map((edge) => ({
              ...edge,
              id: edge.id + unrelated.edges.length,
              source: edge.source + others.length,
              target: edge.target + others.length,
            })),
          ],
        };
        const alone = jobGraphOf(graph, configuration).vertices;
        const among = jobGraphOf(together, configuration).vertices;
        for (const vertex of alone) {
          const same = among.find(({ id }) => id === vertex.id);
          expect(same).toEqual({
            ...vertex,
            operators: vertex.operators.map((operator) => ({
              ...operator,
              node: shifted(operator.node, others.length),
            })),
          });
        }
      }),
    );
  });

  test('the order in which nodes and edges are listed is of no account', () => {
    const shuffled = draws.chain((drawn) => {
      const graph = graphOf(drawn);
      const all = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
        fc.shuffledSubarray([...list], { minLength: list.length });
      return fc.tuple(fc.constant(graph), all(graph.nodes), all(graph.edges));
    });
    fc.assert(
      fc.property(shuffled, ([graph, nodes, edges]) => {
        expect(jobGraphOf({ ...graph, nodes, edges }, configuration)).toEqual(
          jobGraphOf(graph, configuration),
        );
      }),
    );
  });
});

const sorted = (texts: readonly string[]): readonly string[] =>
  texts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));

const shifted = (node: StreamNode, by: number): StreamNode => ({ ...node, id: node.id + by });
