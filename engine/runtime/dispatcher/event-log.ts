// What happens in the cluster, numbered through, and the latest of it kept, each topic for itself: measurements
// by the second never push out what has become of a job. A reader that has fallen behind is told so and goes
// on from what is left. Nobody waits for readers.

import type { JobId, OperatorId, VertexId } from '../../core/ids.ts';
import { limits } from '../../core/limits.ts';
import type { JobEvent } from '../jobmaster/job-events.ts';

export type ClusterEvent =
  | JobEvent
  | { readonly kind: 'taskmanagers' }
  | MetricsEvent
  | SampleEvent;

/** How a job does; measured while a reader asks for it. */
export interface MetricsEvent {
  readonly kind: 'metrics';
  readonly jobId: JobId;
  readonly vertices: readonly VertexMeasure[];
}

/** Over its subtasks: records are summed; of shares of time, 0 to 1, the greatest counts; of watermarks the least. */
export interface VertexMeasure {
  readonly vertex: VertexId;
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** These are null before two reports of its tasks. */
  readonly recordsInPerSecond: number | null;
  readonly recordsOutPerSecond: number | null;
  readonly busy: number | null;
  readonly backPressured: number | null;
  /** Null before the first, and at the end of time. */
  readonly watermarkMs: number | null;
}

/** Rows of a sink, of those that its client has just taken. */
export interface SampleEvent {
  readonly kind: 'sample';
  readonly jobId: JobId;
  readonly operatorId: OperatorId;
  /** How many were taken since the sample before. */
  readonly taken: number;
  /** The first few of the latest of them, each a JSON text. */
  readonly rows: readonly string[];
}

export interface NumberedEvent {
  readonly id: number;
  readonly atMs: number;
  readonly event: ClusterEvent;
}

export const EVENT_TOPICS = ['state', 'checkpoint', 'barrier', 'metrics', 'sample'] as const;

export type EventTopic = (typeof EVENT_TOPICS)[number];

export class EventLog {
  readonly #rings: Readonly<Record<EventTopic, Ring>> = {
    state: new Ring(limits.eventsKeptMax),
    checkpoint: new Ring(limits.eventsKeptMax),
    barrier: new Ring(limits.eventsKeptMax),
    metrics: new Ring(limits.observationsKeptMax),
    sample: new Ring(limits.observationsKeptMax),
  };
  readonly #listeners = new Set<(event: NumberedEvent) => void>();
  #nextId = 1;

  add(event: ClusterEvent, atMs: number): void {
    const numbered = { id: this.#nextId++, atMs, event };
    this.#rings[topicOf(event)].add(numbered);
    for (const listener of this.#listeners) listener(numbered);
  }

  /** Events of these topics after that number, as far as they are kept. */
  since(id: number, topics: readonly EventTopic[] = EVENT_TOPICS): readonly NumberedEvent[] {
    const found = topics.map((topic) => this.#rings[topic].since(id)).filter(hasAny);
    return found.length === 1 ? found.flat() : found.flat().sort((a, b) => a.id - b.id);
  }

  /** The number of the latest event of these topics that is kept no more; 0 when all are. */
  lostId(topics: readonly EventTopic[]): number {
    return topics.reduce((max, topic) => Math.max(max, this.#rings[topic].lostId), 0);
  }

  /** The number of the latest event; 0 before the first. */
  get latestId(): number {
    return this.#nextId - 1;
  }

  /** Until the returned function is called. */
  listen(listener: (event: NumberedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

class Ring {
  readonly #max: number;
  readonly #events: NumberedEvent[] = [];
  lostId = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(event: NumberedEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#max) this.lostId = this.#events.shift()?.id ?? 0;
  }

  since(id: number): readonly NumberedEvent[] {
    return this.#events.slice(this.#events.findLastIndex((event) => event.id <= id) + 1);
  }
}

const hasAny = (events: readonly unknown[]): boolean => events.length > 0;

function topicOf({ kind }: ClusterEvent): EventTopic {
  switch (kind) {
    case 'job':
    case 'task':
    case 'slots':
    case 'taskmanagers':
      return 'state';
    case 'checkpoint':
    case 'barrier':
    case 'metrics':
    case 'sample':
      return kind;
  }
}
