// Entries of a section some hundred at a time: their keys side by side, then their values, in columns. The entries
// of a key group lie far apart in memory; a loop that only takes them apart waits for many of them at once, and
// what they have in common is written once. It takes two fifths of the time of writing them one after another.

import type { BlockWriter } from '../keyed-snapshot.ts';
import { keyOfMapKey, type MapKey } from '../map-key.ts';
import type { TimerNamespace } from './heap-timer-queue.ts';
import { Unstorable } from './row-pages.ts';

/** Of fewer, what they have in common weighs more than it saves. */
export const RUNS_FROM = 16;
const FIRST_RUN = 4;
const RUN_MAX = 256;
/** What a run should not weigh more than: between two of them elements may pass. */
const RUN_BYTES = 64 * 1024;

/** Takes entries, and writes them as runs into the section at work. */
export class EntryRuns {
  readonly #namespaces: TimerNamespace[] = [];
  readonly #keys: unknown[] = [];
  readonly #stored: unknown[] = [];
  /** Of the next run, by what entries have weighed so far. */
  #length = FIRST_RUN;

  /** What was added is to be written. */
  get isFull(): boolean {
    return this.#keys.length >= this.#length;
  }

  /** `namespace`: of all entries, or of none. */
  add(namespace: TimerNamespace | undefined, key: MapKey, stored: unknown): void {
    if (namespace !== undefined) this.#namespaces.push(namespace);
    this.#keys.push(keyOfMapKey(key));
    this.#stored.push(stored);
  }

  /** Those that were added and are not written. Returns bytes. */
  write(block: BlockWriter): number {
    const count = this.#keys.length;
    if (count === 0) return 0;
    for (const stored of this.#stored) if (stored instanceof Unstorable) throw stored.cause;
    const { columns, size } = block;
    block.varint(count);
    if (this.#namespaces.length > 0) columns.write(this.#namespaces, 0, count);
    columns.write(this.#keys, 0, count);
    columns.write(this.#stored, 0, count);
    for (const list of [this.#namespaces, this.#keys, this.#stored]) list.length = 0;
    const bytes = block.size - size;
    const fitting = Math.floor((RUN_BYTES * count) / bytes);
    this.#length = Math.max(1, Math.min(this.#length * 2, RUN_MAX, fitting));
    return bytes;
  }
}
