// Where a task's time goes: busy in its turns, back-pressured while an output is without credit, idle else.

import type { Laps } from './laps.ts';
import { TASK } from './task-metrics.ts';

export class TaskClock {
  readonly #metrics: Float64Array;
  readonly #laps: Laps;
  #sinceMs: number;
  #between: number = TASK.idleMs;

  constructor(metrics: Float64Array, laps: Laps) {
    this.#metrics = metrics;
    this.#laps = laps;
    this.#sinceMs = laps.read();
  }

  beginTurn(): void {
    const now = this.#laps.ms;
    this.#add(this.#between, now - this.#sinceMs);
    this.#sinceMs = now;
    this.#metrics[TASK.turnSinceMs] = now;
  }

  /** A task that could go on at once counts as busy while the others of its slot have their turns. */
  endTurn(progressed: boolean, hasCredit: boolean): void {
    const now = this.#laps.read();
    this.#add(progressed ? TASK.busyMs : this.#between, now - this.#sinceMs);
    this.#sinceMs = now;
    this.#metrics[TASK.turnSinceMs] = 0;
    this.#between = hasCredit ? (progressed ? TASK.busyMs : TASK.idleMs) : TASK.backPressuredMs;
  }

  #add(column: number, ms: number): void {
    this.#metrics[column] = (this.#metrics[column] as number) + ms;
  }
}
