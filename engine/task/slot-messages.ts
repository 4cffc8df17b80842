// What the main thread of a TaskManager and a slot's worker say to one another. Plain data; every message
// about a task carries its attempt, so one that comes late is recognised.

import type { CheckpointDecline, TaskAcknowledgement } from '../checkpoint/acknowledgement.ts';
import type { Barrier } from '../core/barrier.ts';
import type { ErrorInfo } from '../core/errors.ts';
import type { AttemptId, BlobKey, OperatorId } from '../core/ids.ts';
import type { JobMessage } from '../core/job-message.ts';
import type { FinalResults, ResultsRequest, ResultsResponse } from '../core/results.ts';
import type { UserMetrics } from '../core/user-metrics.ts';
import type { DoorbellMemory } from '../network/doorbell.ts';
import type { Carrier, TaskDeployment } from './task-deployment.ts';
import type { MetricsMemory } from './task-metrics.ts';

export type ToSlot =
  | {
      readonly kind: 'deploy';
      readonly deployment: TaskDeployment;
      readonly carriers: readonly (readonly [string, Carrier])[];
      readonly metrics: MetricsMemory;
      /** The bundle, the plan, and the data that the task's sources read. */
      readonly blobs: readonly (readonly [BlobKey, Uint8Array])[];
      /** Where this job's checkpoints go. */
      readonly checkpointDirectory: string;
      /** For copies of what tasks of the job write there. */
      readonly localDirectory: string;
    }
  | { readonly kind: 'cancel'; readonly attemptId: AttemptId }
  | { readonly kind: 'trigger'; readonly attemptId: AttemptId; readonly barrier: Barrier }
  /** To be answered by `observed`. */
  | { readonly kind: 'observe'; readonly attemptId: AttemptId }
  | {
      readonly kind: 'checkpoint-complete';
      readonly attemptId: AttemptId;
      readonly checkpointId: number;
    }
  | {
      readonly kind: 'checkpoint-aborted';
      readonly attemptId: AttemptId;
      readonly checkpointId: number;
    }
  | {
      readonly kind: 'operator-event';
      readonly attemptId: AttemptId;
      readonly operatorId: OperatorId;
      readonly event: unknown;
    }
  | {
      readonly kind: 'results';
      readonly attemptId: AttemptId;
      readonly operatorId: OperatorId;
      readonly request: ResultsRequest;
      readonly id: number;
    };

export type FromSlot =
  | { readonly kind: 'ready'; readonly doorbell: DoorbellMemory }
  | {
      readonly kind: 'state';
      readonly attemptId: AttemptId;
      readonly state: 'INITIALIZING' | 'RUNNING';
    }
  | { readonly kind: 'ended'; readonly attemptId: AttemptId; readonly end: TaskEnd }
  /** Unasked for once, with the first metric of its functions; then when asked for, and before the end. */
  | {
      readonly kind: 'observed';
      readonly attemptId: AttemptId;
      readonly user: UserMetrics;
    }
  | { readonly kind: 'data-ended'; readonly attemptId: AttemptId }
  | {
      readonly kind: 'acknowledge';
      readonly attemptId: AttemptId;
      readonly ack: TaskAcknowledgement;
    }
  | {
      readonly kind: 'decline';
      readonly attemptId: AttemptId;
      readonly decline: CheckpointDecline;
    }
  | {
      readonly kind: 'operator-event';
      readonly attemptId: AttemptId;
      readonly operatorId: OperatorId;
      readonly event: unknown;
    }
  | { readonly kind: 'results'; readonly id: number; readonly response: ResultsResponse }
  | {
      readonly kind: 'message';
      readonly attemptId: AttemptId;
      readonly message: JobMessage;
    };

export type TaskEnd =
  | { readonly state: 'FINISHED'; readonly results: readonly FinalResults[] }
  | { readonly state: 'CANCELED' }
  | { readonly state: 'FAILED'; readonly failure: TaskFailure };

/** Why a task failed, with all that helps to find the place. */
export interface TaskFailure {
  readonly error: ErrorInfo;
  /**
   * `user`: thrown by the program. `engine`: by us. `machine`: a disk that is full or fails. `stuck`: a call that
   * did not return. `lost`: its worker or process died.
   */
  readonly cause: 'user' | 'engine' | 'machine' | 'stuck' | 'lost';
  readonly operator: string | undefined;
  /** Shortened JSON of the record at work. */
  readonly record: string | undefined;
  /** `cell "late", line 12`. */
  readonly place: string | undefined;
}
