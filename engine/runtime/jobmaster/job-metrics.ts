// What tasks report of themselves, and what can be told from two reports: rates, and how busy they are.
// Rates are over the last reports that lie at least RATE_WINDOW_MS apart, so that they neither jump with
// every heartbeat nor lag.

import type { AttemptId } from '../../core/ids.ts';
import type { TaskMetrics } from '../../task/task-metrics.ts';
import type { TaskReport } from './job-master-gateway.ts';

const RATE_WINDOW_MS = 1_000;

interface Sample {
  readonly atMs: number;
  readonly metrics: TaskMetrics;
}

interface Observed {
  latest: Sample;
  /** Older samples, oldest first, no older than needed. */
  readonly earlier: Sample[];
  stuckMs: number | undefined;
}

export interface TaskRates {
  readonly recordsInPerSecond: number;
  readonly recordsOutPerSecond: number;
  /** By the head of the chain, to whatever follows it: of a source, what it reads. */
  readonly headRecordsPerSecond: number;
  /** Shares of time, 0 to 1. */
  readonly busy: number;
  readonly idle: number;
  readonly backPressured: number;
}

export interface TaskObservation {
  readonly metrics: TaskMetrics;
  /** Undefined before the second report. */
  readonly rates: TaskRates | undefined;
  readonly stuckMs: number | undefined;
}

export class JobMetrics {
  readonly #tasks = new Map<AttemptId, Observed>();

  report({ attemptId, metrics, stuckMs }: TaskReport, nowMs: number): void {
    if (metrics === undefined) return;
    const sample = { atMs: nowMs, metrics };
    const known = this.#tasks.get(attemptId);
    if (known === undefined) {
      this.#tasks.set(attemptId, { latest: sample, earlier: [], stuckMs });
      return;
    }
    known.earlier.push(known.latest);
    known.latest = sample;
    known.stuckMs = stuckMs;
    while ((known.earlier[1]?.atMs ?? nowMs) <= nowMs - RATE_WINDOW_MS) known.earlier.shift();
  }

  /** As they were when the task ended: nothing happens any more. */
  ended(attemptId: AttemptId, metrics: TaskMetrics | undefined, nowMs: number): void {
    if (metrics === undefined) return;
    this.#tasks.set(attemptId, {
      latest: { atMs: nowMs, metrics },
      earlier: [],
      stuckMs: undefined,
    });
  }

  get(attemptId: AttemptId): TaskObservation | undefined {
    const known = this.#tasks.get(attemptId);
    if (known === undefined) return undefined;
    const { latest, earlier, stuckMs } = known;
    const since = earlier[0];
    return {
      metrics: latest.metrics,
      rates: since === undefined ? undefined : ratesBetween(since, latest),
      stuckMs,
    };
  }

  /** Attempts that are not shown any more. */
  keepOnly(attempts: ReadonlySet<AttemptId>): void {
    for (const attemptId of this.#tasks.keys())
      if (!attempts.has(attemptId)) this.#tasks.delete(attemptId);
  }
}

function ratesBetween(from: Sample, to: Sample): TaskRates {
  const ms = Math.max(1, to.atMs - from.atMs);
  const per = (key: 'recordsIn' | 'recordsOut'): number =>
    ((to.metrics[key] - from.metrics[key]) / ms) * 1_000;
  const head =
    (to.metrics.operators[0]?.recordsOut ?? 0) - (from.metrics.operators[0]?.recordsOut ?? 0);
  const times = {
    busy: to.metrics.busyMs - from.metrics.busyMs,
    idle: to.metrics.idleMs - from.metrics.idleMs,
    backPressured: to.metrics.backPressuredMs - from.metrics.backPressuredMs,
  };
  const total = Math.max(1e-9, times.busy + times.idle + times.backPressured);
  return {
    recordsInPerSecond: per('recordsIn'),
    recordsOutPerSecond: per('recordsOut'),
    headRecordsPerSecond: (head / ms) * 1_000,
    busy: times.busy / total,
    idle: times.idle / total,
    backPressured: times.backPressured / total,
  };
}
