// The cluster that lives with its client: a JobManager in a worker thread of this process, TaskManagers as
// processes that end with it. What the client gets is the address of the door and the token, and a way to
// end it; nothing else of the cluster is in its reach.

import { randomBytes } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import { systemClock } from '../core/system-clock.ts';
import { type OwnTls, ownTls } from '../rest/rest-tls.ts';
import { createClusterDirectory, removeClusterDirectory } from './cluster-directory.ts';
import { publishCluster } from './cluster-registry.ts';
import { entryPath } from './entries.ts';
import type { FromJobManager, JobManagerWorkerData } from './jobmanager-messages.ts';

export interface EmbeddedCluster {
  readonly restUrl: string;
  readonly token: string;
  /** Undefined: it speaks http. */
  readonly tls: OwnTls | undefined;
  /** Where its logs are. */
  readonly directory: string;
  /** Ends jobs and processes. */
  close(): Promise<void>;
}

export interface EmbeddedClusterSettings {
  /** Over the defaults of an embedded cluster. */
  readonly configuration: Readonly<Record<string, string>>;
}

const CLOSE_MS = 5_000;

/** Rejects with reason `tls` when its keystore cannot be read, and `cluster` when it cannot start. */
export async function startEmbeddedCluster(
  settings: EmbeddedClusterSettings,
): Promise<EmbeddedCluster> {
  const tls = ownTls(new Configuration(settings.configuration));
  const directory = createClusterDirectory();
  const token = randomBytes(32).toString('hex');
  const workerData: JobManagerWorkerData = {
    directory,
    token,
    configuration: settings.configuration,
  };
  const worker = new Worker(entryPath('jobmanager'), {
    name: 'jobmanager',
    workerData,
    execArgv: [],
  });
  worker.unref();
  const restUrl = await ready(worker);
  const withdraw = publishCluster({
    url: restUrl,
    token,
    pid: process.pid,
    kind: 'embedded',
    ...(tls === undefined ? {} : { certificate: tls.certificate }),
  });
  const end = (): void => {
    withdraw();
    removeClusterDirectory(directory);
  };
  // Whatever ends this process: TaskManagers notice by themselves, the files go here.
  process.once('exit', end);
  return {
    restUrl,
    token,
    tls,
    directory,
    async close() {
      await closeWorker(worker);
      process.removeListener('exit', end);
      end();
    },
  };
}

function ready(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (message: string): void =>
      reject(new SluiceError('cluster', `the embedded cluster did not start: ${message}`));
    worker.once('error', (error) => fail(error.message));
    worker.once('exit', (code) => fail(`its thread ended with ${code}`));
    worker.on('message', (message: FromJobManager) => {
      if (message.kind === 'ready') resolve(message.restUrl);
      else if (message.kind === 'failed') fail(message.message);
    });
  });
}

async function closeWorker(worker: Worker): Promise<void> {
  if (worker.threadId === -1) return; // ended already, by DELETE /cluster
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage({ kind: 'close' });
  const late = new Promise<void>((resolve) => systemClock.after(CLOSE_MS, resolve));
  await Promise.race([gone, late]);
  await worker.terminate();
}
