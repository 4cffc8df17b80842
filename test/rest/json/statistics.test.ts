import { describe, expect, test } from 'vitest';
import {
  aggregate,
  aggregateOf,
  rangeSummary,
  summary,
  zeroSummary,
} from '../../../engine/rest/json/statistics.ts';

describe('over subtasks', () => {
  // Two subtasks of a real Flink, and what it made of them.
  test('are what Flink makes of the same values', () => {
    expect(aggregate([280, 840])).toEqual({
      min: 280,
      max: 840,
      avg: 560,
      sum: 1120,
      median: 560,
      p25: 280,
      p75: 840,
      p95: 840,
    });
    expect(aggregate([955, 862])).toMatchObject({ avg: 908, median: 908, sum: 1817 });
  });

  test('of none are 0', () => {
    expect(new Set(Object.values(aggregate([])))).toEqual(new Set([0]));
  });
});

describe('over checkpoints', () => {
  test('are what Flink makes of the same values', () => {
    expect(summary([14_774, 15_318, 15_862])).toEqual({
      min: 14_774,
      max: 15_862,
      avg: 15_318,
      p50: 15_318,
      p90: 15_862,
      p95: 15_862,
      p99: 15_862,
      p999: 15_862,
    });
    expect(summary([0, 66, 85])).toMatchObject({ avg: 50, p50: 66 });
  });

  test('of none have no percentiles, and say so in words', () => {
    expect(summary([])).toMatchObject({ min: 0, max: 0, avg: 0, p50: 'NaN', p999: 'NaN' });
  });

  test('of one checkpoint’s subtasks never have percentiles', () => {
    expect(rangeSummary([18, 24])).toMatchObject({ min: 18, max: 24, avg: 21, p50: 'NaN' });
  });

  test('of what there never is are zeros', () => {
    expect(new Set(Object.values(zeroSummary))).toEqual(new Set([0]));
  });
});

test('skew is what Flink makes of the same values', () => {
  expect(aggregateOf('skew', [14_131, 14_133])).toBeCloseTo(0.007076139258420605, 15);
  expect(aggregateOf('skew', [0, 0])).toBe(0);
});
