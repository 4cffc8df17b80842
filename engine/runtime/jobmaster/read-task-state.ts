// The state of one subtask in a checkpoint, as the JobMaster reads it: held against the length and the checksum
// that the metadata has of it before a byte is used.

import { crc32 } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { StateHandle } from '../../state/state-handle.ts';
import { readTaskSnapshot } from '../../state/task-snapshot.ts';

/** @throws SluiceError naming the file that is missing or damaged. */
export async function readTaskState(
  handle: StateHandle,
  files: FileSystem,
): Promise<ReturnType<typeof readTaskSnapshot>> {
  if (handle.kind === 'inline') return readTaskSnapshot(handle.bytes);
  const { path, sizeBytes, crc } = handle;
  let why = 'it is not the file that was written';
  try {
    const bytes = await files.readFile(path);
    if (bytes.length === sizeBytes && crc32(bytes) === crc) return readTaskSnapshot(bytes);
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof SluiceError && error.reason === 'state-version')
      throw new SluiceError('state-version', `${path}: ${message}`, { cause: error });
    why = message;
  }
  throw new SluiceError('state-unreadable', `${path} is missing or damaged: ${why}`);
}
