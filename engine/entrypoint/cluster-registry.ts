// Which clusters of this user are up, and their tokens: a file each, that only the user may read, where
// verbs look that are given no address.

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, runtimeDirectory } from './cluster-directory.ts';

export interface PublishedCluster {
  readonly url: string;
  /** Undefined: it asks for none. */
  readonly token?: string;
  readonly pid: number;
  readonly kind: 'embedded' | 'standalone';
}

/** Until the returned function is called. */
export function publishCluster(cluster: PublishedCluster): () => void {
  const file = fileOf(cluster.pid, Number(new URL(cluster.url).port));
  writeFileSync(file, JSON.stringify(cluster), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}

/** Those whose process lives; files of others are removed. */
export function publishedClusters(): readonly PublishedCluster[] {
  const directory = runtimeDirectory();
  const files = readdirSync(directory).filter((name) => name.startsWith('cluster-'));
  return files.flatMap((name) => {
    const file = join(directory, name);
    const cluster = read(file);
    if (cluster !== undefined && isAlive(cluster.pid)) return [cluster];
    rmSync(file, { force: true });
    return [];
  });
}

/** Where the address and token of a cluster stand. */
export const fileOf = (pid: number, port: number): string =>
  join(runtimeDirectory(), `cluster-${pid}-${port}.json`);

function read(file: string): PublishedCluster | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PublishedCluster;
  } catch {
    return undefined; // half written, or gone meanwhile
  }
}
