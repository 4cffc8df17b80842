// The folder of a cluster's logs, for REST. Only plain files that stand in it are given out: a link, a name
// with a path in it, a name that leads elsewhere is no file here.

import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../core/limits.ts';
import type { LogFile, LogFiles } from '../rest/log-files.ts';

export function logDirectory(path: string): LogFiles {
  const list = async (): Promise<readonly LogFile[]> => {
    const names = await readdir(path).catch(() => []);
    const files = await Promise.all(names.toSorted().map((name) => fileIn(path, name)));
    return files.filter((file) => file !== undefined);
  };
  return {
    list,
    async read(name) {
      const isListed = (await list()).some((file) => file.name === name);
      return isListed ? readEnd(join(path, name)) : undefined;
    },
  };
}

async function fileIn(directory: string, name: string): Promise<LogFile | undefined> {
  try {
    const status = await lstat(join(directory, name));
    return status.isFile()
      ? { name, sizeBytes: status.size, modifiedMs: Math.trunc(status.mtimeMs) }
      : undefined;
  } catch {
    return undefined; // removed meanwhile
  }
}

/** Undefined when it is gone, or has become a link meanwhile. */
async function readEnd(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, limits.logBytesShownMax);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
