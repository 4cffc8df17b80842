// Headers that a proxy before a cluster asks for, from `--header 'Name: value'` and, as Flink's client has
// it, FLINK_REST_CLIENT_HEADERS, a line each.

import { usageError } from './exit-codes.ts';

const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** No control characters: a value that ends its line would begin another header. */
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** @throws CommandFailure when one is no header. */
export const headersFrom = (texts: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(texts.map((text) => header(text, '--header')));

export function headersOfEnvironment(environment = process.env): Readonly<Record<string, string>> {
  const lines = (environment['FLINK_REST_CLIENT_HEADERS'] ?? '').split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => line.trim() !== '')
      .map((line) => header(line, 'FLINK_REST_CLIENT_HEADERS')),
  );
}

function header(text: string, from: string): readonly [string, string] {
  const colon = text.indexOf(':');
  const [name, value] = [text.slice(0, Math.max(0, colon)).trim(), text.slice(colon + 1).trim()];
  // The value is not repeated: it may be a secret.
  if (!NAME.test(name) || !VALUE.test(value))
    throw usageError(`${from} takes 'Name: value', which this is not (its name: "${name}")`);
  return [name.toLowerCase(), value];
}
