// A StreamGraph as something to walk: nodes by id, edges by both ends, operators in an order in which
// every one comes after its inputs. Making it proves that the graph is one: ids are unique, edges have
// both ends, nothing feeds itself.

import { must } from '../core/assert.ts';
import {
  describeNode,
  InvalidStreamGraph,
  type NodeId,
  type StreamEdge,
  type StreamGraph,
  type StreamNode,
} from './stream-graph.ts';

export interface Topology {
  /** Inputs before what they feed; among those that could come next, the one with the lowest id. */
  readonly nodes: readonly StreamNode[];
  node(id: NodeId): StreamNode;
  /** In the order in which the program made them. */
  inEdges(id: NodeId): readonly StreamEdge[];
  /** In the order in which the program made them. */
  outEdges(id: NodeId): readonly StreamEdge[];
}

/** @throws InvalidStreamGraph when ids are used twice, an edge ends nowhere, or edges form a cycle. */
export function topologyOf(graph: StreamGraph): Topology {
  const byId = nodesById(graph.nodes);
  const ins = new Map<NodeId, StreamEdge[]>(graph.nodes.map((node) => [node.id, []]));
  const outs = new Map<NodeId, StreamEdge[]>(graph.nodes.map((node) => [node.id, []]));
  for (const edge of inOrder(graph.edges)) {
    listOf(ins, edge.target, edge).push(edge);
    listOf(outs, edge.source, edge).push(edge);
  }
  const inEdges = (id: NodeId): readonly StreamEdge[] => ins.get(id) ?? [];
  const outEdges = (id: NodeId): readonly StreamEdge[] => outs.get(id) ?? [];
  const node = (id: NodeId): StreamNode => must(byId.get(id), `operator ${id}`);
  return { nodes: sorted(graph.nodes, node, inEdges, outEdges), node, inEdges, outEdges };
}

function nodesById(nodes: readonly StreamNode[]): ReadonlyMap<NodeId, StreamNode> {
  const byId = new Map<NodeId, StreamNode>();
  const byUid = new Map<string, StreamNode>();
  for (const node of nodes) {
    const same = byId.get(node.id);
    if (same !== undefined) {
      throw new InvalidStreamGraph(
        'duplicate',
        `${describeNode(same)} and ${describeNode(node)} have one id, ${node.id}`,
      );
    }
    const namesake = byUid.get(node.uid);
    if (namesake !== undefined) {
      throw new InvalidStreamGraph(
        'duplicate',
        `${describeNode(namesake)} and ${describeNode(node)} have one uid, ${JSON.stringify(node.uid)}; ` +
          'give one of them another with .uid()',
      );
    }
    byId.set(node.id, node);
    byUid.set(node.uid, node);
  }
  return byId;
}

function inOrder(edges: readonly StreamEdge[]): readonly StreamEdge[] {
  const ordered = edges.toSorted((a, b) => a.id - b.id);
  for (const [i, edge] of ordered.entries()) {
    if (ordered[i + 1]?.id === edge.id)
      throw new InvalidStreamGraph('duplicate', `two edges have one id, ${edge.id}`);
  }
  return ordered;
}

function listOf(
  lists: ReadonlyMap<NodeId, StreamEdge[]>,
  end: NodeId,
  edge: StreamEdge,
): StreamEdge[] {
  const list = lists.get(end);
  if (list !== undefined) return list;
  throw new InvalidStreamGraph(
    'dangling-edge',
    `edge ${edge.id} leads from operator ${edge.source} to operator ${edge.target}, and there is no operator ${end}`,
  );
}

function sorted(
  nodes: readonly StreamNode[],
  node: (id: NodeId) => StreamNode,
  inEdges: (id: NodeId) => readonly StreamEdge[],
  outEdges: (id: NodeId) => readonly StreamEdge[],
): readonly StreamNode[] {
  const awaited = new Map(nodes.map(({ id }) => [id, inEdges(id).length]));
  const ready = nodes.filter(({ id }) => inEdges(id).length === 0);
  const order: StreamNode[] = [];
  while (ready.length > 0) {
    ready.sort((a, b) => b.id - a.id);
    const next = ready.pop() as StreamNode;
    order.push(next);
    for (const { target } of outEdges(next.id)) {
      const left = (awaited.get(target) ?? 0) - 1;
      awaited.set(target, left);
      if (left === 0) ready.push(node(target));
    }
  }
  const stuck = nodes.find(({ id }) => (awaited.get(id) ?? 0) > 0);
  if (order.length < nodes.length && stuck !== undefined)
    throw new InvalidStreamGraph('cycle', `${describeNode(stuck)} is fed by its own output`);
  return order;
}
