// The plan as it travels with a job: the graph that the program built, its hash, and what the program saw of
// its surroundings. Whoever evaluates the bundle again must come to the same.

import type { Surroundings } from '../core/surroundings.ts';
import type { StreamGraph } from '../graph/stream-graph.ts';

export interface Plan {
  readonly graph: StreamGraph;
  readonly hash: string;
  readonly surroundings: Surroundings;
}

export const encodePlan = (plan: Plan): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(plan));

export const decodePlan = (bytes: Uint8Array): Plan =>
  JSON.parse(new TextDecoder().decode(bytes)) as Plan;
