// The numbers from one to another.

import { FixedEnumerator } from './fixed-enumerator.ts';
import type { SourceConnector } from './source.ts';
import { StridedReader, type StridedSplit, stridedSplits } from './strided-reader.ts';

/** Safe integers; both are part of the sequence, which is empty when `to` is below `from`. */
export interface SequenceOptions {
  readonly from: number;
  readonly to: number;
}

export const sequenceSource: SourceConnector<unknown, StridedSplit, SequenceOptions> = {
  name: 'sequence',
  boundedness: () => 'bounded',
  createEnumerator({ from, to }, context, restored) {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to))
      throw new Error(
        `sequence source: from ${from} to ${to}: both must be whole numbers below 2^53`,
      );
    const splits = stridedSplits(from, to, context.parallelism);
    return new FixedEnumerator(splits, context, restored);
  },
  createReader: (_options, context) => new StridedReader(context, (index) => index, null),
};
