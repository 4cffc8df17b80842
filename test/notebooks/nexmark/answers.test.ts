// The plain loops are right themselves: they give the rows that Flink gives.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { answers, canonical } from './answers.ts';
import { eventsOf } from './events.ts';

interface Rows {
  readonly rows: number;
  readonly sha256: string;
}

const fixture = new URL('../../fixtures/nexmark/expected.json', import.meta.url);
const expected = JSON.parse(readFileSync(fixture, 'utf8')) as {
  readonly '100000': Readonly<Record<string, Rows>>;
};

const events = eventsOf(100_000, 10_000);

test.each(Object.entries(expected['100000']))('%s', (query, { rows, sha256 }) => {
  const lines = canonical(answers[query]?.(events) ?? []);
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  expect(lines).toHaveLength(rows);
  expect(hash.digest('hex')).toBe(sha256);
});
