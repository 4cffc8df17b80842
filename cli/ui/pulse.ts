// The beat at which data reaches the screen: ten times a second while the terminal has the focus, twice while
// it has not, and once a second so that clocks go on. The first change after a pause shows at once. Keys do
// not pass here: what they change is painted without waiting.

import type { Clock, Timer } from '../../engine/core/clock.ts';
import type { ScreenModel, ScreenStore } from './store.ts';

const FOCUSED_MS = 100;
const UNFOCUSED_MS = 500;
const HEARTBEAT_MS = 1_000;

export class Pulse {
  readonly #store: ScreenStore;
  readonly #clock: Clock;
  readonly #onBeat: () => void;
  readonly #unsubscribe: () => void;
  #shown: ScreenModel;
  #nowMs: number;
  #periodMs = FOCUSED_MS;
  #beatAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #heartbeat: Timer;

  constructor(store: ScreenStore, clock: Clock, onBeat: () => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onBeat = onBeat;
    this.#shown = store.value;
    this.#nowMs = clock.now();
    this.#unsubscribe = store.subscribe(() => this.#onChange());
    this.#heartbeat = this.#startHeartbeat();
  }

  /** As of the last beat. */
  get model(): ScreenModel {
    return this.#shown;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  setFocused(isFocused: boolean): void {
    this.#periodMs = isFocused ? FOCUSED_MS : UNFOCUSED_MS;
    if (isFocused) this.#beat();
  }

  close(): void {
    this.#unsubscribe();
    this.#timer?.[Symbol.dispose]();
    this.#heartbeat[Symbol.dispose]();
  }

  #onChange(): void {
    if (this.#timer !== undefined) return;
    const wait = this.#beatAt + this.#periodMs - this.#clock.monotonic();
    if (wait <= 0) this.#beat();
    else this.#timer = this.#clock.after(wait, () => this.#beat());
  }

  #beat(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#beatAt = this.#clock.monotonic();
    this.#shown = this.#store.value;
    this.#nowMs = this.#clock.now();
    this.#heartbeat[Symbol.dispose]();
    this.#heartbeat = this.#startHeartbeat();
    this.#onBeat();
  }

  /** On the full second, so that the clock on the screen is right. */
  #startHeartbeat(): Timer {
    const wait = HEARTBEAT_MS - (this.#clock.now() % HEARTBEAT_MS);
    return this.#clock.after(wait, () => this.#beat());
  }
}
