// The state of one subtask in a checkpoint, as whoever restores it reads it: every file is held against the length
// and the checksum that the metadata has of it before a byte is used.

import { crc32 } from 'node:zlib';
import { CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';
import type { FileSystem } from '../core/file-system.ts';
import { filesOf, type StateFile, type StateHandle } from './state-handle.ts';
import { joinSnapshots, readTaskSnapshot, type TaskSnapshot } from './task-snapshot.ts';

/** @throws SluiceError naming the file that is missing, damaged, or of a version that is not ours. */
export async function readState(handle: StateHandle, files: FileSystem): Promise<TaskSnapshot> {
  if (handle.kind === 'inline') return readTaskSnapshot(handle.bytes);
  return joinSnapshots(await Promise.all(filesOf(handle).map((file) => readOne(file, files))));
}

async function readOne(
  { path, sizeBytes, crc }: StateFile,
  files: FileSystem,
): Promise<TaskSnapshot> {
  try {
    const bytes = await files.readFile(path);
    // A file that is whole in itself may still be another subtask's.
    if (bytes.length !== sizeBytes || crc32(bytes) !== crc)
      throw new CorruptData('it is not the file that was written');
    return readTaskSnapshot(bytes);
  } catch (cause) {
    const { message } = cause as Error;
    if (cause instanceof SluiceError && cause.reason === 'state-version')
      throw new SluiceError('state-version', `${path}: ${message}`, { cause });
    throw new SluiceError(
      'state-unreadable',
      `the checkpoint file ${path} is missing or damaged: ${message}`,
      { cause },
    );
  }
}
