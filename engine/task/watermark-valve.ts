// The watermark of a task: the lowest of its active input channels. It never falls: a channel that comes
// back from idleness behind the task's watermark holds nothing back until it has caught up. A channel that
// has ended holds nothing back either; but only when all have ended is everything complete: an idle channel
// may still come back.

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

  /** Every channel that has not ended is idle: the task says so to those behind it. */
  get isIdle(): boolean {
    return this.#isOutputIdle;
  }

  isChannelIdle(channel: number): boolean {
    return this.#isIdle[channel] === 1;
  }

  /** A watermark or IDLE from a channel. True when `watermark` rose or `isIdle` changed. */
  update(channel: number, watermark: number): boolean {
    if (Number.isNaN(watermark)) this.#isIdle[channel] = 1;
    else this.#advance(channel, watermark);
    return this.#recompute();
  }

  /** A record has come from a channel: it is not idle. As `update`. */
  wake(channel: number): boolean {
    return this.#isIdle[channel] === 1 && this.update(channel, NO_WATERMARK);
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
    let lowest = END_OF_TIME;
    let idle = 0;
    let active = 0;
    for (let i = 0; i < this.#watermarks.length; i++) {
      const watermark = this.#watermarks[i] as number;
      if (this.#isIdle[i] === 1) idle++;
      else if (watermark !== END_OF_TIME) {
        active++;
        if (this.#isBehind[i] === 0) lowest = Math.min(lowest, watermark);
      }
    }
    const wasIdle = this.#isOutputIdle;
    this.#isOutputIdle = active === 0 && idle > 0;
    const isOver = active === 0 && idle === 0;
    const hasRisen = lowest > this.#output && (isOver || lowest !== END_OF_TIME);
    if (hasRisen) this.#output = lowest;
    return hasRisen || wasIdle !== this.#isOutputIdle;
  }
}
