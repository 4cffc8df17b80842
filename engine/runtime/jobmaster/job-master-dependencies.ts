// What a JobMaster is given by the Dispatcher that starts it.

import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import type { StoredBounds, StoredCheckpoint } from '../../ha/ha-store.ts';
import type { RpcService } from '../../rpc/rpc-service.ts';
import type { ProgramDeployment } from '../../task/task-deployment.ts';
import type { JobMasterAddress } from '../taskexecutor/task-executor-gateway.ts';
import type { JobRegistry } from './job-checkpoints-dependencies.ts';
import type { JobEvent } from './job-events.ts';
import type { JobMaster } from './job-master.ts';
import type { KeptResults } from './job-results.ts';

export interface RecoveredJob {
  readonly checkpoints: readonly StoredCheckpoint[];
  /** What sinks held that had finished. */
  readonly results: KeptResults;
  /** Undefined: none was asked for while it ran. */
  readonly parallelism: readonly StoredBounds[] | undefined;
  /** Attempts under earlier leaders have lower numbers. */
  readonly firstAttempt: number;
}

export interface JobMasterDependencies {
  readonly rpc: RpcService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly files: FileSystem;
  readonly heartbeatTimeoutMs: number;
  /** Of this job, under this leader. */
  readonly checkpointDirectory: string;
  /** Of this job, under whatever leader. */
  readonly checkpointRoot: string;
  /** Under which the JobMaster leads the job. */
  readonly epoch: number;
  readonly registry: JobRegistry | undefined;
  /** What an earlier leader has left of the job. */
  readonly recovered: RecoveredJob | undefined;
  readonly program: ProgramDeployment;
  /** To the ResourceManager. */
  readonly declareRequirements: (jobId: JobId, jobMaster: JobMasterAddress, slots: number) => void;
  readonly onEvent: (event: JobEvent) => void;
  /**
   * The job has reached a state that it will not leave. `cleared`: what it needed is gone from the disk; never
   * rejects.
   */
  readonly onEnded: (jobMaster: JobMaster, cleared: Promise<void>) => void;
}
