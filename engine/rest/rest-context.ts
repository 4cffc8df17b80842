// What the handlers answer from.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Random } from '../core/random.ts';
import type { Dispatcher } from '../runtime/dispatcher/dispatcher.ts';
import type { ResourceManager } from '../runtime/resourcemanager/resource-manager.ts';

export interface RestContext {
  readonly dispatcher: Dispatcher;
  readonly resourceManager: ResourceManager;
  /** The cluster's. */
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly random: Random;
}
