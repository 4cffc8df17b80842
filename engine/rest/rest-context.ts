// What the handlers answer from.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Random } from '../core/random.ts';
import type { ProgramRequest, ProgramResult } from '../program/program-run.ts';
import type { Dispatcher } from '../runtime/dispatcher/dispatcher.ts';
import type { ResourceManager } from '../runtime/resourcemanager/resource-manager.ts';
import type { TaskManagerLoad } from '../runtime/taskexecutor/task-executor-gateway.ts';
import type { LogFiles } from './log-files.ts';
import type { UploadedBundles } from './uploaded-bundles.ts';

export interface RestContext {
  readonly dispatcher: Dispatcher;
  readonly resourceManager: ResourceManager;
  /** What this process uses. */
  readonly load: () => TaskManagerLoad;
  readonly logs: LogFiles;
  readonly files: FileSystem;
  readonly uploads: UploadedBundles;
  /** In a process of its own. Rejects when it does not come to an end. */
  readonly runProgram: (request: ProgramRequest) => Promise<ProgramResult>;
  /** Ends jobs, TaskManagers and the process. */
  readonly shutDown: () => void;
  /** The cluster's. */
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly random: Random;
}
