// Which windows are given partial aggregates instead of records: the end of the chain in front of the exchange joins
// what comes of one key in one slice of time, and far fewer rows travel. Only where nobody can tell: windows by
// event time that fire once, or at the end of the input, and aggregates whose value does not depend on what is joined
// first. Where both ends are one subtask in one slot nothing travels anyway.

import type { Configuration } from '../core/configuration.ts';
import { operatorIdOf } from '../core/ids.ts';
import { options } from '../core/options.ts';
import { type Chain, chainsOf, unchainedReason } from './chaining.ts';
import type { EffectiveSettings } from './effective-settings.ts';
import type { AssignerSpec, LocalWindowParams, WindowParams } from './operator-params.ts';
import type { NodeId, StreamEdge, StreamNode } from './stream-graph.ts';
import type { Topology } from './topology.ts';

/**
 * What travels on such an edge is not what the program's edge carries: it counts as another one, so that records
 * on their way, in a checkpoint, are never taken for partial aggregates. Its id begins here.
 */
const PARTIALS_FROM = 2 ** 30;

export const carriesPartials = (edgeId: number): boolean => edgeId > PARTIALS_FROM;

export class PreAggregation {
  readonly #windows: ReadonlySet<NodeId>;

  constructor(topology: Topology, settings: EffectiveSettings, configuration: Configuration) {
    const which = configuration.get(options.preAggregation);
    // What is on its way is in checkpoints then, and must be the same at any parallelism.
    const mayOvertake = configuration.get(options.unalignedCheckpoints);
    const windows = topology.nodes.filter(
      (node) =>
        which !== 'off' &&
        canJoin(topology.inEdges(node.id), topology, settings) &&
        (mayOvertake || isWorthwhile(topology.inEdges(node.id), settings)) &&
        isPossible(node, which === 'all'),
    );
    this.#windows = new Set(windows.map(({ id }) => id));
  }

  /** The chains, those in front of such an exchange with an operator more. */
  chains(topology: Topology, settings: EffectiveSettings): readonly Chain[] {
    return chainsOf(topology, settings).map((chain) => [
      ...chain.map((link) => ({ ...link, node: this.#windowOf(link.node) })),
      ...chain.flatMap(({ node }, after) =>
        topology
          .outEdges(node.id)
          .filter((edge) => this.isBefore(edge))
          .map((edge) => ({ node: localWindow(topology.node(edge.target), edge), after, edge })),
      ),
    ]);
  }

  /** Whether partial aggregates travel on the edge. */
  isBefore(edge: StreamEdge): boolean {
    return this.#windows.has(edge.target);
  }

  #windowOf(node: StreamNode): StreamNode {
    if (!this.#windows.has(node.id)) return node;
    return { ...node, params: { ...(node.params as object), takesPartials: true } };
  }
}

/** The id of the edge as it is deployed. */
export const partialsEdge = (edge: StreamEdge): number => edge.id + PARTIALS_FROM;

/** It has the window's functions, and its place in the notebook. */
function localWindow(window: StreamNode, { id }: StreamEdge): StreamNode {
  const uid = `${window.uid} local ${id}`;
  const { aggregate, window: spec } = window.params as unknown as WindowParams;
  const params: LocalWindowParams = { aggregate, window: spec, edge: id, of: window.name };
  const { description: _, ...node } = window;
  return {
    ...node,
    kind: 'local-window',
    name: 'LocalWindowAggregate',
    uid,
    operatorId: operatorIdOf(uid),
    params: { ...params } as unknown as StreamNode['params'],
  };
}

export const isLocalWindowOf = ({ kind, params }: StreamNode, edge: StreamEdge): boolean =>
  kind === 'local-window' && (params as unknown as LocalWindowParams).edge === edge.id;

function isPossible({ kind, params, functions }: StreamNode, alsoInexact: boolean): boolean {
  if (kind !== 'window') return false;
  const { window, aggregate } = params as unknown as WindowParams;
  const { assigner, trigger, evictor, allowedLatenessMs, lateTag } = window;
  const isByEventTime = 'time' in assigner && assigner.time === 'event';
  const isPlain = isByEventTime && trigger === null;
  const isAtEndOfTime =
    (isByEventTime || assigner.kind === 'global') && trigger?.kind === 'event-time';
  if (!(isPlain || isAtEndOfTime) || allowedLatenessMs > 0) return false;
  if (evictor !== null || lateTag !== null) return false;
  return isSliced(assigner, aggregate.kind) && joins(aggregate.kind, functions, alsoInexact);
}

/** As the operator that runs the window sees it. */
function isSliced(assigner: AssignerSpec, aggregate: AggregateKind): boolean {
  const divides = (sizeMs: number, stepMs: number): boolean =>
    stepMs < sizeMs && sizeMs % stepMs === 0 && merges(aggregate);
  switch (assigner.kind) {
    case 'tumbling':
    case 'global':
      return true;
    case 'sliding':
      return divides(assigner.sizeMs, assigner.slideMs);
    case 'cumulative':
      return divides(assigner.sizeMs, assigner.stepMs);
    case 'session':
    case 'dynamic-session':
    case 'count':
      return false;
  }
}

type AggregateKind = WindowParams['aggregate']['kind'];

/** Sums and means join whole numbers; fractions, whose sum depends on the order, travel as they are. */
function joins(kind: AggregateKind, functions: readonly string[], alsoInexact: boolean): boolean {
  switch (kind) {
    case 'count':
    case 'sum':
    case 'mean':
    case 'min':
    case 'max':
    case 'min-by':
    case 'max-by':
    case 'top':
      return true;
    case 'reduce':
      return alsoInexact;
    case 'own':
      return alsoInexact && functions.includes('merge');
    case 'distinct-count':
    case 'list':
      return false;
  }
}

/** Overlapping windows are cut into slices only for these. */
const merges = (kind: AggregateKind): boolean =>
  kind !== 'reduce' && kind !== 'min-by' && kind !== 'max-by' && kind !== 'top';

/** In front of all inputs there is a chain to which an operator can be added. */
const canJoin = (
  edges: readonly StreamEdge[],
  topology: Topology,
  settings: EffectiveSettings,
): boolean =>
  settings.chainingEnabled &&
  edges.every(
    (edge) =>
      unchainedReason(edge, topology, settings) !== undefined &&
      topology.node(edge.source).chaining !== 'never',
  );

/** Some records leave their slot. */
const isWorthwhile = (edges: readonly StreamEdge[], settings: EffectiveSettings): boolean =>
  edges.some(({ source, target }) => {
    const [from, to] = [settings.node(source), settings.node(target)];
    const isOneSlot = from.slotSharingGroup === to.slotSharingGroup;
    return !(isOneSlot && from.parallelism === 1 && to.parallelism === 1);
  });
