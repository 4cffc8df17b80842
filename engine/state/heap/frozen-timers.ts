// The timers of a queue as a snapshot sees them: encoded by key group, bucket after bucket, as they were when
// the snapshot was taken. A bucket that changes before it is encoded leaves a list of its timers behind
// (heap-timer-queue.ts).

import { ValueWriter } from '../../core/value-writer.ts';
import type { BlockWriter, SnapshotExtent } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import type { FrozenState } from './frozen-table.ts';
import type { FrozenQueue, HeapTimerQueue } from './heap-timer-queue.ts';

const TIMERS_PER_STEP = 256;

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
  readonly #keyGroupOf: (key: MapKey) => number;
  readonly #groups = new Map<number, Encoded>();

  constructor(
    name: string,
    queue: HeapTimerQueue,
    { keyGroupOf }: { readonly keyGroupOf: (key: MapKey) => number },
    extent: SnapshotExtent,
  ) {
    this.#replaces = extent === 'changes';
    this.#name = name;
    this.#queue = queue;
    this.#frozen = queue.freeze();
    this.#keyGroupOf = keyGroupOf;
  }

  release(): void {
    this.#queue.release(this.#frozen);
  }

  *prepare(): Iterable<number> {
    let bytes = 0;
    let timers = 0;
    for (const { timeMs, position, mapKey, namespace } of this.#frozen.timers()) {
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
    if (encoded === undefined && !this.#replaces) return;
    this.#groups.delete(keyGroup);
    block.copy({
      name: this.#name,
      kind: 'timers',
      timed: false,
      typed: false,
      separate: false,
      changes: false,
      count: encoded?.count ?? 0,
      payload: encoded?.values.out.view() ?? new Uint8Array(),
    });
    yield encoded?.values.out.length ?? 0;
  }

  #encodedOf(keyGroup: number): Encoded {
    let encoded = this.#groups.get(keyGroup);
    if (encoded === undefined) {
      encoded = { count: 0, values: new ValueWriter() };
      this.#groups.set(keyGroup, encoded);
    }
    return encoded;
  }
}
