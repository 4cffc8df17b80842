// Doorbells under virtual time: after every event those that rest look at their count, as the processor
// would wake a thread that waits for it.

import { Doorbell } from '../../engine/network/doorbell.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** Virtual ms that it takes to wake up. */
const WAKE_MS = 0.02;

export class Doorbells {
  readonly #resting = new Set<SimulatedDoorbell>();

  create(owner: SimulatedProcess): Doorbell {
    return new SimulatedDoorbell(owner, this.#resting);
  }

  /** To be called after every event. */
  look(): void {
    for (const bell of this.#resting) bell.look();
  }
}

class SimulatedDoorbell extends Doorbell {
  readonly #owner: SimulatedProcess;
  readonly #resting: Set<SimulatedDoorbell>;
  readonly #words: Int32Array;
  #seenCount = 0;
  #wake: () => void = () => undefined;

  constructor(owner: SimulatedProcess, resting: Set<SimulatedDoorbell>) {
    super();
    this.#owner = owner;
    this.#resting = resting;
    this.#words = new Int32Array(this.memory.buffer);
  }

  override prepareToRest(): void {
    super.prepareToRest();
    this.#seenCount = this.#count;
  }

  override async rest(timeoutMs: number): Promise<boolean> {
    const isRung = this.#count !== this.#seenCount;
    if (!isRung) await this.#sleep(timeoutMs);
    this.stayAwake();
    return !isRung;
  }

  look(): void {
    if (this.#count === this.#seenCount) return;
    this.#resting.delete(this);
    this.#owner.clock.after(WAKE_MS, this.#wake);
  }

  get #count(): number {
    return Atomics.load(this.#words, 0);
  }

  #sleep(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(timeoutMs)
        ? this.#owner.clock.after(timeoutMs, () => {
            this.#resting.delete(this);
            resolve();
          })
        : undefined;
      // Rung twice, as by its timer and then by a bell, it may be in its next sleep already.
      this.#wake = () => {
        timer?.[Symbol.dispose]();
        resolve();
      };
      this.#resting.add(this);
    });
  }
}
