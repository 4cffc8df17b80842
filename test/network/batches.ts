// Batches as tests make and compare them.

import fc from 'fast-check';
import type { Barrier } from '../../engine/core/barrier.ts';
import { limits } from '../../engine/core/limits.ts';
import { type EndOf, RecordBatch } from '../../engine/network/record-batch.ts';

export interface Content {
  readonly rows: readonly (readonly [value: unknown, timeMs: number])[];
  /** Ascending rows. */
  readonly marks?: readonly (readonly [row: number, watermark: number])[];
  readonly barrier?: Barrier | undefined;
  readonly end?: EndOf | undefined;
}

export function batchOf({ rows, marks = [], barrier, end }: Content): RecordBatch {
  const batch = new RecordBatch();
  for (const [i, [value, timeMs]] of rows.entries()) {
    for (const [row, watermark] of marks) if (row === i) batch.addWatermark(watermark);
    batch.add(value, timeMs);
  }
  for (const [row, watermark] of marks) if (row >= rows.length) batch.addWatermark(watermark);
  batch.barrier = barrier;
  batch.end = end;
  return batch;
}

/** Everything that travels, in its order. */
export function elementsOf(batches: readonly RecordBatch[]): unknown[] {
  return batches.flatMap((batch) => {
    const elements: unknown[] = [];
    let mark = 0;
    for (let row = 0; row <= batch.count; row++) {
      for (; batch.markRows[mark] === row; mark++)
        elements.push({ watermark: batch.markWatermarks[mark] });
      if (row < batch.count) elements.push([batch.values[row], batch.times[row]]);
    }
    if (batch.barrier !== undefined) elements.push(batch.barrier);
    if (batch.end !== undefined) elements.push({ end: batch.end });
    return elements;
  });
}

export const barrier = (checkpointId: number, more: Partial<Barrier> = {}): Barrier => ({
  checkpointId,
  timestampMs: 7,
  kind: 'checkpoint',
  isCancelled: false,
  ...more,
});

const barriers: fc.Arbitrary<Barrier> = fc.record(
  {
    checkpointId: fc.nat(),
    timestampMs: fc.nat(),
    kind: fc.constantFrom('checkpoint', 'savepoint', 'stop', 'drain'),
    isCancelled: fc.boolean(),
    directory: fc.string(),
    overtakesAfterMs: fc.nat(),
  },
  { noNullPrototype: true, requiredKeys: ['checkpointId', 'timestampMs', 'kind', 'isCancelled'] },
);

const times = fc.oneof(fc.constant(Number.NaN), fc.double({ noNaN: true }));

/** Batches of small values: at most one control element, and it ends the batch. */
export const anyBatch: fc.Arbitrary<RecordBatch> = fc
  .record({
    rows: fc.array(
      fc.tuple(fc.oneof(fc.integer(), fc.string(), fc.object({ maxDepth: 1 })), times),
      {
        maxLength: 20,
      },
    ),
    // Watermarks, and idleness among them.
    marks: fc.array(fc.tuple(fc.nat(20), times), { maxLength: 6 }),
    control: fc.oneof(
      fc.constant({}),
      barriers.map((one) => ({ barrier: one })),
      fc.constantFrom('data' as const, 'partition' as const).map((end) => ({ end })),
    ),
  })
  .map(({ rows, marks, control }) => {
    const inside = marks.filter(([row]) => row <= rows.length).toSorted((a, b) => a[0] - b[0]);
    return batchOf({ rows, marks: inside, ...control });
  });

/** A full batch of rows of about that many characters each. */
export const fullBatch = (characters: number): RecordBatch =>
  batchOf({
    rows: Array.from({ length: limits.frameRowsMax }, (_, i) => [`${i}`.padEnd(characters), i]),
  });
