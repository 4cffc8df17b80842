// A job as it is handed to the Dispatcher: the plan that the program built, the program itself, the data
// that it brought, and everything that every later evaluation must see again.

import type { Configuration } from '../../core/configuration.ts';
import type { BlobKey, JobId } from '../../core/ids.ts';
import type { StreamGraph } from '../../graph/stream-graph.ts';

export interface JobSubmission {
  readonly jobId: JobId;
  readonly graph: StreamGraph;
  readonly bundle: BlobKey;
  /** The graph as it was built, with its hash and what the program saw of its surroundings. */
  readonly plan: BlobKey;
  /** The bundle, the plan, and what `from(iterable)` held. */
  readonly blobs: ReadonlyMap<BlobKey, Uint8Array>;
  /** The cluster's, the program's and the submission's, in that order of precedence. */
  readonly configuration: Configuration;
  /** Relative paths of the program are relative to it. */
  readonly baseDirectory: string;
  /** A client takes the results; else `print` goes to the TaskManagers' stdout. */
  readonly attached: boolean;
  /** What the job continues from, as the user gave it. */
  readonly savepointPath: string | undefined;
  readonly allowNonRestoredState: boolean;
}
