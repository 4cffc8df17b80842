// `sluice cluster`: the JobManager in this process, a fixed number of TaskManagers as processes that end with
// it. It goes on until somebody ends it.

import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import { lineLogger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { systemClock } from '../core/system-clock.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { checkListening, type OpenDoor } from '../rest/listening.ts';
import { type OwnTls, ownTls } from '../rest/rest-tls.ts';
import type { WebFiles } from '../rest/web-files.ts';
import { standaloneConfiguration } from './cluster-configuration.ts';
import { createClusterDirectory, removeClusterDirectory } from './cluster-directory.ts';
import { publishCluster } from './cluster-registry.ts';
import { openDashboard } from './dashboard.ts';
import { type HighAvailability, highAvailabilityOf } from './high-availability.ts';
import { JobManager, type Role } from './job-manager.ts';

export interface StandaloneClusterSettings {
  readonly taskManagers: number;
  /** Over the defaults of a standalone cluster. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Where checkpoints and logs stay when it has ended; undefined: they go with it. */
  readonly directory: string | undefined;
  /** Where Flink's dashboard lies, as openDashboard takes it; undefined: none is shown. */
  readonly dashboard: string | undefined;
  /** Lines of its log. */
  readonly onLog: (line: string) => void;
  /** A client has asked for its end: whoever started it closes it. */
  readonly onShutDown: () => void;
}

export interface StandaloneCluster {
  readonly restUrl: string;
  /** Undefined when it asks for none. */
  readonly token: string | undefined;
  /** Undefined: it speaks http. */
  readonly tls: OwnTls | undefined;
  /** Everybody who reaches it comes in. */
  readonly openDoor: OpenDoor | undefined;
  readonly slots: number;
  /** Of a standby, what it serves is little until it leads. */
  readonly role: Role;
  /** Ends its processes, and its jobs unless they are highly available. */
  close(): Promise<void>;
}

/** Resolves when all slots have registered. Rejects with reason `address`, `port-in-use`, `no-dashboard`. */
export async function startStandaloneCluster(
  settings: StandaloneClusterSettings,
): Promise<StandaloneCluster> {
  const configuration = standaloneConfiguration().with(settings.configuration);
  const openDoor = checkListening(configuration, new Configuration(settings.configuration));
  const tls = ownTls(configuration);
  const highAvailability = await highAvailabilityOf(configuration, systemFileSystem);
  const webFiles = await webFilesOf(settings.dashboard, configuration);
  const directory = createClusterDirectory();
  const kept = settings.directory === undefined ? directory : folder(settings.directory);
  const token = tokenOf(configuration, highAvailability);
  const file = createWriteStream(join(kept, 'logs', 'jobmanager.log'), { flags: 'a', mode: 0o600 });
  const jobManager = new JobManager({
    configuration,
    directory,
    storageDirectory: kept,
    taskManagers: settings.taskManagers,
    isFixed: true,
    highAvailability,
    token,
    webFiles,
    log: lineLogger(systemClock, (line) => onLine(settings, file, line), 'jobmanager'),
    onShutDown: settings.onShutDown,
  });
  const slots = settings.taskManagers * configuration.get(options.slotsPerTaskManager);
  const removeDirectory = (): void => removeClusterDirectory(directory);
  process.once('exit', removeDirectory);
  const role = await jobManager.start();
  const url = jobManager.restUrl;
  const withdraw = publishCluster({
    url,
    pid: process.pid,
    kind: 'standalone',
    ...(highAvailability === undefined ? {} : { highAvailability: highAvailability.directory }),
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { certificate: tls.certificate }),
  });
  process.once('exit', withdraw);
  await jobManager.whenSlots(slots);
  return {
    restUrl: url,
    token,
    tls,
    openDoor,
    slots,
    role,
    async close() {
      await jobManager.close();
      file.end();
      withdraw();
      removeDirectory();
    },
  };
}

/** Where clients read it, and where it was started. */
function onLine({ onLog }: StandaloneClusterSettings, file: Writable, line: string): void {
  file.write(line);
  onLog(line);
}

async function webFilesOf(
  path: string | undefined,
  configuration: Configuration,
): Promise<WebFiles> {
  if (path === undefined) return new Map();
  if (configuration.get(options.restAuth) === 'token')
    throw new SluiceError(
      'no-dashboard',
      'a dashboard needs rest.auth none: browsers show no token',
    );
  return openDashboard(path);
}

/** All processes of a cluster ask for the same. */
function tokenOf(
  configuration: Configuration,
  highAvailability: HighAvailability | undefined,
): string | undefined {
  if (configuration.get(options.restAuth) === 'none') return undefined;
  return highAvailability?.secrets.token ?? randomBytes(32).toString('hex');
}

function folder(path: string): string {
  const absolute = resolve(path);
  mkdirSync(resolve(absolute, 'logs'), { recursive: true, mode: 0o700 });
  return absolute;
}
