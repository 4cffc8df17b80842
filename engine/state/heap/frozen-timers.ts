// The timers of a queue as a snapshot writes them: encoded by key group, bucket after bucket, as they were when the
// snapshot was taken (frozen-queue.ts). Changes are all timers of the times at which something has changed.

import { ValueWriter } from '../../core/value-writer.ts';
import type { BlockWriter, SnapshotExtent } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import type { FrozenQueue } from './frozen-queue.ts';
import type { FrozenState } from './frozen-table.ts';
import type { HeapTimerQueue } from './heap-timer-queue.ts';
import type { TableSurroundings } from './state-tables.ts';

const TIMERS_PER_STEP = 256;
/** Passing by what has not changed weighs as much as writing so much. */
const PASSED_BYTES = 8 * 1024;
/** What a timer takes, and in each key group a time that has changed. */
const TIMER_BYTES = 20;
const TIME_BYTES = 8;

interface Encoded {
  count: number;
  readonly values: ValueWriter;
}

export class FrozenTimers implements FrozenState {
  readonly #name: string;
  readonly #queue: HeapTimerQueue;
  readonly #frozen: FrozenQueue;
  /** All of them, in place of what earlier snapshots hold. */
  readonly #replaces: boolean;
  readonly #isChanges: boolean;
  readonly #keyGroupOf: (key: MapKey) => number;
  readonly #groups = new Map<number, Encoded>();

  constructor(
    name: string,
    queue: HeapTimerQueue,
    { keyGroupOf, keyGroups }: Pick<TableSurroundings, 'keyGroupOf' | 'keyGroups'>,
    extent: SnapshotExtent,
  ) {
    this.#name = name;
    this.#queue = queue;
    const groups = keyGroups.end - keyGroups.start + 1;
    const times = (queue.size * TIMER_BYTES) / (groups * TIME_BYTES);
    this.#frozen = queue.freeze(extent, times);
    this.#isChanges = this.#frozen.covers !== undefined;
    this.#replaces = extent === 'changes' && !this.#isChanges;
    this.#keyGroupOf = keyGroupOf;
  }

  release(): void {
    this.#queue.release(this.#frozen);
  }

  *prepare(): Iterable<number> {
    let bytes = 0;
    let timers = 0;
    for (const timer of this.#frozen.timers()) {
      if (timer === undefined) {
        yield PASSED_BYTES;
        continue;
      }
      const { timeMs, position, mapKey, namespace } = timer;
      const encoded = this.#encodedOf(this.#keyGroupOf(mapKey));
      const { values } = encoded;
      const before = values.out.length;
      values.write(namespace);
      values.write(keyOfMapKey(mapKey));
      values.out.f64(timeMs);
      values.out.varint(position);
      encoded.count++;
      bytes += values.out.length - before;
      if (++timers % TIMERS_PER_STEP > 0) continue;
      yield bytes;
      bytes = 0;
    }
  }

  *writeGroup(keyGroup: number, block: BlockWriter): Iterable<number> {
    const encoded = this.#groups.get(keyGroup);
    if (encoded === undefined && !this.#replaces && !this.#isChanges) return;
    this.#groups.delete(keyGroup);
    const { covers } = this.#frozen;
    block.copy({
      name: this.#name,
      kind: 'timers',
      timed: false,
      typed: false,
      separate: false,
      changes: this.#isChanges,
      covers,
      count: encoded?.count ?? 0,
      payload: encoded?.values.out.view() ?? this.#newValues().out.view(),
    });
    yield encoded?.values.out.length ?? 0;
  }

  #encodedOf(keyGroup: number): Encoded {
    let encoded = this.#groups.get(keyGroup);
    if (encoded === undefined) {
      encoded = { count: 0, values: this.#newValues() };
      this.#groups.set(keyGroup, encoded);
    }
    return encoded;
  }

  #newValues(): ValueWriter {
    const values = new ValueWriter();
    if (this.#isChanges) values.out.varint(0); // no timer is gone on its own
    return values;
  }
}
