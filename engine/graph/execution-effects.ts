// What goes into an ExecutionGraph from TaskManagers, and what must happen outside after each event. Effects
// are carried out in their order; none of them waits for another.

import type { ErrorInfo } from '../core/errors.ts';
import type { AttemptId } from '../core/ids.ts';
import type { JobState, TaskState } from './execution-state.ts';
import type { Assignment, Execution } from './execution-vertex.ts';
import type { SubtaskId } from './pipelined-regions.ts';

export type ExecutionEffect =
  /** A task has changed its state. `execution` is the attempt as it is now. */
  | {
      readonly kind: 'task-state';
      readonly id: SubtaskId;
      readonly before: TaskState;
      readonly execution: Execution;
    }
  /** The TaskManager is to cancel this attempt, again if it was told before. */
  | { readonly kind: 'cancel-task'; readonly id: SubtaskId; readonly execution: Execution }
  /** The attempt no longer needs its slot. */
  | {
      readonly kind: 'release-slot';
      readonly attemptId: AttemptId;
      readonly assignment: Assignment;
    }
  /** A task has failed in a job that goes on: restart its region, or `failJob`. */
  | {
      readonly kind: 'task-failed';
      readonly id: SubtaskId;
      readonly execution: Execution;
      readonly error: ErrorInfo;
    }
  /** Whoever reports this attempt is behind the times: it is to drop the task. */
  | { readonly kind: 'drop-task'; readonly attemptId: AttemptId }
  /** The job has changed its state. `error`: why, for FAILING, FAILED and SUSPENDED. */
  | {
      readonly kind: 'job-state';
      readonly before: JobState;
      readonly state: JobState;
      readonly error: ErrorInfo | undefined;
    };

/** What a TaskManager says of an attempt. */
export type TaskReport =
  | {
      readonly attemptId: AttemptId;
      readonly state: 'INITIALIZING' | 'RUNNING' | 'FINISHED' | 'CANCELED';
    }
  | { readonly attemptId: AttemptId; readonly state: 'FAILED'; readonly error: ErrorInfo };
