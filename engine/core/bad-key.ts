// What keyBy is told when its function gave something that cannot be a key, with the record that it gave it for.

import { keyProblem } from './key-hash.ts';
import { printRecord } from './print-record.ts';

/** A key that cannot be one, with the record that gave it. */
export class BadKey extends TypeError {
  override readonly name = 'BadKey';
}

/** @throws BadKey naming what was given and the record. */
export function checkKey(key: unknown, value: unknown): void {
  const problem = keyProblem(key);
  if (problem !== undefined) {
    throw new BadKey(
      `keyBy gave ${problem} for the record ${printRecord(value)}; a key is a string, number, bigint, ` +
        'boolean, Date or a tuple of these',
    );
  }
}
