// Windows that an element's time alone decides: tumbling, sliding, cumulative, global, counts. Contents are
// kept per window (the namespace, its end) and key. A window's end is one bucket of the timer queue, that is
// the set of keys that fire there; with the plain trigger an element touches it only when it opens a window.

import type { TimeDomain } from '../../graph/operator-params.ts';
import { ownDescriptor } from '../../state/heap/value-types.ts';
import type { NamespacedState } from '../../state/keyed-state.ts';
import type { Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import { createAssigner, type FixedAssignerSpec, type WindowAssigner } from './assigners.ts';
import type { Side } from './window-contents.ts';
import { type WindowDefinition, WindowingOperator } from './windowing-operator.ts';

export class FixedWindowOperator extends WindowingOperator {
  readonly #assigner: WindowAssigner;
  readonly #windows: NamespacedState<number, unknown>;
  readonly #ends: number[] = [];

  constructor(definition: WindowDefinition, spec: FixedAssignerSpec, context: OperatorContext) {
    const assigner = createAssigner(spec);
    super(definition, assigner.domain, context);
    this.#assigner = assigner;
    this.#windows = this.state.namespaced(ownDescriptor('windows', this.contents.example));
  }

  protected override addElement(value: unknown, side: Side): void {
    const timeMs = this.time[0] as number;
    const count = this.#assigner.assign(this.windowTime(), this.#ends);
    const now = this.now();
    let isAdded = false;
    for (let i = 0; i < count; i++) {
      const end = this.#ends[i] as number;
      if (this.isOver(end, now)) continue;
      isAdded = true;
      if (this.isPlain) this.#addPlain(value, timeMs, side, end, now);
      else this.#addTriggered(value, timeMs, side, end);
    }
    if (!isAdded) this.skip(value, timeMs);
  }

  #addPlain(value: unknown, timeMs: number, side: Side, end: number, now: number): void {
    const before = this.#windows.get(end);
    const contents = this.contents.add(before, value, timeMs, side);
    this.#windows.put(end, contents);
    // A restored watermark may be behind what has fired: while windows outlive their firing, an element is
    // no proof that the timer is set.
    if (before === undefined || this.latenessMs > 0) {
      if (end - 1 > now || this.domain === 'processing') this.registerTimer(end - 1, end);
      if (this.latenessMs > 0) this.registerTimer(end - 1 + this.latenessMs, end);
    }
    // A late element that is allowed updates what the window has emitted.
    if (this.domain === 'event' && end - 1 <= now) this.#fire(contents, end, true);
  }

  #addTriggered(value: unknown, timeMs: number, side: Side, end: number): void {
    const window = this.#assigner.window(end);
    const contents = this.contents.add(this.#windows.get(end), value, timeMs, side);
    this.#windows.put(end, contents);
    this.scope.namespace = end;
    const result = this.trigger.onElement(value, timeMs, window, this.scope);
    const isPurged = result === 'purge' || result === 'fire-and-purge';
    if (result === 'fire' || result === 'fire-and-purge') this.#fire(contents, end, !isPurged);
    if (isPurged) this.#windows.remove(end);
    if (this.domain !== null) this.registerTimer(this.cleanupTime(window), end);
  }

  protected override onTimer(domain: TimeDomain, timeMs: number, namespace: string | number): void {
    const end = namespace as number;
    const window = this.#assigner.window(end);
    const isCleanup = domain === this.domain && timeMs === this.cleanupTime(window);
    if (this.isPlain) {
      if (timeMs === end - 1) this.#fireStored(end, !isCleanup);
    } else {
      this.#onTriggerTimer(domain, timeMs, window, isCleanup);
    }
    if (isCleanup) this.#clear(window);
  }

  #onTriggerTimer(domain: TimeDomain, timeMs: number, window: Window, isCleanup: boolean): void {
    this.scope.namespace = window.end;
    const result =
      domain === 'event'
        ? this.trigger.onEventTime(timeMs, window, this.scope)
        : this.trigger.onProcessingTime(timeMs, window, this.scope);
    const isPurged = result === 'purge' || result === 'fire-and-purge';
    if (result === 'fire' || result === 'fire-and-purge') {
      this.#fireStored(window.end, !(isPurged || isCleanup));
    }
    if (isPurged) this.#windows.remove(window.end);
  }

  /** A window that was purged has nothing to fire. */
  #fireStored(end: number, isKept: boolean): void {
    const contents = this.#windows.get(end);
    if (contents !== undefined) this.#fire(contents, end, isKept);
  }

  #fire(contents: unknown, end: number, isKept: boolean): void {
    const left = this.fire(contents, this.#assigner.window(end), isKept);
    if (!isKept || left === contents) return;
    if (left === undefined) this.#windows.remove(end);
    else this.#windows.put(end, left);
  }

  #clear(window: Window): void {
    this.#windows.remove(window.end);
    this.scope.namespace = window.end;
    if (!this.isPlain) this.trigger.clear(window, this.scope);
    this.contents.clear(window);
  }
}
