// The file system as the files sink uses it: a seam, so that tests can fill the disk.

import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileSystem } from '../../core/file-system.ts';
import { systemFileSystem } from '../../core/system-file-system.ts';

export interface OutputFile {
  /** Called again only when the promise before has settled. */
  write(bytes: Uint8Array): Promise<void>;
  /** Its bytes are durable; its name only after `syncDirectory`. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OutputFiles
  extends Pick<FileSystem, 'link' | 'rename' | 'list' | 'remove' | 'stat' | 'syncDirectory'> {
  /** Rejects with code EEXIST when the name is taken. */
  create(path: string): Promise<OutputFile>;
  /** As FileSystem.makeDirectory, but for everybody whom the umask allows. */
  makeDirectory(path: string): Promise<void>;
}

export const systemOutputFiles: OutputFiles = {
  link: systemFileSystem.link,
  rename: systemFileSystem.rename,
  list: systemFileSystem.list,
  remove: systemFileSystem.remove,
  stat: systemFileSystem.stat,
  syncDirectory: systemFileSystem.syncDirectory,
  async create(path) {
    const handle = await open(path, 'wx');
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  async makeDirectory(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Each new folder is named by the one above it.
    const above = dirname(resolve(first));
    for (let at = resolve(path); at !== above; at = dirname(at))
      await systemFileSystem.syncDirectory(dirname(at));
  },
};
