// What the handlers answer from.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Random } from '../core/random.ts';
import type { Dispatcher } from '../runtime/dispatcher/dispatcher.ts';
import type { ResourceManager } from '../runtime/resourcemanager/resource-manager.ts';
import type { TaskManagerLoad } from '../runtime/taskexecutor/task-executor-gateway.ts';
import type { LogFiles } from './log-files.ts';

export interface RestContext {
  readonly dispatcher: Dispatcher;
  readonly resourceManager: ResourceManager;
  /** What this process uses. */
  readonly load: () => TaskManagerLoad;
  readonly logs: LogFiles;
  /** The cluster's. */
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly random: Random;
}
