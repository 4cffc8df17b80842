// Runs the reader of a source as the head of a chain: polls it, gives every record its event time, makes
// watermarks per split and emits the lowest of them at the record after which it rose. A source that
// follows or listens also makes one when it has fallen silent. The snapshot holds each unfinished split with
// its position and the state of its watermark.

import type { ReaderOutput, SourceReader, SourceSplit, SplitOutput } from '../connectors/source.ts';
import type { FromReader, ToReader } from '../connectors/source-events.ts';
import { options } from '../core/options.ts';
import { END_OF_TIME, NO_WATERMARK } from '../core/time.ts';
import type { WatermarkSpec } from '../graph/operator-params.ts';
import type { OperatorList } from '../state/operator-state.ts';
import type { EventTime, OperatorContext, StreamOperator } from './stream-operator.ts';
import { refuseTime, WatermarkGenerator, type WatermarkState } from './watermark-generator.ts';

const SILENCE_MS = 200;

/** A record that came while the chain was half done with the one before. */
interface Waiting {
  readonly value: unknown;
  readonly time: number;
}

interface WaitingEntry {
  readonly split: OpenSplit;
  readonly record: Waiting | undefined;
}

interface StoredSplit {
  readonly id: string;
  /** Undefined: it is read to its end, and only records of it wait. */
  readonly split: SourceSplit | undefined;
  readonly watermark: WatermarkState | undefined;
  readonly waiting: readonly Waiting[];
}

/** What a source asks of the chain that it heads. */
export interface SourceChain {
  /** An operator has not finished with what it was given. */
  readonly isPaused: boolean;
  /** The source's watermark has risen: it is passed on before the next record. */
  advanceOwnWatermarks(): void;
  readonly ways: {
    readonly made: EmitMade | undefined;
    readonly pulled: EmitPulled | undefined;
  };
}

/** As MakeRecords (task/chain-entries.ts). */
type EmitMade = (
  make: (index: number) => unknown,
  highest: Float64Array,
  first: number,
  stride: number,
  count: number,
) => number;

/** As PullRecords. */
type EmitPulled = (reader: { next(): unknown }, highest: Float64Array, count: number) => number;

export interface SourceOperatorSettings {
  readonly watermarks: WatermarkSpec | null;
  readonly boundedness: 'bounded' | 'unbounded';
  readonly createReader: () => SourceReader<unknown, SourceSplit>;
  readonly send: (event: FromReader) => void;
  /** The chain that the source heads; there is none before `open`. */
  readonly chain: () => SourceChain;
  /** The source itself is at work again, and no operator behind it: what fails now is its own. */
  readonly atWork: () => void;
  /** Sends latency markers, so often. */
  readonly latency?: { readonly intervalMs: number; emit(): void } | undefined;
}

const NO_WATERMARKS: WatermarkSpec = { kind: 'none', boundMs: 0, idleMs: null, everyRecords: 64 };

export class SourceOperator implements StreamOperator, ReaderOutput<unknown> {
  readonly canSnapshotPending = true;
  readonly eventTime?: EventTime;
  readonly #context: OperatorContext;
  readonly #settings: SourceOperatorSettings;
  readonly #spec: WatermarkSpec;
  readonly #intervalMs: number;
  readonly #stored: OperatorList<StoredSplit>;
  readonly #splits = new Map<string, OpenSplit>();
  readonly #restored = new Map<string, WatermarkState>();
  /** In the order in which they were read; a record undefined stands for the end of its split. */
  readonly #waiting: WaitingEntry[] = [];
  #reader: SourceReader<unknown, SourceSplit> | undefined;
  #hasReaderEnded = false;
  #watermark = NO_WATERMARK;
  #silentSinceMs = Number.NaN;
  /** In the poll at work; a reader that has read all there is may say `nothing` at once. */
  #hasRead = false;
  /** When the next latency marker is due. */
  #markAtMs = END_OF_TIME;
  #record: unknown;

  constructor(context: OperatorContext, settings: SourceOperatorSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#spec = settings.watermarks ?? NO_WATERMARKS;
    this.#intervalMs = context.configuration.get(options.watermarkInterval);
    this.#stored = context.operatorState.list<StoredSplit>('splits', 'split');
    const { kind } = this.#spec;
    if (kind === 'none' || kind === 'bounded') this.eventTime = eventTimeOf(context);
  }

  /** The record at work, for errors. */
  get record(): unknown {
    return this.#record;
  }

  open(): void {
    const reader = this.#settings.createReader();
    this.#reader = reader;
    const stored = this.#stored.get();
    for (const { id, watermark } of stored) {
      if (watermark !== undefined) this.#restored.set(id, watermark);
    }
    for (const { id, split, waiting } of stored) this.#restoreWaiting(id, split, waiting);
    this.#settings.send({ kind: 'register' });
    const splits = stored.flatMap(({ split }) => split ?? []);
    if (splits.length > 0) reader.addSplits(splits);
    reader.start();
    this.#mark(this.#context.processingTime());
    this.#lookAtClock();
  }

  onEvent(event: ToReader): void {
    switch (event.kind) {
      case 'add-splits':
        return this.#reader?.addSplits(event.splits);
      case 'no-more-splits':
        return this.#reader?.noMoreSplits();
    }
  }

  /** Reads no more: what it has read follows, then the end. */
  drain(): void {
    this.#hasReaderEnded = true;
  }

  /** Emits at most `max` records, fewer when the chain is paused by one of them. */
  poll(max: number): 'more' | 'nothing' | 'end' {
    this.#settings.atWork();
    this.#hasRead = false;
    const result = this.#waiting.length > 0 ? this.#emitWaiting() : this.#read(max);
    this.#record = undefined;
    if (this.#hasRead || result !== 'nothing') this.#silentSinceMs = Number.NaN;
    if (result === 'nothing') this.#onNothing();
    if (result !== 'end') return result;
    this.#watermark = END_OF_TIME;
    this.#settings.chain().advanceOwnWatermarks();
    return 'end';
  }

  processElement(): void {
    // A source has no input.
  }

  onProcessingTime(now: number): boolean {
    const isSilent =
      now - this.#silentSinceMs >= SILENCE_MS && this.#settings.boundedness === 'unbounded';
    for (const { generator } of this.#splits.values()) {
      generator.onTime(now);
      if (isSilent || this.#intervalMs > 0) generator.evaluate();
    }
    if (isSilent) this.#silentSinceMs = Number.POSITIVE_INFINITY;
    this.#raise();
    if (now >= this.#markAtMs) this.#mark(now);
    this.#lookAtClock();
    return true;
  }

  ownWatermark(): number {
    return this.#watermark;
  }

  ownIdle(): boolean {
    // Nothing was handed to it, and it has waited for that: others need not wait for it.
    if (this.#splits.size === 0)
      return this.#silentSinceMs === Number.POSITIVE_INFINITY && this.#restored.size === 0;
    for (const { generator } of this.#splits.values()) if (!generator.isIdle) return false;
    return true;
  }

  snapshot(): void {
    const unread = new Map(this.#reader?.snapshot().map((split) => [split.id, split]));
    const ids = new Set([...unread.keys(), ...this.#waiting.map(({ split }) => split.id)]);
    this.#stored.update(
      [...ids].map((id) => ({
        id,
        split: unread.get(id),
        watermark: this.#splits.get(id)?.generator.snapshot() ?? this.#restored.get(id),
        waiting: this.#waiting.flatMap(({ split, record }) =>
          split.id === id && record !== undefined ? [record] : [],
        ),
      })),
    );
  }

  close(): void {
    this.#reader?.close();
  }

  split(id: string): SplitOutput<unknown> {
    return this.#open(id);
  }

  releaseSplit(id: string): void {
    const split = this.#splits.get(id);
    if (split === undefined) return;
    if (this.#waiting.length > 0) this.#waiting.push({ split, record: undefined });
    else this.#end(split);
  }

  #read(max: number): 'more' | 'nothing' | 'end' {
    if (!this.#hasReaderEnded) {
      const result = this.#reader?.poll(this, max) ?? 'nothing';
      if (result !== 'end') return this.#waiting.length > 0 ? 'more' : result;
      this.#hasReaderEnded = true;
    }
    return this.#waiting.length > 0 ? 'more' : 'end';
  }

  #emitWaiting(): 'more' {
    const chain = this.#settings.chain();
    let emitted = 0;
    while (emitted < this.#waiting.length && !chain.isPaused) {
      const { split, record } = this.#waiting[emitted++] as WaitingEntry;
      if (record === undefined) this.#end(split);
      else this.#process(split, record.value, record.time);
    }
    this.#waiting.splice(0, emitted);
    return 'more';
  }

  #open(id: string): OpenSplit {
    const known = this.#splits.get(id);
    if (known !== undefined) return known;
    const generator = this.#newGenerator(id);
    // Asked for every record: by way of the settings it would be a fifth of a short chain's time.
    const chain = this.#settings.chain();
    const split: OpenSplit = {
      id,
      generator,
      emit: (value, time) => {
        // One after another: what comes while the chain is half done waits, with its watermarks.
        if (this.#waiting.length > 0 || chain.isPaused) {
          this.#waiting.push({ split, record: { value, time } });
        } else {
          this.#process(split, value, time);
        }
      },
      ...this.#makingOf(generator),
    };
    this.#splits.set(id, split);
    return split;
  }

  /** By the chain's own code, as many at a time as the watermark takes. */
  #makingOf(generator: WatermarkGenerator): Partial<SplitOutput<unknown>> {
    const { made, pulled } = this.#settings.chain().ways;
    if (made === undefined || pulled === undefined) return {};
    const { highest } = generator;
    return {
      emitMade: (make, first, stride, count) =>
        this.#inRuns(generator, count, (done, run) =>
          made(make, highest, first + done * stride, stride, run),
        ),
      emitPulled: (reader, count) =>
        this.#inRuns(generator, count, (_, run) => pulled(reader, highest, run)),
    };
  }

  /** `emit` returns how many it has emitted, `~` how many at the end. So does this. */
  #inRuns(
    generator: WatermarkGenerator,
    count: number,
    emit: (done: number, run: number) => number,
  ): number | undefined {
    if (this.#waiting.length > 0) return undefined;
    const chain = this.#settings.chain();
    let done = 0;
    while (done < count && !chain.isPaused) {
      const result = emit(done, Math.min(count - done, generator.recordsLeft));
      const emitted = result < 0 ? ~result : result;
      this.#hasRead = true;
      done += emitted;
      if (generator.onRecords(emitted)) this.#raise();
      if (result < 0) return ~done;
    }
    return done;
  }

  #process({ generator }: OpenSplit, value: unknown, time: number): void {
    this.#record = value;
    this.#hasRead = true;
    const timeMs = generator.assign(value, time);
    this.#context.time[0] = timeMs;
    this.#context.emit(value);
    if (generator.onRecord(value, timeMs)) this.#raise();
    this.#record = undefined;
  }

  #end(split: OpenSplit): void {
    this.#splits.delete(split.id);
    this.#raise();
  }

  #restoreWaiting(id: string, unread: SourceSplit | undefined, waiting: readonly Waiting[]): void {
    if (waiting.length === 0) return;
    const split = this.#open(id);
    for (const record of waiting) this.#waiting.push({ split, record });
    if (unread === undefined) this.#waiting.push({ split, record: undefined });
  }

  #newGenerator(id: string): WatermarkGenerator {
    const context = this.#context;
    const generator = new WatermarkGenerator(
      this.#spec,
      {
        ...(context.hasFunction('timestamp')
          ? {
              timestamp: context.function('timestamp') as (
                value: unknown,
                timeMs: number,
              ) => unknown,
            }
          : {}),
        ...(context.hasFunction('punctuate')
          ? {
              punctuate: context.function('punctuate') as (
                value: unknown,
                timeMs: number,
              ) => unknown,
            }
          : {}),
        processingTime: () => context.processingTime(),
      },
      this.#intervalMs === 0,
    );
    const restored = this.#restored.get(id);
    if (restored !== undefined) generator.restore(restored);
    this.#restored.delete(id);
    return generator;
  }

  /** The lowest over the splits that are not idle; those restored and not yet read count as they were. */
  #raise(): void {
    let lowest = END_OF_TIME;
    for (const { generator } of this.#splits.values()) {
      if (!generator.isIdle) lowest = Math.min(lowest, generator.watermark);
    }
    for (const { watermark } of this.#restored.values()) lowest = Math.min(lowest, watermark);
    if (lowest === END_OF_TIME || lowest <= this.#watermark) return;
    this.#watermark = lowest;
    this.#settings.chain().advanceOwnWatermarks();
  }

  #onNothing(): void {
    if (!Number.isNaN(this.#silentSinceMs)) return;
    this.#silentSinceMs = this.#context.processingTime();
    this.#lookAtClock();
  }

  #mark(now: number): void {
    const { latency } = this.#settings;
    if (latency === undefined) return;
    latency.emit();
    this.#markAtMs = now + latency.intervalMs;
  }

  #lookAtClock(): void {
    const now = this.#context.processingTime();
    const { idleMs } = this.#spec;
    this.#context.wakeAt(this.#markAtMs);
    if (this.#intervalMs > 0) this.#context.wakeAt(now + this.#intervalMs);
    if (idleMs !== null) this.#context.wakeAt(now + Math.max(1, idleMs / 2));
    // Where silence says nothing nobody wakes up for it: that time would be past, again and again.
    if (Number.isFinite(this.#silentSinceMs) && this.#settings.boundedness === 'unbounded') {
      this.#context.wakeAt(this.#silentSinceMs + SILENCE_MS);
    }
  }
}

function eventTimeOf(context: OperatorContext): EventTime {
  if (!context.hasFunction('timestamp')) return { refuse: refuseTime };
  return { of: context.function('timestamp') as EventTime['of'] & object, refuse: refuseTime };
}

/** A split that is being read, or whose records wait. */
interface OpenSplit extends SplitOutput<unknown> {
  readonly id: string;
  readonly generator: WatermarkGenerator;
}
