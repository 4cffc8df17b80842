// Aggregates of windows by slices: a window that fires merges the slices that it is made of.

import { SumCursor } from '../../state/heap/sum-cursor.ts';
import { ownDescriptor } from '../../state/heap/value-types.ts';
import type { Merge, SliceCursor, SlicedState } from '../../state/keyed-state.ts';
import { keyOfMapKey } from '../../state/map-key.ts';
import type { Window } from '../functions.ts';
import type { InlineFold, OperatorContext } from '../stream-operator.ts';
import { SlicedWindowOperator } from './sliced-window-operator.ts';
import type { Slicer } from './slicers.ts';
import type { Side, WindowContents } from './window-contents.ts';
import type { WindowDefinition } from './windowing-operator.ts';

type RecordOf = NonNullable<WindowContents['sums']>;

export class SlicedAggregateOperator extends SlicedWindowOperator<SliceCursor> {
  readonly #isKeyed: boolean;
  readonly #slices: SlicedState;
  /** Of an aggregate: it asks for neither time nor side. */
  readonly #add: Merge;
  /** Of a window over all elements: what the slice at work has, not yet put. */
  readonly inline: InlineFold | undefined;
  #isHeld = false;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer, context);
    this.#isKeyed = definition.isKeyed;
    this.#slices = this.state.sliced(ownDescriptor('slices', this.contents.example));
    const add = this.contents.add as Merge;
    this.#add = add;
    const cell = { value: undefined, times: new Float64Array(2).fill(Number.NaN) };
    this.inline = definition.isKeyed ? undefined : { kind: 'fold', call: add, cell };
  }

  protected override slicesHeld(): Iterable<number> {
    return this.#slices.slices();
  }

  protected override addToSlice(value: unknown, timeMs: number, side: Side): void {
    if (this.inline === undefined) this.#slices.update(this.slice, value, this.#add);
    else this.#addToHeld(this.inline.cell, value, timeMs, side);
  }

  #addToHeld(cell: InlineFold['cell'], value: unknown, timeMs: number, side: Side): void {
    if (!this.#isHeld) {
      cell.value = this.#slices.get(this.slice);
      if (this.slicer.isEndless !== true) cell.times.set([this.from, this.slice]);
      this.#isHeld = true;
    }
    cell.value = this.contents.add(cell.value, value, timeMs, side);
  }

  protected override leaveSlice(): void {
    if (!this.#isHeld || this.inline === undefined) return;
    const { cell } = this.inline;
    this.#slices.put(this.slice, cell.value);
    this.#isHeld = false;
    cell.value = undefined;
    cell.times.fill(Number.NaN);
  }

  protected override clearSlice(slice: number): void {
    this.#slices.clear(slice);
  }

  protected override keysOf(slices: readonly number[]): SliceCursor {
    return this.#slices.cursor(slices, this.contents.merge, this.contents.sums !== undefined);
  }

  protected override fireKeys(keys: SliceCursor, window: Window): boolean {
    const { sums } = this.contents;
    const isPlain = sums !== undefined && keys instanceof SumCursor && this.#isKeyed;
    return isPlain && !this.fired.mayHaveFired(window.end)
      ? this.#fireSums(keys, window, sums)
      : super.fireKeys(keys, window);
  }

  /** Each key costs its record and the call that hands it on: state is not asked. */
  #fireSums(keys: SumCursor, window: Window, recordOf: RecordOf): boolean {
    const { output, gate } = this;
    const before = output.emitted;
    output.timeMs = window.end - 1;
    do {
      const { places, count, sums } = keys;
      while (keys.at < count) {
        const place = places[keys.at++] as number;
        output.collect(recordOf(keyOfMapKey(keys.keyAt(place)), window, sums[place]));
        if (!gate.mustStop()) continue;
        this.context.metrics.countWindowFired(output.emitted - before);
        return false;
      }
    } while (keys.turn());
    this.context.metrics.countWindowFired(output.emitted - before);
    return true;
  }

  protected override fireKey({ contents, isKept }: SliceCursor, window: Window): void {
    const lives = isKept && this.slicer.lastWindow(window.end) > window.end;
    this.fire(contents, window, lives);
    this.contents.clear(window);
  }
}
