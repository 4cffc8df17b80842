// Virtual time for whole components: events run one after another, each to the end of its promises, and time
// jumps to the next. Reading the clock takes a little of it, so that loops which work until some time is up
// come to an end. The same events in the same order, on every machine.

import { setFlagsFromString } from 'node:v8';
import type { Clock, Timer } from '../../engine/core/clock.ts';
import { systemClock } from '../../engine/core/system-clock.ts';

/** Virtual ms that a look at the clock takes. */
const LOOK_MS = 0.01;

setFlagsFromString('--allow-natives-syntax');
/** Runs all promise callbacks that are due. From within one it does nothing: see `play`. */
const runMicrotasks = new Function('%PerformMicrotaskCheckpoint()') as () => void;

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly call: () => void;
  isCalledOff: boolean;
}

export class SimulatedClock implements Clock {
  readonly #startMs = Date.UTC(2001, 0, 1);
  readonly #events: Event[] = [];
  #nowMs = 0;
  #order = 0;
  /** Called after every event: what a thread would see in shared memory. */
  afterEvent: () => void = () => undefined;

  now(): number {
    return this.#startMs + Math.floor(this.#nowMs);
  }

  monotonic(): number {
    this.#nowMs += LOOK_MS;
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): Timer {
    const event = {
      atMs: this.#nowMs + Math.max(0, delayMs),
      order: this.#order++,
      call,
      isCalledOff: false,
    };
    push(this.#events, event);
    return {
      [Symbol.dispose]: () => {
        event.isCalledOff = true;
      },
    };
  }

  soon(call: () => void): void {
    this.after(0, call);
  }

  /** Virtual ms since the start. */
  get elapsedMs(): number {
    return this.#nowMs;
  }

  /**
   * Runs until `isDone`, looked at after every event.
   * @throws Error naming `what` when there are no more events, or `withinMs` of virtual time have passed.
   */
  async play(isDone: () => boolean, what: string, withinMs = 600_000): Promise<void> {
    const untilMs = this.#nowMs + withinMs;
    // In a turn of the event loop of its own: promise callbacks are run from here, so we must be in none.
    await inOwnTurn(() => {
      runMicrotasks();
      this.afterEvent();
      while (!isDone()) {
        if (!this.#step(untilMs)) throw new Error(`waited in vain for ${withinMs} ms: ${what}`);
      }
    });
  }

  /** Runs everything that happens in that time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await inOwnTurn(() => {
      runMicrotasks();
      this.afterEvent();
      while (this.#step(untilMs));
      this.#nowMs = Math.max(this.#nowMs, untilMs);
    });
  }

  /** What a promise comes to. */
  async result<T>(promise: Promise<T>, withinMs?: number): Promise<T> {
    let isSettled = false;
    const settled = (): void => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.play(() => isSettled, 'a promise', withinMs);
    return promise;
  }

  #step(untilMs: number): boolean {
    const event = pop(this.#events);
    if (event === undefined) return false;
    if (event.atMs > untilMs) {
      push(this.#events, event);
      return false;
    }
    if (event.isCalledOff) return true;
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    event.call();
    runMicrotasks();
    this.afterEvent();
    return true;
  }
}

function inOwnTurn(work: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    systemClock.soon(() => {
      try {
        work();
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    });
  });
}

const isBefore = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap: the earliest event first. */
function push(heap: Event[], event: Event): void {
  let i = heap.push(event) - 1;
  while (i > 0) {
    const above = (i - 1) >> 1;
    const other = heap[above] as Event;
    if (!isBefore(event, other)) break;
    heap[i] = other;
    i = above;
  }
  heap[i] = event;
}

function pop(heap: Event[]): Event | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (top === undefined || last === undefined || heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && isBefore(right, heap[child] as Event)) child++;
    const other = heap[child] as Event;
    if (!isBefore(other, last)) break;
    heap[i] = other;
    i = child;
  }
  heap[i] = last;
  return top;
}
