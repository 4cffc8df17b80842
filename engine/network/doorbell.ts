// How one thread tells another that something has come: one doorbell per thread, not per channel. A bell
// has a count, which every ring raises, and a flag, set only by its owner when it is about to sleep; who
// rings wakes only an owner that sleeps. The owner sets the flag first and looks for work once more, so
// that no ring is lost between the look and the sleep.

const COUNT = 0;
const ASLEEP = 1;

/** Looks at the count, 6 ns each. */
const PATIENCE_MIN = 64;
const PATIENCE_MAX = 8_192;

export interface DoorbellMemory {
  readonly buffer: SharedArrayBuffer;
}

const newDoorbellMemory = (): DoorbellMemory => ({ buffer: new SharedArrayBuffer(8) });

/** The ringing side: as many as like. */
export class Bell {
  readonly #words: Int32Array;

  constructor(memory: DoorbellMemory) {
    this.#words = new Int32Array(memory.buffer);
  }

  ring(): void {
    Atomics.add(this.#words, COUNT, 1);
    if (Atomics.load(this.#words, ASLEEP) === 1) Atomics.notify(this.#words, COUNT);
  }
}

/** The owner's side: one thread. */
export class Doorbell {
  readonly memory: DoorbellMemory;
  readonly #words: Int32Array;
  #seen = 0;
  /** Looks that `linger` takes at most the next time. */
  #patience = PATIENCE_MIN;

  constructor(memory: DoorbellMemory = newDoorbellMemory()) {
    this.memory = memory;
    this.#words = new Int32Array(memory.buffer);
  }

  /**
   * Stays awake a moment for the next ring, which then need not wake anybody: true when it has come. The more
   * often it comes, the longer the moment; up to some 50 us, which going to sleep and waking up takes as well.
   */
  linger(): boolean {
    const seen = Atomics.load(this.#words, COUNT);
    for (let looks = this.#patience; looks > 0; looks--) {
      if (Atomics.load(this.#words, COUNT) === seen) continue;
      this.#patience = Math.min(PATIENCE_MAX, this.#patience * 2);
      return true;
    }
    this.#patience = Math.max(PATIENCE_MIN, this.#patience >> 1);
    return false;
  }

  /** Announces the sleep. Look for work after it, then either `rest` or `stayAwake`. */
  prepareToRest(): void {
    this.#seen = Atomics.load(this.#words, COUNT);
    Atomics.store(this.#words, ASLEEP, 1);
  }

  stayAwake(): void {
    Atomics.store(this.#words, ASLEEP, 0);
  }

  /**
   * Resolves when the bell rings, or after `timeoutMs` (Infinity: never). The event loop goes on meanwhile.
   * False when there was nothing to wait for: then the event loop has had no turn.
   */
  async rest(timeoutMs: number): Promise<boolean> {
    const bounded = Number.isFinite(timeoutMs) ? Math.max(0, timeoutMs) : undefined;
    const wait = Atomics.waitAsync(this.#words, COUNT, this.#seen, bounded);
    if (wait.async) await wait.value;
    this.stayAwake();
    return wait.async;
  }
}
