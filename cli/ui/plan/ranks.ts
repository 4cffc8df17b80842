// First step of the plan's layout: each node gets a rank, one more than its furthest input, and an edge over
// several ranks is cut into segments by dummies. All edges of one source share its dummies: they are drawn
// as one bus that branches. What is not a graph (an unknown end, a cycle) is left out, not trusted.

export interface Link {
  readonly from: number;
  readonly to: number;
}

/** Joins neighbouring ranks. */
export interface Segment extends Link {
  /** Positions, in the given edges, of those that run through it. */
  readonly edges: readonly number[];
}

export interface Ranked {
  /** Real nodes first, in their order, then the dummies. */
  readonly ranks: readonly number[];
  readonly realNodes: number;
  readonly layers: readonly (readonly number[])[];
  readonly segments: readonly Segment[];
}

export function rankGraph(nodes: number, links: readonly Link[]): Ranked {
  const drawn = withoutCycles(nodes, links);
  const ranks = longestPaths(nodes, drawn);
  pullSources(ranks, drawn);
  const segments = cutEdges(ranks, links, new Set(drawn));
  const layers: number[][] = [];
  ranks.forEach((rank, node) => {
    while (layers.length <= rank) layers.push([]);
    layers[rank]?.push(node);
  });
  return { ranks, realNodes: nodes, layers, segments };
}

function withoutCycles(nodes: number, links: readonly Link[]): readonly Link[] {
  const usable = links.filter(
    ({ from, to }) => from !== to && isNode(from, nodes) && isNode(to, nodes),
  );
  const outgoing = groupBySource(nodes, usable);
  const state = new Uint8Array(nodes);
  const backwards = new Set<Link>();
  for (let root = 0; root < nodes; root++) {
    if (state[root] === 0) markBackEdges(root, outgoing, state, backwards);
  }
  return usable.filter((link) => !backwards.has(link));
}

const ON_PATH = 1;
const DONE = 2;

function markBackEdges(
  root: number,
  outgoing: readonly (readonly Link[])[],
  state: Uint8Array,
  backwards: Set<Link>,
): void {
  const path = [{ node: root, next: 0 }];
  state[root] = ON_PATH;
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const link = outgoing[top.node]?.[top.next++];
    if (link === undefined) {
      state[top.node] = DONE;
      path.pop();
    } else if (state[link.to] === ON_PATH) {
      backwards.add(link);
    } else if (state[link.to] === 0) {
      state[link.to] = ON_PATH;
      path.push({ node: link.to, next: 0 });
    }
  }
}

function longestPaths(nodes: number, links: readonly Link[]): number[] {
  const ranks = new Array<number>(nodes).fill(0);
  const outgoing = groupBySource(nodes, links);
  const waiting = new Array<number>(nodes).fill(0);
  for (const { to } of links) waiting[to] = (waiting[to] ?? 0) + 1;
  const ready = waiting.flatMap((inputs, node) => (inputs === 0 ? [node] : []));
  for (const node of ready) {
    for (const { to } of outgoing[node] ?? []) {
      ranks[to] = Math.max(ranks[to] ?? 0, (ranks[node] ?? 0) + 1);
      const left = (waiting[to] ?? 0) - 1;
      waiting[to] = left;
      if (left === 0) ready.push(to);
    }
  }
  return ranks;
}

/** A node without inputs moves right before the first that reads it, which shortens its edges. */
function pullSources(ranks: number[], links: readonly Link[]): void {
  const hasInput = new Set(links.map(({ to }) => to));
  const nearest = new Map<number, number>();
  for (const { from, to } of links) {
    if (hasInput.has(from)) continue;
    nearest.set(from, Math.min(nearest.get(from) ?? Number.POSITIVE_INFINITY, ranks[to] ?? 0));
  }
  for (const [node, rank] of nearest) ranks[node] = Math.max(0, rank - 1);
}

/** Appends the dummies to `ranks`. */
function cutEdges(
  ranks: number[],
  links: readonly Link[],
  drawn: ReadonlySet<Link>,
): readonly Segment[] {
  const segments = new Map<string, { from: number; to: number; edges: number[] }>();
  const dummies = new Map<string, number>();
  links.forEach((link, edge) => {
    if (!drawn.has(link)) return;
    let from = link.from;
    for (let rank = (ranks[link.from] ?? 0) + 1; rank <= (ranks[link.to] ?? 0); rank++) {
      const to = rank === ranks[link.to] ? link.to : dummyOf(link.from, rank, dummies, ranks);
      const key = `${from} ${to}`;
      const segment = segments.get(key) ?? { from, to, edges: [] };
      segment.edges.push(edge);
      segments.set(key, segment);
      from = to;
    }
  });
  return [...segments.values()];
}

function dummyOf(
  source: number,
  rank: number,
  dummies: Map<string, number>,
  ranks: number[],
): number {
  const key = `${source} ${rank}`;
  const known = dummies.get(key);
  if (known !== undefined) return known;
  dummies.set(key, ranks.length);
  ranks.push(rank);
  return ranks.length - 1;
}

function groupBySource(nodes: number, links: readonly Link[]): readonly (readonly Link[])[] {
  const groups: Link[][] = Array.from({ length: nodes }, () => []);
  for (const link of links) groups[link.from]?.push(link);
  return groups;
}

function isNode(index: number, nodes: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < nodes;
}
