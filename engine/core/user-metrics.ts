// What the functions of a task measure by themselves, as it travels to the JobMaster with the task's own
// counters.

import type { NamedAccumulator } from './accumulators.ts';

export interface UserMetrics {
  readonly metrics: readonly UserMetric[];
  readonly accumulators: readonly NamedAccumulator[];
  /** Of the markers that came by; absent where none did. Their names are those of the job. */
  readonly latencies?: readonly Latency[];
}

export type Latency = Pick<UserMetric, 'name' | 'value'>;

export interface UserMetric {
  /** Its name in the chain. */
  readonly operator: string;
  /** With its groups: `orders.open`; of a histogram one for each statistic, as `latency_p99`. */
  readonly name: string;
  readonly value: number | string | { readonly double: number };
}
