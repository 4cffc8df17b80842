// The time as a slot's thread has read it last. A task's turn begins when the one before it has ended, so that
// each costs one look at the clock; the loop looks when it begins a round.

import type { Clock } from '../core/clock.ts';

export interface Laps {
  /** Monotonic. */
  readonly ms: number;
  /** Looks at the clock. */
  read(): number;
}

export class ThreadLaps implements Laps {
  ms: number;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.ms = clock.monotonic();
  }

  read(): number {
    this.ms = this.#clock.monotonic();
    return this.ms;
  }
}
