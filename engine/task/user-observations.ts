// What the functions of one task measure: the metrics of each operator and the task's accumulators, kept where
// they are counted, and read when the TaskManager asks, with a heartbeat and at the end.

import {
  type AccumulatorValue,
  combined,
  type NamedAccumulator,
  type SimpleKind,
} from '../core/accumulators.ts';
import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Latency, UserMetric, UserMetrics } from '../core/user-metrics.ts';
import type {
  Accumulator,
  Accumulators,
  Counter,
  Histogram,
  Meter,
  MetricGroup,
} from '../operators/metric-group.ts';
import { RateMeter, WindowHistogram } from './measuring.ts';

type Reading = UserMetric['value'];
type Read = () => readonly (readonly [suffix: string, value: Reading])[];

interface Registered {
  readonly operator: string;
  readonly name: string;
  readonly kind: string;
  readonly metric: unknown;
  readonly read: Read;
}

interface Kept extends Accumulator {
  read(): AccumulatorValue;
}

export class UserObservations {
  readonly #clock: Clock;
  /** There is something to ask for, from now on. */
  readonly #onFirst: () => void;
  #latencies: (() => readonly Latency[]) | undefined;
  readonly #metrics = new Map<string, Registered>();
  readonly #accumulators = new Map<string, { readonly kind: string; readonly kept: Kept }>();

  constructor(clock: Clock, onFirst: () => void) {
    this.#clock = clock;
    this.#onFirst = onFirst;
  }

  /** Undefined while nothing is measured. */
  read(): UserMetrics | undefined {
    const latencies = this.#latencies?.();
    if (this.#size === 0) return undefined;
    return {
      metrics: [...this.#metrics.values()].flatMap(({ operator, name, read }) =>
        readSafely(read).map(([suffix, value]) => ({ operator, name: name + suffix, value })),
      ),
      accumulators: [...this.#accumulators].map(
        ([name, { kept }]): NamedAccumulator => ({ name, value: kept.read() }),
      ),
      ...(latencies === undefined ? {} : { latencies }),
    };
  }

  metricsOf(operator: string, prefix = ''): MetricGroup {
    const add = <M>(kind: string, name: string, make: () => readonly [M, Read]): M =>
      this.#metric(operator, prefix + name, kind, make);
    return {
      counter: (name) => add('counter', name, newCounter),
      gauge: (name, read) =>
        add('gauge', name, () => [undefined, () => [['', gaugeValue(read())]]]),
      meter: (name) => add('meter', name, () => this.#newMeter()),
      histogram: (name, options) => add('histogram', name, () => newHistogram(options?.window)),
      group: (name) => this.metricsOf(operator, `${prefix}${name}.`),
    };
  }

  readonly accumulators: Accumulators = {
    counter: (name) => this.#accumulator(name, 'LongCounter', () => simple('LongCounter', 0)),
    double: (name) => this.#accumulator(name, 'DoubleCounter', () => simple('DoubleCounter', 0)),
    minimum: (name) =>
      this.#accumulator(name, 'DoubleMinimum', () => simple('DoubleMinimum', Infinity)),
    maximum: (name) =>
      this.#accumulator(name, 'DoubleMaximum', () => simple('DoubleMaximum', -Infinity)),
    average: (name) => this.#accumulator(name, 'AverageAccumulator', average),
    histogram: (name) => this.#accumulator(name, 'Histogram', () => histogramOf(name)),
  };

  #metric<M>(operator: string, name: string, kind: string, make: () => readonly [M, Read]): M {
    const key = `${operator}\n${name}`;
    const known = this.#metrics.get(key);
    if (known !== undefined) {
      if (known.kind === kind) return known.metric as M;
      throw twoKinds('metric', name, known.kind, kind);
    }
    this.#makeRoom(name);
    const [metric, read] = make();
    this.#metrics.set(key, { operator, name, kind, metric, read });
    return metric;
  }

  #accumulator(name: string, kind: string, make: () => Kept): Accumulator {
    const known = this.#accumulators.get(name);
    if (known !== undefined) {
      if (known.kind === kind) return known.kept;
      throw twoKinds('accumulator', name, known.kind, kind);
    }
    this.#makeRoom(name);
    const kept = make();
    this.#accumulators.set(name, { kind, kept });
    return kept;
  }

  /** The latencies that this task notes, beside what its functions measure. */
  track(latencies: () => readonly Latency[]): void {
    if (this.#size === 0) this.#onFirst();
    this.#latencies = latencies;
  }

  get #size(): number {
    return this.#metrics.size + this.#accumulators.size + (this.#latencies === undefined ? 0 : 1);
  }

  #makeRoom(name: string): void {
    const count = this.#metrics.size + this.#accumulators.size;
    if (this.#size === 0) this.#onFirst();
    if (count >= limits.userMetricsMax)
      throw new SluiceError(
        'metrics',
        `${JSON.stringify(name)} would be metric ${count + 1} of this subtask, and ${limits.userMetricsMax} are the most: is its name made of a key?`,
      );
  }

  #newMeter(): readonly [Meter, Read] {
    const meter = new RateMeter(this.#clock);
    return [meter, () => [['', { double: meter.rate }]]];
  }
}

const twoKinds = (what: string, name: string, known: string, kind: string): Error =>
  new SluiceError('metrics', `${what} ${JSON.stringify(name)} is a ${known} already, no ${kind}`);

function newCounter(): readonly [Counter, Read] {
  let count = 0;
  const counter: Counter = {
    inc(by = 1) {
      count += by;
    },
    dec(by = 1) {
      count -= by;
    },
    get count() {
      return count;
    },
  };
  return [counter, () => [['', count]]];
}

function newHistogram(window?: number): readonly [Histogram, Read] {
  const histogram = new WindowHistogram(window);
  return [histogram, () => histogram.statistics()];
}

/** A whole number stays one, as a Long of Java's. */
function gaugeValue(value: number | string | boolean): Reading {
  if (typeof value !== 'number') return String(value);
  return Number.isInteger(value) ? value : { double: value };
}

/** One that throws is left out: it must not fail the task that nobody had a look into. */
function readSafely(read: Read): ReturnType<Read> {
  try {
    return read();
  } catch {
    return [];
  }
}

function simple(kind: SimpleKind, start: number): Kept {
  let value = start;
  return {
    add(by = 1) {
      value = combined(kind, value, by);
    },
    read: () => ({ kind, value }),
  };
}

function average(): Kept {
  let [sum, count] = [0, 0];
  return {
    add(value = 0) {
      sum += value;
      count++;
    },
    read: () => ({ kind: 'AverageAccumulator', sum, count }),
  };
}

function histogramOf(name: string): Kept {
  const counts = new Map<number, number>();
  return {
    add(value = 0) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
      if (counts.size > limits.accumulatorKeysMax)
        throw new SluiceError(
          'metrics',
          `accumulator ${JSON.stringify(name)} has counted ${counts.size} different numbers, and ${limits.accumulatorKeysMax} are the most: round them`,
        );
    },
    read: () => ({ kind: 'Histogram', counts: [...counts] }),
  };
}
