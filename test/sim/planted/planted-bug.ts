// Bugs of the protocol, each planted into the engine's source as it is loaded: a piece of text that stands in one
// file exactly once, and what stands there instead.

import type { Drawn } from '../simulation.ts';

/** What a run must be like to show a bug. */
export type Need = (drawn: Pick<Drawn, 'scenario' | 'shape'>) => boolean;

export interface PlantedBug {
  readonly name: string;
  /** Below engine/. */
  readonly file: string;
  /** Stands in it exactly once. */
  readonly find: string;
  readonly replace: string;
  /** What no longer holds. */
  readonly breaks: string;
  /** Without it a run cannot show the bug: it counts, and is not run. Absent: any may. */
  readonly needs?: Need;
}
