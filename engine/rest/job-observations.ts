// What is measured of jobs for readers of the event stream, and only while one of them asks for it: how each
// vertex does, and a few of the rows that clients take. Once a second, and a hundred jobs at a time at most:
// of more each takes its turn. It looks at what the JobMasters know already and asks no task.

import { type Clock, every, type Timer } from '../core/clock.ts';
import type { JobId, OperatorId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import type { Dispatcher } from '../runtime/dispatcher/dispatcher.ts';
import type {
  EventTopic,
  MetricsEvent,
  SampleEvent,
  VertexMeasure,
} from '../runtime/dispatcher/event-log.ts';
import type { JobDetails, VertexDetails } from '../runtime/jobmaster/job-details.ts';
import type { TaskRates } from '../runtime/jobmaster/job-metrics.ts';

export interface Wanted {
  readonly topics: readonly EventTopic[];
  /** Undefined: all. */
  readonly jobs: readonly JobId[] | undefined;
}

interface ObservationsContext {
  readonly dispatcher: Pick<Dispatcher, 'events' | 'states' | 'details'>;
  readonly clock: Clock;
}

const PERIOD_MS = 1_000;

export class JobObservations {
  readonly #context: ObservationsContext;
  readonly #readers = new Set<Wanted>();
  /** By sink. */
  readonly #samples = new Map<OperatorId, SampleEvent>();
  #timer: Timer | undefined;
  /** Jobs whose turn has been. */
  #turns = 0;

  constructor(context: ObservationsContext) {
    this.#context = context;
  }

  /** Until the returned function is called. */
  watch(wanted: Wanted): () => void {
    if (!wanted.topics.some((topic) => topic === 'metrics' || topic === 'sample'))
      return () => undefined;
    this.#readers.add(wanted);
    this.#timer ??= every(this.#context.clock, PERIOD_MS, () => this.#tell());
    return () => this.#leave(wanted);
  }

  /** A client has got them. */
  onRows(jobId: JobId, operatorId: OperatorId, rows: readonly string[]): void {
    if (rows.length === 0 || !this.#isWanted('sample', jobId)) return;
    const short = rows.filter(({ length }) => length <= limits.sampleRowCharsMax);
    const taken = (this.#samples.get(operatorId)?.taken ?? 0) + rows.length;
    this.#samples.set(operatorId, {
      kind: 'sample',
      jobId,
      operatorId,
      taken,
      rows: short.slice(0, limits.sampleRowsMax),
    });
  }

  #leave(wanted: Wanted): void {
    this.#readers.delete(wanted);
    if (this.#readers.size > 0) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#samples.clear();
  }

  #tell(): void {
    const { dispatcher, clock } = this.#context;
    const now = clock.now();
    for (const jobId of this.#jobsInTurn())
      dispatcher.events.add(metricsOf(dispatcher.details(jobId)), now);
    for (const sample of this.#samples.values()) dispatcher.events.add(sample, now);
    this.#samples.clear();
  }

  #jobsInTurn(): readonly JobId[] {
    const wanted = this.#context.dispatcher
      .states()
      .filter(({ jobId, state }) => state === 'RUNNING' && this.#isWanted('metrics', jobId));
    const from = wanted.length <= limits.jobsObservedMax ? 0 : this.#turns % wanted.length;
    const turn = [...wanted.slice(from), ...wanted.slice(0, from)].slice(0, limits.jobsObservedMax);
    this.#turns = from + turn.length;
    return turn.map(({ jobId }) => jobId);
  }

  #isWanted(topic: EventTopic, jobId: JobId): boolean {
    for (const { topics, jobs } of this.#readers)
      if (topics.includes(topic) && (jobs === undefined || jobs.includes(jobId))) return true;
    return false;
  }
}

const metricsOf = ({ jobId, vertices }: JobDetails): MetricsEvent => ({
  kind: 'metrics',
  jobId,
  vertices: vertices.map(measureOf),
});

function measureOf({ vertex, subtasks }: VertexDetails): VertexMeasure {
  const metrics = subtasks.flatMap((subtask) => subtask.metrics ?? []);
  const rates = subtasks.flatMap((subtask) => subtask.rates ?? []);
  const over = (key: keyof TaskRates, fold: typeof plus): number | null =>
    rates.length === 0 ? null : rates.map((rate) => rate[key]).reduce(fold);
  const watermarkMs = Math.min(...metrics.map(({ watermark }) => watermark));
  return {
    vertex: vertex.id,
    recordsIn: metrics.reduce((sum, { recordsIn }) => sum + recordsIn, 0),
    recordsOut: metrics.reduce((sum, { recordsOut }) => sum + recordsOut, 0),
    recordsInPerSecond: over('recordsInPerSecond', plus),
    recordsOutPerSecond: over('recordsOutPerSecond', plus),
    busy: over('busy', larger),
    backPressured: over('backPressured', larger),
    watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : null,
  };
}

const plus = (a: number, b: number): number => a + b;
const larger = (a: number, b: number): number => Math.max(a, b);
