// Files as a leader reads and removes them: what the machine refuses it may let pass a moment later, and a job is
// not to fail, nor a file to stay for good, because a disk failed once. What is not there, damaged or forbidden is
// told at once. Writing is for whoever writes to decide about: a checkpoint is rather given up than waited for.

import { type Clock, delay } from './clock.ts';
import type { FileSystem } from './file-system.ts';
import { limits } from './limits.ts';
import { adviceOn } from './machine-refusals.ts';

const AGAIN_MS = 200;

/** @param onRefusal Told of the first refusal of each call that is made again. */
export function patientFiles(
  files: FileSystem,
  clock: Clock,
  onRefusal: (text: string) => void,
): FileSystem {
  const patiently = async <R>(call: () => Promise<R>): Promise<R> => {
    for (let made = 0; made < limits.refusedCallsMax; made++) {
      try {
        return await call();
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (adviceOn(code) === undefined) throw error;
        if (made === 0) onRefusal(`${message}; it is tried again: ${adviceOn(code)}`);
        await delay(clock, AGAIN_MS);
      }
    }
    return call();
  };
  return {
    writeFile: (path, content) => files.writeFile(path, content),
    readFile: (path) => patiently(() => files.readFile(path)),
    link: (from, to) => files.link(from, to),
    copy: (from, to) => files.copy(from, to),
    rename: (from, to) => files.rename(from, to),
    makeDirectory: (path) => files.makeDirectory(path),
    syncDirectory: (path) => files.syncDirectory(path),
    list: (path) => patiently(() => files.list(path)),
    remove: (path) => patiently(() => files.remove(path)),
    exists: (path) => patiently(() => files.exists(path)),
    stat: (path) => patiently(() => files.stat(path)),
  };
}
