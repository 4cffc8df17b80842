// What the functions of a task measure by themselves, as it travels to the JobMaster with the task's own
// counters.

import type { NamedAccumulator } from './accumulators.ts';

export interface UserMetrics {
  readonly metrics: readonly UserMetric[];
  readonly accumulators: readonly NamedAccumulator[];
}

export interface UserMetric {
  /** Its name in the chain. */
  readonly operator: string;
  /** With its groups: `orders.open`; of a histogram one for each statistic, as `latency_p99`. */
  readonly name: string;
  readonly value: number | string | { readonly double: number };
}
