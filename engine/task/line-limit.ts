// So many lines in a second pass, the others are counted: a cell that logs every record neither floods the
// cluster nor stands still.

import type { Clock } from '../core/clock.ts';
import { limits } from '../core/limits.ts';

const WINDOW_MS = 1_000;

export class LineLimit {
  readonly #clock: Clock;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #dropped = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to count anew when a second has passed. */
  isNewSecond(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#sinceMs <= WINDOW_MS) return false;
    this.#sinceMs = now;
    this.#lines = 0;
    return true;
  }

  passes(): boolean {
    const passes = this.#lines++ < limits.logLinesMax;
    if (!passes) this.#dropped++;
    return passes;
  }

  /** How many did not pass since it was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
