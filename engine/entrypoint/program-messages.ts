// What a program's process, and the thread in it that evaluates, are asked and answer.

import type { ProgramRequest, ProgramResult } from '../program/program-run.ts';

export interface RunProgram extends ProgramRequest {
  /** The program's working directory is the notebook's. */
  readonly directory: string;
}

export type FromProgram =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly result: ProgramResult }
  /** The evaluating thread ended by itself: what it said, for people. */
  | { readonly kind: 'ended'; readonly reason: string }
  /** What the program printed. */
  | { readonly kind: 'output'; readonly text: string };
