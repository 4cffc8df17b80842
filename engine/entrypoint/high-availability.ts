// High availability of a standalone cluster, as it is configured: the directory that its processes share, the
// secrets that all of them know, and the store in it.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { BadConfiguration, type Configuration } from '../core/configuration.ts';
import { SluiceError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { localPath } from '../core/local-path.ts';
import { options } from '../core/options.ts';
import { FileBackend } from '../ha/file-backend.ts';
import type { HaStore } from '../ha/ha-store.ts';
import { JournaledHaStore, leaseIn } from '../ha/journaled-store.ts';

export interface HighAvailability {
  /** Of this cluster, below `high-availability.storageDir`. */
  readonly directory: string;
  readonly leaseTimeoutMs: number;
  readonly secrets: SharedSecrets;
}

interface SharedSecrets {
  /** Between JobManagers and TaskManagers. */
  readonly rpc: string;
  /** Of the door, where it asks for one. */
  readonly token: string;
}

const SECRETS = 'secrets';

/**
 * Undefined when there is none. Rejects with BadConfiguration when no directory is named, and with reason
 * `high-availability` when it cannot be used.
 */
export async function highAvailabilityOf(
  configuration: Configuration,
  files: FileSystem,
): Promise<HighAvailability | undefined> {
  if (configuration.get(options.haType) === 'none') return undefined;
  const storage = configuration.get(options.haStorage);
  if (storage === '')
    throw new BadConfiguration(
      `${options.haType.key} is filesystem: set ${options.haStorage.key} to a directory that all JobManagers share`,
    );
  const directory = join(localPath(storage), configuration.get(options.haClusterId));
  try {
    return {
      directory,
      leaseTimeoutMs: configuration.get(options.haLeaseTimeout),
      secrets: await sharedSecrets(files, directory),
    };
  } catch (error) {
    throw new SluiceError(
      'high-availability',
      `${options.haStorage.key} ${directory} cannot be used: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/** As one process of the cluster opens it. */
export const openHaStore = (
  directory: string,
  leaseTimeoutMs: number,
  files: FileSystem,
  clock: Clock,
): HaStore =>
  new JournaledHaStore(new FileBackend(files, directory, uniqueName()), clock, { leaseTimeoutMs });

/** Where the leader's REST endpoint is; undefined when the directory is of no cluster, or nobody leads. */
export function leaderUrlIn(directory: string): string | undefined {
  try {
    return leaseIn(readFileSync(join(directory, 'lease')))?.leader?.rest;
  } catch {
    return undefined;
  }
}

/** Made by whoever comes first. */
async function sharedSecrets(files: FileSystem, directory: string): Promise<SharedSecrets> {
  const path = join(directory, SECRETS);
  await files.makeDirectory(directory);
  if (!(await files.exists(path))) {
    const made: SharedSecrets = { rpc: newSecret(), token: newSecret() };
    const beside = `${path}-${uniqueName()}`;
    await files.writeFile(beside, Buffer.from(JSON.stringify(made)));
    await files.link(beside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await files.remove(beside);
    await files.syncDirectory(directory);
  }
  return JSON.parse(Buffer.from(await files.readFile(path)).toString('utf8')) as SharedSecrets;
}

const newSecret = (): string => randomBytes(32).toString('hex');

const uniqueName = (): string => `${process.pid}-${randomBytes(4).toString('hex')}`;
