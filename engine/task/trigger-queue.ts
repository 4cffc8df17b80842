// Checkpoints that a task is to take as soon as it can, and what its enumerator has sent behind each. A split that was
// handed out behind a trigger is in the enumerator's snapshot: with the reader it must come behind that snapshot, or
// after a restore it is read twice.

import type { Barrier } from '../core/barrier.ts';

export class TriggerQueue {
  #items: (Barrier | (() => void))[] = [];

  add(barrier: Barrier): void {
    this.#items.push(barrier);
  }

  /** At once, unless a barrier waits. */
  addWork(work: () => void): void {
    this.#items.push(work);
    this.flush();
  }

  /** The next one to be taken; what was sent before it has been done. */
  get first(): Barrier | undefined {
    const [first] = this.#items;
    return typeof first === 'function' ? undefined : first;
  }

  /** The first is being taken: what was sent behind it waits for `flush`. */
  shift(): void {
    this.#items.shift();
  }

  /** The checkpoint was given up. */
  remove(checkpointId: number): void {
    this.#items = this.#items.filter(
      (item) => typeof item === 'function' || item.checkpointId !== checkpointId,
    );
    this.flush();
  }

  /** None is taken any more. Answers which were to be. */
  clear(): readonly number[] {
    const items = this.#items;
    this.#items = [];
    return items.flatMap((item) => (typeof item === 'function' ? [] : item.checkpointId));
  }

  /** Does what no barrier is in front of. */
  flush(): void {
    for (;;) {
      const [first] = this.#items;
      if (typeof first !== 'function') return;
      this.#items.shift();
      first();
    }
  }
}
