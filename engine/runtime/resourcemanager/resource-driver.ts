// Where TaskManagers come from: a seam. The first driver starts processes on this machine
// (entrypoint/process-driver.ts); others ask a cluster manager. A worker that was asked for shows up by
// registering itself; the driver reports only that one is gone.

import type { ResourceId } from '../../core/ids.ts';

export interface WorkerProfile {
  readonly slotsMax: number;
  readonly slots: 'fixed' | 'elastic';
  readonly memoryBytes: number;
}

export interface ResourceDriver {
  /** Events go to this listener, set before anything else is called. */
  onWorkerGone(listener: (worker: ResourceId, reason: string) => void): void;
  /** Asks for a worker. The id is the one under which it will register. Rejects when none can be had. */
  requestWorker(profile: WorkerProfile): Promise<ResourceId>;
  releaseWorker(worker: ResourceId): void;
  /** Workers of an earlier ResourceManager of this cluster that still live. */
  listWorkers(): Promise<readonly ResourceId[]>;
}
