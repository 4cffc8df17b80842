// Windows by time that are cut into slices at every place where one begins or ends. An element is added to its
// slice alone, however many windows hold it, and a window that fires merges the slices that it is made of; a
// tumbling window is one slice. Only for the plain trigger without allowed lateness: nothing then asks what is
// in a window before it fires, and it fires once, for all keys in a row: there are no timers.
//
//   slices     |  a  |  b  |  c  |  d  |
//   windows    |---- a b c ------|
//                    |---- b c d ------|          a goes when the last window that holds it has fired

import type { SliceCursor, SlicedState } from '../../state/keyed-state.ts';
import { FiringGate } from '../firing-gate.ts';
import type { Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { FiredWindows } from './fired-windows.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

/** A window that fires, key after key. */
interface Firing {
  readonly window: Window;
  readonly keys: SliceCursor;
}

export class SlicedWindowOperator extends WindowingOperator {
  readonly #slicer: Slicer;
  readonly #isKeyed: boolean;
  /** By slice, which is known by its end. */
  readonly #slices: SlicedState;
  readonly #fired: FiredWindows;
  readonly #gate: FiringGate;
  readonly #live = new Set<number>();
  /** Elements come in runs of one slice: from `#from` up to `#slice`, and not late. NaN: none. */
  #slice = Number.NaN;
  #from = Number.NaN;
  /** Of a window over all elements: what that slice has, not yet put. */
  #held: unknown;
  /** The earliest window that has something and has not fired; Infinity: none. */
  #nextEnd = Number.POSITIVE_INFINITY;
  #firing: Firing | undefined;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer.domain, context);
    this.#slicer = slicer;
    this.#isKeyed = definition.isKeyed;
    this.#slices = this.state.sliced({ name: 'slices' });
    this.#fired = new FiredWindows(context, definition.isKeyed);
    this.#gate = new FiringGate(context, this.output);
  }

  override open(): void {
    super.open();
    // State of a time when it was not written down.
    if (!this.#fired.isRestored && this.domain === 'event') this.#fired.upToMs = this.now();
    for (const slice of this.#slices.slices()) this.#await(slice, this.#fired.upToMs);
  }

  override onWatermark(watermark: number): boolean {
    if (!super.onWatermark(watermark)) return false;
    return this.domain !== 'event' || this.#fireUpTo(watermark);
  }

  override onProcessingTime(now: number): boolean {
    if (!super.onProcessingTime(now)) return false;
    // A window fires when its last millisecond is over: elements may still come in it.
    return this.domain !== 'processing' || this.#fireUpTo(now - 1);
  }

  override resume(): boolean {
    if (!super.resume()) return false;
    this.#gate.resume();
    return this.#run();
  }

  override snapshot(checkpointId: number): void {
    this.#leaveSlice();
    this.#fired.snapshot();
    super.snapshot(checkpointId);
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const windowMs = this.#slicer.isEndless ? 0 : this.windowTime();
    const isWithin = windowMs >= this.#from && windowMs < this.#slice;
    if (!isWithin && !this.#turnTo(windowMs)) return this.skip(value, timeMs);
    if (this.#isKeyed) {
      const before = this.#slices.get(this.#slice);
      this.#slices.put(this.#slice, this.contents.add(before, value, timeMs, side));
    } else {
      this.#held = this.contents.add(this.#held, value, timeMs, side);
    }
  }

  protected override onTimer(): void {
    // What was snapshot with timers has them still: windows need none.
  }

  /** False: all windows at this time are over. */
  #turnTo(windowMs: number): boolean {
    const slice = this.#slicer.sliceOf(windowMs);
    const now = this.now();
    if (this.isOver(this.#slicer.lastWindow(slice), now)) return false;
    this.#leaveSlice();
    this.#slice = slice;
    this.#from = this.#slicer.sliceBefore(slice);
    if (!this.#isKeyed) this.#held = this.#slices.get(slice);
    if (!this.#live.has(slice)) this.#await(slice, now);
    return true;
  }

  /** The state has everything. */
  #leaveSlice(): void {
    if (this.#held !== undefined) this.#slices.put(this.#slice, this.#held);
    this.#held = undefined;
    this.#slice = Number.NaN;
  }

  #fireUpTo(timeMs: number): boolean {
    this.#fired.upToMs = Math.max(this.#fired.upToMs, timeMs);
    this.#gate.begin();
    return this.#run();
  }

  #run(): boolean {
    while (this.#firing !== undefined || this.#isDue) {
      this.#firing ??= this.#begin(this.#nextEnd);
      if (!this.#fireKeys(this.#firing)) return false;
      this.#firing = undefined;
      this.#dropOver(this.#nextEnd);
    }
    this.#askToWake();
    return true;
  }

  get #isDue(): boolean {
    return this.#nextEnd < Number.POSITIVE_INFINITY && this.#nextEnd - 1 <= this.#fired.upToMs;
  }

  #begin(end: number): Firing {
    this.#leaveSlice();
    const window = this.#slicer.window(end);
    const slices: number[] = [];
    for (let slice = end; slice > window.start; slice = this.#slicer.sliceBefore(slice))
      if (this.#live.has(slice)) slices.push(slice);
    return { window, keys: this.#slices.cursor(slices.reverse(), this.contents.merge) };
  }

  /** False: it stopped for want of credit. */
  #fireKeys({ window, keys }: Firing): boolean {
    const lives = this.#slicer.lastWindow(window.end) > window.end;
    while (keys.next()) {
      this.#fireKey(window, keys, lives);
      if (this.#gate.mustStop()) return false;
    }
    return true;
  }

  #fireKey(window: Window, { key, contents, isKept }: SliceCursor, lives: boolean): void {
    if (this.#fired.hasFired(window.end, key)) return;
    this.state.setStoredKey(key);
    this.fire(contents, window, isKept && lives);
    this.contents.clear(window);
  }

  /** Lets go of the slices whose last window this was. */
  #dropOver(end: number): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const slice of this.#live) {
      if (this.#slicer.lastWindow(slice) > end) this.#await(slice, end - 1);
      else {
        this.#live.delete(slice);
        this.#slices.clear(slice);
      }
    }
  }

  #await(slice: number, firedUpToMs: number): void {
    this.#live.add(slice);
    const end = this.#slicer.firstWindow(slice, firedUpToMs);
    if (end >= this.#nextEnd) return;
    this.#nextEnd = end;
    this.#askToWake();
  }

  #askToWake(): void {
    if (this.domain === 'processing' && this.#nextEnd < Number.POSITIVE_INFINITY)
      this.context.wakeAt(this.#nextEnd);
  }
}
