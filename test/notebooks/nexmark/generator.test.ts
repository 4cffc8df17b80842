// The generator against the digests of its specification, which Java's original gives too.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeValue } from '../../../engine/core/value-reader.ts';
import { encodeValue } from '../../../engine/core/value-writer.ts';
import { EventGenerator, splitsOf } from '../../../notebooks/nexmark/generator.ts';
import { eventsOfSplits } from './events.ts';

/** Of the events as JSON, a line each. */
function digest(count: number, rate: number, splits: number): string {
  const hash = createHash('sha256');
  for (const event of eventsOfSplits(count, rate, splits))
    hash.update(`${JSON.stringify(event)}\n`);
  return hash.digest('hex');
}

test.each([
  [100_000, 10_000, 1, 'e0b5b9255de4d514a217ff63669a8ec31fb4423dd4ab6fb8f332b57c9e98b189'],
  [100_001, 7, 3, 'e6a5a4c2d428ef418b0b891e29616c4e305266bb4e1686f0ed175e072c63048a'],
])('%i events at %i a second in %i splits are the original ones', (count, rate, splits, sha256) => {
  expect(digest(count, rate, splits)).toBe(sha256);
});

const isFull = process.env['SLUICE_TEST_FULL'] === '1';
const large = [
  [1_000_000, 10_000, 1, 'b1283035d40612d3823c425f0f93ec3b0df534c4019f1297f2c9ec26d08a1c53'],
  [1_000_000, 10_000_000, 2, '6aeda69e57cc3c0a269b3c158b87f9eab5eaccf7e4a2e48be6ff1bfecc58b58d'],
] as const;
test.each(isFull ? large : [])(
  '%i events at %i a second in %i splits are the original ones',
  (count, rate, splits, sha256) => {
    expect(digest(count, rate, splits)).toBe(sha256);
  },
);

test('a generator goes on at any position with the events that follow', () => {
  const [split] = splitsOf(500, 10, 1);
  if (split === undefined) throw new Error('no split');
  const all = [...eventsOfSplits(500, 10, 1)];
  fc.assert(
    fc.property(fc.nat({ max: 500 }), (taken) => {
      const before = new EventGenerator(split);
      for (let i = 0; i < taken; i++) before.next();
      const stored = decodeValue(encodeValue(before.position())) as ReturnType<
        typeof before.position
      >;
      const after = new EventGenerator(split, stored);
      expect(after.next()).toEqual(all[taken]);
    }),
    { numRuns: 20 },
  );
});
