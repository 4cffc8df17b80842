// Whose fault a failure is: ours and the machine's fail over, the program's is told to the user at once.

import { isNativeError } from 'node:util/types';
import { AssertionError } from '../core/assert.ts';
import { CorruptData } from '../core/byte-buffer.ts';
import { MachineError, SluiceError } from '../core/errors.ts';
import type { TaskFailure } from './slot-messages.ts';

/** Of anything that user code, or the code below it, has thrown. */
export function causeOf(thrown: unknown): TaskFailure['cause'] {
  // Of anything else that was thrown nothing is asked: a proxy may throw for an answer.
  if (!isNativeError(thrown)) return 'user';
  if (thrown instanceof MachineError) return 'machine';
  return isEngineError(thrown) ? 'engine' : 'user';
}

const isEngineError = (error: Error): boolean =>
  error instanceof AssertionError || error instanceof CorruptData || isDrainError(error);

/** Its savepoint failed: the program has done nothing wrong. */
const isDrainError = (error: Error): boolean =>
  error instanceof SluiceError && error.reason === 'drain';

/** A record that cannot be sent: the message names it. */
export const isRecordError = (thrown: unknown): boolean =>
  isNativeError(thrown) && thrown instanceof SluiceError && thrown.reason === 'record';
