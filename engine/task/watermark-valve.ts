// The watermark of a task: the lowest of its active input channels. It never falls: a channel that comes
// back from idleness behind the task's watermark holds nothing back until it has caught up.

import { END_OF_TIME, NO_WATERMARK } from '../core/time.ts';

export class WatermarkValve {
  readonly #watermarks: Float64Array;
  readonly #isIdle: Uint8Array;
  /** Came back from idleness behind the output, and has not caught up. */
  readonly #isBehind: Uint8Array;
  #output = NO_WATERMARK;
  #isOutputIdle = false;

  constructor(channels: number) {
    this.#watermarks = new Float64Array(channels).fill(NO_WATERMARK);
    this.#isIdle = new Uint8Array(channels);
    this.#isBehind = new Uint8Array(channels);
  }

  get watermark(): number {
    return this.#output;
  }

  /** Every channel is idle: the task says so to those behind it. */
  get isIdle(): boolean {
    return this.#isOutputIdle;
  }

  /** A watermark or IDLE from a channel. True when `watermark` rose or `isIdle` changed. */
  update(channel: number, watermark: number): boolean {
    if (Number.isNaN(watermark)) this.#isIdle[channel] = 1;
    else this.#advance(channel, watermark);
    return this.#recompute();
  }

  /** A channel that has ended holds nothing back. */
  end(channel: number): boolean {
    return this.update(channel, END_OF_TIME);
  }

  /** After a restore: no lower watermark fires or is emitted again; every channel must pass it. */
  restore(output: number): void {
    this.#output = Math.max(this.#output, output);
  }

  #advance(channel: number, watermark: number): void {
    const highest = Math.max(watermark, this.#watermarks[channel] as number);
    const isReturning = this.#isIdle[channel] === 1 || this.#isBehind[channel] === 1;
    this.#watermarks[channel] = highest;
    this.#isIdle[channel] = 0;
    this.#isBehind[channel] = isReturning && highest < this.#output ? 1 : 0;
  }

  #recompute(): boolean {
    let lowest = Number.POSITIVE_INFINITY;
    let someCounts = false;
    let someActive = false;
    for (let i = 0; i < this.#watermarks.length; i++) {
      if (this.#isIdle[i] === 1) continue;
      someActive = true;
      if (this.#isBehind[i] === 1) continue;
      someCounts = true;
      lowest = Math.min(lowest, this.#watermarks[i] as number);
    }
    const wasIdle = this.#isOutputIdle;
    this.#isOutputIdle = !someActive;
    if (!someCounts || lowest <= this.#output) return wasIdle !== this.#isOutputIdle;
    this.#output = lowest;
    return true;
  }
}
