// A program: what evaluating a bundle gives. The graph is data and travels; the functions stay where they
// were evaluated, and every place that needs them evaluates the bundle again and finds them by reference.

import type { BlobKey } from '../core/ids.ts';
import type { UserFunction } from '../core/user-function.ts';
import type { StreamGraph } from '../graph/stream-graph.ts';

export interface Program {
  readonly graph: StreamGraph;
  /** By `nodeFunction` and `edgeFunction` (graph/stream-graph.ts). Process functions are objects. */
  readonly functions: ReadonlyMap<string, UserFunction | object>;
  /** What `from(iterable)` held, each under its content's key; empty when evaluated in a slot. */
  readonly blobs: ReadonlyMap<BlobKey, Uint8Array>;
  /** The value of the cell's last statement, when that is an expression. */
  readonly result?: unknown;
}

/**
 * `program`: the run that builds the job; it may read files and drains `from(iterable)`.
 * `slot`: an evaluation that only looks up functions; time and chance come from the submission, and top-level
 * fetch, sockets and file reads are refused.
 */
export type EvaluationMode = 'program' | 'slot';
