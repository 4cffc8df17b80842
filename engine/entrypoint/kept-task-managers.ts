// The TaskManagers that a process of a highly available cluster brings along: always so many, whether it leads
// or not. They serve whoever leads, who may ask for the end of one that it does not hear of.

import type { Clock } from '../core/clock.ts';
import type { ResourceId } from '../core/ids.ts';
import type { Logger } from '../core/logger.ts';
import type { ResourceDriver, WorkerProfile } from '../runtime/resourcemanager/resource-driver.ts';

const AGAIN_MS = 100;

export class KeptTaskManagers implements ResourceDriver {
  readonly #driver: ResourceDriver;
  readonly #profile: WorkerProfile;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Of the ResourceManager of the last leadership. */
  #onGone: (worker: ResourceId, reason: string) => void = () => undefined;
  #isClosed = false;

  constructor(driver: ResourceDriver, profile: WorkerProfile, clock: Clock, log: Logger) {
    this.#driver = driver;
    this.#profile = profile;
    this.#clock = clock;
    this.#log = log;
    driver.onWorkerGone((worker, reason) => {
      this.#onGone(worker, reason);
      this.#startLater();
    });
  }

  start(count: number): void {
    for (let i = 0; i < count; i++) this.#start();
  }

  onWorkerGone(listener: (worker: ResourceId, reason: string) => void): void {
    this.#onGone = listener;
  }

  requestWorker(): Promise<ResourceId> {
    return Promise.reject(new Error('there are as many TaskManagers as were asked for'));
  }

  /** One of ours is replaced; those of other processes are theirs to end. */
  releaseWorker(worker: ResourceId): void {
    void this.listWorkers().then((own) => {
      if (!own.includes(worker) || this.#isClosed) return;
      this.#driver.releaseWorker(worker);
      this.#startLater();
    });
  }

  listWorkers(): Promise<readonly ResourceId[]> {
    return this.#driver.listWorkers();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const worker of await this.listWorkers()) this.#driver.releaseWorker(worker);
  }

  #startLater(): void {
    this.#clock.after(AGAIN_MS, () => this.#start());
  }

  #start(): void {
    if (this.#isClosed) return;
    this.#driver.requestWorker(this.#profile).catch((error: unknown) => {
      this.#log.log('error', `no TaskManager could be started: ${String(error)}`);
      this.#startLater();
    });
  }
}
