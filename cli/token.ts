// The token of a remote cluster: from a file or the environment, never from the command line, which others
// can read.

import { readFileSync } from 'node:fs';
import { usageError } from './exit-codes.ts';

/** @throws CommandFailure when the file cannot be read. */
export function tokenIn(file: string | undefined): string | undefined {
  if (file === undefined) return process.env['SLUICE_TOKEN'];
  return fileOf('--token-file', file).trim();
}

/** @throws CommandFailure when it cannot be read. */
export function fileOf(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${flag} ${path}: ${(error as Error).message}`);
  }
}
