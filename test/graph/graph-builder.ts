// Builds StreamGraphs for tests, as terse as a drawing.

import { Configuration } from '../../engine/core/configuration.ts';
import { operatorIdOf } from '../../engine/core/ids.ts';
import { type JobGraph, type JobVertex, jobGraphOf } from '../../engine/graph/job-graph.ts';
import type {
  NodeId,
  OperatorKind,
  StreamEdge,
  StreamGraph,
  StreamNode,
} from '../../engine/graph/stream-graph.ts';

type NodeSettings = Partial<Omit<StreamNode, 'id' | 'kind' | 'name'>>;
type EdgeSettings = Partial<Omit<StreamEdge, 'id' | 'source' | 'target'>>;

export class GraphBuilder {
  readonly #nodes: StreamNode[] = [];
  readonly #edges: StreamEdge[] = [];

  node(kind: OperatorKind, name: string, settings: NodeSettings = {}): NodeId {
    const id = this.#nodes.length + 1;
    const uid = settings.uid ?? `uid of ${name}`;
    this.#nodes.push({
      id,
      kind,
      name,
      uid,
      operatorId: operatorIdOf(uid),
      params: {},
      functions: [],
      chaining: 'always',
      ...settings,
    });
    return id;
  }

  source(name: string, settings: NodeSettings = {}): NodeId {
    return this.node('source', name, settings);
  }

  /** An operator after another, by an edge with these settings. */
  after(
    source: NodeId,
    kind: OperatorKind,
    name: string,
    settings: NodeSettings = {},
    edge: EdgeSettings = {},
  ): NodeId {
    const target = this.node(kind, name, settings);
    this.edge(source, target, edge);
    return target;
  }

  edge(source: NodeId, target: NodeId, settings: EdgeSettings = {}): void {
    this.#edges.push({ id: this.#edges.length + 1, source, target, input: 0, ...settings });
  }

  build(): StreamGraph {
    return {
      name: 'test',
      nodes: this.#nodes,
      edges: this.#edges,
      configuration: {},
      parameters: {},
    };
  }

  job(configuration: Readonly<Record<string, string | number | boolean>> = {}): JobGraph {
    return jobGraphOf(this.build(), new Configuration(configuration));
  }
}

export const hash = { partitioner: { kind: 'hash' } } as const;

export const names = (job: JobGraph): readonly string[] => job.vertices.map(({ name }) => name);

/** The vertex that holds the operator of this name. */
export function vertexWith(job: JobGraph, operator: string): JobVertex {
  const found = job.vertices.find(({ operators }) =>
    operators.some(({ node }) => node.name === operator),
  );
  if (found === undefined) throw new Error(`no operator ${operator} in ${names(job).join(', ')}`);
  return found;
}
