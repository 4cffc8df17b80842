// What the API tells about a program as it is evaluated. `program/graph-recorder.ts` is the one
// implementation: it numbers nodes and edges, finds names and places, and builds the StreamGraph.

import type { BlobKey } from '../core/ids.ts';
import type { Json } from '../core/json.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { NodeId, OperatorKind, Origin, Partitioner } from '../graph/stream-graph.ts';

export interface Recorder {
  /** Records an operator, in the order of the calls. The origin is the caller's place in the notebook. */
  addNode(node: NewNode): NodeId;
  addEdge(edge: NewEdge): void;
  /** What `.name()`, `.uid()`, `.setParallelism()` and their like say afterwards about a node. */
  change(node: NodeId, change: NodeChange): void;
  /** The value of `--set name=…`, as text; undefined when it was not given. Remembered with the default. */
  param(name: string, defaultValue: Json): string | undefined;
  configure(values: Readonly<Record<string, string>>): void;
  /**
   * Encodes the values one after another (core/value-writer.ts) and keeps them under their content's key.
   * In a slot nothing is drained, and the key is empty.
   * @throws when they exceed limits.collectionBytesMax, or cannot be encoded.
   */
  blob(values: Iterable<unknown>): { readonly key: BlobKey; readonly count: number };
  /** The name that `env.execute(name)` gives the job. */
  nameJob(name: string): void;
  /** Where the caller of the API stands, for errors; undefined outside notebooks. */
  origin(): Origin | undefined;
}

export interface NewNode {
  readonly kind: OperatorKind;
  readonly name: string;
  readonly params: Json;
  /** By slot name. Process functions are objects. */
  readonly functions: Readonly<Record<string, UserFunction | object>>;
  /** Set by the API for sources that cannot be split; a later `change` may override. */
  readonly parallelism?: number;
  readonly maxParallelism?: number;
}

export interface NewEdge {
  readonly source: NodeId;
  readonly target: NodeId;
  readonly input: 0 | 1;
  readonly partitioner?: Partitioner;
  readonly sideOutput?: string;
  /** `key` for hash, `key` and `partition` for custom. */
  readonly functions?: Readonly<Record<string, UserFunction>>;
}

export interface NodeChange {
  readonly name?: string;
  readonly uid?: string;
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  readonly slotSharingGroup?: string;
  readonly chaining?: 'always' | 'head' | 'never';
  readonly bufferTimeoutMs?: number;
  readonly description?: string;
  /** Parameters that a later call of the builder changes, e.g. allowedLateness: replaces them all. */
  readonly params?: Json;
  /** Functions that a later call adds, by slot. */
  readonly functions?: Readonly<Record<string, UserFunction | object>>;
}
