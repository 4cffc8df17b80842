// A rate over the last minute, and statistics of the last values: what a meter and a histogram are made of.

import type { Clock } from '../core/clock.ts';
import type { Histogram, Meter } from '../operators/metric-group.ts';

/** As Flink's MeterView: so long, in such steps. */
const RATE_MS = 60_000;
const STEP_MS = 5_000;

export class RateMeter implements Meter {
  readonly #clock: Clock;
  #count = 0;
  /** Counts at the beginning of steps, oldest first; the first is RATE_MS ago, or where it began. */
  readonly #steps: { readonly atMs: number; readonly count: number }[];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#steps = [{ atMs: clock.monotonic(), count: 0 }];
  }

  get count(): number {
    return this.#count;
  }

  mark(events = 1): void {
    this.#count += events;
  }

  /** Looked at with every heartbeat, which is when the steps are made. */
  get rate(): number {
    const now = this.#clock.monotonic();
    const last = this.#steps.at(-1);
    if (last !== undefined && now - last.atMs >= STEP_MS)
      this.#steps.push({ atMs: now, count: this.#count });
    while ((this.#steps[1]?.atMs ?? now) <= now - RATE_MS) this.#steps.shift();
    const since = this.#steps[0] ?? { atMs: now, count: this.#count };
    const seconds = Math.max(now - since.atMs, 1) / 1_000;
    return (this.#count - since.count) / seconds;
  }
}

const WINDOW = 1_000;
/** As Flink names them. */
const QUANTILES = [
  ['_median', 0.5],
  ['_p75', 0.75],
  ['_p90', 0.9],
  ['_p95', 0.95],
  ['_p98', 0.98],
  ['_p99', 0.99],
  ['_p999', 0.999],
] as const;

export class WindowHistogram implements Histogram {
  readonly #values: Float64Array;
  #count = 0;

  constructor(window = WINDOW) {
    this.#values = new Float64Array(Math.max(1, Math.floor(window)));
  }

  get count(): number {
    return this.#count;
  }

  update(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  statistics(): readonly (readonly [suffix: string, value: { readonly double: number }])[] {
    const sorted = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort();
    const { length } = sorted;
    const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, length);
    const squares = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const statistics = [
      ['_min', sorted[0] ?? 0],
      ['_max', sorted[length - 1] ?? 0],
      ['_mean', mean],
      ['_stddev', length < 2 ? 0 : Math.sqrt(squares / (length - 1))],
      ...QUANTILES.map(([name, share]) => [name, quantile(sorted, share)] as const),
    ] as const;
    return statistics.map(([name, double]) => [name, { double }] as const);
  }
}

/** As Apache Commons Math estimates it, which Flink uses: between the two values that are nearest. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length + 1);
  const below = Math.min(Math.max(Math.floor(position), 1), sorted.length);
  const low = sorted[below - 1] ?? 0;
  const high = sorted[Math.min(below, sorted.length - 1)] ?? low;
  return low + Math.min(Math.max(position - below, 0), 1) * (high - low);
}
