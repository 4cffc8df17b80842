// Whose fault a failure is: ours fails over, the program's is told to the user at once.

import { AssertionError } from '../core/assert.ts';
import { CorruptData } from '../core/byte-buffer.ts';

export const isEngineError = (thrown: unknown): boolean =>
  thrown instanceof AssertionError || thrown instanceof CorruptData;
