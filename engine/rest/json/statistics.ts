// Statistics over values as Flink computes them: percentiles with the estimation that its dashboards were
// made for, lower neighbour plus the fraction towards the upper.

/** The p-th percentile, 0 < p <= 100, of sorted values; NaN of none. */
function percentile(sorted: readonly number[], p: number): number {
  const at = (p / 100) * (sorted.length + 1);
  if (sorted.length === 0) return Number.NaN;
  if (at < 1) return sorted[0] as number;
  if (at >= sorted.length) return sorted.at(-1) as number;
  const below = sorted[Math.floor(at) - 1] as number;
  const above = sorted[Math.floor(at)] as number;
  return below + (at - Math.floor(at)) * (above - below);
}

const sortedOf = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

export const sumOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0);

const averageOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : sumOf(values) / values.length;

/** Over subtasks, in whole numbers. */
export function aggregate(values: readonly number[]): Readonly<Record<string, number>> {
  const sorted = sortedOf(values);
  const whole = (p: number): number => Math.trunc(percentile(sorted, p) || 0);
  return {
    min: Math.trunc(sorted[0] ?? 0),
    max: Math.trunc(sorted.at(-1) ?? 0),
    avg: Math.trunc(averageOf(values)),
    sum: Math.trunc(sumOf(values)),
    median: whole(50),
    p25: whole(25),
    p75: whole(75),
    p95: whole(95),
  };
}

const QUANTILES = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 } as const;

/** Over checkpoints. Without any, percentiles are the text `NaN`. */
export function summary(values: readonly number[]): Readonly<Record<string, unknown>> {
  return { ...range(values), ...quantiles((p) => numberOrNaN(percentile(sortedOf(values), p))) };
}

/** Over the subtasks of one checkpoint: Flink keeps no percentiles of these. */
export const rangeSummary = (values: readonly number[]): Readonly<Record<string, unknown>> => ({
  ...range(values),
  ...quantiles(() => 'NaN'),
});

/** Of what there never is any of. */
export const zeroSummary: Readonly<Record<string, unknown>> = {
  ...range([]),
  ...quantiles(() => 0),
};

function range(values: readonly number[]): Readonly<Record<string, number>> {
  const sorted = sortedOf(values);
  return {
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    avg: Math.trunc(averageOf(values)),
  };
}

function quantiles(of: (p: number) => unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(QUANTILES).map(([name, p]) => [name, of(p)]));
}

const numberOrNaN = (value: number): number | 'NaN' => (Number.isNaN(value) ? 'NaN' : value);

export const AGGREGATES = ['min', 'max', 'avg', 'sum', 'skew'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** One of the aggregates of a metric. Skew: the mean distance from the average, in percent of it. */
export function aggregateOf(kind: Aggregate, values: readonly number[]): number {
  const average = averageOf(values);
  switch (kind) {
    case 'min':
      return Math.min(...values);
    case 'max':
      return Math.max(...values);
    case 'avg':
      return average;
    case 'sum':
      return sumOf(values);
    case 'skew':
      return average === 0
        ? 0
        : (averageOf(values.map((value) => Math.abs(value - average))) / average) * 100;
  }
}
