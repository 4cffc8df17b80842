// Goes into a copy of the queries, between the source and its reader: from a quarter of the input on it reads
// slowly, until a checkpoint that was triggered there is complete. Then it kills its process, or throws: once.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';

export interface Disturbance {
  readonly how: 'killed' | 'failed';
  /** Where the job's checkpoints are. */
  readonly checkpoints: string;
  /** A file that is there once it has happened. */
  readonly happened: string;
  /** A file with the number of events that the restored reader goes on behind. */
  readonly restored: string;
}

interface Reader<T, P> {
  next(): T | undefined;
  position(): P;
}

/** Of a record; a barrier waits for 128 of them, at each stage of a job whose tasks share a thread. */
const SLOW_MS = 0.3;

export class DisturbedReader<T, P extends { readonly events: number }> implements Reader<T, P> {
  readonly #reader: Reader<T, P>;
  readonly #disturbance: Disturbance;
  #slowFrom: number;
  readonly #count: number;
  #read: number;
  /** Checkpoints that have been written since the reader has slowed down, and the one before. */
  readonly #written = new Set<number>();
  readonly #clock = new Int32Array(new SharedArrayBuffer(4));

  constructor(
    reader: Reader<T, P>,
    count: number,
    position: P | undefined,
    disturbance: Disturbance,
  ) {
    this.#reader = reader;
    this.#disturbance = disturbance;
    this.#count = count;
    this.#read = position?.events ?? 0;
    this.#slowFrom = count / 4;
    if (!existsSync(disturbance.happened)) return;
    writeFileSync(disturbance.restored, String(this.#read));
    this.#slowFrom = Number.POSITIVE_INFINITY;
  }

  next(): T | undefined {
    if (++this.#read > this.#slowFrom) this.#disturb();
    return this.#reader.next();
  }

  position(): P {
    return this.#reader.position();
  }

  #disturb(): void {
    this.#written.add(this.#latestCheckpoint());
    // The next one may have been under way before; behind the second a third says that it is committed.
    if (this.#written.size === 1 + 3) this.#happen();
    if (this.#read > this.#count) throw new Error('the input ended before three checkpoints');
    Atomics.wait(this.#clock, 0, 0, SLOW_MS);
  }

  #happen(): void {
    writeFileSync(this.#disturbance.happened, '');
    if (this.#disturbance.how === 'failed') throw new Error('in the middle');
    process.kill(process.pid, 'SIGKILL');
  }

  /** 0 before the first. */
  #latestCheckpoint(): number {
    const files = readdirSync(this.#disturbance.checkpoints, { recursive: true, encoding: 'utf8' });
    const ids = files.map((file) => Number(/chk-(\d+)\/_metadata$/.exec(file)?.[1] ?? 0));
    return Math.max(0, ...ids);
  }
}
