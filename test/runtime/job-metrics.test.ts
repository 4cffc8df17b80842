// Rates and shares of time, from what tasks report of themselves.

import { expect, test } from 'vitest';
import type { AttemptId } from '../../engine/core/ids.ts';
import { JobMetrics } from '../../engine/runtime/jobmaster/job-metrics.ts';
import { newMetricsMemory, readMetrics, type TaskMetrics } from '../../engine/task/task-metrics.ts';

const ATTEMPT = 'attempt' as AttemptId;
const NONE = readMetrics(newMetricsMemory(0), 0);

function report(metrics: JobMetrics, atMs: number, values: Partial<TaskMetrics>): void {
  const standing = {
    attemptId: ATTEMPT,
    state: 'RUNNING',
    hasDataEnded: false,
    completedCheckpoint: 0,
    abortedCheckpoint: 0,
    triggeredCheckpoint: 0,
    events: 0,
  } as const;
  metrics.report({ ...standing, metrics: { ...NONE, ...values }, stuckMs: undefined }, atMs);
}

test('one report tells no rate', () => {
  const metrics = new JobMetrics();
  report(metrics, 0, { recordsIn: 5 });
  expect(metrics.get(ATTEMPT)).toMatchObject({ metrics: { recordsIn: 5 }, rates: undefined });
});

test('rates are over the last second or a little more, however often tasks report', () => {
  const metrics = new JobMetrics();
  for (let atMs = 0; atMs <= 5_000; atMs += 200)
    report(metrics, atMs, { recordsIn: atMs < 3_000 ? 0 : (atMs - 3_000) * 2 });
  expect(metrics.get(ATTEMPT)?.rates?.recordsInPerSecond).toBeCloseTo(2_000);
});

test('shares of time add up to one', () => {
  const metrics = new JobMetrics();
  report(metrics, 0, {});
  report(metrics, 1_000, { busyMs: 300, idleMs: 100, backPressuredMs: 600 });
  expect(metrics.get(ATTEMPT)?.rates).toMatchObject({
    busy: 0.3,
    idle: 0.1,
    backPressured: 0.6,
  });
});

test('a task that has ended keeps its counts and does nothing any more', () => {
  const metrics = new JobMetrics();
  report(metrics, 0, { recordsIn: 1 });
  report(metrics, 1_000, { recordsIn: 9 });
  metrics.ended(ATTEMPT, { ...NONE, recordsIn: 10 }, 1_100);
  expect(metrics.get(ATTEMPT)).toMatchObject({ metrics: { recordsIn: 10 }, rates: undefined });
  metrics.keepOnly(new Set());
  expect(metrics.get(ATTEMPT)).toBeUndefined();
});
