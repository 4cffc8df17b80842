// A task's turns: its own, and those that it has within another's, when that hands over what it emits. In each
// the clock runs, and what it emits may be handed over in turn.

import type { Laps } from './laps.ts';
import { TaskClock } from './task-clock.ts';
import { updateTaskMetrics } from './task-io.ts';
import type { TaskParts } from './task-parts.ts';

const MEASURE_MS = 5;

export class TaskTurns {
  readonly #parts: TaskParts;
  readonly #time: TaskClock;
  readonly #laps: Laps;
  #measuredMs = Number.NEGATIVE_INFINITY;
  #hadProgress = false;
  #isWithinAnother = false;
  #wasWithinAnother = false;

  constructor(parts: TaskParts, laps: Laps) {
    this.#parts = parts;
    this.#laps = laps;
    this.#time = new TaskClock(parts.metrics, laps);
  }

  /** When the turn began, monotonic. */
  get sinceMs(): number {
    return this.#laps.ms;
  }

  /** Returns whether there was one within another's since the last: then this one comes after some progress. */
  begin(): boolean {
    const had = this.#wasWithinAnother;
    this.#wasWithinAnother = false;
    this.#begin();
    return had;
  }

  end(progressed: boolean): void {
    this.#parts.chain.endTurn();
    this.#time.endTurn(progressed, this.#parts.chain.hasCredit());
    this.#measure(progressed);
  }

  /** The last has ended. */
  close(): void {
    updateTaskMetrics(this.#parts);
  }

  /** False when it has one within a third's already. */
  beginWithinAnother(): boolean {
    if (this.#isWithinAnother) return false;
    this.#isWithinAnother = true;
    this.#begin();
    return true;
  }

  endWithinAnother(): void {
    this.#isWithinAnother = false;
    this.#wasWithinAnother = true;
    this.end(true);
  }

  /** Now and then, and when it has come to rest: there are a hundred thousand turns a second. */
  #measure(progressed: boolean): void {
    const isDue = this.#laps.ms - this.#measuredMs >= MEASURE_MS;
    const rests = this.#hadProgress && !progressed;
    this.#hadProgress = progressed;
    if (!isDue && !rests) return;
    this.#measuredMs = this.#laps.ms;
    updateTaskMetrics(this.#parts);
  }

  #begin(): void {
    this.#time.beginTurn();
    this.#parts.chain.beginTurn();
  }
}
