// Runs a source as a job would: its enumerator, and a reader in each of several subtasks. Splits and
// snapshots pass through the value format, as they do on their way to a checkpoint.

import { onTestFinished } from 'vitest';
import type {
  PollResult,
  SourceConnector,
  SourceReader,
  SourceSplit,
  SplitEnumerator,
} from '../../engine/connectors/source.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { systemFileSystem } from '../../engine/core/system-file-system.ts';
import { decodeValue } from '../../engine/core/value-reader.ts';
import { encodeValue } from '../../engine/core/value-writer.ts';
import { FakeClock } from '../harness/fake-clock.ts';
import { RecordingLogger } from '../harness/recording-logger.ts';
import { until } from '../harness/until.ts';

export interface SourceSnapshot {
  readonly enumerator: unknown;
  readonly splits: readonly SourceSplit[];
}

export interface SourceRunSettings<Options> {
  readonly options: Options;
  readonly parallelism?: number;
  readonly baseDirectory?: string;
  readonly restored?: SourceSnapshot;
  readonly clock?: FakeClock;
  readonly functions?: Readonly<Record<string, (...args: never[]) => unknown>>;
  readonly blobs?: Readonly<Record<string, Uint8Array>>;
  readonly configuration?: Readonly<Record<string, string | number>>;
}

interface Subtask {
  readonly reader: SourceReader<unknown, SourceSplit>;
  readonly values: unknown[];
  result: PollResult;
  /** Polls it would get: it may have more, or was woken. */
  isAwake: boolean;
}

export class SourceRun<Options> {
  readonly clock: FakeClock;
  readonly log = new RecordingLogger();
  readonly subtasks: readonly Subtask[];
  /** Ids of splits in the order in which they were read to their ends. */
  readonly released: string[] = [];
  /** Splits by subtask, as they were assigned. */
  readonly assigned: (readonly [subtask: number, id: string])[] = [];
  skipped = 0;
  wakes = 0;
  failure: unknown;
  readonly #settings: SourceRunSettings<Options>;
  readonly #enumerator: SplitEnumerator<SourceSplit>;
  #isClosed = false;

  constructor(
    connector: SourceConnector<unknown, SourceSplit, Options>,
    settings: SourceRunSettings<Options>,
  ) {
    const { parallelism = 1, restored } = settings;
    this.#settings = settings;
    this.clock = settings.clock ?? new FakeClock();
    this.#enumerator = this.#createEnumerator(connector, parallelism);
    this.subtasks = Array.from({ length: parallelism }, (_, i) => ({
      reader: this.#createReader(connector, parallelism, i),
      values: [],
      result: 'nothing',
      isAwake: true,
    }));
    onTestFinished(() => this.close());
    this.#enumerator.start();
    for (const [i, { reader }] of this.subtasks.entries()) {
      this.#enumerator.addReader(i);
      const own = restored?.splits.filter((_, at) => at % parallelism === i) ?? [];
      if (own.length > 0) reader.addSplits(own);
      reader.start();
    }
  }

  /** What all subtasks emitted, subtask by subtask. */
  get values(): unknown[] {
    return this.subtasks.flatMap(({ values }) => values);
  }

  /** Polls one subtask once. */
  poll(index = 0, max = 256): PollResult {
    const subtask = this.subtasks[index] as Subtask;
    let count = 0;
    subtask.isAwake = false;
    subtask.result = subtask.reader.poll(
      {
        split: () => ({
          emit: (value) => {
            if (++count > max) throw new Error(`more than ${max} records in a poll`);
            subtask.values.push(value);
          },
        }),
        releaseSplit: (id) => this.released.push(id),
      },
      max,
    );
    if (subtask.result === 'more') subtask.isAwake = true;
    return subtask.result;
  }

  /** Gives a turn to each subtask that wants one. */
  pollAwake(max?: number): void {
    this.#throwFailure();
    for (const [i, { isAwake, result }] of this.subtasks.entries())
      if (isAwake && result !== 'end') this.poll(i, max);
  }

  get hasEnded(): boolean {
    return this.subtasks.every(({ result }) => result === 'end');
  }

  async runUntil(isTrue: () => boolean, what: string, max?: number): Promise<void> {
    await until(() => {
      this.pollAwake(max);
      return isTrue();
    }, what);
  }

  /** To the end of a bounded input. */
  async run(max?: number): Promise<unknown[]> {
    await this.runUntil(() => this.hasEnded, 'the end of the input', max);
    return this.values;
  }

  async runUntilFailure(): Promise<Error> {
    try {
      await this.runUntil(() => this.failure !== undefined, 'a failure');
    } catch (error) {
      return error as Error;
    }
    return this.failure as Error;
  }

  /** The subtask fails: the splits given to it since the last checkpoint go back. */
  addSplitsBack(splits: readonly SourceSplit[], subtask: number): void {
    this.#enumerator.addSplitsBack(splits, subtask);
  }

  snapshot(): SourceSnapshot {
    return decodeValue(
      encodeValue({
        enumerator: this.#enumerator.snapshot(),
        splits: this.subtasks.flatMap(({ reader }) => reader.snapshot()),
      }),
    ) as SourceSnapshot;
  }

  close(): void {
    this.#isClosed = true;
    this.#enumerator.close();
    for (const { reader } of this.subtasks) reader.close();
  }

  #throwFailure(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  #createEnumerator(
    connector: SourceConnector<unknown, SourceSplit, Options>,
    parallelism: number,
  ): SplitEnumerator<SourceSplit> {
    const { options, restored, baseDirectory = '/' } = this.#settings;
    const ifOpen = (call: () => void): void => {
      if (!this.#isClosed) call();
    };
    return connector.createEnumerator(
      options,
      {
        parallelism,
        clock: this.clock,
        log: this.log,
        fileSystem: systemFileSystem,
        baseDirectory,
        assign: (subtask, splits) => {
          for (const { id } of splits) this.assigned.push([subtask, id]);
          this.subtasks[subtask]?.reader.addSplits(splits);
        },
        noMoreSplits: (subtask) => this.subtasks[subtask]?.reader.noMoreSplits(),
        callAsync: (work, then) => void work().then((result) => ifOpen(() => then(result))),
        after: (delayMs, call) => void this.clock.after(delayMs, () => ifOpen(call)),
        fail: (error) => this.#fail(error),
      },
      restored?.enumerator,
    );
  }

  #createReader(
    connector: SourceConnector<unknown, SourceSplit, Options>,
    parallelism: number,
    subtask: number,
  ): SourceReader<unknown, SourceSplit> {
    const { options, baseDirectory = '/', functions = {}, blobs = {} } = this.#settings;
    return connector.createReader(options, {
      subtask,
      parallelism,
      clock: this.clock,
      log: this.log,
      configuration: new Configuration(this.#settings.configuration),
      baseDirectory,
      blob: (key) => blobs[key] as Uint8Array,
      function: (slot) => functions[slot] as (...args: never[]) => unknown,
      requestSplit: () => this.#enumerator.onSplitRequest(subtask),
      wake: () => {
        const woken = this.subtasks?.[subtask];
        this.wakes++;
        if (woken !== undefined) woken.isAwake = true;
      },
      fail: (error) => this.#fail(error),
      countSkipped: (records) => {
        this.skipped += records;
      },
    });
  }

  #fail(error: unknown): void {
    this.failure ??= error;
  }
}
