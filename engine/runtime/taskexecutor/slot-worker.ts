// A slot's thread as the TaskExecutor holds it: started before it is needed, used for one allocation, and
// never given to another job. Messages wait until the thread has said that it is ready.

import { assert } from '../../core/assert.ts';
import type { CpuProfile } from '../../core/cpu-profile.ts';
import { SluiceError } from '../../core/errors.ts';
import type { DoorbellMemory } from '../../network/doorbell.ts';
import type { FromSlot, ToSlot } from '../../task/slot-messages.ts';
import type { SlotSpawner, SlotThread } from './slot-thread.ts';

type FromTask = Exclude<FromSlot, { kind: 'ready' }>;

export interface SlotWorkerEvents {
  onMessage(message: FromTask): void;
  onExit(reason: string): void;
}

const NOBODY: SlotWorkerEvents = { onMessage: () => undefined, onExit: () => undefined };

export class SlotWorker {
  readonly #thread: SlotThread;
  readonly #ready: Promise<DoorbellMemory>;
  readonly #neverReady: (why: Error) => void;
  #events: SlotWorkerEvents = NOBODY;
  #isGone = false;

  constructor(spawner: SlotSpawner, name: string, heapMaxBytes: number) {
    let setReady: (memory: DoorbellMemory) => void = () => undefined;
    let neverReady: (why: Error) => void = () => undefined;
    this.#ready = new Promise((resolve, reject) => {
      setReady = resolve;
      neverReady = reject;
    });
    this.#neverReady = neverReady;
    this.#ready.catch(() => undefined); // whoever waits for it is told
    this.#thread = spawner.start(name, heapMaxBytes, {
      onMessage: (message) => {
        if (message.kind === 'ready') setReady(message.doorbell);
        else this.#events.onMessage(message);
      },
      onExit: (reason) => {
        this.#isGone = true;
        neverReady(new Error(reason));
        this.#events.onExit(reason);
      },
    });
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** The thread's doorbell, once it is up. Rejects when it will not be. */
  get ready(): Promise<DoorbellMemory> {
    return this.#ready;
  }

  attach(events: SlotWorkerEvents): void {
    assert(this.#events === NOBODY, 'a slot worker is attached once');
    this.#events = events;
  }

  post(message: ToSlot): void {
    if (!this.#isGone) this.#thread.post(message);
  }

  stack(): Promise<string | undefined> {
    return this.#isGone ? Promise.resolve(undefined) : this.#thread.stack();
  }

  profile(durationMs: number, intervalMs: number): Promise<CpuProfile | undefined> {
    return this.#isGone ? Promise.resolve(undefined) : this.#thread.profile(durationMs, intervalMs);
  }

  async terminate(): Promise<void> {
    this.#events = NOBODY;
    this.#isGone = true;
    this.#neverReady(new SluiceError('no-thread', 'the thread was ended before it was up'));
    await this.#thread.terminate();
  }
}

/** Keeps threads started for whoever comes next: a start takes longer than all else of a small job's deployment. */
export class SlotWorkerPool {
  readonly #spawner: SlotSpawner;
  readonly #heapMaxBytes: number;
  #spares: SlotWorker[] = [];
  #started = 0;

  constructor(spawner: SlotSpawner, heapMaxBytes: number) {
    this.#spawner = spawner;
    this.#heapMaxBytes = heapMaxBytes;
  }

  /** So many, at least, stand ready or are on their way. */
  warm(count: number): void {
    this.#spares = this.#spares.filter(({ isGone }) => !isGone);
    while (this.#spares.length < count) this.#spares.push(this.#start());
  }

  /** A thread that has run nothing. */
  take(): SlotWorker {
    const index = this.#spares.findIndex(({ isGone }) => !isGone);
    return this.#spares.splice(index, index < 0 ? 0 : 1)[0] ?? this.#start();
  }

  async close(): Promise<void> {
    await Promise.all(this.#spares.map((spare) => spare.terminate()));
  }

  #start(): SlotWorker {
    return new SlotWorker(this.#spawner, `slot-${this.#started++}`, this.#heapMaxBytes);
  }
}
