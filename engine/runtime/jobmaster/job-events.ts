// What happens in jobs, as the event stream tells it.

import type { JobId, VertexId } from '../../core/ids.ts';
import type { JobState, TaskState } from '../../graph/execution-state.ts';

export type JobEvent =
  | { readonly kind: 'job'; readonly jobId: JobId; readonly state: JobState }
  | {
      readonly kind: 'task';
      readonly jobId: JobId;
      readonly vertex: VertexId;
      readonly subtask: number;
      readonly attempt: number;
      readonly state: TaskState;
    }
  | { readonly kind: 'checkpoints'; readonly jobId: JobId }
  | { readonly kind: 'slots'; readonly jobId: JobId; readonly message: string | undefined };
