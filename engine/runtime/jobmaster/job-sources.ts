// The enumerators of a job's sources, by operator.

import type { CompletedCheckpoint } from '../../checkpoint/checkpoint.ts';
import { sourceConnector } from '../../connectors/registry.ts';
import type { ToReader } from '../../connectors/source-events.ts';
import { must } from '../../core/assert.ts';
import type { Clock } from '../../core/clock.ts';
import type { FileSystem } from '../../core/file-system.ts';
import type { AttemptId, OperatorId, VertexId } from '../../core/ids.ts';
import type { Logger } from '../../core/logger.ts';
import type { JobGraph, JobVertex } from '../../graph/job-graph.ts';
import type { SourceParams } from '../../graph/operator-params.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type { StreamNode } from '../../graph/stream-graph.ts';
import { Inbox } from '../../rpc/numbered.ts';
import { SourceCoordinator } from './source-coordinator.ts';

export interface JobSourcesDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: FileSystem;
  readonly baseDirectory: string;
  /** To the reader of an operator in a subtask. */
  readonly send: (id: SubtaskId, operatorId: OperatorId, event: ToReader) => void;
  /** The input of that source cannot be read. */
  readonly fail: (source: StreamNode, error: unknown) => void;
}

interface Source {
  readonly vertex: JobVertex;
  readonly coordinator: SourceCoordinator;
}

export class JobSources {
  readonly #deps: JobSourcesDependencies;
  #sources: readonly Source[];
  readonly #boundedVertices: ReadonlySet<VertexId>;
  /** By subtask: events of its current attempt. */
  readonly #inboxes = new Map<string, { readonly attemptId: AttemptId; readonly inbox: Inbox }>();

  constructor(job: JobGraph, deps: JobSourcesDependencies) {
    this.#deps = deps;
    this.#boundedVertices = boundedVertices(job);
    this.#sources = sourcesOf(job, deps);
  }

  /** Vertices that have a source. */
  get vertices(): readonly VertexId[] {
    return this.#sources.map(({ vertex }) => vertex.id);
  }

  /** All sources above that vertex end by themselves. */
  isBounded(vertex: VertexId): boolean {
    return this.#boundedVertices.has(vertex);
  }

  /** `restored`: what the job continues from. */
  start(restored: CompletedCheckpoint | undefined): void {
    for (const { coordinator } of this.#sources)
      coordinator.start(positionIn(restored, coordinator));
  }

  /** Answers how many events of that attempt have come: one that is not the next is not taken. */
  onEvent(
    { vertex, subtask }: SubtaskId,
    attemptId: AttemptId,
    operatorId: OperatorId,
    number: number,
    event: unknown,
  ): number {
    const inbox = this.#inboxOf(`${vertex}.${subtask}`, attemptId);
    if (inbox.takes(number)) {
      this.#sources
        .find(({ coordinator }) => coordinator.operatorId === operatorId)
        ?.coordinator.onEvent(subtask, event);
    }
    return inbox.count;
  }

  /** Where all readers of a source begin anew its enumerator does; else it takes back what it gave those. */
  restart(ids: readonly SubtaskId[], latest: CompletedCheckpoint | undefined): void {
    for (const { vertex, coordinator } of this.#sources) {
      const readers = ids.filter((id) => id.vertex === vertex.id);
      if (readers.length === vertex.parallelism) coordinator.start(positionIn(latest, coordinator));
      else for (const { subtask } of readers) coordinator.onSubtaskReset(subtask);
    }
  }

  /** The job has another parallelism. `restart` of all its readers follows. */
  rescale(job: JobGraph): void {
    this.close();
    this.#sources = sourcesOf(job, this.#deps);
  }

  snapshot(checkpointId: number): readonly (readonly [OperatorId, unknown])[] {
    return this.#sources.map(
      ({ coordinator }) => [coordinator.operatorId, coordinator.snapshot(checkpointId)] as const,
    );
  }

  onCheckpointComplete(checkpointId: number): void {
    for (const { coordinator } of this.#sources) coordinator.onCheckpointComplete(checkpointId);
  }

  close(): void {
    for (const { coordinator } of this.#sources) coordinator.close();
  }

  #inboxOf(subtask: string, attemptId: AttemptId): Inbox {
    const known = this.#inboxes.get(subtask);
    if (known?.attemptId === attemptId) return known.inbox;
    const inbox = new Inbox();
    this.#inboxes.set(subtask, { attemptId, inbox });
    return inbox;
  }
}

const sourcesOf = (job: JobGraph, deps: JobSourcesDependencies): readonly Source[] =>
  job.vertices.flatMap((vertex) =>
    vertex.operators
      .filter(({ node }) => node.kind === 'source')
      .map(({ node }) => ({ vertex, coordinator: coordinatorOf(vertex, node, deps) })),
  );

const positionIn = (
  checkpoint: CompletedCheckpoint | undefined,
  { operatorId }: SourceCoordinator,
): unknown => checkpoint?.coordinators.find(([id]) => id === operatorId)?.[1];

function coordinatorOf(
  vertex: JobVertex,
  node: StreamNode,
  deps: JobSourcesDependencies,
): SourceCoordinator {
  const { connector } = node.params as unknown as SourceParams;
  const { createEnumerator } = sourceConnector(connector.name);
  return new SourceCoordinator(
    {
      operatorId: node.operatorId,
      parallelism: vertex.parallelism,
      baseDirectory: deps.baseDirectory,
      create: (context, restored) => createEnumerator(connector.options, context, restored),
    },
    {
      clock: deps.clock,
      log: deps.log.named(node.name),
      fileSystem: deps.files,
      send: (subtask, event) => deps.send({ vertex: vertex.id, subtask }, node.operatorId, event),
      fail: (error) => deps.fail(node, error),
    },
  );
}

function boundedVertices(job: JobGraph): ReadonlySet<VertexId> {
  const bounded = new Set<VertexId>();
  for (const { id, operators } of job.vertices) {
    const head = must(operators[0], 'a head').node;
    const inputs = job.edges.filter(({ target }) => target === id);
    const isBounded =
      head.kind === 'source'
        ? isBoundedSource(head)
        : inputs.every(({ source }) => bounded.has(source));
    if (isBounded) bounded.add(id);
  }
  return bounded;
}

function isBoundedSource({ params }: StreamNode): boolean {
  const { connector } = params as unknown as SourceParams;
  return sourceConnector(connector.name).boundedness(connector.options) === 'bounded';
}
