// Aggregates of windows by slices: a window that fires merges the slices that it is made of.

import type { SliceCursor, SlicedState } from '../../state/keyed-state.ts';
import type { Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { SlicedWindowOperator } from './sliced-window-operator.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import type { WindowDefinition } from './windowing-operator.ts';

export class SlicedAggregateOperator extends SlicedWindowOperator<SliceCursor> {
  readonly #isKeyed: boolean;
  readonly #slices: SlicedState;
  /** Of a window over all elements: what the slice at work has, not yet put. */
  #held: unknown;
  #isHeld = false;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer, context);
    this.#isKeyed = definition.isKeyed;
    this.#slices = this.state.sliced({ name: 'slices' });
  }

  protected override slicesHeld(): Iterable<number> {
    return this.#slices.slices();
  }

  protected override addToSlice(value: unknown, timeMs: number, side: Side): void {
    if (this.#isKeyed) {
      const before = this.#slices.get(this.slice);
      this.#slices.put(this.slice, this.contents.add(before, value, timeMs, side));
      return;
    }
    if (!this.#isHeld) this.#held = this.#slices.get(this.slice);
    this.#isHeld = true;
    this.#held = this.contents.add(this.#held, value, timeMs, side);
  }

  protected override leaveSlice(): void {
    if (this.#isHeld) this.#slices.put(this.slice, this.#held);
    this.#isHeld = false;
    this.#held = undefined;
  }

  protected override clearSlice(slice: number): void {
    this.#slices.clear(slice);
  }

  protected override keysOf(slices: readonly number[]): SliceCursor {
    return this.#slices.cursor(slices, this.contents.merge);
  }

  protected override fireKey({ contents, isKept }: SliceCursor, window: Window): void {
    const lives = isKept && this.slicer.lastWindow(window.end) > window.end;
    this.fire(contents, window, lives);
    this.contents.clear(window);
  }
}
