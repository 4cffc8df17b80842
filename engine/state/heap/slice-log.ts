// One side of a join in one slice: each element with its key, in the order in which they came. Nobody looks for a key
// until the window fires, so an element costs a write at the end, wherever its key was seen before.

import { ownString } from '../../core/own-string.ts';
import type { MapKey } from '../map-key.ts';
import { ListColumn } from './list-column.ts';

const ELEMENTS_MIN = 64;

/** What is read of a log, also while it grows: elements below `count`. */
export interface LogReading {
  readonly count: number;
  /** Undefined: some are no numbers. */
  readonly numberKeys: Float64Array | undefined;
  key(index: number): MapKey;
  read(index: number): unknown;
}

export class SliceLog implements LogReading {
  #numbers: Float64Array;
  /** As soon as one is no number. */
  #keys: MapKey[] | undefined;
  readonly #elements: ListColumn;

  /**
   * @param copy Makes an object that may be kept of one that may not.
   * @param elements As many as are expected.
   */
  constructor(copy: (value: unknown) => unknown, elements: number) {
    this.#numbers = new Float64Array(Math.max(ELEMENTS_MIN, elements));
    this.#elements = new ListColumn(copy, elements);
  }

  get count(): number {
    return this.#elements.count;
  }

  get hasObjects(): boolean {
    return this.#elements.hasObjects;
  }

  get numberKeys(): Float64Array | undefined {
    return this.#keys === undefined ? this.#numbers : undefined;
  }

  /** As if new, with the room that it has: not while a snapshot reads it. */
  reset(): void {
    this.#keys = undefined;
    this.#elements.reset();
  }

  add(key: MapKey, value: unknown): void {
    const { count } = this.#elements;
    if (this.#keys === undefined && typeof key === 'number') {
      if (count === this.#numbers.length) this.#grow();
      this.#numbers[count] = key + 0; // -0 is 0
    } else {
      this.#keys ??= Array.from(this.#numbers.subarray(0, count));
      // Slices of strings would keep whole frames alive.
      this.#keys.push(typeof key === 'string' ? ownString(key) : key);
    }
    this.#elements.add(value);
  }

  key(index: number): MapKey {
    return (this.#keys ?? this.#numbers)[index] as MapKey;
  }

  read(index: number): unknown {
    return this.#elements.read(index);
  }

  freeze(): LogReading {
    const [keys, numbers, count] = [this.#keys, this.#numbers, this.count];
    return {
      count,
      numberKeys: keys === undefined ? numbers : undefined,
      key: (index) => (keys ?? numbers)[index] as MapKey,
      read: this.#elements.freeze(),
    };
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
