// Which attempts have read all of their data, and when no source of the job has any left.

import type { AttemptId, VertexId } from '../../core/ids.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { Execution } from '../../graph/execution-vertex.ts';

export class EndedData {
  readonly #graph: ExecutionGraph;
  readonly #sources: readonly VertexId[];
  readonly #attempts = new Set<AttemptId>();

  /** @param sources Vertices that have a source. */
  constructor(graph: ExecutionGraph, sources: readonly VertexId[]) {
    this.#graph = graph;
    this.#sources = sources;
  }

  /** Takes an attempt's word that its data has ended. True when with it that of all sources has. */
  isLast(attemptId: AttemptId): boolean {
    if (this.#attempts.has(attemptId)) return false;
    this.#attempts.add(attemptId);
    const vertex = this.#graph.subtaskOfAttempt(attemptId)?.id.vertex;
    if (!this.#sources.some((id) => id === vertex)) return false;
    return this.#sources.every((id) =>
      this.#graph.subtasksOf(id).every(({ current }) => this.#hasEnded(current)),
    );
  }

  #hasEnded({ state, attemptId }: Execution): boolean {
    return state === 'FINISHED' || this.#attempts.has(attemptId);
  }
}
