// Contents of windows by slice and key where state is on disk: entries with the slice as their namespace. A window
// that fires reads its slices one after another.

import type {
  JoinSide,
  JoinSides,
  Merge,
  NamespacedState,
  SidesCursor,
  SliceCursor,
  SlicedJoinState,
  SlicedState,
  StoredKey,
} from '../keyed-state.ts';
import { type Copier, ValueCopier } from '../value-copier.ts';

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

  update(slice: number, value: unknown, add: Merge): void {
    this.put(slice, add(this.get(slice), value));
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

/** The same for joins: both sides of a key in a slice are one value. */
export class NamespacedJoins implements SlicedJoinState {
  readonly #entries: NamespacedState<number, JoinSides>;
  readonly #copier: Copier;

  constructor(entries: NamespacedState<number, JoinSides>, copier: Copier) {
    this.#entries = entries;
    this.#copier = copier;
  }

  slices(): Iterable<number> {
    return this.#entries.namespaces();
  }

  add(slice: number, side: JoinSide, value: unknown): void {
    const { lefts, rights } = this.#entries.get(slice) ?? { lefts: [], rights: [] };
    const list = side === 0 ? lefts : rights;
    (list as unknown[]).push(this.#copier.copy(value)); // the state's own
    this.#entries.put(slice, { lefts, rights });
  }

  clear(slice: number): void {
    this.#entries.clear(slice);
  }

  cursor(slice: number, needsBoth: boolean): SidesCursor {
    return new SidesEntriesCursor(this.#entries.entries(slice), needsBoth);
  }
}

class SidesEntriesCursor implements SidesCursor {
  key: StoredKey = 0;
  #sides: JoinSides = { lefts: [], rights: [] };
  readonly #entries: Iterator<readonly [StoredKey, JoinSides]>;
  readonly #needsBoth: boolean;

  constructor(entries: Iterable<readonly [StoredKey, JoinSides]>, needsBoth: boolean) {
    this.#entries = entries[Symbol.iterator]();
    this.#needsBoth = needsBoth;
  }

  next(): boolean {
    for (;;) {
      const { done, value } = this.#entries.next();
      if (done === true) return false;
      [this.key, this.#sides] = value;
      const { lefts, rights } = this.#sides;
      if (!this.#needsBoth || (lefts.length > 0 && rights.length > 0)) return true;
    }
  }

  sides(): JoinSides {
    return this.#sides;
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
