// What each kind of operator must be fed with: how many inputs, and which of them by key. Checked before a
// job is made, so that no task meets a keyed operator without a key.

import type { BroadcastProcessParams, WindowParams } from './operator-params.ts';
import {
  describeNode,
  InvalidStreamGraph,
  type OperatorKind,
  type StreamEdge,
  type StreamNode,
} from './stream-graph.ts';

type InputRule = 'any' | 'keyed' | 'broadcast';

/** A rule an input. */
const INPUTS: Readonly<
  Record<OperatorKind, readonly InputRule[] | ((node: StreamNode) => readonly InputRule[])>
> = {
  source: [],
  map: ['any'],
  filter: ['any'],
  'flat-map': ['any'],
  timestamps: ['any'],
  replay: ['any'],
  process: ['any'],
  sink: ['any'],
  'keyed-process': ['keyed'],
  'keyed-reduce': ['keyed'],
  'keyed-fold': ['keyed'],
  window: (node) => [paramsOf<WindowParams>(node).keyed ? 'keyed' : 'any'],
  'local-window': ['any'],
  'co-map': ['any', 'any'],
  'co-flat-map': ['any', 'any'],
  'co-process': ['any', 'any'],
  'keyed-co-process': ['keyed', 'keyed'],
  'window-join': ['keyed', 'keyed'],
  'interval-join': ['keyed', 'keyed'],
  'broadcast-process': (node) => [
    paramsOf<BroadcastProcessParams>(node).keyed ? 'keyed' : 'any',
    'broadcast',
  ],
};

/** @throws InvalidStreamGraph when an input is missing, too many, or not partitioned as the operator needs it. */
export function checkInputs(node: StreamNode, inputs: readonly StreamEdge[]): void {
  const rules = rulesOf(node);
  for (const [input, rule] of rules.entries()) {
    const edges = inputs.filter((edge) => edge.input === input);
    if (edges.length === 0)
      throw new InvalidStreamGraph('inputs', `${describeNode(node)} lacks input ${input + 1}`);
    for (const edge of edges) checkPartitioning(node, edge, rule);
  }
  const surplus = inputs.find((edge) => edge.input >= rules.length);
  if (surplus !== undefined) {
    throw new InvalidStreamGraph(
      'inputs',
      `${describeNode(node)}: ${node.kind} operators have ${rules.length} inputs, and edge ${surplus.id} is ` +
        `to be input ${surplus.input + 1}`,
    );
  }
}

function rulesOf(node: StreamNode): readonly InputRule[] {
  const rules = Object.hasOwn(INPUTS, node.kind) ? INPUTS[node.kind] : undefined;
  if (rules === undefined) {
    throw new InvalidStreamGraph(
      'kind',
      `${describeNode(node)} is a ${JSON.stringify(node.kind)}, which this version of sluice does not know`,
    );
  }
  return typeof rules === 'function' ? rules(node) : rules;
}

function checkPartitioning(node: StreamNode, edge: StreamEdge, rule: InputRule): void {
  const kind = edge.partitioner?.kind;
  if (rule === 'keyed' && kind !== 'hash') {
    throw new InvalidStreamGraph(
      'missing-key',
      `${describeNode(node)} keeps state by key, and its input ${edge.input + 1} has none; ` +
        'put keyBy(…) in front of it',
    );
  }
  if (rule === 'broadcast' && kind !== 'broadcast') {
    throw new InvalidStreamGraph(
      'inputs',
      `${describeNode(node)} reads broadcast state, and its input ${edge.input + 1} is not broadcast; ` +
        'put broadcast(…) in front of it',
    );
  }
}

/** The kind says what the parameters are. */
const paramsOf = <P>(node: StreamNode): P => node.params as unknown as P;
