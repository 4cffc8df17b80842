// Finds calls into user code that do not return. A task is at work on one turn when its mark stands and
// none of its counters has moved: engine loops (firing, flushing) move them, so only a single long call
// stands still. Pure: readings in, ages out.

import type { AttemptId } from '../../core/ids.ts';
import type { TaskMetrics } from '../../task/task-metrics.ts';

interface Mark {
  readonly signature: number;
  readonly sinceMs: number;
}

export class StuckWatch {
  readonly #marks = new Map<AttemptId, Mark>();

  /** How long the task has stood still inside a turn, in ms; 0 when it has not. */
  observe(attemptId: AttemptId, metrics: TaskMetrics, nowMs: number): number {
    if (metrics.turnMs === 0) {
      this.#marks.delete(attemptId);
      return 0;
    }
    const signature = progress(metrics);
    const mark = this.#marks.get(attemptId);
    if (mark?.signature !== signature) {
      this.#marks.set(attemptId, { signature, sinceMs: nowMs });
      return 0;
    }
    return Math.min(nowMs - mark.sinceMs, metrics.turnMs);
  }

  forget(attemptId: AttemptId): void {
    this.#marks.delete(attemptId);
  }
}

function progress(metrics: TaskMetrics): number {
  let sum = metrics.recordsIn + metrics.recordsOut + metrics.windowsFired;
  for (const { recordsIn, recordsOut } of metrics.operators) sum += recordsIn + recordsOut;
  return sum;
}
