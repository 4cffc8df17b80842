// What a JobManager is while it leads: an RPC service of its own, a ResourceManager and a Dispatcher, begun with
// the jobs of the leaders before it. When its leadership is over it stands still for ever, and its connections
// break: whoever worked for it looks for the next leader.

import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Leadership } from '../ha/ha-store.ts';
import { RpcService } from '../rpc/rpc-service.ts';
import type { Transport } from '../rpc/transport.ts';
import { Dispatcher, type DispatcherSettings } from '../runtime/dispatcher/dispatcher.ts';
import type { ResourceDriver } from '../runtime/resourcemanager/resource-driver.ts';
import {
  ResourceManager,
  type ResourceManagerSettings,
} from '../runtime/resourcemanager/resource-manager.ts';
import { RESOURCE_MANAGER } from '../runtime/resourcemanager/resource-manager-gateway.ts';

export interface LeaderProcessSettings {
  /** Of the RPC service. */
  readonly address: string;
  readonly rpcTimeoutMs: number;
  readonly resourceManager: ResourceManagerSettings;
  readonly dispatcher: DispatcherSettings;
  /** Started at once. */
  readonly taskManagers: number;
}

export interface LeaderProcessDependencies {
  readonly transport: Transport;
  readonly driver: ResourceDriver | undefined;
  /** With high availability, of the leadership: see `Tenure`. */
  readonly clock: Clock;
  readonly files: FileSystem;
  readonly random: Random;
  readonly log: Logger;
  /** Undefined: it alone ever leads. */
  readonly leadership: Leadership | undefined;
}

/** Where nobody is elected. */
const ONLY_EPOCH = 1;

export class LeaderProcess {
  readonly resourceManager: ResourceManager;
  readonly dispatcher: Dispatcher;
  readonly #rpc: RpcService;
  readonly #taskManagers: number;

  constructor(settings: LeaderProcessSettings, deps: LeaderProcessDependencies) {
    const { clock, random, files, log, leadership } = deps;
    const epoch = leadership?.epoch ?? ONLY_EPOCH;
    this.#taskManagers = settings.taskManagers;
    this.#rpc = new RpcService({
      transport: deps.transport,
      address: settings.address,
      clock,
      timeoutMs: settings.rpcTimeoutMs,
    });
    const parts = { rpc: this.#rpc, clock, random, epoch };
    this.resourceManager = new ResourceManager(
      settings.resourceManager,
      { ...parts, driver: deps.driver, log: log.named('resource-manager') },
      () => this.dispatcher.events.add({ kind: 'taskmanagers' }, clock.now()),
    );
    this.dispatcher = new Dispatcher(settings.dispatcher, {
      ...parts,
      files,
      leadership,
      log: log.named('dispatcher'),
      resourceManager: this.resourceManager,
    });
    leadership?.onOver(() => void this.#rpc.close());
  }

  /** Resolves when it serves, and all jobs that were there are on their way. */
  async start(): Promise<void> {
    const listening = this.#rpc.start();
    this.#rpc.serve(RESOURCE_MANAGER, this.resourceManager);
    this.resourceManager.start(this.#taskManagers);
    await listening;
    await this.dispatcher.recover();
  }

  /** Ends every job and every TaskManager. */
  async close(cancelMs: number): Promise<void> {
    await this.dispatcher.close(cancelMs);
    this.resourceManager.close();
    await this.#rpc.close();
  }
}
