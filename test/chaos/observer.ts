// What is seen of a job from outside: when all its tasks run again after an attack, and when the first new file
// shows under its final name.

import { type FSWatcher, watch } from 'node:fs';
import { systemClock } from '../../engine/core/system-clock.ts';
import type { RestClient } from '../../engine/rest/rest-client.ts';

interface TaskEvent {
  readonly atMs: number;
  readonly jobId: string;
  readonly vertex: string;
  readonly subtask: number;
  readonly state: string;
}

export interface Recovery {
  readonly kind: string;
  readonly toRunningMs: number;
  readonly toOutputMs: number | undefined;
}

/** Under way: an attack that has hit the job, and what came after it. */
interface Outage {
  readonly kind: string;
  readonly atMs: number;
  hasHit: boolean;
  runningMs: number | undefined;
}

export class Observer {
  readonly recoveries: Recovery[] = [];
  readonly #jobId: string;
  readonly #tasksMax: number;
  readonly #running = new Set<string>();
  readonly #watcher: FSWatcher;
  readonly #stop = new AbortController();
  #outage: Outage | undefined;
  restarts = 0;
  state = 'CREATED';

  /** @param tasksMax Of the job, all vertices together. */
  constructor(client: RestClient, jobId: string, tasksMax: number, directory: string) {
    this.#jobId = jobId;
    this.#tasksMax = tasksMax;
    this.#watcher = watch(directory, (_event, name) => this.#onFile(name ?? ''));
    void client
      .events((kind, data) => this.#onEvent(kind, data), this.#stop.signal)
      .catch(() => undefined);
  }

  get isRunning(): boolean {
    return this.#running.size === this.#tasksMax;
  }

  /** One attack at a time is measured: what comes while the job recovers from another is part of that. */
  attacked(kind: string): void {
    const isUnderWay = this.#outage?.hasHit === true && this.#outage.runningMs === undefined;
    if (isUnderWay)
      this.#outage = undefined; // two at once: neither is measured
    else this.#outage = { kind, atMs: systemClock.now(), hasHit: false, runningMs: undefined };
  }

  close(): void {
    this.#stop.abort();
    this.#watcher.close();
  }

  #onEvent(kind: string, data: unknown): void {
    const event = data as TaskEvent;
    if (event.jobId !== this.#jobId) return;
    if (kind === 'job') this.#onJob(event.state);
    else if (kind === 'task') this.#onTask(event);
  }

  #onJob(state: string): void {
    this.state = state;
    if (state === 'RESTARTING') this.restarts++;
  }

  #onTask({ vertex, subtask, state, atMs }: TaskEvent): void {
    const wasRunning = this.isRunning;
    if (state === 'RUNNING') this.#running.add(`${vertex}.${subtask}`);
    else this.#running.delete(`${vertex}.${subtask}`);
    const outage = this.#outage;
    if (outage === undefined) return;
    if (wasRunning && !this.isRunning) outage.hasHit = true;
    if (outage.hasHit && this.isRunning && outage.runningMs === undefined)
      outage.runningMs = atMs - outage.atMs;
  }

  #onFile(name: string): void {
    const outage = this.#outage;
    if (name.startsWith('.') || outage?.runningMs === undefined) return;
    this.#outage = undefined;
    this.recoveries.push({
      kind: outage.kind,
      toRunningMs: outage.runningMs,
      toOutputMs: systemClock.now() - outage.atMs,
    });
  }
}
