// A JobManager, assembled: Dispatcher, ResourceManager and REST over one RPC service, with a driver that
// starts TaskManagers where the cluster may. The same for the embedded and the standalone cluster. With high
// availability it stands for election, and is all that only while it leads.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { delay } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { systemRandom } from '../core/system-random.ts';
import type { Candidacy } from '../ha/ha-store.ts';
import { Tenure } from '../ha/tenure.ts';
import { bindAddress } from '../rest/listening.ts';
import { RestEndpoint } from '../rest/rest-endpoint.ts';
import { restTls } from '../rest/rest-tls.ts';
import type { Route } from '../rest/router.ts';
import { routesOf } from '../rest/routes.ts';
import { UploadedBundles } from '../rest/uploaded-bundles.ts';
import { type WebFiles, webRoutes } from '../rest/web-files.ts';
import { socketTransport } from '../rpc/socket-transport.ts';
import type { ResourceManagerSettings } from '../runtime/resourcemanager/resource-manager.ts';
import { fileOf } from './cluster-registry.ts';
import { type HighAvailability, openHaStore } from './high-availability.ts';
import { KeptTaskManagers } from './kept-task-managers.ts';
import { LeaderProcess } from './leader-process.ts';
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
  /** Undefined: its jobs end with it. */
  readonly highAvailability: HighAvailability | undefined;
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

/** What a process of a cluster is when it has started. */
export type Role = 'leader' | 'standby';

export class JobManager {
  readonly #settings: JobManagerSettings;
  readonly #rest: RestEndpoint;
  /** Of uploaded bundles. */
  readonly #programs: ProgramRunner;
  readonly #load = processLoad(systemClock);
  readonly #secret: string;
  readonly #driver: ProcessDriver;
  readonly #role = Promise.withResolvers<Role>();
  #leader: LeaderProcess | undefined;
  #candidacy: Candidacy | undefined;
  #kept: KeptTaskManagers | undefined;
  #isClosing = false;

  constructor(settings: JobManagerSettings) {
    const { configuration, directory, storageDirectory, log, highAvailability: ha } = settings;
    this.#settings = settings;
    this.#secret = ha?.secrets.rpc ?? randomBytes(32).toString('hex');
    this.#programs = new ProgramRunner({
      clock: systemClock,
      timeoutMs: configuration.get(options.programTimeout),
      onOutput: (text) => log.log('info', text.trimEnd()),
    });
    this.#driver = new ProcessDriver({
      directory,
      logDirectory: join(storageDirectory, 'logs'),
      secret: this.#secret,
      leader:
        ha === undefined
          ? { kind: 'fixed', rpc: this.#address(undefined) }
          : { kind: 'elected', directory: ha.directory },
      configuration,
      random: systemRandom,
    });
    this.#rest = this.#createRest();
  }

  /** Resolves when it leads, or another does. */
  async start(): Promise<Role> {
    const { highAvailability } = this.#settings;
    await this.#rest.start();
    if (highAvailability === undefined) await this.#lead(undefined);
    else this.#stand(highAvailability);
    return this.#role.promise;
  }

  get restUrl(): string {
    const { configuration } = this.#settings;
    const address = configuration.get(options.restAddress);
    const host = address.includes(':') ? `[${address}]` : address;
    const scheme = configuration.get(options.restTls) ? 'https' : 'http';
    return `${scheme}://${host}:${this.#rest.port}`;
  }

  /** Resolves when TaskManagers with so many slots have registered; at once when it does not lead. */
  whenSlots(count: number): Promise<void> {
    const leader = this.#leader;
    if (leader === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        const registered = leader.resourceManager
          .taskManagers()
          .reduce((sum, { slotsTotal }) => sum + slotsTotal, 0);
        if (registered < count) return;
        stop();
        resolve();
      };
      const stop = leader.dispatcher.events.listen(({ event }) => {
        if (event.kind === 'taskmanagers') look();
      });
      look();
    });
  }

  /**
   * Ends every job and every TaskManager. With high availability, its TaskManagers: the jobs go on under another
   * leader, or when one is started again.
   */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#candidacy === undefined) await this.#leader?.close(CANCEL_MS);
    else await this.#settled();
    await this.#candidacy?.close().catch(() => undefined); // its lease runs out
    await this.#kept?.close();
    this.#programs.close();
    await this.#rest.close();
  }

  /** Whatever has ended here does not begin again elsewhere. */
  async #settled(): Promise<void> {
    const { dispatcher } = this.#leader ?? {};
    await Promise.race([dispatcher?.settled(), delay(systemClock, CANCEL_MS)]);
  }

  #stand({ directory, leaseTimeoutMs }: HighAvailability): void {
    const { log, taskManagers } = this.#settings;
    const { profile } = resourceManagerSettings(this.#settings);
    this.#kept = new KeptTaskManagers(this.#driver, profile, systemClock, log);
    this.#kept.start(taskManagers);
    const store = openHaStore(directory, leaseTimeoutMs, systemFileSystem, systemClock);
    this.#candidacy = store.stand({
      address: (epoch) => ({ rpc: this.#address(epoch), rest: this.restUrl }),
      onElected: (leadership) => {
        log.log('info', `leads under epoch ${leadership.epoch}`);
        const tenure = new Tenure(leadership, systemClock, systemFileSystem, leaseTimeoutMs);
        this.#lead(tenure).catch((error: unknown) => log.log('error', String(error)));
      },
      onLedByOther: () => this.#role.resolve('standby'),
      onProblem: (error) => log.log('warn', `${directory}: ${(error as Error).message}`),
    });
  }

  async #lead(tenure: Tenure | undefined): Promise<void> {
    const { configuration, storageDirectory, log, taskManagers, highAvailability } = this.#settings;
    const leader = new LeaderProcess(
      {
        address: this.#address(tenure?.leadership.epoch),
        rpcTimeoutMs: RPC_TIMEOUT_MS,
        resourceManager: resourceManagerSettings(this.#settings),
        dispatcher: {
          heartbeatTimeoutMs: configuration.get(options.heartbeatTimeout),
          directory: highAvailability?.directory ?? storageDirectory,
          endedMax: configuration.get(options.jobsEndedMax),
          endedMs: configuration.get(options.jobsEndedSeconds) * 1_000,
        },
        taskManagers: tenure === undefined ? taskManagers : 0,
      },
      {
        transport: socketTransport(this.#secret),
        driver: this.#kept ?? this.#driver,
        clock: tenure?.clock ?? systemClock,
        random: systemRandom,
        log,
        files: tenure?.files ?? systemFileSystem,
        leadership: tenure?.leadership,
      },
    );
    this.#leader = leader;
    tenure?.leadership.onOver(() => {
      this.#leader = undefined;
      this.#rest.serve(undefined);
      if (this.#isClosing) return; // it has given it up by itself
      log.log('warn', `epoch ${tenure.leadership.epoch} is over: another JobManager leads`);
    });
    await leader.start();
    if (this.#leader !== leader) return;
    this.#rest.serve(this.#routesOf(leader));
    this.#role.resolve('leader');
  }

  /** A new one for each time it leads: of the one before connections may still be open. */
  #address(epoch: number | undefined): string {
    const name = epoch === undefined ? 'jm.rpc' : `jm-${epoch}.rpc`;
    return `unix:${join(this.#settings.directory, name)}`;
  }

  #createRest(): RestEndpoint {
    const { configuration, token, log } = this.#settings;
    return new RestEndpoint(
      {
        address: configuration.get(options.restAddress),
        bindAddress: bindAddress(configuration),
        tls: restTls(configuration),
        port: configuration.get(options.restPort),
        token,
        tokenFile: (port) => fileOf(process.pid, port),
        clock: systemClock,
        log: log.named('rest'),
      },
      undefined,
    );
  }

  #routesOf({ dispatcher, resourceManager }: LeaderProcess): readonly Route[] {
    const { configuration, storageDirectory, webFiles, onShutDown } = this.#settings;
    const routes = routesOf({
      dispatcher,
      resourceManager,
      configuration,
      clock: systemClock,
      random: systemRandom,
      load: this.#load,
      logs: logDirectory(join(storageDirectory, 'logs')),
      files: systemFileSystem,
      uploads: new UploadedBundles(
        systemFileSystem,
        systemRandom,
        join(storageDirectory, 'uploads'),
      ),
      runProgram: (request) => this.#programs.run({ ...request, directory: storageDirectory }),
      shutDown: onShutDown,
    });
    return [...routes, ...webRoutes(webFiles)];
  }
}

function resourceManagerSettings({
  configuration,
  taskManagers,
  isFixed,
  highAvailability,
}: JobManagerSettings): ResourceManagerSettings {
  // Then TaskManagers come and go with the processes that bring them along.
  const isKept = highAvailability !== undefined;
  const slotsPerWorker = configuration.get(options.slotsPerTaskManager);
  const slotsMax = isKept
    ? Number.MAX_SAFE_INTEGER
    : isFixed
      ? taskManagers * slotsPerWorker
      : configuration.get(options.taskManagersMax);
  const spares = configuration.get(options.spareTaskManagers);
  const mayShare = configuration.get(options.shareTaskManagers);
  return {
    heartbeatIntervalMs: configuration.get(options.heartbeatInterval),
    heartbeatTimeoutMs: configuration.get(options.heartbeatTimeout),
    // In a cluster of fixed size what is lost is replaced, and nothing is released.
    spares: isKept ? 0 : isFixed ? taskManagers : spares,
    spareDelayMs: isFixed ? 100 : SPARE_DELAY_MS,
    idleTimeoutMs: isKept ? Number.POSITIVE_INFINITY : configuration.get(options.slotIdleTimeout),
    profile: {
      slotsMax: slotsPerWorker,
      slots: configuration.get(options.taskManagerSlots),
      memoryBytes: configuration.get(options.taskManagerMemory),
    },
    slots: {
      slotsMax,
      slotsPerWorker,
      canStart: !isKept,
      // A job that shares with none takes a whole process for as little as one slot.
      workersMax: isFixed ? taskManagers : slotsMax + spares,
      mayShare,
    },
  };
}
