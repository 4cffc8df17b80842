// What a leader writes, one entry after another, each the successor of the one before. The first that fails since
// somebody else has written ends the leadership.

import type { Clock } from '../core/clock.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/ids.ts';
import type { HaBackend } from './ha-backend.ts';
import {
  encodeChecked,
  type HaState,
  withCancel,
  withCheckpoints,
  withEnd,
  withJob,
  withoutJob,
  withParallelism,
} from './ha-state.ts';
import type { Leadership, StoredBounds, StoredCheckpoint, StoredJob } from './ha-store.ts';

interface Change {
  readonly apply: (state: HaState) => HaState;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class JournaledLeadership implements Leadership {
  readonly epoch: number;
  readonly jobs: readonly StoredJob[];
  readonly #backend: HaBackend;
  readonly #clock: Clock;
  readonly #onOver: (() => void)[] = [];
  #state: HaState;
  #number: number;
  #confirmedMs: number;
  #isOver = false;
  /** What waits for the next entry. */
  #waiting: Change[] = [];
  /** One write or look after another. */
  #lane: Promise<unknown> = Promise.resolve();

  constructor(backend: HaBackend, clock: Clock, state: HaState, number: number, atMs: number) {
    this.#backend = backend;
    this.#clock = clock;
    this.epoch = state.epoch;
    this.jobs = state.jobs;
    this.#state = state;
    this.#number = number;
    this.#confirmedMs = atMs;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get confirmedMs(): number {
    return this.#confirmedMs;
  }

  onOver(listener: () => void): void {
    this.#onOver.push(listener);
  }

  /** No write of it succeeds any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { reject } of this.#waiting.splice(0)) reject(notLeader(this.epoch));
    for (const listener of this.#onOver) listener();
  }

  confirm(): Promise<boolean> {
    return this.#inLane(async () => {
      if (this.#isOver) return false;
      const atMs = this.#clock.monotonic();
      if ((await this.#backend.latestNumber()) !== this.#number) this.end();
      else this.#confirmedMs = Math.max(this.#confirmedMs, atMs);
      return !this.#isOver;
    });
  }

  async addJob(jobId: JobId, submission: Uint8Array): Promise<void> {
    await this.#backend.writeFile(`job-${jobId}`, submission);
    await this.#change((state) => withJob(state, jobId));
  }

  readJob(jobId: JobId): Promise<Uint8Array> {
    return this.#backend.readFile(`job-${jobId}`);
  }

  registerCheckpoints(jobId: JobId, retained: readonly StoredCheckpoint[]): Promise<void> {
    return this.#change((state) => withCheckpoints(state, jobId, retained));
  }

  requireParallelism(jobId: JobId, bounds: readonly StoredBounds[]): Promise<void> {
    return this.#change((state) => withParallelism(state, jobId, bounds));
  }

  cancelJob(jobId: JobId): Promise<void> {
    return this.#change((state) => withCancel(state, jobId));
  }

  async endJob(jobId: JobId, archive: Uint8Array): Promise<void> {
    await this.#backend.writeFile(`ended-${jobId}`, archive);
    await this.#change((state) => withEnd(state, jobId));
    await this.#backend.removeFile(`job-${jobId}`);
  }

  readArchive(jobId: JobId): Promise<Uint8Array> {
    return this.#backend.readFile(`ended-${jobId}`);
  }

  async removeJob(jobId: JobId): Promise<void> {
    await this.#change((state) => withoutJob(state, jobId));
    await this.#backend.removeFile(`job-${jobId}`);
    await this.#backend.removeFile(`ended-${jobId}`);
  }

  #change(apply: Change['apply']): Promise<void> {
    if (this.#isOver) return Promise.reject(notLeader(this.epoch));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ apply, resolve, reject });
      if (this.#waiting.length === 1) void this.#inLane(() => this.#flush());
    });
  }

  /** All that has come meanwhile goes into one entry. */
  async #flush(): Promise<void> {
    const changes = this.#waiting.splice(0);
    try {
      const isWritten = await this.#append(changes.map(({ apply }) => apply));
      if (!isWritten) this.end();
      for (const { resolve, reject } of changes)
        if (isWritten) resolve();
        else reject(notLeader(this.epoch));
    } catch (error) {
      for (const { reject } of changes) reject(error);
    }
  }

  /** False when it leads no more. */
  async #append(changes: readonly Change['apply'][]): Promise<boolean> {
    if (this.#isOver) return false;
    const atMs = this.#clock.monotonic();
    const next = changes.reduce((state, change) => change(state), this.#state);
    const number = this.#number + 1;
    if (!(await this.#backend.append({ number, bytes: encodeChecked(next) }))) return false;
    this.#state = next;
    this.#number = number;
    this.#confirmedMs = Math.max(this.#confirmedMs, atMs);
    return !this.#isOver;
  }

  #inLane<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lane.then(work);
    this.#lane = result.catch(() => undefined);
    return result;
  }
}

const notLeader = (epoch: number): SluiceError<'not-leader'> =>
  new SluiceError('not-leader', `another JobManager leads: epoch ${epoch} is over`);
