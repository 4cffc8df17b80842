// What the program left open, filled in: the parallelism of each operator, its number of key groups, its
// slot sharing group, and how each edge partitions. Flink's rules, with one of our own: operators up to the
// first exchange take the parallelism of their source, so that order within a key is the order of the split.

import { must } from '../core/assert.ts';
import type { Configuration } from '../core/configuration.ts';
import { defaultMaxParallelism, MAX_PARALLELISM_LIMIT } from '../core/key-groups.ts';
import { options } from '../core/options.ts';
import {
  describeNode,
  InvalidStreamGraph,
  type NodeId,
  type Partitioner,
  type StreamEdge,
  type StreamNode,
} from './stream-graph.ts';
import type { Topology } from './topology.ts';

interface EffectiveNode {
  readonly node: StreamNode;
  readonly parallelism: number;
  /** Number of key groups. */
  readonly maxParallelism: number;
  readonly slotSharingGroup: string;
}

export interface EffectiveSettings {
  readonly chainingEnabled: boolean;
  node(id: NodeId): EffectiveNode;
  partitioner(edge: StreamEdge): Partitioner;
}

const DEFAULT_SLOT_SHARING_GROUP = 'default';

/** @throws InvalidStreamGraph when a parallelism is above its maximum or cannot be had. */
export function effectiveSettings(
  topology: Topology,
  configuration: Configuration,
): EffectiveSettings {
  const settled = new Map<NodeId, EffectiveNode>();
  /** Operators to which no exchange leads: sources and what follows them one to one. */
  const atSource = new Set<NodeId>();
  const node = (id: NodeId): EffectiveNode => must(settled.get(id), `settings of operator ${id}`);

  for (const next of topology.nodes) {
    const inputs = topology.inEdges(next.id);
    const inherited = parallelismOfSource(inputs, node, atSource);
    const parallelism = next.parallelism ?? inherited ?? configuration.get(options.parallelism);
    if (inputs.length === 0 || parallelism === inherited) atSource.add(next.id);
    settled.set(next.id, {
      node: next,
      parallelism,
      maxParallelism: maxParallelismOf(next, parallelism, configuration),
      slotSharingGroup: next.slotSharingGroup ?? groupOfInputs(inputs, node),
    });
  }
  return {
    chainingEnabled: configuration.get(options.operatorChaining),
    node,
    partitioner: (edge) => partitionerOf(edge, node(edge.source), node(edge.target)),
  };
}

/** The one parallelism of all inputs, when every one of them comes straight from a source. */
function parallelismOfSource(
  inputs: readonly StreamEdge[],
  node: (id: NodeId) => EffectiveNode,
  atSource: ReadonlySet<NodeId>,
): number | undefined {
  const first = inputs[0];
  if (first === undefined) return undefined;
  const { parallelism } = node(first.source);
  const isStraight = inputs.every(
    ({ source, partitioner }) =>
      (partitioner === undefined || partitioner.kind === 'forward') &&
      atSource.has(source) &&
      node(source).parallelism === parallelism,
  );
  return isStraight ? parallelism : undefined;
}

function maxParallelismOf(
  node: StreamNode,
  parallelism: number,
  configuration: Configuration,
): number {
  const configured = configuration.get(options.maxParallelism);
  const explicit = node.maxParallelism ?? (configured > 0 ? configured : undefined);
  const maxParallelism = explicit ?? defaultMaxParallelism(parallelism);
  if (maxParallelism < 1 || maxParallelism > MAX_PARALLELISM_LIMIT) {
    throw new InvalidStreamGraph(
      'max-parallelism',
      `${describeNode(node)}: max parallelism ${maxParallelism}; it must be from 1 to ${MAX_PARALLELISM_LIMIT}`,
    );
  }
  if (parallelism < 1 || parallelism > maxParallelism) {
    throw new InvalidStreamGraph(
      'parallelism',
      `${describeNode(node)}: parallelism ${parallelism} must be from 1 to the max parallelism, ` +
        `${maxParallelism}; lower the one or raise the other (setMaxParallelism, ${options.maxParallelism.key})`,
    );
  }
  return maxParallelism;
}

function groupOfInputs(inputs: readonly StreamEdge[], node: (id: NodeId) => EffectiveNode): string {
  const groups = new Set(inputs.map(({ source }) => node(source).slotSharingGroup));
  const [only] = groups;
  return groups.size === 1 && only !== undefined ? only : DEFAULT_SLOT_SHARING_GROUP;
}

function partitionerOf(
  edge: StreamEdge,
  source: EffectiveNode,
  target: EffectiveNode,
): Partitioner {
  const isEven = source.parallelism === target.parallelism;
  if (edge.partitioner === undefined) return { kind: isEven ? 'forward' : 'rebalance' };
  if (edge.partitioner.kind === 'forward' && !isEven) {
    throw new InvalidStreamGraph(
      'forward',
      `forward() from ${describeNode(source.node)} to ${describeNode(target.node)} needs one parallelism ` +
        `on both ends, and they have ${source.parallelism} and ${target.parallelism}; ` +
        'set the same, or use rescale() or rebalance()',
    );
  }
  return edge.partitioner;
}
