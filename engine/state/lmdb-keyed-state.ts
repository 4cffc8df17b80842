// Keyed state that need not fit into memory (`state.backend.type: lmdb`): entries in a store on the local disk
// behind a cache on the heap, timers on the heap. Handles, copies and snapshots are those of the heap backend,
// and its snapshots can be read by either. The list, map or buffer of one key is one value, and must fit.

import type { Entries } from './heap/entry-table.ts';
import { HeapStateBackend, type HeapStateOptions } from './heap-keyed-state.ts';
import type { SlicedJoinState, SlicedState, StateDescriptor } from './keyed-state.ts';
import { LmdbStore } from './lmdb/lmdb-store.ts';
import { NamespacedJoins, NamespacedSlices } from './lmdb/namespaced-slices.ts';
import { SpilledEntries } from './lmdb/spilled-entries.ts';
import { StoredEntries } from './lmdb/stored-entries.ts';
import { copierFor } from './value-copier.ts';

export interface LmdbStateOptions extends HeapStateOptions {
  /** Where stores lie on the local disk; '': the system's temporary directory. */
  readonly directory: string;
  /** Unique among the stores of the machine that live. */
  readonly name: string;
  /** Of all states of the backend together. */
  readonly cacheBytesMax: number;
}

export class LmdbStateBackend extends HeapStateBackend {
  readonly #store: LmdbStore;
  readonly #objectReuse: boolean;

  constructor(options: LmdbStateOptions) {
    const store = new LmdbStore(options.directory, options.name);
    const spilled: Entries[] = [];
    super(options, (kind, shape, keyGroupOf) => {
      const stored = new StoredEntries(store, spilled.length, kind, keyGroupOf);
      const settings = { keyGroups: options.keyGroups, cacheBytesMax: options.cacheBytesMax };
      const entries = new SpilledEntries(store, stored, settings, shape, keyGroupOf);
      spilled.push(entries);
      return entries;
    });
    this.#store = store;
    this.#objectReuse = options.objectReuse;
    this.beforeKey = () => {
      for (const entries of spilled) entries.tidy();
    };
  }

  override sliced(descriptor: StateDescriptor): SlicedState {
    return new NamespacedSlices(this.namespaced(descriptor));
  }

  override slicedJoin(descriptor: StateDescriptor): SlicedJoinState {
    return new NamespacedJoins(this.namespaced(descriptor), copierFor(this.#objectReuse));
  }

  /** Gives up snapshots under way; nothing is to be asked of it afterwards. */
  override close(): Promise<void> {
    return this.#store.close();
  }
}
