// What one end hands to another, one after the other: each takes a while, none overtakes.

import type { Clock } from '../../engine/core/clock.ts';

export class Lane {
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  readonly #calls: (() => void)[] = [];

  constructor(clock: Clock, delayMs: () => number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  push(call: () => void): void {
    this.#calls.push(call);
    // Whichever event comes first delivers what was handed over first.
    this.#clock.after(this.#delayMs(), () => this.#calls.shift()?.());
  }
}
