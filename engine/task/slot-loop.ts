// The loop of a slot's thread: gives every task its turns, round robin, for as long as something can be
// done; then sleeps until another thread rings, a deadline comes, or something arrives in the event loop.
// Between slices of work the event loop has its turn, for sockets, files, promises and messages.

import type { Clock } from '../core/clock.ts';
import { Bell, type Doorbell } from '../network/doorbell.ts';
import { type Laps, ThreadLaps } from './laps.ts';

/** Long enough to spread the cost of a turn of the event loop, short enough for a message to be in time. */
const SLICE_MS = 2;

export interface LoopTask {
  /** Does what can be done now. True when something was. */
  turn(): boolean;
  /** How long the loop may sleep for all that the task knows, in ms. */
  nextDelayMs(): number;
  readonly isEnded: boolean;
}

export class SlotLoop {
  readonly #clock: Clock;
  readonly #doorbell: Doorbell;
  readonly #bell: Bell;
  /** Of all its tasks. */
  readonly laps: Laps;
  readonly #tasks = new Set<LoopTask>();
  #isWoken = false;
  #isClosed = false;

  constructor(clock: Clock, doorbell: Doorbell) {
    this.#clock = clock;
    this.#doorbell = doorbell;
    this.#bell = new Bell(doorbell.memory);
    this.laps = new ThreadLaps(clock);
  }

  add(task: LoopTask): void {
    this.#tasks.add(task);
    this.wake();
  }

  removeEnded(): void {
    for (const task of this.#tasks) if (task.isEnded) this.#tasks.delete(task);
  }

  /** Something has come for a task, told from within this thread. */
  wake(): void {
    this.#isWoken = true;
    this.#bell.ring();
  }

  /** Runs until `close`. */
  async run(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#slice() || this.#doorbell.linger()) await this.#breathe();
      else await this.#rest();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.wake();
  }

  /** Turns until nothing can be done or the time is up. True when there may be more to do. */
  #slice(): boolean {
    this.#isWoken = false;
    const until = this.laps.read() + SLICE_MS;
    let progressed: boolean;
    do {
      progressed = false;
      for (const task of this.#tasks) if (task.turn()) progressed = true;
    } while (progressed && this.laps.read() < until);
    return progressed || this.#isWoken;
  }

  async #rest(): Promise<void> {
    this.#doorbell.prepareToRest();
    // Whoever rang before the flag was set is found by this look; whoever rings after it wakes us.
    if (this.#slice()) {
      this.#doorbell.stayAwake();
      return this.#breathe();
    }
    let delayMs = Number.POSITIVE_INFINITY;
    for (const task of this.#tasks) delayMs = Math.min(delayMs, task.nextDelayMs());
    const hasSlept = await this.#doorbell.rest(delayMs);
    // Promises alone would keep sockets, files and messages waiting for ever.
    if (!hasSlept) await this.#breathe();
  }

  #breathe(): Promise<void> {
    return new Promise((done) => this.#clock.soon(done));
  }
}
