// What went through tasks, as Flink's `metrics` objects say it: of one attempt, and summed over several.

import type { SubtaskDetails } from '../../runtime/jobmaster/job-details.ts';
import { aggregate, sumOf } from './statistics.ts';

/** Flink's name of each, and where it comes from. */
const COLUMNS = [
  ['read-bytes', 'bytesIn'],
  ['write-bytes', 'bytesOut'],
  ['read-records', 'recordsIn'],
  ['write-records', 'recordsOut'],
] as const;

const TIMES = [
  ['accumulated-backpressured-time', 'backPressuredMs'],
  ['accumulated-idle-time', 'idleMs'],
  ['accumulated-busy-time', 'busyMs'],
] as const;

type Observed = SubtaskDetails['metrics'];
type Column = (typeof COLUMNS | typeof TIMES)[number][1];

/** Summed. `-complete`: whether every one of them has been heard of. */
export function ioMetrics(observed: readonly Observed[]): Readonly<Record<string, unknown>> {
  const isComplete = observed.every((metrics) => metrics !== undefined);
  const sum = (column: Column): number => sumOf(valuesOf(observed, column));
  return {
    ...Object.fromEntries(
      COLUMNS.flatMap(([name, column]) => [
        [name, sum(column)],
        [`${name}-complete`, isComplete],
      ]),
    ),
    ...Object.fromEntries(TIMES.map(([name, column]) => [name, Math.round(sum(column))])),
  };
}

/** Minimum, average, percentiles … of each over the subtasks. */
export const aggregatedMetrics = (
  observed: readonly Observed[],
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...COLUMNS, ...TIMES].map(([name, column]) => [name, aggregate(valuesOf(observed, column))]),
  );

const valuesOf = (observed: readonly Observed[], column: Column): readonly number[] =>
  observed.map((metrics) => metrics?.[column] ?? 0);
