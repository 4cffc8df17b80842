// The machine's files, durable as FileSystem asks.

import { type BigIntStats, constants } from 'node:fs';
import {
  access,
  copyFile,
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileStatus, FileSystem } from './file-system.ts';
import { limits } from './limits.ts';

/** What is there is nobody's to be written over; blocks are shared where the file system can. */
const COPY = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;

export const systemFileSystem: FileSystem = {
  async writeFile(path, content) {
    const file = await open(path, 'w', 0o600);
    try {
      if (content instanceof Uint8Array) await file.writeFile(content);
      else await writePieces(file, content);
      await file.datasync();
    } finally {
      await file.close();
    }
  },
  readFile: (path) => readFile(path),
  link,
  // EXDEV and what else file systems say who cannot: what is wrong with the file itself the copy finds as well.
  copy: (from, to) => link(from, to).catch(() => copyFile(from, to, COPY)),
  rename,
  async makeDirectory(path) {
    const target = resolve(path);
    const first = await makeAll(target);
    if (first === undefined) return;
    // Each new name stands in the directory above it.
    for (let above = dirname(target); above !== dirname(first); above = dirname(above))
      await sync(above);
    await sync(dirname(first));
  },
  syncDirectory: sync,
  list: (path) => readdir(path).then((names) => names.sort(), onMissing<string[]>([])),
  remove: (path) => rm(path, { recursive: true, force: true }),
  exists: (path) =>
    access(path).then(
      () => true,
      () => false,
    ),
  async stat(path) {
    try {
      return fileStatus(await stat(path, { bigint: true }));
    } catch (error) {
      // ENOTDIR: a name below a file.
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    }
  },
};

/** The disk works while the next piece is made, also at what is to be synced in the end. */
async function writePieces(file: FileHandle, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  // The disk tells of an error once: whatever sync hears of it, the file is not durable.
  let syncing: Promise<void> = Promise.resolve();
  let isSyncing = false;
  let unsyncedBytes = 0;
  try {
    for await (const piece of pieces) {
      await writing;
      writing = file.writeFile(piece);
      writing.catch(() => undefined); // told when it is awaited
      unsyncedBytes += piece.length;
      if (unsyncedBytes < limits.syncAheadBytes || isSyncing) continue;
      unsyncedBytes = 0;
      isSyncing = true;
      syncing = Promise.all([syncing, file.datasync()]).then(() => {
        isSyncing = false;
      });
      syncing.catch(() => undefined);
    }
  } finally {
    await Promise.allSettled([writing, syncing]); // the file is closed next
  }
  await Promise.all([writing, syncing]);
}

export function fileStatus(stats: BigIntStats): FileStatus {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other',
    sizeBytes: Number(stats.size),
    modifiedMs: Number(stats.mtimeMs),
    // The time of birth tells a file from one that got its number after it was deleted.
    identity: `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`,
  };
}

/**
 * The highest directory that was made, if any. One level after another: Node's `recursive` never ends where a
 * directory exists but takes no other, as /proc does.
 */
async function makeAll(directory: string): Promise<string | undefined> {
  if (await isDirectory(directory)) return undefined;
  const first = await makeAll(dirname(directory));
  await mkdir(directory, 0o700).catch(async (error: unknown) => {
    if (!(await isDirectory(directory))) throw error; // somebody else has made it
  });
  return first ?? directory;
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function sync(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function onMissing<T>(otherwise: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  };
}
