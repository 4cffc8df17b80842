// Where a savepoint is, or goes, as the cluster must be told: it does not know the folder of this terminal.
// And how it is written.

import { resolve } from 'node:path';
import type { SavepointFormat } from '../engine/rest/rest-messages.ts';
import type { Flags, ParsedArguments } from './args.ts';
import { usageError } from './exit-codes.ts';

/** A URL stays as it is; a relative path is made absolute. */
export const savepointLocation = (text: string): string =>
  /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : resolve(text);

export const FORMAT_FLAG = {
  type: {
    kind: 'value',
    short: 'type',
    value: 'FORMAT',
    description: 'canonical or native: how a savepoint is written. Default canonical.',
  },
} as const satisfies Flags;

/** @throws CommandFailure when there is no such format. */
export function formatOf(args: ParsedArguments): SavepointFormat {
  const said = (args.value('type') ?? 'canonical').toUpperCase();
  if (said === 'CANONICAL' || said === 'NATIVE') return said;
  throw usageError(`--type takes canonical or native, not ${JSON.stringify(args.value('type'))}`);
}
