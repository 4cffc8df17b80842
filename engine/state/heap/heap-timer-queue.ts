// Timers by time, not by key: a bucket for each distinct time and a heap of those times. Registering and
// removing touch one bucket, and firing walks buckets in order. A wheel in place of the heap was measured and
// is not worth its levels: taking a time out of the heap and putting one in costs 70 ns at 1e3 times, 135 at
// 1e6, and most timers share theirs.

import { must } from '../../core/assert.ts';
import type { SnapshotExtent } from '../keyed-snapshot.ts';
import type { FiredTimer, TimerQueue } from '../keyed-state.ts';
import type { MapKey } from '../map-key.ts';
import { FrozenQueue, TimersBase } from './frozen-queue.ts';
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

export class HeapTimerQueue implements TimerQueue {
  readonly #keys: KeyContext;
  readonly #buckets = new Map<number, TimerBucket>();
  readonly #times = new TimeHeap();
  readonly #fired = { timeMs: 0, namespace: 0 as TimerNamespace };
  readonly #first = { mapKey: 0 as MapKey, namespace: 0 as TimerNamespace };
  readonly #snapshots = new Set<FrozenQueue>();
  /** The last snapshot that others may go on from. */
  #base: TimersBase | undefined;
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

  /** `times`: so many may be told by their time to have changed, before all timers are written instead. */
  freeze(extent: SnapshotExtent = 'whole', times = 0): FrozenQueue {
    const below = this.nextTimeMs();
    const base = extent === 'changes' ? this.#base : undefined;
    const epoch = this.#epoch++;
    const changes = base !== undefined && base.count <= times ? { base, below } : undefined;
    const snapshot = new FrozenQueue(this.#buckets, epoch, changes);
    if (extent !== 'whole') this.#base = new TimersBase(epoch);
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  release(frozen: FrozenQueue): void {
    this.#snapshots.delete(frozen);
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
      // What is gone would not be all below the earliest any more.
      if (this.#base?.isPast(timeMs) === true) this.#base = undefined;
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
    if (this.#snapshots.size > 0) for (const snapshot of this.#snapshots) snapshot.preserve(bucket);
    if (bucket.changedAt === this.#epoch) return;
    this.#base?.onChange(bucket);
    bucket.changedAt = this.#epoch;
  }

  #dropFirst(bucket: TimerBucket): void {
    this.#times.pop();
    this.#base?.onPassed(bucket);
    this.#drop(bucket);
    this.#empty--;
  }

  #drop(bucket: TimerBucket): void {
    for (const snapshot of this.#snapshots) snapshot.preserve(bucket);
    this.#buckets.delete(bucket.timeMs);
    if (this.#last === bucket) this.#last = undefined;
  }

  /** Timers that are moved on again and again leave empty buckets; at most half are of that kind. */
  #sweep(): void {
    if (this.#empty * 2 < this.#times.size) return;
    this.#times.retain((time) => (this.#buckets.get(time)?.size ?? 0) > 0);
    for (const bucket of this.#buckets.values()) {
      if (bucket.size > 0) continue;
      this.#base?.onGone(bucket);
      this.#drop(bucket);
    }
    this.#empty = 0;
  }
}
