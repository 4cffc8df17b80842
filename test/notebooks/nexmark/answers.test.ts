// The plain loops are right themselves: they give the rows that Flink gives.

import { describe, expect, test } from 'vitest';
import { answers, canonical } from './answers.ts';
import { eventsOf } from './events.ts';
import { digestOf, recordedOf } from './recorded.ts';

const isFull = process.env['SLUICE_TEST_FULL'] === '1';

const counts = [100_000, ...(isFull ? ([1_000_000] as const) : [])] as const;

describe.each(counts)('%i events', (count) => {
  const events = eventsOf(count, 10_000);

  test.each(Object.entries(recordedOf(count)))('%s', (query, { rows, sha256 }) => {
    const lines = canonical(answers[query]?.(events) ?? []);
    expect(lines).toHaveLength(rows);
    expect(digestOf(lines)).toBe(sha256);
  });
});
