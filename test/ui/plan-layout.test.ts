import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobModel } from '../../cli/model/cluster-model.ts';
import { analyse, type Direction, type Layout, layOut } from '../../cli/ui/plan/layout.ts';
import { countCrossings, orderLayers } from '../../cli/ui/plan/order.ts';
import { planLayout } from '../../cli/ui/plan/plan-layout.ts';
import { type Link, rankGraph } from '../../cli/ui/plan/ranks.ts';
import { diamondJob, edge, flightsJob, job, vertex } from './fixtures.ts';

/** Any edges among up to `nodes` nodes: cycles, self loops and unknown ends included. */
const anyGraph = fc.integer({ min: 1, max: 14 }).chain((nodes) =>
  fc.record({
    nodes: fc.constant(nodes),
    links: fc.array(
      fc.record({
        from: fc.integer({ min: -1, max: nodes }),
        to: fc.integer({ min: -1, max: nodes }),
      }),
      { maxLength: 24 },
    ),
  }),
);

const acyclic = anyGraph.map(({ nodes, links }) => ({
  nodes,
  links: links.filter(({ from, to }) => from >= 0 && to < nodes && from < to),
}));

/** Fourteen nodes with enough edges to get in each other's way. */
const dense = fc
  .array(fc.tuple(fc.nat(13), fc.nat(13)), { minLength: 14, maxLength: 22 })
  .map((pairs) => ({
    nodes: 14,
    links: pairs
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  }));

describe('ranks', () => {
  test('every edge of a graph without cycles goes forward, one rank per segment', () => {
    fc.assert(
      fc.property(acyclic, ({ nodes, links }) => {
        const { ranks, segments } = rankGraph(nodes, links);
        for (const { from, to } of segments) {
          expect((ranks[to] ?? 0) - (ranks[from] ?? 0)).toBe(1);
        }
        const drawn = new Set(segments.flatMap(({ edges }) => edges));
        expect(drawn.size).toBe(links.length);
      }),
    );
  });

  test('what is no graph is drawn without the edges that make it none', () => {
    const links = [
      { from: 0, to: 1 },
      { from: 1, to: 0 },
      { from: 1, to: 1 },
      { from: 1, to: 9 },
    ];
    expect(rankGraph(2, links).segments).toEqual([{ from: 0, to: 1, edges: [0] }]);
  });

  test('the edges of one source share their dummies', () => {
    const chain = [1, 2, 3, 4].map((to) => ({ from: to - 1, to }));
    const long = [
      { from: 0, to: 3 },
      { from: 0, to: 4 },
    ];
    const { ranks, realNodes } = rankGraph(5, [...chain, ...long]);
    // Ranks 1, 2 and 3: not twice.
    expect(ranks.length - realNodes).toBe(3);
  });
});

describe('order', () => {
  test('is never worse than the one given', () => {
    fc.assert(
      fc.property(anyGraph, ({ nodes, links }) => {
        const ranked = rankGraph(nodes, links);
        const before = countCrossings(ranked.layers, ranked.segments);
        expect(countCrossings(orderLayers(ranked), ranked.segments)).toBeLessThanOrEqual(before);
      }),
    );
  });

  test('removes three crossings of four from plans of a dozen vertices', () => {
    const plans = fc.sample(dense, { numRuns: 100, seed: 1 });
    let before = 0;
    let after = 0;
    for (const { nodes, links } of plans) {
      const ranked = rankGraph(nodes, links);
      before += countCrossings(ranked.layers, ranked.segments);
      after += countCrossings(orderLayers(ranked), ranked.segments);
    }
    expect(before).toBeGreaterThan(100);
    expect(after / before).toBeLessThan(0.25);
  });

  test('a tree, given in a bad order, is drawn without crossings', () => {
    const links = [
      { from: 0, to: 2 },
      { from: 1, to: 3 },
      { from: 2, to: 7 },
      { from: 3, to: 4 },
      { from: 3, to: 6 },
      { from: 2, to: 5 },
    ];
    const ranked = rankGraph(8, links);
    expect(countCrossings(ranked.layers, ranked.segments)).toBeGreaterThan(0);
    expect(countCrossings(orderLayers(ranked), ranked.segments)).toBe(0);
  });
});

describe('layout', () => {
  const sizes = [
    { width: 26, height: 5 },
    { width: 24, height: 3 },
    { width: 16, height: 1 },
  ];
  const anyLayout = fc.record({
    graph: anyGraph,
    size: fc.constantFrom(...sizes),
    direction: fc.constantFrom<Direction>('right', 'down'),
    channel: fc.constantFrom(2, 4, 18),
  });
  const laidOut = (nodes: number, links: readonly Link[], direction: Direction = 'right'): Layout =>
    layOut(analyse(nodes, links), direction, { width: 26, height: 5 }, 18);

  test('boxes lie apart and inside, for any graph', () => {
    fc.assert(
      fc.property(anyLayout, ({ graph, size, direction, channel }) => {
        const layout = layOut(analyse(graph.nodes, graph.links), direction, size, channel);
        expect(layout.boxes).toHaveLength(graph.nodes);
        layout.boxes.forEach((a, i) => {
          expect(a.x).toBeGreaterThanOrEqual(0);
          expect(a.y).toBeGreaterThanOrEqual(0);
          expect(a.x + a.width).toBeLessThanOrEqual(layout.width);
          expect(a.y + a.height).toBeLessThanOrEqual(layout.height);
          for (const b of layout.boxes.slice(i + 1)) {
            const isApart =
              a.x + a.width <= b.x ||
              b.x + b.width <= a.x ||
              a.y + a.height <= b.y ||
              b.y + b.height <= a.y;
            expect(isApart).toBe(true);
          }
        });
      }),
    );
  });

  test('wires run straight along one axis at a time and never through a box', () => {
    fc.assert(
      fc.property(anyLayout, ({ graph, size, direction, channel }) => {
        const layout = layOut(analyse(graph.nodes, graph.links), direction, size, channel);
        for (const [a, b] of layout.wires.flatMap(({ points }) => pairsOf(points))) {
          expect(a.x === b.x || a.y === b.y).toBe(true);
          for (const box of layout.boxes) expect(crossesInside(box, a, b)).toBe(false);
        }
      }),
    );
  });

  test('a chain is a straight line', () => {
    for (const direction of ['right', 'down'] as const) {
      const { wires } = laidOut(
        4,
        [0, 1, 2].map((from) => ({ from, to: from + 1 })),
        direction,
      );
      for (const { points } of wires) expect(points).toHaveLength(2);
    }
  });

  test('inputs that meet in one box enter it at ports of their own', () => {
    const { wires } = laidOut(3, [
      { from: 0, to: 2 },
      { from: 1, to: 2 },
    ]);
    const ends = wires.map(({ points }) => points.at(-1)?.y);
    expect(new Set(ends).size).toBe(2);
  });

  test('wires lie on each other only where they come from one box or go into one', () => {
    fc.assert(
      fc.property(
        fc.oneof(acyclic, dense),
        fc.constantFrom<Direction>('right', 'down'),
        (graph, direction) => {
          const { wires } = laidOut(graph.nodes, graph.links, direction);
          const taken = new Map<string, { source: number | undefined; end: string }>();
          for (const { points, edges } of wires) {
            const source = graph.links[edges[0] ?? -1]?.from;
            const end = JSON.stringify(points.at(-1));
            for (const cell of cellsOf(points)) {
              const other = taken.get(cell) ?? { source, end };
              expect(other.source === source || other.end === end, cell).toBe(true);
              taken.set(cell, { source, end });
            }
          }
        },
      ),
      // Of one seed: a ring of sources that must all precede each other has no drawing without an overlap.
      { numRuns: 300, seed: 1 },
    );
  });
});

describe('the way a plan is drawn', () => {
  const modeAt = (of: JobModel, width: number, height: number): string => {
    const { mode, direction } = planLayout(of, width, height);
    return `${mode} ${direction}`;
  };

  test('is chosen by the space', () => {
    expect(modeAt(flightsJob(), 160, 20)).toBe('boxes right');
    expect(modeAt(flightsJob(), 70, 30)).toBe('boxes down');
    expect(modeAt(flightsJob(), 70, 16)).toBe('small down');
    expect(modeAt(diamondJob(), 84, 8)).toBe('small right');
    expect(modeAt(flightsJob(), 64, 5)).toBe('chips right');
  });

  test('does not change with the figures', () => {
    expect(planLayout(flightsJob(1), 90, 30)).toBe(planLayout(flightsJob(2), 90, 30));
  });

  test('is found for a plan of 300 vertices', () => {
    const vertices = Array.from({ length: 300 }, (_, i) => vertex(`v${i}`, { parallelism: 1 }));
    const edges = vertices.slice(1).map(({ id }, i) => edge(`v${Math.floor(i / 2)}`, id));
    const layout = planLayout(job('tree', vertices, edges), 200, 60);
    expect(layout.mode).toBe('chips');
    expect(layout.boxes).toHaveLength(300);
  });
});

interface Place {
  readonly x: number;
  readonly y: number;
}

function crossesInside(
  box: { x: number; y: number; width: number; height: number },
  a: Place,
  b: Place,
): boolean {
  const [left, right] = [Math.min(a.x, b.x), Math.max(a.x, b.x)];
  const [top, bottom] = [Math.min(a.y, b.y), Math.max(a.y, b.y)];
  // A wire begins on its source's border; a chip is nothing but border.
  const inset = box.height < 3 ? 0 : 1;
  if (inset === 0) return false;
  return (
    left < box.x + box.width - inset &&
    right >= box.x + inset &&
    top < box.y + box.height - inset &&
    bottom >= box.y + inset
  );
}

function pairsOf(points: readonly Place[]): readonly (readonly [Place, Place])[] {
  return points.slice(1).map((b, i) => [points[i] ?? b, b]);
}

/** All but the corners and ends, where wires of one bus meet. */
function cellsOf(points: readonly Place[]): readonly string[] {
  return pairsOf(points).flatMap(([a, b]) => {
    const length = Math.abs(b.x - a.x) + Math.abs(b.y - a.y);
    const along = a.y === b.y ? 'h' : 'v';
    return Array.from({ length: Math.max(0, length - 1) }, (_, step) => {
      const share = (step + 1) / length;
      return `${along} ${a.x + (b.x - a.x) * share} ${a.y + (b.y - a.y) * share}`;
    });
  });
}
