// Latency markers: with `metrics.latency.interval` each source sends one so often, behind its records and through
// every exchange, never through user functions. Each operator that it passes notes how long it has been under
// way, and hands it on to one receiver of each output. So the time that a record waits in buffers is seen, at no
// cost for the records.

import type { Clock } from '../core/clock.ts';
import type { Configuration } from '../core/configuration.ts';
import type { OperatorId } from '../core/ids.ts';
import { options } from '../core/options.ts';
import type { Latency } from '../core/user-metrics.ts';
import type { LatencyMarker } from '../network/record-batch.ts';
import type { RecordWriter } from '../network/record-writer.ts';
import { WindowHistogram } from './measuring.ts';

interface LatencyTask {
  readonly operatorIds: readonly OperatorId[];
  readonly subtask: number;
  readonly writers: readonly RecordWriter[];
  readonly clock: Clock;
  /** Something is measured, from now on. */
  readonly onFirst: () => void;
}

export class LatencyTracking {
  /** Of a source; 0: no markers are sent. */
  readonly intervalMs: number;
  readonly #task: LatencyTask;
  readonly #granularity: 'single' | 'operator' | 'subtask';
  readonly #window: number;
  readonly #histograms = new Map<string, WindowHistogram>();

  constructor(configuration: Configuration, task: LatencyTask) {
    this.intervalMs = configuration.get(options.latencyInterval);
    this.#granularity = configuration.get(options.latencyGranularity);
    this.#window = configuration.get(options.latencyHistory);
    this.#task = task;
  }

  /** From the source at the head of the chain. */
  emit(): void {
    const { operatorIds, subtask, clock } = this.#task;
    const source = operatorIds[0];
    if (source !== undefined) this.#pass({ source, subtask, atMs: clock.now() }, 1);
  }

  /** One has come to the task's input, behind the records that were in front of it. */
  pass(marker: LatencyMarker): void {
    this.#pass(marker, 0);
  }

  read(): readonly Latency[] {
    return [...this.#histograms].flatMap(([name, histogram]) =>
      histogram.statistics().map(([suffix, value]) => ({ name: name + suffix, value })),
    );
  }

  #pass(marker: LatencyMarker, first: number): void {
    const { operatorIds, writers, clock } = this.#task;
    const tookMs = clock.now() - marker.atMs;
    for (const operatorId of operatorIds.slice(first))
      this.#histogramOf(marker, operatorId).update(tookMs);
    for (const writer of writers) writer.emitMarker(marker);
  }

  #histogramOf(marker: LatencyMarker, operatorId: OperatorId): WindowHistogram {
    const name = this.#nameOf(marker, operatorId);
    const known = this.#histograms.get(name);
    if (known !== undefined) return known;
    if (this.#histograms.size === 0) this.#task.onFirst();
    const histogram = new WindowHistogram(this.#window);
    this.#histograms.set(name, histogram);
    return histogram;
  }

  /** As Flink's: below `latency` of the job. */
  #nameOf({ source, subtask }: LatencyMarker, operatorId: OperatorId): string {
    const from = {
      single: [],
      operator: ['source_id', source],
      subtask: ['source_id', source, 'source_subtask_index', subtask],
    }[this.#granularity];
    const to = ['operator_id', operatorId, 'operator_subtask_index', this.#task.subtask];
    return ['latency', ...from, ...to, 'latency'].join('.');
  }
}
