// A bounded input in another order than its own: everything is read into memory, sorted by the program's
// rank, and emitted as if it were one split. The position is the splits as they were dealt and the number of
// records emitted: a restored source reads and sorts again, and skips those.

import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { PollResult, ReaderOutput, SourceReader, SourceSplit, SplitOutput } from './source.ts';

interface OrderedSplit extends SourceSplit {
  readonly splits: readonly SourceSplit[];
  readonly emitted: number;
}

type Rank = number | string;

interface Ranked {
  readonly value: unknown;
  readonly time: number;
  readonly rank: Rank;
}

const ID = 'ordered';

export class OrderedReader implements SourceReader<unknown, SourceSplit> {
  readonly #inner: SourceReader<unknown, SourceSplit>;
  readonly #rankOf: (value: unknown) => unknown;
  readonly #dealt: SourceSplit[] = [];
  #records: Ranked[] = [];
  #emitted = 0;
  #isSorted = false;

  constructor(inner: SourceReader<unknown, SourceSplit>, rankOf: (value: unknown) => unknown) {
    this.#inner = inner;
    this.#rankOf = rankOf;
  }

  start(): void {
    this.#inner.start();
  }

  addSplits(splits: readonly SourceSplit[]): void {
    for (const split of splits) this.#add(split);
  }

  noMoreSplits(): void {
    this.#inner.noMoreSplits();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    if (!this.#isSorted) return this.#read();
    const target = output.split(ID);
    const to = Math.min(this.#records.length, this.#emitted + max);
    while (this.#emitted < to) {
      const { value, time } = this.#records[this.#emitted++] as Ranked;
      target.emit(value, time);
    }
    if (to < this.#records.length) return 'more';
    output.releaseSplit(ID);
    return 'end';
  }

  snapshot(): readonly SourceSplit[] {
    const split: OrderedSplit = { id: ID, splits: this.#dealt, emitted: this.#emitted };
    return this.#dealt.length === 0 ? [] : [split];
  }

  close(): void {
    this.#inner.close();
    this.#records = [];
  }

  #add(split: SourceSplit): void {
    if (split.id !== ID) {
      this.#dealt.push(split);
      return this.#inner.addSplits([split]);
    }
    const { splits, emitted } = split as OrderedSplit;
    this.#emitted = emitted;
    this.#dealt.push(...splits);
    this.#inner.addSplits(splits);
  }

  #read(): PollResult {
    const result = this.#inner.poll(this.#collector, limits.frameRowsMax);
    if (result !== 'end') return result;
    this.#records.sort(byRank);
    this.#isSorted = true;
    return 'more';
  }

  readonly #collected: SplitOutput<unknown> = {
    emit: (value, time) => {
      if (this.#records.length === limits.orderedRecordsMax) {
        throw new SluiceError(
          'too-many-records',
          `orderBy holds all records in memory, and there are more than ${limits.orderedRecordsMax}: order the file beforehand`,
        );
      }
      this.#records.push({ value, time, rank: rankOf(this.#rankOf(value)) });
    },
  };

  readonly #collector: ReaderOutput<unknown> = {
    split: () => this.#collected,
    releaseSplit: () => undefined,
  };
}

function rankOf(rank: unknown): Rank {
  if (typeof rank === 'string' || (typeof rank === 'number' && !Number.isNaN(rank))) return rank;
  throw new TypeError(`orderBy gave ${String(rank)}: it must give a number or a string`);
}

/** Records of one rank stay in the order read: the sort is stable. */
const byRank = (a: Ranked, b: Ranked): number => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);
