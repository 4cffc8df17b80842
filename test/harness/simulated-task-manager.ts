// A TaskManager of a simulated cluster, assembled as entrypoint/taskmanager-main.ts does it: the real
// TaskExecutor, its slots and its exchange, over what the simulation gives instead of threads and sockets.

import type { ResourceId } from '../../engine/core/ids.ts';
import type { Logger } from '../../engine/core/logger.ts';
import { RemoteExchange } from '../../engine/network/remote-exchange.ts';
import { newRingMemory } from '../../engine/network/ring.ts';
import { RpcService } from '../../engine/rpc/rpc-service.ts';
import type { WorkerProfile } from '../../engine/runtime/resourcemanager/resource-driver.ts';
import { BlobCache } from '../../engine/runtime/taskexecutor/blob-cache.ts';
import { ChannelTable } from '../../engine/runtime/taskexecutor/channel-table.ts';
import { LocalStateDirectory } from '../../engine/runtime/taskexecutor/local-state-directory.ts';
import {
  type LeaderLocation,
  TaskExecutor,
} from '../../engine/runtime/taskexecutor/task-executor.ts';
import type { TaskManagerInfo } from '../../engine/runtime/taskexecutor/task-executor-gateway.ts';
import type { MemoryNetwork } from './memory-network.ts';
import type { MemorySockets } from './memory-sockets.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedSlots, type SlotsWorld } from './simulated-slots.ts';

export interface TaskManagerWorld extends SlotsWorld {
  readonly network: MemoryNetwork;
  readonly sockets: MemorySockets;
  readonly log: Logger;
  /** As that process finds it. */
  readonly findLeader: (process: SimulatedProcess) => Promise<LeaderLocation | undefined>;
  readonly rpcTimeoutMs: number;
  readonly threads: 'slot' | 'chain';
  /** Of each channel: its credit. */
  readonly ringSlots: number;
  readonly ringSlotBytes: number;
}

const CANCELLATION_MS = 300;
const STUCK_MS = 10_000;

export class SimulatedTaskManager {
  readonly resourceId: ResourceId;
  readonly slots: SimulatedSlots;
  readonly process: SimulatedProcess;
  readonly #world: TaskManagerWorld;
  /** @param onExit It has ended by itself, as it was told to. */
  constructor(
    resourceId: ResourceId,
    profile: WorkerProfile,
    world: TaskManagerWorld,
    onExit: () => void,
  ) {
    this.resourceId = resourceId;
    this.#world = world;
    this.process = new SimulatedProcess(resourceId, world);
    this.slots = new SimulatedSlots(this.process, world);
    void this.#start(profile, onExit);
  }

  get isAlive(): boolean {
    return this.process.isAlive;
  }

  /** As `kill -9`. Resolves when it is gone: until then others wait for it. */
  async kill(): Promise<void> {
    this.process.die();
    await this.process.quiet();
    this.#vanish();
  }

  /** Its machine loses power: it dies, and with it what it had not synced, as far as that is lost. */
  losePower(isLost: (path: string) => boolean): void {
    this.process.die();
    this.#vanish();
    this.#world.files.losePowerOf(this.resourceId, isLost);
  }

  #vanish(): void {
    this.#world.network.kill(this.resourceId);
    this.#world.sockets.kill(this.resourceId);
  }

  async #start(profile: WorkerProfile, onExit: () => void): Promise<void> {
    const { network, sockets, doorbells, log, rpcTimeoutMs } = this.#world;
    const { clock } = this.process;
    const { resourceId } = this;
    const rpc = new RpcService({
      transport: network.transport(resourceId),
      address: `unix:/${resourceId}.rpc`,
      clock,
      timeoutMs: rpcTimeoutMs,
    });
    const dataAddress = `unix:/${resourceId}.data`;
    const exchange = new RemoteExchange({
      listenAddress: dataAddress,
      secret: 'secret',
      log,
      sockets: sockets.of(resourceId),
      doorbell: doorbells.create(this.process),
      onBroken: (channelIds, reason) => executor.onChannelsBroken(channelIds, reason),
    });
    await exchange.start();
    await rpc.start();
    const info = infoOf(resourceId, rpc.address, dataAddress, profile);
    const executor = this.#createExecutor(info, rpc, exchange, onExit);
    await executor.start();
  }

  #createExecutor(
    info: TaskManagerInfo,
    rpc: RpcService,
    exchange: RemoteExchange,
    onExit: () => void,
  ): TaskExecutor {
    const { log, threads, findLeader, ringSlots, ringSlotBytes } = this.#world;
    const settings = {
      slotsMax: info.slotsMax,
      threads,
      heapMaxBytes: 2 ** 28,
      threadsWarm: 1,
      cancellationTimeoutMs: CANCELLATION_MS,
      stuckTimeoutMs: STUCK_MS,
    };
    return new TaskExecutor(info, settings, {
      findLeader: () => findLeader(this.process),
      rpc,
      clock: this.process.clock,
      log: log.named(info.resourceId),
      spawner: this.slots,
      channels: new ChannelTable(info.resourceId, exchange, () =>
        newRingMemory(ringSlots, ringSlotBytes),
      ),
      blobs: new BlobCache(),
      localState: new LocalStateDirectory(this.process.files, `/local/${info.resourceId}`, log),
      nameFrames: () => (frame) => frame.functionName,
      mapStack: (stack) => stack,
      load: () => NO_LOAD,
      exit: () => void this.kill().then(onExit),
    });
  }
}

const NO_LOAD = {
  cpu: 0,
  heapUsedBytes: 0,
  heapTotalBytes: 0,
  externalBytes: 0,
  rssBytes: 0,
  bytesInPerSecond: 0,
  bytesOutPerSecond: 0,
};

const infoOf = (
  resourceId: ResourceId,
  address: string,
  dataAddress: string,
  profile: WorkerProfile,
): TaskManagerInfo => ({
  resourceId,
  address,
  dataAddress,
  pid: 1,
  cores: 1,
  physicalMemoryBytes: 2 ** 30,
  memoryBytes: profile.memoryBytes,
  slotsMax: profile.slotsMax,
  slots: profile.slots,
});
