// What is deployed: vertices, each a chain of operators that run in one task, and the edges between them.
// Made from the StreamGraph and the job's configuration alone; the same two give the same JobGraph. Names
// and descriptions are written as Flink writes them, for its clients parse and show them.

import { must } from '../core/assert.ts';
import type { Configuration } from '../core/configuration.ts';
import { type VertexId, vertexIdOf } from '../core/ids.ts';
import { options } from '../core/options.ts';
import { type Chain, unchainedReason } from './chaining.ts';
import { type EffectiveSettings, effectiveSettings } from './effective-settings.ts';
import { checkInputs } from './operator-inputs.ts';
import { isLocalWindowOf, PreAggregation, partialsEdge } from './pre-aggregation.ts';
import {
  InvalidStreamGraph,
  type NodeId,
  type Partitioner,
  type StreamEdge,
  type StreamGraph,
  type StreamNode,
} from './stream-graph.ts';
import { type Topology, topologyOf } from './topology.ts';

export interface JobGraph {
  readonly name: string;
  /** Inputs before what they feed. */
  readonly vertices: readonly JobVertex[];
  /** In the order in which the program made them. */
  readonly edges: readonly JobEdge[];
}

export interface JobVertex {
  /** Of the head's uid: the same as long as that is. */
  readonly id: VertexId;
  /** `Source: flights -> Filter -> (Map, Sink: print)`. */
  readonly name: string;
  /** The chain as a tree of lines, each ended by a newline. */
  readonly description: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly slotSharingGroup: string;
  /** Head first; each after the one it follows. */
  readonly operators: readonly ChainedOperator[];
}

interface ChainedOperator {
  readonly node: StreamNode;
  /** Index in `operators` of the one before; -1 for the head. */
  readonly after: number;
  /** It takes this side output of the one before; absent: the main output. */
  readonly sideOutput?: string;
}

/** An edge of the StreamGraph that is not chained. */
export interface JobEdge {
  /** Of the StreamEdge, unless partial aggregates travel (pre-aggregation.ts). */
  readonly id: number;
  readonly source: VertexId;
  /** Index, in the source's operators, of the one whose output this is. */
  readonly from: number;
  readonly target: VertexId;
  readonly input: 0 | 1;
  readonly partitioner: Partitioner;
  readonly sideOutput?: string;
  readonly bufferTimeoutMs?: number;
  /** The fields of its records that travel; absent: all. */
  readonly fields?: readonly string[];
  /** Why the two ends are not one chain. */
  readonly unchained: string;
}

/**
 * The job that a graph stands for, under the whole configuration of the job.
 * @throws InvalidStreamGraph naming the operator, its place, and what to do.
 */
export function jobGraphOf(graph: StreamGraph, configuration: Configuration): JobGraph {
  if (graph.nodes.length === 0)
    throw new InvalidStreamGraph('empty', `job ${JSON.stringify(graph.name)} has no operators`);
  const topology = topologyOf(graph);
  for (const node of topology.nodes) checkInputs(node, topology.inEdges(node.id));
  const settings = effectiveSettings(topology, configuration);
  const preAggregation = new PreAggregation(topology, settings, configuration);
  const chains = preAggregation.chains(topology, settings);
  const vertices = chains.map((chain) => vertexOf(chain, settings));
  const edges = edgesOf(vertices, topology, settings, preAggregation);
  return {
    name: graph.name,
    vertices,
    edges: configuration.get(options.projection) ? edges : edges.map(whole),
  };
}

function vertexOf(chain: Chain, settings: EffectiveSettings): JobVertex {
  const head = must(chain[0], 'the head of a chain').node;
  const { parallelism, maxParallelism, slotSharingGroup } = settings.node(head.id);
  return {
    id: vertexIdOf(head.uid),
    name: chainName(chain, 0),
    description: chainDescription(chain, 0, '', ''),
    parallelism,
    maxParallelism,
    slotSharingGroup,
    operators: chain.map(({ node, after, edge }) => ({
      node,
      after,
      ...(edge?.sideOutput === undefined ? {} : { sideOutput: edge.sideOutput }),
    })),
  };
}

function edgesOf(
  vertices: readonly JobVertex[],
  topology: Topology,
  settings: EffectiveSettings,
  preAggregation: PreAggregation,
): readonly JobEdge[] {
  const places = new Map<NodeId, { vertex: VertexId; index: number }>();
  for (const { id, operators } of vertices) {
    for (const [index, { node }] of operators.entries())
      if (node.kind !== 'local-window') places.set(node.id, { vertex: id, index });
  }
  const edges = topology.nodes.flatMap(({ id }) => topology.outEdges(id));
  return edges
    .toSorted((a, b) => a.id - b.id)
    .flatMap((edge) => {
      const unchained = unchainedReason(edge, topology, settings);
      if (unchained === undefined) return [];
      const made = edgeOf(edge, unchained);
      return [preAggregation.isBefore(edge) ? behindLocalWindow(made, edge) : made];
    });

  function behindLocalWindow(made: JobEdge, edge: StreamEdge): JobEdge {
    const source = must(
      vertices.find(({ id }) => id === made.source),
      'the source of an edge',
    );
    const from = source.operators.findIndex(({ node }) => isLocalWindowOf(node, edge));
    const { sideOutput: _, fields: __, ...rest } = made;
    return { ...rest, id: partialsEdge(edge), from };
  }

  function edgeOf(edge: StreamEdge, unchained: string): JobEdge {
    const from = must(places.get(edge.source), 'the source of an edge');
    const { bufferTimeoutMs } = topology.node(edge.source);
    return {
      id: edge.id,
      source: from.vertex,
      from: from.index,
      target: must(places.get(edge.target), 'the target of an edge').vertex,
      input: edge.input,
      partitioner: settings.partitioner(edge),
      ...(edge.sideOutput === undefined ? {} : { sideOutput: edge.sideOutput }),
      ...(bufferTimeoutMs === undefined ? {} : { bufferTimeoutMs }),
      ...(edge.fields === undefined ? {} : { fields: edge.fields }),
      unchained,
    };
  }
}

const whole = ({ fields: _, ...edge }: JobEdge): JobEdge => edge;

const followers = (chain: Chain, index: number): readonly number[] =>
  chain.flatMap((link, i) => (link.after === index ? [i] : []));

/** `a -> b`, `a -> (b, c)`. */
function chainName(chain: Chain, index: number): string {
  const { name } = must(chain[index], 'an operator of a chain').node;
  const next = followers(chain, index).map((i) => chainName(chain, i));
  if (next.length === 0) return name;
  return `${name} -> ${next.length === 1 ? next.join('') : `(${next.join(', ')})`}`;
}

/** `own` stands in front of the operator's line, `below` in front of the lines of those that follow it. */
function chainDescription(chain: Chain, index: number, own: string, below: string): string {
  const { node } = must(chain[index], 'an operator of a chain');
  const next = followers(chain, index);
  const lines = next.map((i, n) =>
    n === next.length - 1
      ? chainDescription(chain, i, `${below}+- `, `${below}   `)
      : chainDescription(chain, i, `${below}:- `, `${below}:  `),
  );
  return `${own}${node.description ?? node.name}\n${lines.join('')}`;
}
