// Windows by time that are cut into slices at every place where one begins or ends. An element is added to its
// slice alone, however many windows hold it, and a window that fires merges the slices that it is made of; a
// tumbling window is one slice. Only for the plain trigger without allowed lateness: nothing then asks what is
// in a window before it fires, and it fires once, for all keys in a row: there are no timers.
//
//   slices     |  a  |  b  |  c  |  d  |
//   windows    |---- a b c ------|
//                    |---- b c d ------|          a goes when the last window that holds it has fired

import { options } from '../../core/options.ts';
import type { NamespacedState, StoredKey } from '../../state/keyed-state.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import { FiringGate } from '../firing-gate.ts';
import type { Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { FiredWindows } from './fired-windows.ts';
import { SliceView } from './slice-view.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

/** A window that fires, key after key. */
interface Firing {
  readonly window: Window;
  readonly keys: readonly StoredKey[];
  /** Of its slices, newest first: what each key has in it. */
  readonly columns: readonly (readonly unknown[])[];
  /** The next key. */
  at: number;
}

export class SlicedWindowOperator extends WindowingOperator {
  readonly #slicer: Slicer;
  readonly #copier: Copier;
  /** By slice, which is known by its end. */
  readonly #slices: NamespacedState<number, unknown>;
  readonly #view: SliceView;
  readonly #fired: FiredWindows;
  readonly #gate: FiringGate;
  readonly #live = new Set<number>();
  /** The earliest window that has something and has not fired; Infinity: none. */
  #nextEnd = Number.POSITIVE_INFINITY;
  #firing: Firing | undefined;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer.domain, context);
    this.#slicer = slicer;
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    this.#slices = this.state.namespaced({ name: 'slices' });
    this.#view = new SliceView(this.#slices);
    this.#fired = new FiredWindows(context, definition.isKeyed);
    this.#gate = new FiringGate(context, this.output);
  }

  override open(): void {
    super.open();
    // State of a time when it was not written down.
    if (!this.#fired.isRestored && this.domain === 'event') this.#fired.upToMs = this.now();
    for (const slice of this.#slices.namespaces()) this.#await(slice, this.#fired.upToMs);
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
    this.#fired.snapshot();
    super.snapshot(checkpointId);
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const slice = this.#slicer.sliceOf(this.#slicer.isEndless ? timeMs : this.windowTime());
    const now = this.now();
    if (this.isOver(this.#slicer.lastWindow(slice), now)) return this.skip(value, timeMs);
    const before = this.#slices.get(slice);
    this.#slices.put(slice, this.contents.add(before, value, timeMs, side));
    if (slice - 1 <= this.#fired.upToMs) this.#view.forget(slice);
    if (before === undefined && !this.#live.has(slice)) this.#await(slice, now);
  }

  protected override onTimer(): void {
    // What was snapshot with timers has them still: windows need none.
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
    const window = this.#slicer.window(end);
    const slices: number[] = [];
    for (let slice = end; slice > window.start; slice = this.#slicer.sliceBefore(slice))
      if (this.#live.has(slice)) slices.push(slice);
    const [only] = slices;
    if (this.#slicer.lastWindow(end) === end && slices.length === 1 && only !== undefined)
      return { window, at: 0, ...columnOf(this.#slices.entries(only)) };
    const columns = this.#view.columnsOf(slices);
    return { window, keys: this.#view.keys, columns, at: 0 };
  }

  /** False: it stopped for want of credit. */
  #fireKeys(firing: Firing): boolean {
    while (firing.at < firing.keys.length) {
      this.#fireRow(firing, firing.at++);
      if (this.#gate.mustStop()) return false;
    }
    return true;
  }

  #fireRow({ window, keys, columns }: Firing, row: number): void {
    let contents: unknown;
    let slices = 0;
    for (let i = 0; i < columns.length; i++) {
      const own = (columns[i] as readonly unknown[])[row];
      if (own === undefined) continue;
      // Merging may change what it is given, and other windows need the slices as they are.
      if (slices === 0) contents = own;
      else if (slices === 1)
        contents = this.contents.merge(this.#copier.copy(own), this.#copier.copy(contents));
      else contents = this.contents.merge(this.#copier.copy(own), contents);
      slices++;
    }
    if (slices === 0) return this.#view.countEmptyRow();
    const key = keys[row] as StoredKey;
    if (this.#fired.hasFired(window.end, key)) return;
    this.state.setStoredKey(key);
    this.fire(contents, window, slices === 1 && this.#slicer.lastWindow(window.end) > window.end);
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

function columnOf(
  entries: Iterable<readonly [StoredKey, unknown]>,
): Pick<Firing, 'keys' | 'columns'> {
  const keys: StoredKey[] = [];
  const column: unknown[] = [];
  for (const [key, contents] of entries) {
    keys.push(key);
    column.push(contents);
  }
  return { keys, columns: [column] };
}
