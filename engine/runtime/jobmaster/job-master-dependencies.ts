// What a JobMaster is given by the Dispatcher that starts it.

import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { JobId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { Random } from '../../core/random.ts';
import type { RpcService } from '../../rpc/rpc-service.ts';
import type { ProgramDeployment } from '../../task/task-deployment.ts';
import type { JobMasterAddress } from '../taskexecutor/task-executor-gateway.ts';
import type { JobEvent } from './job-events.ts';
import type { JobMaster } from './job-master.ts';

export interface JobMasterDependencies {
  readonly rpc: RpcService;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly files: FileSystem;
  readonly heartbeatTimeoutMs: number;
  /** Of this job. */
  readonly checkpointDirectory: string;
  readonly program: ProgramDeployment;
  /** To the ResourceManager. */
  readonly declareRequirements: (jobId: JobId, jobMaster: JobMasterAddress, slots: number) => void;
  readonly onEvent: (event: JobEvent) => void;
  /** The job has reached a state that it will not leave, and needs nothing any more. */
  readonly onEnded: (jobMaster: JobMaster) => void;
}
