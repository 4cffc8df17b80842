// Prices put together out of tables, against the power that they stand for.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { priceAt } from '../../../notebooks/nexmark/prices.ts';

const exact = (share: number): number => Math.floor(10 ** (share * 6) * 100 + 0.5);

test('a price is the rounded power of ten', () => {
  const share = fc.nat({ max: 2 ** 31 - 1 }).map((drawn) => drawn / 2 ** 31);
  fc.assert(
    fc.property(share, (of) => {
      expect(priceAt(of)).toBe(exact(of));
    }),
  );
});

test('so it is where the power is as near to a half as can be', () => {
  const half = fc.record({
    cents: fc.integer({ min: 10_000_000, max: 99_999_998 }),
    steps: fc.integer({ min: -20, max: 20 }),
  });
  fc.assert(
    fc.property(half, ({ cents, steps }) => {
      const share = Math.log10((cents + 0.5) / 100) / 6 + steps * 2 ** -53;
      expect(priceAt(share)).toBe(exact(share));
    }),
    { numRuns: 2000 },
  );
});
