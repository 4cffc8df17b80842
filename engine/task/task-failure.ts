// Whose fault a failure is: ours fails over, the program's is told to the user at once.

import { isNativeError } from 'node:util/types';
import { AssertionError } from '../core/assert.ts';
import { CorruptData } from '../core/byte-buffer.ts';
import { SluiceError } from '../core/errors.ts';

export const isEngineError = (thrown: unknown): boolean =>
  isNativeError(thrown) &&
  (thrown instanceof AssertionError || thrown instanceof CorruptData || isDrainError(thrown));

/** Its savepoint failed: the program has done nothing wrong. */
const isDrainError = (error: Error): boolean =>
  error instanceof SluiceError && error.reason === 'drain';

/** A record that cannot be sent: the message names it. */
export const isRecordError = (thrown: unknown): boolean =>
  // Of anything else that was thrown nothing is asked: a proxy may throw for an answer.
  isNativeError(thrown) && thrown instanceof SluiceError && thrown.reason === 'record';
