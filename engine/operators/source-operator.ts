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
import type { OperatorContext, StreamOperator } from './stream-operator.ts';
import { WatermarkGenerator, type WatermarkState } from './watermark-generator.ts';

const SILENCE_MS = 200;

interface StoredSplit {
  readonly split: SourceSplit;
  readonly watermark: WatermarkState | undefined;
}

export interface SourceOperatorSettings {
  readonly watermarks: WatermarkSpec | null;
  readonly boundedness: 'bounded' | 'unbounded';
  readonly createReader: () => SourceReader<unknown, SourceSplit>;
  readonly send: (event: FromReader) => void;
  /** The watermark has risen: the chain passes it on before the next record. */
  readonly advance: () => void;
}

const NO_WATERMARKS: WatermarkSpec = { kind: 'none', boundMs: 0, idleMs: null, everyRecords: 64 };

export class SourceOperator implements StreamOperator, ReaderOutput<unknown> {
  readonly #context: OperatorContext;
  readonly #settings: SourceOperatorSettings;
  readonly #spec: WatermarkSpec;
  readonly #intervalMs: number;
  readonly #stored: OperatorList<StoredSplit>;
  readonly #splits = new Map<string, SplitEmitter>();
  readonly #restored = new Map<string, WatermarkState>();
  #reader: SourceReader<unknown, SourceSplit> | undefined;
  #watermark = NO_WATERMARK;
  #silentSinceMs = Number.NaN;
  #record: unknown;

  constructor(context: OperatorContext, settings: SourceOperatorSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#spec = settings.watermarks ?? NO_WATERMARKS;
    this.#intervalMs = context.configuration.get(options.watermarkInterval);
    this.#stored = context.operatorState.list<StoredSplit>('splits', 'split');
  }

  /** The record at work, for errors. */
  get record(): unknown {
    return this.#record;
  }

  open(): void {
    const reader = this.#settings.createReader();
    this.#reader = reader;
    const stored = this.#stored.get();
    for (const { split, watermark } of stored) {
      if (watermark !== undefined) this.#restored.set(split.id, watermark);
    }
    this.#settings.send({ kind: 'register' });
    if (stored.length > 0) reader.addSplits(stored.map(({ split }) => split));
    reader.start();
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

  /** Emits at most `max` records. */
  poll(max: number): 'more' | 'nothing' | 'end' {
    const result = this.#reader?.poll(this, max) ?? 'nothing';
    this.#record = undefined;
    if (result === 'end') {
      this.#watermark = END_OF_TIME;
      this.#settings.advance();
    } else if (result === 'nothing') {
      this.#onNothing();
    } else {
      this.#silentSinceMs = Number.NaN;
    }
    return result;
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
    this.#lookAtClock();
    return true;
  }

  ownWatermark(): number {
    return this.#watermark;
  }

  ownIdle(): boolean {
    if (this.#splits.size === 0) return false;
    for (const { generator } of this.#splits.values()) if (!generator.isIdle) return false;
    return true;
  }

  snapshot(): void {
    const splits = this.#reader?.snapshot() ?? [];
    this.#stored.update(
      splits.map((split) => ({
        split,
        watermark: this.#splits.get(split.id)?.generator.snapshot() ?? this.#restored.get(split.id),
      })),
    );
  }

  close(): void {
    this.#reader?.close();
  }

  split(id: string): SplitOutput<unknown> {
    const known = this.#splits.get(id);
    if (known !== undefined) return known;
    const emitter = new SplitEmitter(this.#context, this.#newGenerator(id), this.#emitted);
    this.#splits.set(id, emitter);
    return emitter;
  }

  releaseSplit(id: string): void {
    this.#splits.delete(id);
    this.#raise();
  }

  /** Called by the emitters after each record. */
  readonly #emitted = {
    begin: (value: unknown): void => {
      this.#record = value;
    },
    watermarkRose: (): void => this.#raise(),
  };

  #newGenerator(id: string): WatermarkGenerator {
    const { function: find, hasFunction } = bound(this.#context);
    const generator = new WatermarkGenerator(
      this.#spec,
      {
        ...(hasFunction('timestamp') ? { timestamp: find('timestamp') } : {}),
        ...(hasFunction('punctuate') ? { punctuate: find('punctuate') } : {}),
        processingTime: () => this.#context.processingTime(),
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
    this.#settings.advance();
  }

  #onNothing(): void {
    if (!Number.isNaN(this.#silentSinceMs)) return;
    this.#silentSinceMs = this.#context.processingTime();
    this.#lookAtClock();
  }

  #lookAtClock(): void {
    const now = this.#context.processingTime();
    const { idleMs } = this.#spec;
    if (this.#intervalMs > 0) this.#context.wakeAt(now + this.#intervalMs);
    if (idleMs !== null) this.#context.wakeAt(now + Math.max(1, idleMs / 2));
    if (Number.isFinite(this.#silentSinceMs))
      this.#context.wakeAt(this.#silentSinceMs + SILENCE_MS);
  }
}

/** Where a reader's records of one split enter the chain. */
class SplitEmitter implements SplitOutput<unknown> {
  readonly generator: WatermarkGenerator;
  readonly #context: OperatorContext;
  readonly #events: { begin(value: unknown): void; watermarkRose(): void };

  constructor(
    context: OperatorContext,
    generator: WatermarkGenerator,
    events: { begin(value: unknown): void; watermarkRose(): void },
  ) {
    this.#context = context;
    this.generator = generator;
    this.#events = events;
  }

  emit(value: unknown, time: number): void {
    this.#events.begin(value);
    const timeMs = this.generator.assign(value, time);
    this.#context.time[0] = timeMs;
    this.#context.emit(value);
    if (this.generator.onRecord(value, timeMs)) this.#events.watermarkRose();
  }
}

const bound = (
  context: OperatorContext,
): {
  function: (slot: string) => (value: unknown, timeMs: number) => unknown;
  hasFunction: (slot: string) => boolean;
} => ({
  function: (slot) => context.function(slot) as (value: unknown, timeMs: number) => unknown,
  hasFunction: (slot) => context.hasFunction(slot),
});
