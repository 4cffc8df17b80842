// What a job's checkpoints are given by the JobMaster whose they are.

import type {
  CheckpointPlan,
  CheckpointTask,
  CompletedCheckpoint,
} from '../../checkpoint/checkpoint.ts';
import type { CheckpointProgress } from '../../checkpoint/checkpoint-stats.ts';
import type { Barrier } from '../../core/barrier.ts';
import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { AttemptId, OperatorId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { StoredBounds } from '../../ha/ha-store.ts';

export interface JobCheckpointsDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly taskName: (attemptId: AttemptId) => string;
  readonly files: FileSystem;
  readonly job: () => JobGraph;
  /** Who would take part now; undefined while not all tasks run. */
  readonly plan: () => CheckpointPlan | undefined;
  /** Positions of split enumerators, read now. */
  readonly snapshotCoordinators: (
    checkpointId: number,
  ) => readonly (readonly [OperatorId, unknown])[];
  readonly tasks: CheckpointedTasks;
  readonly onCompleted: (checkpoint: CompletedCheckpoint) => void;
  /** Undefined: nobody leads after us. */
  readonly registry: JobRegistry | undefined;
  /** Holds the directories of all leaders' checkpoints. */
  readonly root: string;
  readonly onProgress: CheckpointProgress;
  readonly failJob: (message: string) => void;
}

/** What the leader after us must know of the job. Each resolves when it does. */
export interface JobRegistry {
  /** It keeps these, oldest first, and never goes back beyond the last. Waits for ever when we lead no more. */
  register(retained: readonly CompletedCheckpoint[]): Promise<void>;
  /** Rejects with what the disk says, or with `not-leader`. */
  require(bounds: readonly StoredBounds[]): Promise<void>;
  /** As `register` waits. */
  end(): Promise<void>;
}

/** What tasks are told. */
interface CheckpointedTasks {
  triggerCheckpoint(tasks: readonly CheckpointTask[], barrier: Barrier): void;
  notifyCheckpoint(
    tasks: readonly CheckpointTask[],
    checkpointId: number,
    outcome: 'complete' | 'aborted',
  ): void;
  /** It is over. */
  forgetCheckpoint(checkpointId: number): void;
}
