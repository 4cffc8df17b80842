// The plan as Flink's REST API gives it (`/jobs/:id/plan`, and `plan` in `/jobs/:id`): the dashboard draws
// the job from it. Names and descriptions go into its HTML, so they are escaped here.

import type { JobId } from '../core/ids.ts';
import type { JobEdge, JobGraph, JobVertex } from './job-graph.ts';

export interface JsonPlan {
  readonly jid: string;
  readonly name: string;
  readonly type: string;
  readonly nodes: readonly JsonPlanNode[];
}

interface JsonPlanNode {
  readonly id: string;
  readonly operator: string;
  readonly parallelism: number;
  readonly operator_strategy: string;
  /** HTML: the chain as a tree, a line an operator. */
  readonly description: string;
  readonly optimizer_properties: Readonly<Record<string, never>>;
  /** Left out for sources. */
  readonly inputs?: readonly JsonPlanInput[];
}

interface JsonPlanInput {
  readonly id: string;
  readonly num: number;
  readonly exchange: string;
  readonly ship_strategy: string;
}

export function jsonPlan(jobId: JobId, graph: JobGraph): JsonPlan {
  const nodes = graph.vertices.map((vertex) =>
    planNode(
      vertex,
      graph.edges.filter(({ target }) => target === vertex.id),
    ),
  );
  return { jid: jobId, name: graph.name, type: 'STREAMING', nodes };
}

function planNode(vertex: JobVertex, inputs: readonly JobEdge[]): JsonPlanNode {
  const node = {
    id: vertex.id,
    operator: '',
    parallelism: vertex.parallelism,
    operator_strategy: '',
    description: toHtml(vertex.description),
    optimizer_properties: {},
  };
  return inputs.length === 0 ? node : { ...node, inputs: inputs.map(planInput) };
}

const planInput = (edge: JobEdge, num: number): JsonPlanInput => ({
  id: edge.source,
  num,
  exchange: 'pipelined_bounded',
  ship_strategy: shipStrategy(edge),
});

/** Flink's name of a partitioner, FORWARD, HASH, REBALANCE …, and which fields travel when not all do. */
const shipStrategy = ({ partitioner: { kind }, fields }: JobEdge): string =>
  fields === undefined ? kind.toUpperCase() : `${kind.toUpperCase()} [${fields.join(', ')}]`;

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\\': '&#92;',
  '\n': '<br/>',
};

const toHtml = (text: string): string =>
  text.replace(/[&<>"\\\n]/g, (character) => HTML_ENTITIES[character] ?? character);
