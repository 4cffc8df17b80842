// What Apache Flink gives for the queries: numbers of rows, and digests of the rows as they are compared.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

interface Rows {
  readonly rows: number;
  readonly sha256: string;
}

type OfQueries = Readonly<Record<string, Rows>>;

const fixture = new URL('../../fixtures/nexmark/expected.json', import.meta.url);

const all = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly 100000: OfQueries;
  readonly 1000000: OfQueries;
};

/** Of so many events, all of one split at 10,000 a second. */
export const recordedOf = (events: keyof typeof all): OfQueries => all[events];

/** Of sorted lines. */
export function digestOf(lines: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}
