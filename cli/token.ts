// The token of a remote cluster: from a file or the environment, never from the command line, which others
// can read.

import { readFileSync } from 'node:fs';
import type { ParsedArguments } from './args.ts';
import { usageError } from './exit-codes.ts';

/** @throws CommandFailure when the file cannot be read. */
export function tokenFrom(args: ParsedArguments): string | undefined {
  const file = args.value('token-file');
  if (file === undefined) return process.env['SLUICE_TOKEN'];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw usageError(`cannot read --token-file ${file}: ${(error as Error).message}`);
  }
}
