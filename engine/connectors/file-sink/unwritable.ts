// What a file system answers to a sink that it does not let write. Some of it passes: a disk gets room, or is mounted
// again. Then the program is not at fault, and its job goes on from its last checkpoint when the machine lets it.

import { MachineError, SluiceError } from '../../core/errors.ts';
import { adviceOn } from '../../core/machine-refusals.ts';

/**
 * What is to be thrown in place of that, which is itself unless a file system has said it.
 * @param path What was to be written.
 */
export function unwritable(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) return cause;
  const text = `cannot write ${path}: ${message}`;
  const advice = adviceOn(code);
  if (advice === undefined) return new SluiceError('output-unwritable', text, { cause });
  const what = `${text}; the job goes on from its last checkpoint when it can: ${advice}`;
  return new MachineError('output-unwritable', what, { cause });
}
