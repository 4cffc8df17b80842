// The state of one subtask in a checkpoint, as whoever restores it reads it: every file is held against the length
// and the checksum that the metadata has of it before a byte is used.

import { crc32 } from 'node:zlib';
import { CorruptData } from '../core/byte-buffer.ts';
import { MachineError, SluiceError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { adviceOn } from '../core/machine-refusals.ts';
import { filesOf, type StateFile, type StateHandle } from './state-handle.ts';
import { joinSnapshots, readTaskSnapshot, type TaskSnapshot } from './task-snapshot.ts';

/** Copies of files that may be at hand. */
export interface StateCopies {
  /** Byte for byte what was written; undefined: it is not at hand. */
  read(file: StateFile): Promise<Uint8Array | undefined>;
}

/** The reason of what is thrown when a file is gone, or not what was written: reading it again mends nothing. */
export const STATE_LOST = 'state-lost';

/** @throws SluiceError naming the file that is missing, damaged, cannot be read, or is of a version that is not ours. */
export async function readState(
  handle: StateHandle,
  files: FileSystem,
  copies?: StateCopies,
): Promise<TaskSnapshot> {
  if (handle.kind === 'inline') return readTaskSnapshot(handle.bytes);
  const read = async (file: StateFile): Promise<TaskSnapshot> => {
    const copy = await copies?.read(file);
    return copy === undefined ? readOne(file, files) : readTaskSnapshot(copy);
  };
  return joinSnapshots(await Promise.all(filesOf(handle).map(read)));
}

async function readOne(
  { path, sizeBytes, crc }: StateFile,
  files: FileSystem,
): Promise<TaskSnapshot> {
  const bytes = await files.readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    // A file that is whole in itself may still be another subtask's.
    if (bytes.length !== sizeBytes || crc32(bytes) !== crc)
      throw new CorruptData('it is not the file that was written');
    return readTaskSnapshot(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof SluiceError && cause.reason === 'state-version')
      throw new SluiceError('state-version', `${path}: ${message}`, { cause });
    throw lost(path, cause);
  }
}

/** It is there, and a later attempt may be let read it; or it is gone, and none will. */
function unreadable(path: string, cause: unknown): SluiceError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined || code === 'ENOENT' || code === 'ENOTDIR') return lost(path, cause);
  const advice = adviceOn(code) ?? `let the user of the TaskManager read it`;
  const text = `the checkpoint file ${path} cannot be read: ${message}; nothing else is restored in its place: ${advice}`;
  return new MachineError('state-unreadable', text, { cause });
}

const lost = (path: string, cause: unknown): SluiceError =>
  new SluiceError(
    STATE_LOST,
    `the checkpoint file ${path} is missing or damaged: ${(cause as Error).message}; nothing else is restored in its place: bring it back from a copy, or start the job from another savepoint`,
    { cause },
  );
