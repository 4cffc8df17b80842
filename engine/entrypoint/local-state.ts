// The directory in which a TaskManager's process keeps copies of its tasks' checkpoints. What processes have left that
// were killed goes when the next one begins.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../core/configuration.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import { systemFileSystem } from '../core/system-file-system.ts';
import { sweepRemains } from '../core/system-remains.ts';
import { LocalStateDirectory } from '../runtime/taskexecutor/local-state-directory.ts';

const PREFIX = 'sluice-local-';

export function localStateDirectory(
  configuration: Configuration,
  log: Logger,
): LocalStateDirectory {
  // Flink spreads tasks over several: here it is the first.
  const [configured = ''] = configuration.get(options.localStateDirectories).split(',');
  const root = configured === '' ? tmpdir() : configured.trim();
  try {
    sweepRemains(root, PREFIX);
  } catch (error) {
    // It need not be there yet, and nobody may need it.
    log.log('debug', `local state below ${root}: ${(error as Error).message}`);
  }
  return new LocalStateDirectory(systemFileSystem, join(root, `${PREFIX}${process.pid}`), log);
}
