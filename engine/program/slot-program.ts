// A slot's look at a program: evaluated again, here, for the functions that the plan refers to, and only
// taken when it built the very job of the plan.

import { SluiceError } from '../core/errors.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { StreamGraph } from '../graph/stream-graph.ts';
import type { Bundle } from './bundle.ts';
import { evaluate, type Modules } from './evaluate.ts';
import type { Program } from './program.ts';
import { firstDifference } from './stream-graph-difference.ts';
import { streamGraphHash } from './stream-graph-hash.ts';

/** A job's plan, as the program run left it. */
export interface PlannedProgram {
  readonly bundle: Bundle;
  readonly surroundings: Surroundings;
  readonly graph: StreamGraph;
  readonly hash: string;
}

export class DifferentJob extends SluiceError<'different-job'> {
  constructor(cell: string, difference: string) {
    super('different-job', `cell "${cell}" builds a different job each time: ${difference}`);
  }
}

/** @throws DifferentJob naming the first difference; and what the program throws. */
export async function loadProgram(planned: PlannedProgram, modules: Modules): Promise<Program> {
  const { bundle, surroundings, graph } = planned;
  const program = await evaluate(bundle, 'slot', surroundings, modules, graph.collections);
  if (streamGraphHash(program) === planned.hash) return program;
  const difference = firstDifference(graph, program.graph) ?? 'the text of a function differs';
  throw new DifferentJob(bundle.cell.title, difference);
}
