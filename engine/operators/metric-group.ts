// What functions can measure: metrics of the subtask, which REST shows under Flink's names, and accumulators,
// which are added up over all subtasks and told when the job has ended. The API re-exports these names.

/** Metrics of this operator in this subtask. Asked for once, in `open`; the same name is the same metric. */
export interface MetricGroup {
  counter(name: string): Counter;
  /** `read` is called when somebody looks. */
  gauge(name: string, read: () => number | string | boolean): void;
  /** How many events there are a second, over the last minute. */
  meter(name: string): Meter;
  /** Statistics of the last values, 1,000 unless said otherwise. */
  histogram(name: string, options?: { readonly window?: number }): Histogram;
  /** Metrics whose names begin with this one and a dot. */
  group(name: string): MetricGroup;
}

export interface Counter {
  inc(by?: number): void;
  dec(by?: number): void;
  readonly count: number;
}

export interface Meter {
  mark(events?: number): void;
  readonly count: number;
  /** Events a second. */
  readonly rate: number;
}

export interface Histogram {
  update(value: number): void;
  readonly count: number;
}

/**
 * What this subtask adds to the job's accumulators. The same name is the same accumulator, in all subtasks and
 * operators; one name for two kinds is an error.
 */
export interface Accumulators {
  counter(name: string): Accumulator;
  /** A sum that is not of whole numbers. */
  double(name: string): Accumulator;
  average(name: string): Accumulator;
  minimum(name: string): Accumulator;
  maximum(name: string): Accumulator;
  /** How often each number was added. */
  histogram(name: string): Accumulator;
}

export interface Accumulator {
  /** Of a counter 1 unless said otherwise. */
  add(value?: number): void;
}
