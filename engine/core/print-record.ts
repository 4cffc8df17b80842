// A record in a message: as JSON, shortened, never throwing whatever it is.

import { toJson } from './json.ts';

const LENGTH_MAX = 200;

export function printRecord(value: unknown, lengthMax = LENGTH_MAX): string {
  let text: string;
  try {
    text = value === undefined ? 'undefined' : toJson(value);
  } catch {
    text = 'a value that cannot be printed';
  }
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text;
}
