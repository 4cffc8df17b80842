// The timers of a queue as a snapshot sees them, bucket by bucket, while they change: all, or those of the times at
// which something has changed since an earlier snapshot. Timers fire in their order, so most that are gone since then
// are told by the earliest time that is left.

import type { Covered } from '../covered.ts';
import type { StoredTimer } from './heap-timer-queue.ts';
import type { KeyAndNamespace, TimerBucket } from './timer-bucket.ts';

/** A snapshot that others may go on from, and what has become of its times. */
export class TimersBase {
  readonly epoch: number;
  /** Times that nobody has timers at any more, but for those that have passed. */
  readonly gone = new Set<number>();
  /** Buckets of that snapshot at which something has changed. */
  #changed = 0;
  #passedMs = Number.NEGATIVE_INFINITY;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  /** Times that a snapshot of changes has to name. */
  get count(): number {
    return this.#changed + this.gone.size;
  }

  /** It was the earliest, and is empty: until one as early comes it need not be named. */
  onPassed(bucket: TimerBucket): void {
    this.#passedMs = Math.max(this.#passedMs, bucket.timeMs);
    if (this.#has(bucket) && bucket.changedAt > this.epoch) this.#changed--;
  }

  isPast(timeMs: number): boolean {
    return timeMs <= this.#passedMs;
  }

  /** For the first time. */
  onChange(bucket: TimerBucket): void {
    if (this.#has(bucket) && bucket.changedAt <= this.epoch) this.#changed++;
  }

  onGone(bucket: TimerBucket): void {
    if (this.#has(bucket)) this.gone.add(bucket.timeMs);
  }

  #has({ epoch }: TimerBucket): boolean {
    return epoch <= this.epoch;
  }
}

const BUCKETS_PER_STEP = 1_024;

interface SinceBase {
  readonly base: TimersBase;
  /** All that were earlier are gone. */
  readonly below: number;
}

/** Goes through the buckets while they change: what changes before it is come to is set aside first. */
export class FrozenQueue {
  readonly #buckets: ReadonlyMap<number, TimerBucket>;
  readonly #epoch: number;
  readonly #changes: SinceBase | undefined;
  /** Undefined: not changed since the base. */
  readonly #aside = new Map<TimerBucket, readonly KeyAndNamespace[] | undefined>();
  readonly #written = new Set<TimerBucket>();
  readonly #named: number[];

  constructor(
    buckets: ReadonlyMap<number, TimerBucket>,
    epoch: number,
    changes: SinceBase | undefined,
  ) {
    this.#buckets = buckets;
    this.#epoch = epoch;
    this.#changes = changes;
    this.#named = [...(changes?.base.gone ?? [])];
  }

  /** Those of changes, when `timers` has come to its end: times that are written in full. */
  get covers(): Covered | undefined {
    return this.#changes && { below: this.#changes.below, each: this.#named };
  }

  /** It is about to change, or to go. */
  preserve(bucket: TimerBucket): void {
    if (bucket.epoch > this.#epoch || this.#aside.has(bucket) || this.#written.has(bucket)) return;
    this.#aside.set(bucket, this.#isChanged(bucket) ? bucket.timers() : undefined);
  }

  /**
   * Once. Those of one time in the order in which they were registered; meanwhile the queue may change. Undefined
   * where there was only work, so that it can be left alone for a while.
   */
  *timers(): IterableIterator<StoredTimer | undefined> {
    let passed = 0;
    for (const bucket of this.#buckets.values()) {
      if (bucket.epoch > this.#epoch || this.#aside.has(bucket)) continue;
      this.#written.add(bucket);
      if (this.#isChanged(bucket)) yield* this.#stored(bucket, bucket.timers());
      else if (++passed % BUCKETS_PER_STEP === 0) yield undefined;
    }
    for (const [bucket, timers] of this.#aside)
      if (timers !== undefined) yield* this.#stored(bucket, timers);
  }

  #isChanged({ changedAt }: TimerBucket): boolean {
    return this.#changes === undefined || changedAt > this.#changes.base.epoch;
  }

  *#stored(
    { timeMs, epoch }: TimerBucket,
    timers: readonly KeyAndNamespace[],
  ): IterableIterator<StoredTimer> {
    if (this.#changes !== undefined && epoch <= this.#changes.base.epoch) this.#named.push(timeMs);
    for (const [position, { mapKey, namespace }] of timers.entries())
      yield { timeMs, position, mapKey, namespace };
  }
}
