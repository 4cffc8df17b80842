// The index of numbers to rows against a Map: whatever numbers come and go, and however large row numbers get.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyIndex } from '../../engine/state/heap/key-index.ts';
import { mapKeyOf } from '../../engine/state/map-key.ts';

class Model {
  readonly keys: number[] = [];
  readonly rows = new Map<number, number>();
  readonly index = new KeyIndex({
    hasNumberKeys: true,
    numberKey: (row) => this.keys[row] as number,
  });

  add(key: number, row: number): void {
    if (this.rows.has(key)) return;
    this.keys[row] = key;
    this.rows.set(key, row);
    this.index.add(key, row);
  }

  remove(key: number): void {
    const row = this.rows.get(key);
    if (row === undefined) return;
    this.index.remove(key, row);
    this.rows.delete(key);
  }

  check(absent: Iterable<number>): void {
    expect(this.index.size).toBe(this.rows.size);
    for (const [key, row] of this.rows) expect(this.index.find(key)).toBe(row);
    for (const key of absent) expect(this.index.find(key)).toBe(this.rows.get(key) ?? -1);
    expect(new Set(this.index.rows())).toEqual(new Set(this.rows.values()));
  }
}

const pair = fc.tuple(fc.nat(50), fc.nat(50)).map((key) => mapKeyOf(key) as number);
const key = fc.oneof(
  fc.integer({ min: -40, max: 40 }),
  fc.nat().map((n) => n * 4_096),
  fc.double(),
  pair,
);

test('keys of any kind of number are found where they are, and no other', () => {
  const steps = fc.array(fc.tuple(key, fc.boolean()), { maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.constantFrom(0, 65_400, 2 ** 24 - 100), (all, firstRow) => {
      const model = new Model();
      let row = firstRow;
      for (const [number, isAdded] of all) {
        if (isAdded) model.add(number + 0, row++);
        else model.remove(number + 0);
      }
      model.check(all.map(([number]) => number));
    }),
  );
});

test('rows of larger numbers than there were when the slots were made are found', () => {
  const model = new Model();
  for (let i = 0; i < 100; i++) model.add(i * 1_000.5, i);
  for (let i = 0; i < 20; i++) model.add(-i - 0.5, 65_525 + i);
  model.check([0.25]);
});

test('ids that go on and on have places, though those before them have gone', () => {
  const model = new Model();
  for (let id = 0; id < 5_000; id++) {
    model.add(id, id % 64);
    if (id >= 50) model.remove(id - 50);
  }
  model.check([4_949, 5_000]);
});

test('a fraction next to nothing is not the whole number beside it', () => {
  const model = new Model();
  for (const [row, whole] of [12, 0].entries()) model.add(whole, row);
  model.check([1e-243, -1e-243, 12 + 2 ** -40]);
  model.add(1e-243, 2);
  model.check([-1e-243]);
});
