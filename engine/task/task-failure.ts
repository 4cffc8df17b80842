// Whose fault a failure is: ours and the machine's fail over, the program's is told to the user at once.

import { isNativeError } from 'node:util/types';
import { AssertionError } from '../core/assert.ts';
import { CorruptData } from '../core/byte-buffer.ts';
import { MachineError, SluiceError } from '../core/errors.ts';
import { STATE_LOST } from '../state/read-state.ts';
import type { TaskFailure } from './slot-messages.ts';

/** Of anything that user code, or the code below it, has thrown. */
export function causeOf(thrown: unknown): TaskFailure['cause'] {
  // Of anything else that was thrown nothing is asked: a proxy may throw for an answer.
  if (!isNativeError(thrown)) return 'user';
  if (thrown instanceof MachineError) return 'machine';
  return isEngineError(thrown) ? 'engine' : 'user';
}

const isEngineError = (error: Error): boolean =>
  error instanceof AssertionError || error instanceof CorruptData || isOfNoProgram(error);

/** Its savepoint failed, or what it was to go on from is lost: the program has done nothing wrong. */
const isOfNoProgram = (error: Error): boolean =>
  error instanceof SluiceError && (error.reason === 'drain' || error.reason === STATE_LOST);

/** A record that cannot be sent: the message names it. */
export const isRecordError = (thrown: unknown): boolean =>
  isNativeError(thrown) && thrown instanceof SluiceError && thrown.reason === 'record';
