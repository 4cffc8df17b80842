// A clock that stands still until it is advanced: for tests of whatever takes a Clock.

import type { Clock, Timer } from '../../engine/core/clock.ts';

interface Waiting {
  readonly atMs: number;
  readonly call: () => void;
}

export class FakeClock implements Clock {
  readonly #startMs: number;
  #elapsedMs = 0;
  /** In the order in which they were asked for. */
  readonly #waiting = new Set<Waiting>();
  #soon: (() => void)[] = [];

  /** @param startMs Wall time at the start, epoch ms. */
  constructor(startMs = Date.UTC(2001, 0, 1)) {
    this.#startMs = startMs;
  }

  /** Timers that have not fired. */
  get timers(): number {
    return this.#waiting.size;
  }

  /** Until the next timer; Infinity without one. */
  get nextTimerMs(): number {
    return (this.#next()?.atMs ?? Number.POSITIVE_INFINITY) - this.#elapsedMs;
  }

  now(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, call: () => void): Timer {
    const waiting = { atMs: this.#elapsedMs + Math.max(0, delayMs), call };
    this.#waiting.add(waiting);
    return { [Symbol.dispose]: () => void this.#waiting.delete(waiting) };
  }

  soon(call: () => void): void {
    this.#soon.push(call);
  }

  /** Calls what was to be called soon, then all timers that fall due, each at its own time. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    this.#callSoon();
    for (let next = this.#next(); next !== undefined && next.atMs <= untilMs; next = this.#next()) {
      this.#elapsedMs = Math.max(this.#elapsedMs, next.atMs);
      this.#waiting.delete(next);
      next.call();
      this.#callSoon();
    }
    this.#elapsedMs = untilMs;
  }

  #callSoon(): void {
    const calls = this.#soon;
    this.#soon = [];
    for (const call of calls) call();
  }

  /** Of those that fall due first, the one that was asked for first. */
  #next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting)
      if (first === undefined || waiting.atMs < first.atMs) first = waiting;
    return first;
  }
}
