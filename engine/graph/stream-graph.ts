// The plan: what a program built, as engine-neutral JSON. Operators by kind with parameters, functions
// by reference (node and slot name), keys, windows, state descriptors, connectors by name with options.
// No class names, no host paths, no effective parallelism: the same program gives the same StreamGraph on
// every machine, and its hash proves it (stream-graph-hash.ts).

import { SluiceError } from '../core/errors.ts';
import type { BlobKey, OperatorId } from '../core/ids.ts';
import type { Json } from '../core/json.ts';

/** Ordinal of an operator in its program, from 1, in the order of creation. */
export type NodeId = number;

export type OperatorKind =
  | 'source'
  | 'map'
  | 'filter'
  | 'flat-map'
  | 'timestamps'
  | 'replay'
  | 'process'
  | 'keyed-process'
  | 'keyed-reduce'
  | 'keyed-fold'
  | 'window'
  /** In no program: the JobGraph adds it (pre-aggregation.ts). */
  | 'local-window'
  | 'window-join'
  | 'co-map'
  | 'co-flat-map'
  | 'co-process'
  | 'keyed-co-process'
  | 'broadcast-process'
  | 'interval-join'
  | 'sink';

export interface StreamNode {
  readonly id: NodeId;
  readonly kind: OperatorKind;
  /** What the plan shows: `Filter`, `Source: flights`, or what `.name('late flights')` said. */
  readonly name: string;
  /** `.uid()`, else cell, variable and operator; the state's identity. */
  readonly uid: string;
  readonly operatorId: OperatorId;
  /** By kind: graph/operator-params.ts. */
  readonly params: Json;
  /** Names of the function slots that the program fills, sorted, e.g. `['map']`. */
  readonly functions: readonly string[];
  /** Undefined: the job's default. */
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  readonly slotSharingGroup?: string;
  /** `never`: neither before nor after; `head`: starts a chain. */
  readonly chaining: 'always' | 'head' | 'never';
  readonly bufferTimeoutMs?: number;
  readonly description?: string;
  /** Where the operator was made; absent in programs that are not notebooks. */
  readonly origin?: Origin;
}

/** A place in a notebook: what errors, the plan pane and stale marks refer to. */
export interface Origin {
  readonly cell: string;
  /** The declared name that the operator belongs to, e.g. `late`; empty for a bare statement. */
  readonly variable: string;
  /** From 1, in the notebook's file. */
  readonly line: number;
  readonly column: number;
}

export type Partitioner =
  | { readonly kind: 'forward' }
  | { readonly kind: 'rebalance' }
  | { readonly kind: 'rescale' }
  | { readonly kind: 'shuffle' }
  | { readonly kind: 'broadcast' }
  | { readonly kind: 'global' }
  /** The edge's function slot `key` says the key. */
  | { readonly kind: 'hash' }
  /** The edge's function slots `key` and `partition(key, channels)`. */
  | { readonly kind: 'custom' };

export interface StreamEdge {
  /** Ordinal, from 1. Function references of an edge are `e<id>.<slot>`. */
  readonly id: number;
  readonly source: NodeId;
  readonly target: NodeId;
  /** 0, or 1 for the second input of a two-input operator. */
  readonly input: 0 | 1;
  /** Absent: forward when both ends have one parallelism, else rebalance. */
  readonly partitioner?: Partitioner;
  /** The side output that this edge carries; absent: the main output. */
  readonly sideOutput?: string;
  /** What of its records is read behind it, sorted; absent: anything may be. */
  readonly fields?: readonly string[];
}

export interface StreamGraph {
  readonly name: string;
  readonly nodes: readonly StreamNode[];
  readonly edges: readonly StreamEdge[];
  /** What env.configure set: text under Flink's keys. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Parameters that the program asked for, with the values it got. */
  readonly parameters: Readonly<Record<string, Json>>;
  /** What each `from(iterable)` held, in the order of the calls; absent when there was none. */
  readonly collections?: readonly Collection[];
}

/** The values of one `from(iterable)`: a slot, which drains nothing, knows them by this. */
export interface Collection {
  readonly key: BlobKey;
  readonly count: number;
}

/** The key under which the program's table holds a function of a node: `3.map`. */
export const nodeFunction = (node: NodeId, slot: string): string => `${node}.${slot}`;
/** The key under which the program's table holds a function of an edge: `e5.key`. */
export const edgeFunction = (edge: number, slot: string): string => `e${edge}.${slot}`;

export type GraphProblem =
  | 'empty'
  | 'kind'
  | 'duplicate'
  | 'dangling-edge'
  | 'inputs'
  | 'cycle'
  | 'parallelism'
  | 'max-parallelism'
  | 'forward'
  | 'missing-key';

/**
 * A StreamGraph that cannot become a job. Graphs come from programs and over the network, so this is the
 * world's "no", not a broken assumption.
 */
export class InvalidStreamGraph extends SluiceError<GraphProblem> {
  constructor(problem: GraphProblem, message: string) {
    super(problem, message);
    this.name = 'InvalidStreamGraph';
  }
}

/** How messages name an operator: `"Filter" (cell "late", line 12)`. */
export function describeNode({ name, origin }: StreamNode): string {
  const text = JSON.stringify(name);
  if (origin === undefined) return text;
  return `${text} (cell ${JSON.stringify(origin.cell)}, line ${origin.line})`;
}
