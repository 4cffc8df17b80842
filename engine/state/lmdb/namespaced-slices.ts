// Contents of windows by slice and key where state is on disk: entries with the slice as their namespace. A window
// that fires reads its slices one after another.

import type {
  Merge,
  NamespacedState,
  SliceCursor,
  SlicedState,
  StoredKey,
} from '../keyed-state.ts';
import { ValueCopier } from '../value-copier.ts';

export class NamespacedSlices implements SlicedState {
  readonly #entries: NamespacedState<number, unknown>;
  readonly #copier = new ValueCopier((text) => text);

  constructor(entries: NamespacedState<number, unknown>) {
    this.#entries = entries;
  }

  slices(): Iterable<number> {
    return this.#entries.namespaces();
  }

  get(slice: number): unknown {
    return this.#entries.get(slice);
  }

  put(slice: number, contents: unknown): void {
    this.#entries.put(slice, contents);
  }

  clear(slice: number): void {
    this.#entries.clear(slice);
  }

  cursor(slices: readonly number[], merge: Merge): SliceCursor {
    const [only, ...others] = slices;
    if (only === undefined) return new EntriesCursor([], false);
    if (others.length === 0) return new EntriesCursor(this.#entries.entries(only), true);
    const merged = new Map<StoredKey, unknown>();
    for (const slice of slices) {
      for (const [key, contents] of this.#entries.entries(slice)) {
        const own = this.#copier.copy(contents);
        merged.set(key, merged.has(key) ? merge(merged.get(key), own) : own);
      }
    }
    return new EntriesCursor(merged, false);
  }
}

class EntriesCursor implements SliceCursor {
  key: StoredKey = 0;
  contents: unknown;
  readonly isKept: boolean;
  readonly #entries: Iterator<readonly [StoredKey, unknown]>;

  constructor(entries: Iterable<readonly [StoredKey, unknown]>, isKept: boolean) {
    this.#entries = entries[Symbol.iterator]();
    this.isKept = isKept;
  }

  next(): boolean {
    const { done, value } = this.#entries.next();
    if (done === true) return false;
    [this.key, this.contents] = value;
    return true;
  }
}
