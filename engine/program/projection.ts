// Which fields of its records an exchange must carry: those that the functions behind it read, as far as their
// texts prove that they read no more. What keeps records or hands them out (a sink, a process function, a join, a
// list) gets all of them: state and results never depend on what was left out.

import { sourceOf } from '../api/aggregates.ts';
import type { UserFunction } from '../core/user-function.ts';
import type {
  AggregateSpec,
  KeyedFoldParams,
  TriggerSpec,
  WindowParams,
} from '../graph/operator-params.ts';
import {
  edgeFunction,
  type NodeId,
  nodeFunction,
  type StreamEdge,
  type StreamGraph,
  type StreamNode,
} from '../graph/stream-graph.ts';
import type { Program } from './program.ts';
import { type Fields, fieldsRead, NO_FIELDS, unionOf } from './read-fields.ts';

/** The graph with its edges' fields, where not all are needed. */
export function withFields({
  graph,
  functions,
}: Pick<Program, 'graph' | 'functions'>): StreamGraph {
  const needs = new Needs(graph, functions);
  const edges = graph.edges.map((edge) => {
    const fields = isExchange(edge) ? needs.ofEdge(edge) : undefined;
    return fields === undefined
      ? edge
      : { ...edge, fields: [...fields].sort((a, b) => (a < b ? -1 : 1)) };
  });
  return { ...graph, edges };
}

/** Whether records may leave their thread there; where parallelism alone decides it, they travel whole. */
const isExchange = ({ partitioner }: StreamEdge): boolean =>
  partitioner !== undefined && partitioner.kind !== 'forward';

class Needs {
  readonly #graph: StreamGraph;
  readonly #functions: Program['functions'];
  readonly #nodes: ReadonlyMap<NodeId, StreamNode>;

  constructor(graph: StreamGraph, functions: Program['functions']) {
    this.#graph = graph;
    this.#functions = functions;
    this.#nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  }

  /** By the functions of the edge and everything behind it that meets the same record. */
  ofEdge({ id, target, input }: StreamEdge): Fields {
    const node = this.#nodes.get(target);
    const ofKey = this.#read(edgeFunction(id, 'key'), 0);
    return node === undefined ? undefined : unionOf([ofKey, this.#ofNode(node, input)]);
  }

  #ofNode(node: StreamNode, input: 0 | 1): Fields {
    const read = (slot: string, index = 0): Fields =>
      this.#read(nodeFunction(node.id, slot), index);
    switch (node.kind) {
      case 'map':
        return read('map');
      case 'flat-map':
        return read('flatMap');
      case 'co-map':
        return read(`map${input + 1}`);
      case 'co-flat-map':
        return read(`flatMap${input + 1}`);
      case 'filter':
        return unionOf([read('filter'), this.#behind(node.id)]);
      case 'timestamps':
        return unionOf([read('timestamp'), read('punctuate'), this.#behind(node.id)]);
      case 'replay':
        return unionOf([read('time'), this.#behind(node.id)]);
      case 'keyed-fold':
        return readByAggregate((node.params as unknown as KeyedFoldParams).aggregate, read);
      case 'window':
        return readByWindow(node.params as unknown as WindowParams, read);
      case 'source':
      case 'sink':
      case 'process':
      case 'keyed-process':
      case 'keyed-reduce':
      case 'local-window':
      case 'co-process':
      case 'keyed-co-process':
      case 'broadcast-process':
      case 'window-join':
      case 'interval-join':
        return undefined;
    }
  }

  #behind(id: NodeId): Fields {
    return unionOf(
      this.#graph.edges.filter(({ source }) => source === id).map((edge) => this.ofEdge(edge)),
    );
  }

  /** A function that is not there reads nothing. */
  #read(name: string, index: number): Fields {
    const found = this.#functions.get(name);
    if (found === undefined) return NO_FIELDS;
    return typeof found === 'function'
      ? fieldsRead(sourceOf(found as UserFunction), index)
      : undefined;
  }
}

type Read = (slot: string, index?: number) => Fields;

function readByAggregate({ kind }: AggregateSpec, read: Read): Fields {
  switch (kind) {
    case 'count':
      return NO_FIELDS;
    case 'sum':
    case 'mean':
    case 'min':
    case 'max':
    case 'distinct-count':
      return read('of');
    case 'own':
      return read('add', 1);
    case 'reduce':
    case 'min-by':
    case 'max-by':
    case 'top':
    case 'list':
      return undefined;
  }
}

function readByWindow({ window, aggregate }: WindowParams, read: Read): Fields {
  const keepsRecords = window.evictor !== null || window.lateTag !== null;
  if (keepsRecords || !isByTime(window.trigger)) return undefined;
  return unionOf([readByAggregate(aggregate, read), read('gap')]);
}

/** It looks at no record. */
function isByTime(trigger: TriggerSpec | null): boolean {
  if (trigger === null) return true;
  switch (trigger.kind) {
    case 'event-time':
    case 'processing-time':
    case 'count':
    case 'continuous':
    case 'never':
      return true;
    case 'delta':
    case 'own':
      return false;
    case 'purging':
      return isByTime(trigger.of);
  }
}
