// Which entries of a state have changed since a snapshot: a mark for each in the store itself, beside the entries,
// since they may be too many for memory. Marks are of an epoch, from one snapshot to the next, and are removed
// when a snapshot has written what they stand for.
//
//   key    u16 key group | 0x8000, u16 number of the state, u32 epoch, the entry's key from its tag on
//   value  of an entry with a long key: namespace and key; else nothing

import { assert } from '../../core/assert.ts';
import type { SnapshotExtent } from '../keyed-snapshot.ts';
import type { IdRange } from './entry-ids.ts';
import type { LmdbStore, StoreView } from './lmdb-store.ts';

const MARK = 0x8000;
const TAG_AT = 4;
const HEAD_BYTES = 8;
const NOTHING = new Uint8Array();
/** Removing a mark weighs as much as writing this many bytes. */
const REMOVED_BYTES = 512;

/** An entry that was written or removed. */
interface ChangedKey {
  readonly id: Uint8Array;
  /** Namespace and key, where the id does not tell them. */
  readonly longKey: Uint8Array;
}

export class ChangedKeys {
  readonly #store: LmdbStore;
  readonly #state: number;
  /** Of changes that are made now; 0: nobody will ask for them. */
  #epoch = 0;

  constructor(store: LmdbStore, state: number) {
    this.#store = store;
    this.#state = state;
  }

  /** Within a batch. */
  note(id: Uint8Array, longKey: Uint8Array | undefined): void {
    if (this.#epoch === 0) return;
    const mark = new Uint8Array(HEAD_BYTES + id.length - TAG_AT);
    mark.set(this.#head(((id[0] as number) << 8) | (id[1] as number), this.#epoch));
    mark.set(id.subarray(TAG_AT), HEAD_BYTES);
    this.#store.put(mark, longKey ?? NOTHING);
  }

  /** A snapshot is taken. Answers the epoch that it ends; undefined: what changed before was not noted. */
  advance(extent: SnapshotExtent): number | undefined {
    if (extent === 'whole') return undefined;
    const ended = this.#epoch++;
    return extent === 'changes' && ended > 0 ? ended : undefined;
  }

  /** In the order of their ids. */
  *of(view: StoreView, keyGroup: number, epoch: number): Iterable<ChangedKey> {
    for (const { key, value } of view.range(...this.#range(keyGroup, epoch, epoch + 1))) {
      const id = Buffer.concat([key.subarray(0, TAG_AT), key.subarray(HEAD_BYTES)]);
      id[0] = (id[0] as number) & 0x7f;
      yield { id, longKey: Uint8Array.from(value) };
    }
  }

  /** Those before the epoch of now. Yields what it has done, in bytes. */
  *forget(view: StoreView, keyGroup: number, step: number): Iterable<number> {
    const range = this.#range(keyGroup, 0, this.#epoch);
    const marks = Array.from(view.range(...range), ({ key }) => Uint8Array.from(key));
    for (let first = 0; first < marks.length; first += step) {
      const some = marks.slice(first, first + step);
      this.#store.batch(() => {
        for (const mark of some) this.#store.remove(mark);
      });
      yield some.length * REMOVED_BYTES;
    }
  }

  #range(keyGroup: number, from: number, to: number): IdRange {
    return [this.#head(keyGroup, from), this.#head(keyGroup, to)];
  }

  #head(keyGroup: number, epoch: number): Uint8Array {
    assert(keyGroup < MARK, `key group ${keyGroup}`);
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt16BE(keyGroup | MARK);
    head.writeUInt16BE(this.#state, 2);
    head.writeUInt32BE(epoch, TAG_AT);
    return head;
  }
}
