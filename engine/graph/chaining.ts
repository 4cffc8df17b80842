// Which operators run in one task. An edge is chained when it keeps records in their subtask and nothing
// speaks against it; the rules are Flink's. Whatever is not chained has a reason, a phrase for people that
// the plan shows on the edge. Since a chained operator has one input, chains are trees.

import type { EffectiveSettings } from './effective-settings.ts';
import type { NodeId, Partitioner, StreamEdge, StreamNode } from './stream-graph.ts';
import type { Topology } from './topology.ts';

/** An operator in its chain. */
interface Link {
  readonly node: StreamNode;
  /** Index in the chain of the operator before; -1 for the head. */
  readonly after: number;
  /** The edge from the operator before; undefined for the head. */
  readonly edge: StreamEdge | undefined;
}

/** Head first; an operator follows the one that feeds it, with everything behind it, before its next sibling. */
export type Chain = readonly Link[];

/** Every operator is in exactly one chain. Chains come in the order of their heads. */
export function chainsOf(topology: Topology, settings: EffectiveSettings): readonly Chain[] {
  const chained = (edge: StreamEdge): boolean =>
    unchainedReason(edge, topology, settings) === undefined;
  const isHead = (node: StreamNode): boolean => !topology.inEdges(node.id).some(chained);
  return topology.nodes.filter(isHead).map((head) => {
    const chain: Link[] = [{ node: head, after: -1, edge: undefined }];
    append(head.id, 0);
    function append(id: NodeId, index: number): void {
      for (const edge of topology.outEdges(id).filter(chained)) {
        chain.push({ node: topology.node(edge.target), after: index, edge });
        append(edge.target, chain.length - 1);
      }
    }
    return chain;
  });
}

/** Why the two ends of an edge are not in one chain; undefined when they are. */
export function unchainedReason(
  edge: StreamEdge,
  topology: Topology,
  settings: EffectiveSettings,
): string | undefined {
  const source = settings.node(edge.source);
  const target = settings.node(edge.target);
  const exchange = exchangeReason(edge, topology, settings);
  if (exchange !== undefined) return exchange;
  if (!settings.chainingEnabled)
    return 'chaining is switched off (pipeline.operator-chaining.enabled)';
  if (source.slotSharingGroup !== target.slotSharingGroup)
    return `slot sharing group ${source.slotSharingGroup} → ${target.slotSharingGroup}`;
  if (source.node.chaining === 'never') return `disableChaining() on ${source.node.name}`;
  if (target.node.chaining === 'never') return `disableChaining() on ${target.node.name}`;
  return target.node.chaining === 'head' ? 'startNewChain()' : undefined;
}

/** Records leave their subtask, or meet those of another edge. */
function exchangeReason(
  edge: StreamEdge,
  topology: Topology,
  settings: EffectiveSettings,
): string | undefined {
  const target = settings.node(edge.target);
  const partitioner = settings.partitioner(edge);
  if (edge.partitioner === undefined && partitioner.kind === 'rebalance')
    return `parallelism ${settings.node(edge.source).parallelism} → ${target.parallelism}`;
  const partitioning = partitioningReason(partitioner, target.node);
  if (partitioning !== undefined) return partitioning;
  const inputs = topology.inEdges(edge.target);
  if (inputs.some(({ input }) => input !== edge.input)) return 'two inputs';
  return inputs.length > 1 ? `union of ${inputs.length} streams` : undefined;
}

function partitioningReason(partitioner: Partitioner, target: StreamNode): string | undefined {
  switch (partitioner.kind) {
    case 'forward':
      return undefined;
    case 'hash':
      return 'keyBy changes partitioning';
    case 'custom':
      return 'partitionCustom changes partitioning';
    case 'broadcast':
      return 'broadcast sends every record to all subtasks';
    case 'global':
      return target.kind === 'window'
        ? 'windowAll gathers all records in one subtask'
        : 'global sends all records to one subtask';
    case 'rebalance':
    case 'rescale':
    case 'shuffle':
      return `${partitioner.kind} changes partitioning`;
  }
}
