// Random input of operators over event time: elements of a few keys in any order, of one or two inputs, often of
// equal times and of the watermark's own, and watermarks that never fall.

import fc from 'fast-check';
import type { NaiveElement } from './naive-windows.ts';
import { endOfInput, type InputItem, record, record2, watermark } from './operator-items.ts';

export interface ElementRange {
  readonly min: number;
  readonly max: number;
}

/** Their ids are in the order in which they come. */
export function anyElements({ min, max }: ElementRange, inputs: 1 | 2): fc.Arbitrary<InputItem[]> {
  const time = fc.integer({ min, max });
  const element = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    time,
    isSecond: inputs === 2 ? fc.boolean() : fc.constant(false),
  });
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: element }, { weight: 1, arbitrary: time }), {
      maxLength: 40,
    })
    .map((steps) => {
      let now = Number.NEGATIVE_INFINITY;
      const items = steps.map((step, id): InputItem => {
        if (typeof step === 'number') {
          now = Math.max(now, step);
          return watermark(now);
        }
        const value: NaiveElement = { key: step.key, time: step.time, id };
        return step.isSecond ? record2(value, step.time) : record(value, step.time);
      });
      return [...items, endOfInput];
    });
}
