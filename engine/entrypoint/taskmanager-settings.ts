// What a TaskManager's process is told by whoever starts it.

import type { ResourceId } from '../core/ids.ts';

export interface TaskManagerSettings {
  readonly resourceId: ResourceId;
  readonly secret: string;
  readonly resourceManagerAddress: string;
  readonly address: string;
  readonly dataAddress: string;
  readonly slotsMax: number;
  readonly slots: 'fixed' | 'elastic';
  readonly memoryBytes: number;
  /** The cluster's, under Flink's keys. */
  readonly configuration: Readonly<Record<string, string>>;
}
