// A JobManager of a simulated cluster: alone it leads from the start; of several, each stands for election on one
// directory, as entrypoint/job-manager.ts does it. It can die, and it can sleep.

import type { Logger } from '../../engine/core/logger.ts';
import {
  LeaderProcess,
  type LeaderProcessSettings,
} from '../../engine/entrypoint/leader-process.ts';
import { FileBackend } from '../../engine/ha/file-backend.ts';
import type { HaStore, Leadership } from '../../engine/ha/ha-store.ts';
import { JournaledHaStore } from '../../engine/ha/journaled-store.ts';
import { Tenure } from '../../engine/ha/tenure.ts';
import type { ResourceDriver } from '../../engine/runtime/resourcemanager/resource-driver.ts';
import type { MemoryNetwork } from './memory-network.ts';
import { SimulatedProcess, type World } from './simulated-process.ts';

export interface JobManagerWorld extends World {
  readonly network: MemoryNetwork;
  readonly log: Logger;
  readonly driver: () => ResourceDriver;
  readonly settings: Omit<LeaderProcessSettings, 'address'>;
}

const LEASE_MS = 1_000;

/** As that process opens it. */
export const haStoreOf = ({ name, clock, files }: SimulatedProcess): HaStore =>
  new JournaledHaStore(new FileBackend(files, '/ha', name), clock, { leaseTimeoutMs: LEASE_MS });

export class SimulatedJobManager {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly #world: JobManagerWorld;
  /** Of the last leadership that it had. */
  leader: LeaderProcess | undefined;
  epoch = 0;
  #leadership: Leadership | undefined;
  #servedEpoch = 0;

  /** @param isAlone There is no other, and no store. */
  constructor(name: string, world: JobManagerWorld, isAlone: boolean) {
    this.name = name;
    this.#world = world;
    this.process = new SimulatedProcess(name, world);
    if (isAlone) this.#lead(undefined);
    else this.#stand();
  }

  #stand(): void {
    haStoreOf(this.process).stand({
      address: (epoch) => ({ rpc: this.#address(epoch), rest: `http://${this.name}` }),
      onElected: (leadership) => this.#lead(leadership),
    });
  }

  get isAlive(): boolean {
    return this.process.isAlive;
  }

  /** As far as it knows. */
  get leads(): boolean {
    return this.isAlive && this.leader !== undefined && this.#leadership?.isOver !== true;
  }

  /** And all jobs that were there are on their way: from then on clients are answered. */
  get serves(): boolean {
    return this.leads && this.#servedEpoch === this.epoch;
  }

  /** As `kill -9`. Resolves when it is gone: until then others wait for it. */
  async kill(): Promise<void> {
    this.process.die();
    await this.process.quiet();
    this.#world.network.kill(this.name);
  }

  /** Its machine loses power: it dies, and with it what it had not synced, as far as that is lost. */
  losePower(isLost: (path: string) => boolean): void {
    this.process.die();
    this.#world.network.kill(this.name);
    this.#world.files.losePowerOf(this.name, isLost);
  }

  /** As SIGSTOP. */
  pause(): void {
    this.process.pause();
  }

  /** As SIGCONT. */
  resume(): void {
    this.process.resume();
  }

  #address(epoch: number): string {
    return epoch === 0 ? `unix:/${this.name}.rpc` : `unix:/${this.name}-${epoch}.rpc`;
  }

  #lead(leadership: Leadership | undefined): void {
    const { network, random, log, driver, settings } = this.#world;
    const { clock, files } =
      leadership === undefined
        ? this.process
        : new Tenure(leadership, this.process.clock, this.process.files, LEASE_MS);
    this.#leadership = leadership;
    this.epoch = leadership?.epoch ?? 0;
    this.leader = new LeaderProcess(
      { ...settings, address: this.#address(this.epoch) },
      {
        transport: network.transport(this.name),
        driver: driver(),
        clock,
        files,
        random,
        log,
        leadership,
      },
    );
    const { epoch, leader } = this;
    void leader.start().then(() => {
      if (this.leader === leader) this.#servedEpoch = epoch;
    });
  }
}
