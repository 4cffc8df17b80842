// Windows by time that are cut into slices at every place where one begins or ends. An element is added to its
// slice alone, however many windows hold it, and a window that fires merges the slices that it is made of; a
// tumbling window is one slice. Only for the plain trigger without allowed lateness: nothing then asks what is
// in a window before it fires, and it fires once, for all keys in a row: there are no timers.
//
//   slices     |  a  |  b  |  c  |  d  |
//   windows    |---- a b c ------|
//                    |---- b c d ------|          a goes when the last window that holds it has fired

import type { StoredKey } from '../../state/keyed-state.ts';
import { FiringGate } from '../firing-gate.ts';
import type { Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { FiredWindows } from './fired-windows.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

/** The keys that have something in a window that fires. */
interface Keys {
  /** To the next key. False: there is none. */
  next(): boolean;
  readonly key: StoredKey;
}

interface Firing<K> {
  readonly window: Window;
  readonly keys: K;
}

export abstract class SlicedWindowOperator<K extends Keys> extends WindowingOperator {
  protected readonly slicer: Slicer;
  /** Elements come in runs of one slice: from `from` up to here, and not late. NaN: none. */
  protected slice = Number.NaN;
  protected from = Number.NaN;
  protected readonly fired: FiredWindows;
  protected readonly gate: FiringGate;
  readonly #live = new Set<number>();
  /** The earliest window that has something and has not fired; Infinity: none. */
  #nextEnd = Number.POSITIVE_INFINITY;
  #firing: Firing<K> | undefined;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer.domain, context);
    this.slicer = slicer;
    this.fired = new FiredWindows(context, definition.isKeyed);
    this.gate = new FiringGate(context, this.output);
  }

  /** Slices that have something, each known by its end. */
  protected abstract slicesHeld(): Iterable<number>;

  /** To `slice`. */
  protected abstract addToSlice(value: unknown, timeMs: number, side: Side): void;

  /** Elements of another slice come, or none: the state is to have all of this one. */
  protected abstract leaveSlice(): void;

  protected abstract clearSlice(slice: number): void;

  /** Of these slices, oldest first. */
  protected abstract keysOf(slices: readonly number[]): K;

  /** Emits what the window has of the key at which `keys` stands. */
  protected abstract fireKey(keys: K, window: Window): void;

  /** Of all keys. False: it stopped for want of credit, between two of them. */
  protected fireKeys(keys: K, window: Window): boolean {
    while (keys.next()) {
      if (this.fired.hasFired(window.end, keys.key)) continue;
      this.state.setStoredKey(keys.key);
      this.fireKey(keys, window);
      if (this.gate.mustStop()) return false;
    }
    return true;
  }

  override open(): void {
    super.open();
    // State of a time when it was not written down.
    if (!this.fired.isRestored && this.domain === 'event') this.fired.upToMs = this.now();
    for (const slice of this.slicesHeld()) this.#await(slice, this.fired.upToMs);
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
    this.gate.resume();
    return this.#run();
  }

  override snapshot(checkpointId: number): void {
    this.#leave();
    this.fired.snapshot();
    super.snapshot(checkpointId);
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const windowMs = this.slicer.isEndless ? 0 : this.windowTime();
    if (!this.reach(windowMs)) return this.skip(value, timeMs);
    this.addToSlice(value, timeMs, side);
  }

  /** `slice` is that of this time. False: all windows at this time are over. */
  protected reach(windowMs: number): boolean {
    return (windowMs >= this.from && windowMs < this.slice) || this.#turnTo(windowMs);
  }

  protected override onTimer(): void {
    // What was snapshot with timers has them still: windows need none.
  }

  #turnTo(windowMs: number): boolean {
    const slice = this.slicer.sliceOf(windowMs);
    const now = this.now();
    if (this.isOver(this.slicer.lastWindow(slice), now)) return false;
    this.#leave();
    this.slice = slice;
    this.from = this.slicer.sliceBefore(slice);
    if (!this.#live.has(slice)) this.#await(slice, now);
    return true;
  }

  #leave(): void {
    this.leaveSlice();
    this.slice = Number.NaN;
  }

  #fireUpTo(timeMs: number): boolean {
    this.fired.upToMs = Math.max(this.fired.upToMs, timeMs);
    this.gate.begin();
    return this.#run();
  }

  #run(): boolean {
    while (this.#firing !== undefined || this.#isDue) {
      this.#firing ??= this.#begin(this.#nextEnd);
      if (!this.fireKeys(this.#firing.keys, this.#firing.window)) return false;
      this.#firing = undefined;
      this.#dropOver(this.#nextEnd);
    }
    this.#askToWake();
    return true;
  }

  get #isDue(): boolean {
    return this.#nextEnd < Number.POSITIVE_INFINITY && this.#nextEnd - 1 <= this.fired.upToMs;
  }

  #begin(end: number): Firing<K> {
    this.#leave();
    const window = this.slicer.window(end);
    const slices: number[] = [];
    for (let slice = end; slice > window.start; slice = this.slicer.sliceBefore(slice))
      if (this.#live.has(slice)) slices.push(slice);
    return { window, keys: this.keysOf(slices.reverse()) };
  }

  /** Lets go of the slices whose last window this was. */
  #dropOver(end: number): void {
    this.#nextEnd = Number.POSITIVE_INFINITY;
    for (const slice of this.#live) {
      if (this.slicer.lastWindow(slice) > end) this.#await(slice, end - 1);
      else {
        this.#live.delete(slice);
        this.clearSlice(slice);
      }
    }
  }

  #await(slice: number, firedUpToMs: number): void {
    this.#live.add(slice);
    const end = this.slicer.firstWindow(slice, firedUpToMs);
    if (end >= this.#nextEnd) return;
    this.#nextEnd = end;
    this.#askToWake();
  }

  #askToWake(): void {
    if (this.domain === 'processing' && this.#nextEnd < Number.POSITIVE_INFINITY)
      this.context.wakeAt(this.#nextEnd);
  }
}
