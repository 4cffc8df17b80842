// `sluice cluster`: the JobManager in this process, a fixed number of TaskManagers as processes that end with
// it. It goes on until somebody ends it.

import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import type { Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import { lineLogger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { systemClock } from '../core/system-clock.ts';
import type { WebFiles } from '../rest/web-files.ts';
import { standaloneConfiguration } from './cluster-configuration.ts';
import { createClusterDirectory, removeClusterDirectory } from './cluster-directory.ts';
import { publishCluster } from './cluster-registry.ts';
import { openDashboard } from './dashboard.ts';
import { JobManager } from './job-manager.ts';

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
  readonly slots: number;
  /** Ends jobs and processes. */
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** Resolves when all slots have registered. Rejects with reason `address`, `port-in-use`, `no-dashboard`. */
export async function startStandaloneCluster(
  settings: StandaloneClusterSettings,
): Promise<StandaloneCluster> {
  const configuration = standaloneConfiguration().with(settings.configuration);
  checkAddress(configuration);
  const webFiles = await webFilesOf(settings.dashboard, configuration);
  const directory = createClusterDirectory();
  const kept = settings.directory === undefined ? directory : folder(settings.directory);
  const token =
    configuration.get(options.restAuth) === 'token' ? randomBytes(32).toString('hex') : undefined;
  const file = createWriteStream(join(kept, 'logs', 'jobmanager.log'), { flags: 'a', mode: 0o600 });
  const jobManager = new JobManager({
    configuration,
    directory,
    storageDirectory: kept,
    taskManagers: settings.taskManagers,
    isFixed: true,
    token,
    webFiles,
    log: lineLogger(systemClock, (line) => onLine(settings, file, line), 'jobmanager'),
    onShutDown: settings.onShutDown,
  });
  const slots = settings.taskManagers * configuration.get(options.slotsPerTaskManager);
  const removeDirectory = (): void => removeClusterDirectory(directory);
  process.once('exit', removeDirectory);
  await jobManager.start();
  const url = jobManager.restUrl;
  const withdraw = publishCluster({
    url,
    pid: process.pid,
    kind: 'standalone',
    ...(token === undefined ? {} : { token }),
  });
  process.once('exit', withdraw);
  await jobManager.whenSlots(slots);
  return {
    restUrl: url,
    token,
    slots,
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

function folder(path: string): string {
  const absolute = resolve(path);
  mkdirSync(resolve(absolute, 'logs'), { recursive: true, mode: 0o700 });
  return absolute;
}

/** Off loopback anybody could send code to run: there it takes a token and TLS. */
function checkAddress(configuration: Configuration): void {
  const address = configuration.get(options.restAddress);
  if (LOOPBACK.has(address)) return;
  throw new SluiceError(
    'address',
    `rest.address ${address} is not this machine's own: who reaches it could run code here. sluice has no TLS of its own; keep rest.address at 127.0.0.1 and lead others there through ssh or a proxy that asks who they are`,
  );
}
