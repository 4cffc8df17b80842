// Timers by time, not by key: a bucket for each distinct time and a heap of those times. Registering and
// removing touch one bucket, and firing walks buckets in order. A wheel in place of the heap was measured and
// is not worth its levels: taking a time out of the heap and putting one in costs 70 ns at 1e3 times, 135 at
// 1e6, and most timers share theirs.

import { must } from '../../core/assert.ts';
import type { FiredTimer, TimerQueue } from '../keyed-state.ts';
import type { MapKey } from '../map-key.ts';
import type { KeyContext } from './key-context.ts';
import { TimeHeap } from './time-heap.ts';
import { type KeyAndNamespace, TimerBucket } from './timer-bucket.ts';

export type TimerNamespace = string | number;

export interface StoredTimer extends KeyAndNamespace {
  readonly timeMs: number;
  /** Among the timers of its time, in the order of registration. */
  readonly position: number;
}

/** Empty buckets that may wait for their time before they are swept. */
const EMPTY_BUCKETS_MAX = 64;

/** The timers of a queue as they were. */
export interface FrozenQueue {
  /** Once. Those of one time in the order in which they were registered; meanwhile the queue may change. */
  timers(): IterableIterator<StoredTimer>;
}

export class HeapTimerQueue implements TimerQueue {
  readonly #keys: KeyContext;
  readonly #buckets = new Map<number, TimerBucket>();
  readonly #times = new TimeHeap();
  readonly #fired = { timeMs: 0, namespace: 0 as TimerNamespace };
  readonly #first = { mapKey: 0 as MapKey, namespace: 0 as TimerNamespace };
  readonly #snapshots = new Set<QueueSnapshot>();
  /** The one that was asked for last: most often it is asked for again. */
  #last: TimerBucket | undefined;
  #epoch = 0;
  #empty = 0;
  #size = 0;

  constructor(keys: KeyContext) {
    this.#keys = keys;
  }

  /** Timers registered. */
  get size(): number {
    return this.#size;
  }

  /** Distinct times that are held, those whose timers were all removed included. */
  get timesHeld(): number {
    return this.#times.size;
  }

  register(timeMs: number, namespace: TimerNamespace): void {
    const mapKey = must(this.#keys.mapKey, 'a current key');
    if (this.#bucketOf(timeMs)?.has(namespace, mapKey) !== true)
      this.#add(timeMs, namespace, mapKey);
  }

  registerNew(timeMs: number, namespace: TimerNamespace): void {
    this.#add(timeMs, namespace, must(this.#keys.mapKey, 'a current key'));
  }

  remove(timeMs: number, namespace: TimerNamespace): void {
    const bucket = this.#bucketOf(timeMs);
    if (bucket === undefined) return;
    this.#preserve(bucket);
    if (!bucket.remove(namespace, must(this.#keys.mapKey, 'a current key'))) return;
    this.#size--;
    if (bucket.size === 0 && ++this.#empty > EMPTY_BUCKETS_MAX) this.#sweep();
  }

  nextTimeMs(): number {
    for (;;) {
      const time = this.#times.first();
      const bucket = this.#bucketOf(time);
      if (bucket === undefined || bucket.size > 0) return time;
      this.#dropFirst(bucket);
    }
  }

  /** The timer returned is valid until the next poll. */
  poll(upToMs: number): FiredTimer | undefined {
    const time = this.nextTimeMs();
    const bucket = time <= upToMs ? this.#bucketOf(time) : undefined;
    if (bucket === undefined) return undefined;
    this.#preserve(bucket);
    bucket.takeFirst(this.#first);
    this.#size--;
    if (bucket.size === 0) this.#empty++;
    this.#keys.setMapKey(this.#first.mapKey);
    this.#fired.timeMs = time;
    this.#fired.namespace = this.#first.namespace;
    return this.#fired;
  }

  /** All timers, in no order. */
  *stored(): IterableIterator<KeyAndNamespace> {
    for (const bucket of this.#buckets.values()) yield* bucket.timers();
  }

  freeze(): FrozenQueue {
    const snapshot = new QueueSnapshot(this.#buckets, this.#epoch++);
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  release(frozen: FrozenQueue): void {
    if (frozen instanceof QueueSnapshot) this.#snapshots.delete(frozen);
  }

  /** Puts restored timers in. Those of several snapshots come in the order of their positions. */
  restore(timers: readonly StoredTimer[]): void {
    const ordered = timers.toSorted((a, b) => a.position - b.position);
    for (const { timeMs, namespace, mapKey } of ordered) this.#add(timeMs, namespace, mapKey);
  }

  #bucketOf(timeMs: number): TimerBucket | undefined {
    const last = this.#last;
    if (last?.timeMs === timeMs) return last;
    const bucket = this.#buckets.get(timeMs);
    if (bucket !== undefined) this.#last = bucket;
    return bucket;
  }

  #add(timeMs: number, namespace: TimerNamespace, mapKey: MapKey): void {
    this.#size++;
    const bucket = this.#bucketOf(timeMs);
    if (bucket === undefined) {
      const opened = new TimerBucket(timeMs, namespace, mapKey, this.#epoch);
      this.#buckets.set(timeMs, opened);
      this.#last = opened;
      this.#times.push(timeMs);
      return;
    }
    this.#preserve(bucket);
    if (bucket.size === 0) this.#empty--;
    bucket.add(namespace, mapKey);
  }

  /** It is about to change: snapshots that have not come to it take what it holds. */
  #preserve(bucket: TimerBucket): void {
    if (this.#snapshots.size === 0) return;
    for (const snapshot of this.#snapshots) snapshot.preserve(bucket);
  }

  #dropFirst(bucket: TimerBucket): void {
    this.#times.pop();
    this.#drop(bucket);
    this.#empty--;
  }

  #drop(bucket: TimerBucket): void {
    this.#buckets.delete(bucket.timeMs);
    if (this.#last === bucket) this.#last = undefined;
  }

  /** Timers that are moved on again and again leave empty buckets; at most half are of that kind. */
  #sweep(): void {
    if (this.#empty * 2 < this.#times.size) return;
    this.#times.retain((time) => (this.#buckets.get(time)?.size ?? 0) > 0);
    for (const bucket of this.#buckets.values()) if (bucket.size === 0) this.#drop(bucket);
    this.#empty = 0;
  }
}

/** Goes through the buckets while they change: what changes before it is come to is set aside first. */
class QueueSnapshot implements FrozenQueue {
  readonly #buckets: ReadonlyMap<number, TimerBucket>;
  readonly #epoch: number;
  readonly #aside = new Map<TimerBucket, readonly KeyAndNamespace[]>();
  readonly #written = new Set<TimerBucket>();

  constructor(buckets: ReadonlyMap<number, TimerBucket>, epoch: number) {
    this.#buckets = buckets;
    this.#epoch = epoch;
  }

  preserve(bucket: TimerBucket): void {
    if (bucket.epoch > this.#epoch || this.#aside.has(bucket) || this.#written.has(bucket)) return;
    this.#aside.set(bucket, bucket.timers());
  }

  *timers(): IterableIterator<StoredTimer> {
    for (const bucket of this.#buckets.values()) {
      if (bucket.epoch > this.#epoch || this.#aside.has(bucket)) continue;
      this.#written.add(bucket);
      yield* stored(bucket, bucket.timers());
    }
    for (const [bucket, timers] of this.#aside) yield* stored(bucket, timers);
  }
}

function* stored(
  { timeMs }: TimerBucket,
  timers: readonly KeyAndNamespace[],
): IterableIterator<StoredTimer> {
  for (const [position, { mapKey, namespace }] of timers.entries())
    yield { timeMs, position, mapKey, namespace };
}
