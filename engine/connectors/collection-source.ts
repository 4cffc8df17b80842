// What `from(iterable)` held: values one after another in a blob that travels with the plan.

import { must } from '../core/assert.ts';
import { ByteReader } from '../core/byte-buffer.ts';
import { NO_TIME } from '../core/time.ts';
import { ValueReader } from '../core/value-reader.ts';
import { FixedEnumerator } from './fixed-enumerator.ts';
import type {
  PollResult,
  ReaderContext,
  ReaderOutput,
  SourceConnector,
  SourceReader,
  SourceSplit,
} from './source.ts';

/** What `Recorder.blob` gives. */
export interface CollectionOptions {
  /** Of the blob: values as one ValueWriter wrote them. */
  readonly key: string;
  readonly count: number;
}

export interface CollectionSplit extends SourceSplit {
  /** Values that were emitted. */
  readonly position: number;
}

export const collectionSource: SourceConnector<unknown, CollectionSplit, CollectionOptions> = {
  name: 'collection',
  boundedness: () => 'bounded',
  maxParallelism: () => 1,
  createEnumerator: (_options, context, restored) =>
    new FixedEnumerator([{ id: 'collection', position: 0 }], context, restored),
  createReader: (options, context) => new CollectionReader(options, context),
};

class CollectionReader implements SourceReader<unknown, CollectionSplit> {
  readonly #options: CollectionOptions;
  readonly #context: ReaderContext;
  #split: CollectionSplit | undefined;
  #values: ValueReader | undefined;
  #position = 0;
  #isLast = false;

  constructor(options: CollectionOptions, context: ReaderContext) {
    this.#options = options;
    this.#context = context;
  }

  start(): void {
    this.#context.requestSplit();
  }

  addSplits(splits: readonly CollectionSplit[]): void {
    const split = must(splits[0], 'a split of the collection');
    this.#split = split;
    this.#position = split.position;
    this.#values = new ValueReader(new ByteReader(this.#context.blob(this.#options.key)));
    // Values refer to shapes of those before them, so that all must be read.
    for (let i = 0; i < split.position; i++) this.#values.read();
    this.#context.wake();
  }

  noMoreSplits(): void {
    this.#isLast = true;
    this.#context.wake();
  }

  poll(output: ReaderOutput<unknown>, max: number): PollResult {
    const split = this.#split;
    const values = this.#values;
    if (split === undefined || values === undefined) return this.#isLast ? 'end' : 'nothing';
    const to = Math.min(this.#options.count, this.#position + max);
    const target = output.split(split.id);
    for (; this.#position < to; this.#position++) target.emit(values.read(), NO_TIME);
    if (to < this.#options.count) return 'more';
    output.releaseSplit(split.id);
    this.#split = undefined;
    return this.#isLast ? 'end' : 'nothing';
  }

  snapshot(): readonly CollectionSplit[] {
    return this.#split === undefined ? [] : [{ ...this.#split, position: this.#position }];
  }

  close(): void {
    this.#values = undefined;
  }
}
