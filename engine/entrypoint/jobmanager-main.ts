// The thread of an embedded JobManager. No user code ever runs here.

import { createWriteStream } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { must } from '../core/assert.ts';
import { Configuration } from '../core/configuration.ts';
import { lineLogger } from '../core/logger.ts';
import { systemClock } from '../core/system-clock.ts';
import { checkListening } from '../rest/listening.ts';
import { embeddedConfiguration } from './cluster-configuration.ts';
import { JobManager } from './job-manager.ts';
import type { FromJobManager, JobManagerWorkerData, ToJobManager } from './jobmanager-messages.ts';

const port = must(parentPort, 'the parent of a JobManager');
const { directory, token, configuration } = workerData as JobManagerWorkerData;
const file = createWriteStream(join(directory, 'logs', 'jobmanager.log'), {
  flags: 'a',
  mode: 0o600,
});
const effective = embeddedConfiguration(availableParallelism(), totalmem()).with(configuration);
checkListening(effective, new Configuration());
const jobManager = new JobManager({
  configuration: effective,
  directory,
  storageDirectory: directory,
  taskManagers: 1,
  isFixed: false,
  highAvailability: undefined,
  token,
  webFiles: new Map(),
  log: lineLogger(systemClock, (line) => file.write(line), 'jobmanager'),
  onShutDown: () => end(),
});
const post = (message: FromJobManager): void => port.postMessage(message);
const end = (): void => void jobManager.close().finally(() => process.exit(0));

port.on('message', (message: ToJobManager) => {
  if (message.kind === 'close') end();
});
jobManager.start().then(
  () => post({ kind: 'ready', restUrl: jobManager.restUrl }),
  (error: unknown) => post({ kind: 'failed', message: (error as Error).message }),
);
