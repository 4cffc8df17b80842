// Builds programs as a notebook's evaluation does, with the real recorder, and looks at what they built.

import { createApi } from '../../engine/api/create-api.ts';
import { Configuration } from '../../engine/core/configuration.ts';
import { type JobGraph, jobGraphOf } from '../../engine/graph/job-graph.ts';
import type {
  Origin,
  StreamEdge,
  StreamGraph,
  StreamNode,
} from '../../engine/graph/stream-graph.ts';
import type * as sluice from '../../engine/index.ts';
import { GraphRecorder } from '../../engine/program/graph-recorder.ts';
import type { Program } from '../../engine/program/program.ts';

export type Api = typeof sluice;

export interface Surroundings {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly origin?: Origin;
}

export function newRecorder({ parameters = {}, origin }: Surroundings = {}): GraphRecorder {
  const cell = { index: 0, title: 'Test' };
  return new GraphRecorder({
    bundle: { cell, cells: [] },
    surroundings: { parameters },
    origin: () => origin,
  });
}

/** A module `sluice` that records there. */
export const apiOf = (recorder: GraphRecorder): Api => createApi(recorder) as unknown as Api;

/** What a program builds. Each is also a job that can be deployed. */
export function build(program: (api: Api) => void, surroundings: Surroundings = {}): Program {
  const recorder = newRecorder(surroundings);
  program(apiOf(recorder));
  const built = recorder.build();
  jobOf(built.graph);
  return built;
}

const jobOf = (graph: StreamGraph): JobGraph =>
  jobGraphOf(graph, new Configuration(graph.configuration));

export const graphOf = (
  program: (api: Api) => void,
  surroundings: Surroundings = {},
): StreamGraph => build(program, surroundings).graph;

/** The one operator of this name. */
export function nodeOf(graph: StreamGraph, name: string): StreamNode {
  const found = graph.nodes.filter((node) => node.name === name);
  if (found[0] === undefined || found.length > 1)
    throw new Error(`${found.length} are called ${name}: ${graph.nodes.map((n) => n.name).join()}`);
  return found[0];
}

/** The edges into an operator. */
export const inputsOf = (graph: StreamGraph, name: string): readonly StreamEdge[] => {
  const { id } = nodeOf(graph, name);
  return graph.edges.filter(({ target }) => target === id);
};

/** The message with which a program is refused, in cell "late", line 12. */
export function refusal(program: (api: Api) => void, parameters = {}): string {
  const origin = { cell: 'late', variable: 'late', line: 12, column: 3 };
  try {
    program(apiOf(newRecorder({ parameters, origin })));
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was accepted');
}
