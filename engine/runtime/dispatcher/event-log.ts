// What happens in the cluster, numbered, the latest of it kept: a reader that has fallen behind is told so
// and goes on from what is left. Nobody waits for readers.

import { limits } from '../../core/limits.ts';
import type { JobEvent } from '../jobmaster/job-events.ts';

export type ClusterEvent = JobEvent | { readonly kind: 'taskmanagers' };

export interface NumberedEvent {
  readonly id: number;
  readonly atMs: number;
  readonly event: ClusterEvent;
}

export class EventLog {
  readonly #events: NumberedEvent[] = [];
  readonly #listeners = new Set<(event: NumberedEvent) => void>();
  #nextId = 1;

  add(event: ClusterEvent, atMs: number): void {
    const numbered = { id: this.#nextId++, atMs, event };
    this.#events.push(numbered);
    if (this.#events.length > limits.eventsKeptMax) this.#events.shift();
    for (const listener of this.#listeners) listener(numbered);
  }

  /** Events after that number, as far as they are kept. */
  since(id: number): readonly NumberedEvent[] {
    const firstId = this.#events[0]?.id ?? this.#nextId;
    return this.#events.slice(Math.max(0, id + 1 - firstId));
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
