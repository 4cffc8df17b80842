// Records that a function of the program makes from numbers 0, 1, 2, …: as many as wanted, as fast as
// they are taken or at a rate. The function must give the same for the same number: after a failure it is
// asked again.

import { FixedEnumerator } from './fixed-enumerator.ts';
import type { SourceConnector } from './source.ts';
import { StridedReader, type StridedSplit, stridedSplits } from './strided-reader.ts';

/** Slot: `generate(index)`. */
export interface GeneratorOptions {
  /** Absent: without end. */
  readonly count?: number;
  /** Over all subtasks. Absent: as fast as they are taken. */
  readonly ratePerSecond?: number;
}

export const generatorSource: SourceConnector<unknown, StridedSplit, GeneratorOptions> = {
  name: 'generator',
  boundedness: ({ count }) => (count === undefined ? 'unbounded' : 'bounded'),
  createEnumerator(options, context, restored) {
    checkOptions(options);
    const last = options.count === undefined ? Number.MAX_SAFE_INTEGER : options.count - 1;
    return new FixedEnumerator(stridedSplits(0, last, context.parallelism), context, restored);
  },
  createReader({ ratePerSecond }, context) {
    const generate = context.function('generate') as (index: number) => unknown;
    return new StridedReader(context, generate, ratePerSecond ?? null);
  },
};

function checkOptions({ count, ratePerSecond }: GeneratorOptions): void {
  if (count !== undefined && !(Number.isSafeInteger(count) && count >= 0))
    throw new Error(`generator source: count is ${count}; it must be a whole number from 0 on`);
  if (ratePerSecond !== undefined && !(ratePerSecond > 0 && Number.isFinite(ratePerSecond)))
    throw new Error(`generator source: ratePerSecond is ${ratePerSecond}; it must be above 0`);
}
