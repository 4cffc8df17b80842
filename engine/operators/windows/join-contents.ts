// Both sides of a window join: every pair of its elements, or a co-group over the two lists.

import type { JoinSides } from '../../state/keyed-state.ts';
import type { Copier } from '../../state/value-copier.ts';
import type { ElementOutput } from '../element-output.ts';
import type { CoGroupFunction, Window } from '../functions.ts';
import type { OperatorContext } from '../stream-operator.ts';
import type { Side, WindowContents } from './window-contents.ts';

interface Sides {
  lefts: readonly unknown[];
  rights: readonly unknown[];
}

type CoGroup = CoGroupFunction<unknown, unknown, unknown>;

/** Most keys have elements on one side only. */
const NONE: readonly unknown[] = Object.freeze([]);

/** Emits what one window joins. */
export type EmitSides = (sides: JoinSides, output: ElementOutput) => void;

export class JoinContents implements WindowContents {
  readonly #emit: EmitSides;
  readonly #output: ElementOutput;
  readonly #copier: Copier;

  constructor(emit: EmitSides, output: ElementOutput, copier: Copier) {
    this.#emit = emit;
    this.#output = output;
    this.#copier = copier;
  }

  add(contents: unknown, value: unknown, _timeMs: number, side: Side): unknown {
    const sides = (contents as Sides | undefined) ?? { lefts: NONE, rights: NONE };
    if (side === 0) sides.lefts = appended(sides.lefts, this.#copier.copy(value));
    else sides.rights = appended(sides.rights, this.#copier.copy(value));
    return sides;
  }

  readonly merge = (a: unknown, b: unknown): unknown => {
    const [first, second] = [a as Sides, b as Sides];
    return {
      lefts: [...first.lefts, ...second.lefts],
      rights: [...first.rights, ...second.rights],
    };
  };

  fire(contents: unknown, _window: Window, isKept: boolean): unknown {
    const sides = contents as Sides;
    this.#emit(isKept ? this.#copier.copy(sides) : sides, this.#output);
    return contents;
  }

  clear(): void {
    // Nothing beyond the contents.
  }
}

/** A first element has room for itself alone: an array that is pushed to from empty begins with room for 17. */
function appended(list: readonly unknown[], value: unknown): readonly unknown[] {
  if (list.length === 0) return [value];
  (list as unknown[]).push(value); // ours, since it is not empty
  return list;
}

export function emitSidesFor(kind: 'join' | 'co-group', context: OperatorContext): EmitSides {
  switch (kind) {
    case 'join': {
      const join = context.function('join') as (left: unknown, right: unknown) => unknown;
      return ({ lefts, rights }, output) => {
        for (const left of lefts) for (const right of rights) output.collect(join(left, right));
      };
    }
    case 'co-group': {
      const coGroup = context.function('coGroup') as unknown as CoGroup;
      return ({ lefts, rights }, output) => {
        for (const value of coGroup(lefts, rights)) output.collect(value);
      };
    }
  }
}
