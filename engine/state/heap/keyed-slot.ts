// A state's value of the current key. All handles of the state share it, so it may remember where the value is
// until the key changes: what a function reads and writes again need not be looked up again.

import type { MapKey } from '../map-key.ts';
import { type Entries, NO_NAMESPACE } from './entry-table.ts';
import type { KeyContext } from './key-context.ts';
import type { KeyIndex } from './key-index.ts';

/** `S`: what its handles put there; they are all of one kind. */
export class KeyedSlot<S = unknown> {
  readonly #name: string;
  readonly #entries: Entries;
  readonly #keys: KeyContext;
  #index: KeyIndex | undefined;
  /** Of the index. */
  #generation = -1;
  /** Of the key when `#row` was looked up. */
  #turn = -1;
  #row = -1;

  constructor(name: string, entries: Entries, keys: KeyContext) {
    this.#name = name;
    this.#entries = entries;
    this.#keys = keys;
  }

  /** What it returns may be changed in place until the end of the call. */
  get(): S | undefined {
    const row = this.#find();
    return row < 0 ? undefined : (this.#entries.lend(row) as S);
  }

  set(stored: S): void {
    const row = this.#find();
    if (row < 0) this.#row = this.#entries.insert(NO_NAMESPACE, this.#key(), stored);
    else this.#entries.put(row, stored);
  }

  clear(): void {
    const row = this.#find();
    if (row < 0) return;
    this.#entries.remove(NO_NAMESPACE, this.#key(), row);
    this.#row = -1;
  }

  #find(): number {
    const { turn } = this.#keys;
    if (turn !== this.#turn) {
      this.#row = this.#lookUp(this.#key());
      this.#turn = turn;
    }
    return this.#row;
  }

  #lookUp(key: MapKey): number {
    const entries = this.#entries;
    if (this.#index === undefined || entries.generation !== this.#generation) {
      this.#index = entries.index(NO_NAMESPACE);
      this.#generation = entries.generation;
    }
    const row = this.#index === undefined ? -1 : this.#index.find(key);
    return row < 0 ? entries.load(NO_NAMESPACE, key) : row;
  }

  #key(): MapKey {
    const { mapKey } = this.#keys;
    if (mapKey === undefined) {
      throw new TypeError(
        `state ${JSON.stringify(this.#name)} has no value outside the processing of an element or timer: there is no current key`,
      );
    }
    return mapKey;
  }
}
