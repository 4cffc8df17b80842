// Sliding windows that share what they hold. Time is cut into slices of one slide; an element is added to its
// slice alone, and a window that fires merges the slices that it covers. Beside windows that each hold all of
// their own, an element costs one look-up instead of size / slide, and a snapshot is as much smaller.
//
// A key has one timer for all: at the end of the next window that covers any of its slices. When it fires, the
// oldest slice goes, and the timer moves on by a slide while there are others.

import type { NamespacedState } from '../../state/keyed-state.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { floorTo, type SlidingAssignerSpec } from './assigners.ts';
import { isPlainTimeTrigger } from './triggers.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

/** Aggregates whose merging gives exactly what adding in order gives, and leaves both sides as they were. */
const MERGING: ReadonlySet<string> = new Set(['count', 'min', 'max', 'distinct-count']);

/** Whether windows can be cut so: nothing but the end of a window fires it, and its elements need no order. */
export function canSlice(
  { window, makes }: Omit<WindowDefinition, 'isMerging'>,
  spec: SlidingAssignerSpec,
): boolean {
  const { evictor, allowedLatenessMs } = window;
  const isPlain = isPlainTimeTrigger(window) && evictor === null && allowedLatenessMs === 0;
  const isCut = spec.sizeMs > spec.slideMs && spec.sizeMs % spec.slideMs === 0;
  return isPlain && isCut && makes.kind === 'aggregate' && MERGING.has(makes.aggregate.kind);
}

export class SlicedWindowOperator extends WindowingOperator {
  readonly #spec: SlidingAssignerSpec;
  /** By the end of the slice. */
  readonly #slices: NamespacedState<number, unknown>;

  constructor(definition: WindowDefinition, spec: SlidingAssignerSpec, context: OperatorContext) {
    super(definition, spec.time, context);
    this.#spec = spec;
    this.#slices = this.state.namespaced({ name: 'slices' });
  }

  protected override addElement(value: unknown, side: Side): void {
    const { sizeMs, slideMs, offsetMs } = this.#spec;
    const timeMs = this.time[0] as number;
    const end = floorTo(this.windowTime(), slideMs, offsetMs) + slideMs;
    const now = this.now();
    // The last window that covers the slice.
    if (this.isOver(end + sizeMs - slideMs, now)) return this.skip(value, timeMs);
    const before = this.#slices.get(end);
    this.#slices.put(end, this.contents.add(before, value, timeMs, side));
    if (before !== undefined) return;
    let first = end;
    while (this.isOver(first, now)) first += slideMs;
    this.#fireAt(first);
  }

  protected override onTimer(_domain: unknown, timeMs: number): void {
    const { sizeMs, slideMs } = this.#spec;
    const end = timeMs + 1;
    const oldest = end - sizeMs + slideMs;
    let merged = this.#slices.get(oldest);
    let hasOthers = false;
    for (let slice = oldest + slideMs; slice <= end; slice += slideMs) {
      const contents = this.#slices.get(slice);
      if (contents === undefined) continue;
      hasOthers = true;
      merged = merged === undefined ? contents : this.contents.merge(merged, contents);
    }
    if (merged !== undefined) this.#fire(merged, end);
    this.#slices.remove(oldest);
    if (hasOthers) this.#fireAt(end + slideMs);
  }

  #fire(contents: unknown, end: number): void {
    const window = { start: end - this.#spec.sizeMs, end };
    this.fire(contents, window, true);
    this.contents.clear(window);
  }

  #fireAt(end: number): void {
    this.registerTimer(end - 1, 0);
  }
}
