// One side of a join in one slice: each element with its key, in the order in which they came. Nobody looks for a key
// until the window fires, so an element costs a write at the end, wherever its key was seen before. Elements that are
// numbers, or flat objects of numbers, stand in cells (row-layout.ts) until one comes that does not. Nothing is ever
// changed but added to, so a snapshot only remembers how many there were.

import { ownString } from '../../core/own-string.ts';
import type { MapKey } from '../map-key.ts';
import { layoutFor, type RowLayout } from './row-layout.ts';

const ELEMENTS_MIN = 64;
const SPARE_MAX = 4;
const WASTE_MAX = 4;

/** What is read of a log, also while it grows: elements below `count`. */
export interface LogReading {
  readonly count: number;
  /** Undefined: some are no numbers. */
  readonly numberKeys: Float64Array | undefined;
  key(index: number): MapKey;
  read(index: number): unknown;
}

export type Logs = readonly [left: SliceLog, right: SliceLog];

interface Arrays {
  /** Keys. */
  readonly numbers: Float64Array;
  readonly cells: Float64Array;
  readonly layout: RowLayout | undefined;
}

const NO_ARRAYS: Arrays = {
  numbers: new Float64Array(0),
  cells: new Float64Array(0),
  layout: undefined,
};

type Copy = (value: unknown) => unknown;

/** What logs of one side need, as those before it had it: memory that comes and goes with each slice costs a fifth. */
export class LogRoom {
  #elements = ELEMENTS_MIN;
  #layout: RowLayout | undefined;
  readonly #spare: Arrays[] = [];

  take(): Arrays {
    return this.#spare.pop() ?? arraysFor(this.#elements, this.#layout);
  }

  /** Of a log that is over, and that nobody reads any more. Far more room than it needed is not kept. */
  giveBack(arrays: Arrays, elements: number): void {
    if (arrays.layout !== this.#layout) this.#spare.length = 0;
    this.#layout = arrays.layout;
    this.#elements = Math.max(ELEMENTS_MIN, elements);
    const isWide = arrays.numbers.length > this.#elements * WASTE_MAX;
    if (!isWide && this.#spare.length < SPARE_MAX) this.#spare.push(arrays);
  }
}

export class SliceLog implements LogReading {
  #arrays = NO_ARRAYS;
  #width = 0;
  /** As soon as one is no number. */
  #keys: MapKey[] | undefined;
  /** As soon as one is not for cells. */
  #values: unknown[] | undefined;
  #count = 0;
  readonly #copy: Copy;
  readonly #room: LogRoom;

  /** @param copy Makes an object that may be kept of one that may not. */
  constructor(copy: Copy, room: LogRoom) {
    this.#copy = copy;
    this.#room = room;
  }

  /** Of elements in cells, or of those that are expected there; its functions are for these alone. */
  get layout(): RowLayout | undefined {
    return this.#arrays.layout;
  }

  get cells(): Float64Array {
    return this.#arrays.cells;
  }

  get count(): number {
    return this.#count;
  }

  get hasObjects(): boolean {
    return this.#values !== undefined;
  }

  get numberKeys(): Float64Array | undefined {
    return this.#keys === undefined ? this.#arrays.numbers : undefined;
  }

  /** Where the next element would be in the cells. */
  get at(): number {
    return this.#count * this.#width;
  }

  /** The next element may be written there, and then be added by `append`. */
  get hasRoom(): boolean {
    const { layout, cells } = this.#arrays;
    return layout !== undefined && this.at < cells.length && this.#values === undefined;
  }

  /** For one more element. */
  makeRoom(): void {
    const { numbers, cells, layout } = this.#arrays;
    if (this.#count < numbers.length) return;
    if (numbers.length === 0) this.#use(this.#room.take());
    else this.#use({ numbers: grown(numbers), cells: grown(cells), layout });
  }

  /** The element stands in its cells. */
  append(key: MapKey): void {
    this.#addKey(key);
    this.#count++;
  }

  add(key: MapKey, value: unknown): void {
    this.makeRoom();
    this.#store(value);
    this.append(key);
  }

  /** Nobody reads it any more. */
  giveBack(): void {
    if (this.#arrays !== NO_ARRAYS) this.#room.giveBack(this.#arrays, this.#count);
    this.#arrays = NO_ARRAYS;
  }

  key(index: number): MapKey {
    return (this.#keys ?? this.#arrays.numbers)[index] as MapKey;
  }

  read(index: number): unknown {
    if (this.#values !== undefined) return this.#values[index];
    return this.layout?.read(this.cells, index * this.#width);
  }

  freeze(): LogReading {
    const [keys, values, width, count] = [this.#keys, this.#values, this.#width, this.#count];
    const { numbers, cells, layout } = this.#arrays;
    return {
      count,
      numberKeys: keys === undefined ? numbers : undefined,
      key: (index) => (keys ?? numbers)[index] as MapKey,
      read: (index) => (values === undefined ? layout?.read(cells, index * width) : values[index]),
    };
  }

  #addKey(key: MapKey): void {
    if (this.#keys === undefined && typeof key === 'number') {
      this.#arrays.numbers[this.#count] = key + 0; // -0 is 0
      return;
    }
    this.#keys ??= Array.from(this.#arrays.numbers.subarray(0, this.#count));
    // Slices of strings would keep whole frames alive.
    this.#keys.push(typeof key === 'string' ? ownString(key) : key);
  }

  #store(value: unknown): void {
    if (this.#values === undefined && this.#write(value)) return;
    this.#values ??= Array.from({ length: this.#count }, (_, i) => this.read(i));
    this.#values.push(this.#copy(value));
  }

  /** The first decides how all are laid out. */
  #write(value: unknown): boolean {
    if (this.layout?.write(this.cells, this.at, value) === true) return true;
    if (this.#count > 0) return false;
    this.#use(arraysFor(this.#arrays.numbers.length, layoutFor(value)));
    return this.layout?.write(this.cells, 0, value) === true;
  }

  #use(arrays: Arrays): void {
    this.#arrays = arrays;
    this.#width = arrays.layout?.width ?? 0;
  }
}

const arraysFor = (elements: number, layout: RowLayout | undefined): Arrays => ({
  numbers: new Float64Array(elements),
  cells: new Float64Array(elements * (layout?.width ?? 0)),
  layout,
});

function grown(from: Float64Array): Float64Array {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}
