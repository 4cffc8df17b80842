// Emits what a flatMap returned, as far as the credit goes, and carries on later. An array is emitted in
// runs, with the credit looked at in between; an iterator is asked for an item only when there is credit
// for it, so an endless generator is as good as any. An operator above in the same chain may hand on more
// elements while one is half done (it looks at the credit less often): those wait in order.

import { assert } from '../../core/assert.ts';
import { limits } from '../../core/limits.ts';
import type { OperatorContext, TimeCell } from '../stream-operator.ts';

type Expand = (value: unknown) => Iterable<unknown>;

interface Waiting {
  readonly expand: Expand;
  readonly value: unknown;
  readonly timeMs: number;
}

export class Expansion {
  readonly #context: OperatorContext;
  readonly #time: TimeCell;
  readonly #waiting: Waiting[] = [];
  #timeMs = Number.NaN;
  #array: readonly unknown[] | undefined;
  #at = 0;
  #iterator: Iterator<unknown> | undefined;

  constructor(context: OperatorContext) {
    this.#context = context;
    this.#time = context.time;
  }

  /** The element whose time stands in the chain's cell. */
  process(expand: Expand, value: unknown): void {
    const timeMs = this.#time[0] as number;
    if (this.#isBusy()) {
      this.#waiting.push({ expand, value, timeMs });
      assert(
        this.#waiting.length <= limits.overdraftRecordsMax,
        `${this.#waiting.length} elements wait for operator ${this.#context.name}`,
      );
    } else if (!this.#start(expand, value, timeMs)) {
      this.#context.pend();
    }
  }

  /** As StreamOperator.resume. */
  resume(): boolean {
    if (!this.#continue()) return false;
    for (let i = 0; i < this.#waiting.length; i++) {
      const { expand, value, timeMs } = this.#waiting[i] as Waiting;
      if (this.#start(expand, value, timeMs)) continue;
      this.#waiting.splice(0, i + 1);
      return false;
    }
    this.#waiting.length = 0;
    return true;
  }

  /** Lets go of an iterator that was not read to its end. */
  close(): void {
    this.#iterator?.return?.();
    this.#iterator = undefined;
  }

  #isBusy(): boolean {
    return this.#array !== undefined || this.#iterator !== undefined;
  }

  #start(expand: Expand, value: unknown, timeMs: number): boolean {
    const items = expand(value);
    this.#timeMs = timeMs;
    if (Array.isArray(items)) {
      this.#array = items;
      this.#at = 0;
    } else {
      this.#iterator = this.#iteratorOf(items);
    }
    return this.#continue();
  }

  #continue(): boolean {
    if (this.#array !== undefined) return this.#emitArray(this.#array);
    if (this.#iterator !== undefined) return this.#emitIterator(this.#iterator);
    return true;
  }

  #emitArray(items: readonly unknown[]): boolean {
    while (this.#at < items.length) {
      const end = Math.min(items.length, this.#at + limits.firingOutputsPerTurn);
      while (this.#at < end) {
        this.#time[0] = this.#timeMs;
        this.#context.emit(items[this.#at++]);
      }
      if (this.#at < items.length && !this.#context.hasCredit()) return false;
    }
    this.#array = undefined;
    return true;
  }

  #emitIterator(iterator: Iterator<unknown>): boolean {
    do {
      const next = iterator.next();
      if (next.done === true) {
        this.#iterator = undefined;
        return true;
      }
      this.#time[0] = this.#timeMs;
      this.#context.emit(next.value);
    } while (this.#context.hasCredit());
    return false;
  }

  #iteratorOf(items: Iterable<unknown>): Iterator<unknown> {
    if (typeof (items as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function') {
      throw new TypeError(
        `flatMap of operator ${JSON.stringify(this.#context.name)} returned ${String(items)}: it must return an array, another iterable or a generator`,
      );
    }
    return items[Symbol.iterator]();
  }
}
