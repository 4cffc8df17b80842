// What a window holds and what becomes of it when it fires. Contents are values that state can store;
// undefined stands for none. Three kinds: an aggregate (a list of all elements is one), the elements with
// their times where an evictor needs them, and both sides of a join (join-contents.ts).

import type { EvictorSpec } from '../../graph/operator-params.ts';
import type { Merge } from '../../state/keyed-state.ts';
import type { Copier } from '../../state/value-copier.ts';
import type { Aggregate } from '../aggregates/aggregate.ts';
import type { Evictor, TimestampedValue, Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import type { WindowEmitter } from './window-emitter.ts';

/** Which input of the operator an element came from. */
export type Side = 0 | 1;

export interface WindowContents {
  add(contents: unknown, value: unknown, timeMs: number, side: Side): unknown;
  /** Stands alone: it may be handed on. */
  readonly merge: Merge;
  /** Contents, as far as they are known before there are elements. */
  readonly example?: (() => unknown) | undefined;
  /** Numbers are merged by adding them, and what fires is what `emits` makes of them. */
  readonly sums?: WindowEmitter['emits'];
  /**
   * Emits. `isKept`: the window lives on with its contents, so nothing that is emitted may be a part of
   * them. Returns the contents as they are afterwards.
   */
  fire(contents: unknown, window: Window, isKept: boolean): unknown;
  /** The window is gone. */
  clear(window: Window): void;
}

export class AggregateContents implements WindowContents {
  readonly add: WindowContents['add'];
  readonly merge: Merge;
  readonly sums: WindowContents['sums'];
  readonly example: WindowContents['example'];
  readonly #aggregate: Aggregate;
  readonly #emitter: WindowEmitter;
  readonly #copier: Copier;

  constructor(aggregate: Aggregate, emitter: WindowEmitter, copier: Copier) {
    this.add = aggregate.add;
    this.merge = aggregate.merge;
    this.example = aggregate.example;
    this.sums = aggregate.isSum === true ? emitter.emits : undefined;
    this.#aggregate = aggregate;
    this.#emitter = emitter;
    this.#copier = copier;
  }

  fire(contents: unknown, window: Window, isKept: boolean): unknown {
    const result = this.#aggregate.result(contents);
    this.#emitter.emit(isKept ? this.#copier.copy(result) : result, window);
    return contents;
  }

  clear(window: Window): void {
    this.#emitter.clear(window);
  }
}

interface Element extends TimestampedValue<unknown> {
  readonly side: Side;
}

/** Keeps all elements; what the evictor leaves of them is given to the inner contents at each firing. */
export class EvictingContents implements WindowContents {
  readonly #inner: WindowContents;
  readonly #evict: Evictor<unknown>;
  readonly #copier: Copier;

  constructor(inner: WindowContents, evict: Evictor<unknown>, copier: Copier) {
    this.#inner = inner;
    this.#evict = evict;
    this.#copier = copier;
  }

  add(contents: unknown, value: unknown, timeMs: number, side: Side): unknown {
    const element: Element = { value: this.#copier.copy(value), timeMs, side };
    if (contents === undefined) return [element];
    const elements = contents as Element[];
    elements.push(element);
    return elements;
  }

  merge = (a: unknown, b: unknown): unknown => [...(a as Element[]), ...(b as Element[])];

  fire(contents: unknown, window: Window, isKept: boolean): unknown {
    const left = this.#evict(contents as Element[], window) as readonly Element[];
    let inner: unknown;
    for (const { value, timeMs, side } of left) {
      inner = this.#inner.add(inner, value, timeMs, side);
    }
    // `inner` was made for this firing, but what it holds may be the elements themselves.
    if (inner !== undefined) this.#inner.fire(inner, window, isKept);
    return left.length === 0 ? undefined : [...left];
  }

  clear(window: Window): void {
    this.#inner.clear(window);
  }
}

export function createEvictor(spec: EvictorSpec, context: OperatorContext): Evictor<unknown> {
  switch (spec.kind) {
    case 'count':
      return (elements) => elements.slice(Math.max(elements.length - spec.keep, 0));
    case 'time':
      return (elements) => withinTime(elements, spec.keepMs);
    case 'own':
      return context.function('evict') as unknown as Evictor<unknown>;
  }
}

/** Those less than `keepMs` older than the newest. Elements without time are never too old, as in Flink. */
function withinTime(
  elements: readonly TimestampedValue<unknown>[],
  keepMs: number,
): readonly TimestampedValue<unknown>[] {
  if (Number.isNaN(elements[0]?.timeMs)) return elements;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { timeMs } of elements) if (timeMs > newest) newest = timeMs;
  return elements.filter(({ timeMs }) => timeMs > newest - keepMs);
}
