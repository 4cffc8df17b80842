// A task's turns: its own, and those that it has within another's, when that hands over what it emits. In each
// the clock runs, and what it emits may be handed over in turn.

import type { Clock } from '../core/clock.ts';
import { TaskClock } from './task-clock.ts';
import { updateTaskMetrics } from './task-io.ts';
import type { TaskParts } from './task-parts.ts';

export class TaskTurns {
  readonly #parts: TaskParts;
  readonly #time: TaskClock;
  #isWithinAnother = false;
  #wasWithinAnother = false;

  constructor(parts: TaskParts, clock: Clock) {
    this.#parts = parts;
    this.#time = new TaskClock(parts.metrics, clock);
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

  #begin(): void {
    this.#time.beginTurn();
    this.#parts.chain.beginTurn();
  }
}
