// Which clusters of this user are up, and their tokens: a file each, that only the user may read, where
// verbs look that are given no address.

import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, runtimeDirectory } from './cluster-directory.ts';

export interface PublishedCluster {
  readonly url: string;
  /** Undefined: it asks for none. */
  readonly token?: string;
  /** As PEM, where it speaks https. */
  readonly certificate?: string;
  readonly pid: number;
  readonly kind: 'embedded' | 'standalone';
  /** The directory that it shares with other processes: those with the same are one cluster. */
  readonly highAvailability?: string;
}

/** Until the returned function is called. */
export function publishCluster(cluster: PublishedCluster): () => void {
  const file = fileOf(cluster.pid, Number(new URL(cluster.url).port));
  // Whole or not at all: whoever finds half of it takes it for rubbish.
  const beside = join(runtimeDirectory(), `new-${cluster.pid}.json`);
  writeFileSync(beside, JSON.stringify(cluster), { mode: 0o600 });
  renameSync(beside, file);
  return () => rmSync(file, { force: true });
}

/** Those whose process lives; files of others are removed. */
export function publishedClusters(): readonly PublishedCluster[] {
  return filesOf('cluster-').flatMap((file) => {
    const cluster = read(file);
    if (cluster !== undefined && isAlive(cluster.pid)) return [cluster];
    rmSync(file, { force: true });
    return [];
  });
}

/** Of a process that can no longer do it by itself. */
export function withdrawClustersOf(pid: number): void {
  for (const file of filesOf(`cluster-${pid}-`)) rmSync(file, { force: true });
}

/** Where the address and token of a cluster stand. */
export const fileOf = (pid: number, port: number): string =>
  join(runtimeDirectory(), `cluster-${pid}-${port}.json`);

function filesOf(prefix: string): readonly string[] {
  const directory = runtimeDirectory();
  return readdirSync(directory)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(directory, name));
}

function read(file: string): PublishedCluster | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PublishedCluster;
  } catch {
    return undefined; // half written, or gone meanwhile
  }
}
