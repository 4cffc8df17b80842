// A JobManager, assembled: Dispatcher, ResourceManager and REST over one RPC service, with a driver that
// starts TaskManagers where the cluster may. The same for the embedded and the standalone cluster.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Configuration } from '../core/configuration.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { systemRandom } from '../core/system-random.ts';
import type { RestContext } from '../rest/rest-context.ts';
import { RestEndpoint } from '../rest/rest-endpoint.ts';
import { routesOf } from '../rest/routes.ts';
import { UploadedBundles } from '../rest/uploaded-bundles.ts';
import { type WebFiles, webRoutes } from '../rest/web-files.ts';
import { socketTransport } from '../rpc/socket-transport.ts';
import { LeaderProcess } from '../runtime/leader-process.ts';
import type { ResourceManagerSettings } from '../runtime/resourcemanager/resource-manager.ts';
import { fileOf } from './cluster-registry.ts';
import { logDirectory } from './log-directory.ts';
import { ProcessDriver } from './process-driver.ts';
import { processLoad } from './process-load.ts';
import { ProgramRunner } from './program-runner.ts';

export interface JobManagerSettings {
  readonly configuration: Configuration;
  /** For the sockets: a short path. */
  readonly directory: string;
  /** For logs and for the checkpoints of jobs that name no folder. */
  readonly storageDirectory: string;
  /** TaskManagers started at once; the driver starts more when jobs need them, unless `isFixed`. */
  readonly taskManagers: number;
  readonly isFixed: boolean;
  /** Undefined: `rest.auth` is none. */
  readonly token: string | undefined;
  /** Served beside the API; empty: none. */
  readonly webFiles: WebFiles;
  readonly log: Logger;
  /** A client has asked for the end of the cluster: whoever made this closes it. */
  readonly onShutDown: () => void;
}

const RPC_TIMEOUT_MS = 30_000;
const CANCEL_MS = 3_000;
const SPARE_DELAY_MS = 500;

export class JobManager {
  readonly #leader: LeaderProcess;
  readonly #rest: RestEndpoint;
  readonly #settings: JobManagerSettings;
  /** Of uploaded bundles. */
  readonly #programs: ProgramRunner;

  constructor(settings: JobManagerSettings) {
    const { configuration, directory, storageDirectory, log } = settings;
    this.#settings = settings;
    const secret = randomBytes(32).toString('hex');
    const address = `unix:${join(directory, 'jm.rpc')}`;
    this.#programs = new ProgramRunner({
      clock: systemClock,
      timeoutMs: configuration.get(options.programTimeout),
      onOutput: (text) => log.log('info', text.trimEnd()),
    });
    const driver = new ProcessDriver({
      directory,
      logDirectory: join(storageDirectory, 'logs'),
      secret,
      resourceManagerAddress: address,
      configuration,
      random: systemRandom,
    });
    this.#leader = new LeaderProcess(
      {
        address,
        rpcTimeoutMs: RPC_TIMEOUT_MS,
        resourceManager: resourceManagerSettings(settings),
        dispatcher: {
          heartbeatTimeoutMs: configuration.get(options.heartbeatTimeout),
          directory: storageDirectory,
          endedMax: configuration.get(options.jobsEndedMax),
          endedMs: configuration.get(options.jobsEndedSeconds) * 1_000,
        },
        taskManagers: settings.taskManagers,
      },
      {
        transport: socketTransport(secret),
        driver,
        clock: systemClock,
        random: systemRandom,
        log,
        files: systemFileSystem,
        leadership: undefined,
      },
    );
    this.#rest = this.#createRest();
  }

  /** Resolves when REST answers. */
  async start(): Promise<void> {
    await this.#rest.start();
    await this.#leader.start();
  }

  get restUrl(): string {
    const { configuration } = this.#settings;
    const address = configuration.get(options.restAddress);
    const host = address.includes(':') ? `[${address}]` : address;
    return `http://${host}:${this.#rest.port}`;
  }

  /** Resolves when TaskManagers with so many slots have registered. */
  whenSlots(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        const registered = this.#leader.resourceManager
          .taskManagers()
          .reduce((sum, { slotsTotal }) => sum + slotsTotal, 0);
        if (registered < count) return;
        stop();
        resolve();
      };
      const stop = this.#leader.dispatcher.events.listen(({ event }) => {
        if (event.kind === 'taskmanagers') look();
      });
      look();
    });
  }

  /** Ends every job and every TaskManager. */
  async close(): Promise<void> {
    await this.#leader.close(CANCEL_MS);
    this.#programs.close();
    await this.#rest.close();
  }

  #createRest(): RestEndpoint {
    const { configuration, token, webFiles, log } = this.#settings;
    return new RestEndpoint(
      {
        address: configuration.get(options.restAddress),
        port: configuration.get(options.restPort),
        token,
        tokenFile: (port) => fileOf(process.pid, port),
        clock: systemClock,
        log: log.named('rest'),
      },
      [...routesOf(this.#restContext()), ...webRoutes(webFiles)],
    );
  }

  #restContext(): RestContext {
    const { configuration, storageDirectory, onShutDown } = this.#settings;
    return {
      dispatcher: this.#leader.dispatcher,
      resourceManager: this.#leader.resourceManager,
      configuration,
      clock: systemClock,
      random: systemRandom,
      load: processLoad(systemClock),
      logs: logDirectory(join(storageDirectory, 'logs')),
      files: systemFileSystem,
      uploads: new UploadedBundles(
        systemFileSystem,
        systemRandom,
        join(storageDirectory, 'uploads'),
      ),
      runProgram: (request) => this.#programs.run({ ...request, directory: storageDirectory }),
      shutDown: onShutDown,
    };
  }
}

function resourceManagerSettings({
  configuration,
  taskManagers,
  isFixed,
}: JobManagerSettings): ResourceManagerSettings {
  const slotsPerWorker = configuration.get(options.slotsPerTaskManager);
  const slotsMax = isFixed
    ? taskManagers * slotsPerWorker
    : configuration.get(options.taskManagersMax);
  const spares = configuration.get(options.spareTaskManagers);
  const mayShare = configuration.get(options.shareTaskManagers);
  return {
    heartbeatIntervalMs: configuration.get(options.heartbeatInterval),
    heartbeatTimeoutMs: configuration.get(options.heartbeatTimeout),
    // In a cluster of fixed size what is lost is replaced, and nothing is released.
    spares: isFixed ? taskManagers : spares,
    spareDelayMs: isFixed ? 100 : SPARE_DELAY_MS,
    idleTimeoutMs: configuration.get(options.slotIdleTimeout),
    profile: {
      slotsMax: slotsPerWorker,
      slots: configuration.get(options.taskManagerSlots),
      memoryBytes: configuration.get(options.taskManagerMemory),
    },
    slots: {
      slotsMax,
      slotsPerWorker,
      canStart: true,
      // A job that shares with none takes a whole process for as little as one slot.
      workersMax: isFixed ? taskManagers : slotsMax + spares,
      mayShare,
    },
  };
}
