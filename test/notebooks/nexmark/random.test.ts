// Numbers that are looked at before they are drawn, against Java's text of SplittableRandom, one by one.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SplittableRandom } from '../../../notebooks/nexmark/random.ts';

class Java {
  state: bigint;

  constructor(state: bigint) {
    this.state = state;
  }

  nextInt(bound: number): number {
    const most = bound - 1;
    let drawn = this.#nextInt32();
    if ((bound & most) === 0) return drawn & most;
    for (let positive = drawn >>> 1; ; positive = drawn >>> 1) {
      const result = positive % bound;
      if (positive + most - result <= 0x7fffffff) return result;
      drawn = this.#nextInt32();
    }
  }

  #nextInt32(): number {
    this.state = BigInt.asUintN(64, this.state + 0x9e3779b97f4a7c15n);
    let z = BigInt.asUintN(64, (this.state ^ (this.state >> 33n)) * 0x62a9d9ed799705f5n);
    z = BigInt.asUintN(64, (z ^ (z >> 28n)) * 0xcb24d0a5c88c35b3n);
    return Number(BigInt.asIntN(32, z >> 32n));
  }
}

const seed = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
/** Of the largest, half of all numbers are unfit. */
const bound = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 2 ** 30, max: 2e9 }));

test('what is drawn one by one is drawn as in Java', () => {
  fc.assert(
    fc.property(seed, fc.array(bound, { maxLength: 50 }), (state, bounds) => {
      const [ours, java] = [new SplittableRandom(state), new Java(state)];
      expect(bounds.map((of) => ours.nextInt(of))).toEqual(bounds.map((of) => java.nextInt(of)));
      expect(ours.state).toBe(java.state);
    }),
  );
});

test('so is what is looked at first, made again as often as a number of it was unfit', () => {
  const batch = fc.array(bound, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(seed, fc.array(batch, { maxLength: 4 }), (state, batches) => {
      const [ours, java] = [new SplittableRandom(state), new Java(state)];
      for (const bounds of batches) {
        let drawn: readonly number[];
        do {
          ours.lookAhead(bounds.length + 3);
          drawn = bounds.map((of, i) => ours.peekInt(i, of));
        } while (!ours.take(bounds.length));
        expect(drawn).toEqual(bounds.map((of) => java.nextInt(of)));
      }
      expect(ours.state).toBe(java.state);
    }),
  );
});
