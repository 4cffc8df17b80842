// A source made of the program's own object (user-source.ts). A subtask with several splits reads them in
// turns, a batch of each, so that their event times advance together.

import { NO_TIME } from '../core/time.ts';
import { FixedEnumerator } from './fixed-enumerator.ts';
import type {
  PollResult,
  ReaderContext,
  ReaderOutput,
  SourceConnector,
  SourceReader,
  SourceSplit,
} from './source.ts';
import type { SplitReader } from './user-source.ts';

/** Slot: `reader(split, position)`. */
export interface CustomSourceOptions {
  readonly splits: readonly unknown[];
}

/** A split of the program's. */
export interface CustomSplit extends SourceSplit {
  readonly split: unknown;
  /** Undefined: it is new. */
  readonly position: unknown;
}

export const customSource: SourceConnector<unknown, CustomSplit, CustomSourceOptions> = {
  name: 'custom',
  boundedness: () => 'bounded',
  createEnumerator({ splits }, context, restored) {
    const all = splits.map((split, i) => ({
      id: `${i + 1} of ${splits.length}`,
      split,
      position: undefined,
    }));
    return new FixedEnumerator(all, context, restored);
  },
  createReader: (_options, context) => new CustomReader(context),
};

type CreateReader = (split: unknown, position: unknown) => SplitReader<unknown>;

interface OpenSplit {
  readonly split: CustomSplit;
  readonly reader: SplitReader<unknown>;
}

class CustomReader implements SourceReader<unknown, CustomSplit> {
  readonly #context: ReaderContext;
  readonly #createReader: CreateReader;
  /** The one whose turn it is stands first. */
  readonly #open: OpenSplit[] = [];
  #isLast = false;

  constructor(context: ReaderContext) {
    this.#context = context;
    this.#createReader = context.function('reader') as CreateReader;
  }

  start(): void {
    this.#context.requestSplit();
  }

  addSplits(splits: readonly CustomSplit[]): void {
    for (const split of splits)
      this.#open.push({ split, reader: this.#createReader(split.split, split.position) });
    this.#context.wake();
  }

  noMoreSplits(): void {
    this.#isLast = true;
    this.#context.wake();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    const open = this.#open[0];
    if (open === undefined) return this.#isLast ? 'end' : 'nothing';
    const hasMore = read(open, output, max);
    this.#open.shift();
    if (hasMore) {
      this.#open.push(open);
    } else {
      output.releaseSplit(open.split.id);
      open.reader.close?.();
    }
    return 'more';
  }

  snapshot(): readonly CustomSplit[] {
    return this.#open.map(({ split, reader }) => ({ ...split, position: reader.position() }));
  }

  close(): void {
    for (const { reader } of this.#open) reader.close?.();
  }
}

/** False at the end of the split. */
function read({ split, reader }: OpenSplit, output: ReaderOutput<unknown>, max: number): boolean {
  const target = output.split(split.id);
  const pulled = target.emitPulled?.(reader, max);
  if (pulled !== undefined) return pulled >= 0;
  for (let left = max; left > 0; left--) {
    const value = reader.next();
    if (value === undefined) return false;
    target.emit(value, NO_TIME);
  }
  return true;
}
