// Sliding and cumulative windows over aggregates that merge. Windows that overlap are cut into slices at every
// place where one begins or ends: an element is added to its slice alone, however many windows hold it, and
// a window that fires merges the slices that it is made of. Only for the plain trigger without allowed
// lateness: nothing then asks what is in a window before it fires, and it fires once.
//
//   slices     |  a  |  b  |  c  |  d  |
//   windows    |---- a b c ------|
//                    |---- b c d ------|          a goes when the last window that holds it has fired

import { options } from '../../core/options.ts';
import type { TimeDomain } from '../../graph/operator-params.ts';
import type { NamespacedState } from '../../state/keyed-state.ts';
import { type Copier, copierFor } from '../../state/value-copier.ts';
import type { OperatorContext } from '../stream-operator.ts';
import type { Slicer } from './slicers.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

export class SlicedWindowOperator extends WindowingOperator {
  readonly #slicer: Slicer;
  readonly #copier: Copier;
  /** By slice, which is known by its end. */
  readonly #slices: NamespacedState<number, unknown>;

  constructor(definition: WindowDefinition, slicer: Slicer, context: OperatorContext) {
    super(definition, slicer.domain, context);
    this.#slicer = slicer;
    this.#copier = copierFor(context.configuration.get(options.objectReuse));
    this.#slices = this.state.namespaced({ name: 'slices' });
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const slice = this.#slicer.sliceOf(this.windowTime());
    const now = this.now();
    if (this.isOver(this.#slicer.lastWindow(slice), now)) return this.skip(value, timeMs);
    const before = this.#slices.get(slice);
    this.#slices.put(slice, this.contents.add(before, value, timeMs, side));
    if (before === undefined) this.#awaitWindow(this.#slicer.firstWindow(slice, now));
  }

  protected override onTimer(_: TimeDomain, timeMs: number, namespace: string | number): void {
    const end = namespace as number;
    if (timeMs !== end - 1) return;
    const merged = this.#merge(end);
    if (merged.slices === 0) return;
    const window = this.#slicer.window(end);
    this.fire(merged.contents, window, merged.slices === 1);
    this.contents.clear(window);
    if (this.#dropOver(end) < merged.slices) this.#awaitWindow(this.#slicer.nextWindow(end));
  }

  #awaitWindow(end: number): void {
    this.registerTimer(end - 1, end);
  }

  #merge(end: number): { readonly contents: unknown; readonly slices: number } {
    const { start } = this.#slicer.window(end);
    let contents: unknown;
    let slices = 0;
    for (let slice = end; slice > start; slice = this.#slicer.sliceBefore(slice)) {
      const own = this.#slices.get(slice);
      if (own === undefined) continue;
      // Merging may change what it is given, and other windows need the slices as they are.
      if (slices === 0) contents = own;
      else if (slices === 1)
        contents = this.contents.merge(this.#copier.copy(own), this.#copier.copy(contents));
      else contents = this.contents.merge(this.#copier.copy(own), contents);
      slices++;
    }
    return { contents, slices };
  }

  /** Lets go of the slices whose last window this was. Returns how many there were. */
  #dropOver(end: number): number {
    let dropped = 0;
    const { start } = this.#slicer.window(end);
    for (let slice = end; slice > start; slice = this.#slicer.sliceBefore(slice)) {
      if (this.#slicer.lastWindow(slice) > end || this.#slices.get(slice) === undefined) continue;
      this.#slices.remove(slice);
      dropped++;
    }
    return dropped;
  }
}
