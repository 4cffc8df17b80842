// Where a task's time goes: busy in its turns, back-pressured while an output is without credit, idle else.

import type { Clock } from '../core/clock.ts';
import { TASK } from './task-metrics.ts';

export class TaskClock {
  readonly #metrics: Float64Array;
  readonly #clock: Clock;
  #sinceMs: number;
  #between: number = TASK.idleMs;

  constructor(metrics: Float64Array, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#sinceMs = clock.monotonic();
  }

  beginTurn(): void {
    const now = this.#clock.monotonic();
    this.#add(this.#between, now - this.#sinceMs);
    this.#sinceMs = now;
    this.#metrics[TASK.turnSinceMs] = now;
  }

  /** A task that could go on at once counts as busy while the others of its slot have their turns. */
  endTurn(progressed: boolean, hasCredit: boolean): void {
    const now = this.#clock.monotonic();
    this.#add(progressed ? TASK.busyMs : this.#between, now - this.#sinceMs);
    this.#sinceMs = now;
    this.#metrics[TASK.turnSinceMs] = 0;
    this.#between = hasCredit ? (progressed ? TASK.busyMs : TASK.idleMs) : TASK.backPressuredMs;
  }

  #add(column: number, ms: number): void {
    this.#metrics[column] = (this.#metrics[column] as number) + ms;
  }
}
