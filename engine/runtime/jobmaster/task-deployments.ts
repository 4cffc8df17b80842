// What each task is sent: its part of the JobGraph, who its peers are and where, and what it continues from.

import type { CompletedCheckpoint, VertexCheckpoint } from '../../checkpoint/checkpoint.ts';
import { must } from '../../core/assert.ts';
import type { JobId, OperatorId } from '../../core/ids.ts';
import { downstreamSubtasks, upstreamSubtasks } from '../../graph/edge-connections.ts';
import type { ExecutionGraph } from '../../graph/execution-graph.ts';
import type { JobEdge, JobVertex } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import type {
  ChannelDeployment,
  InputGateDeployment,
  OperatorRestore,
  OutputDeployment,
  ProgramDeployment,
  TaskDeployment,
  TaskRestore,
} from '../../task/task-deployment.ts';
import type { PooledSlot } from './slot-pool.ts';

export interface DeploymentFacts {
  readonly jobId: JobId;
  readonly graph: ExecutionGraph;
  readonly program: ProgramDeployment;
  readonly slotOf: (id: SubtaskId) => PooledSlot;
  readonly restored: CompletedCheckpoint | undefined;
  /** It is what the job was submitted with. */
  readonly isRestoredGiven: boolean;
  /** Of the attempts under this leader. */
  readonly firstAttempt: number;
  /** All sources above that vertex end by themselves. */
  readonly isInputBounded: (vertex: SubtaskId['vertex']) => boolean;
}

export function taskDeployment(facts: DeploymentFacts, id: SubtaskId): TaskDeployment {
  const { graph, jobId, program } = facts;
  const vertex = vertexOf(graph, id.vertex);
  const { attemptId, attempt } = graph.subtask(id).current;
  const { edges } = graph.job;
  return {
    jobId,
    jobName: graph.job.name,
    attemptId,
    attempt: facts.firstAttempt + attempt,
    allocationId: facts.slotOf(id).allocationId,
    vertexId: vertex.id,
    vertexName: vertex.name,
    subtask: id.subtask,
    parallelism: vertex.parallelism,
    maxParallelism: vertex.maxParallelism,
    isInputBounded: facts.isInputBounded(vertex.id),
    operators: vertex.operators.map(({ node, after, sideOutput }) => ({ node, after, sideOutput })),
    inputs: edges
      .filter(({ target }) => target === vertex.id)
      .map((edge) => inputOf(facts, edge, id)),
    outputs: edges
      .filter(({ source }) => source === vertex.id)
      .map((edge) => outputOf(facts, edge, id)),
    program,
    restore: restoreOf(facts, vertex, id.subtask),
  };
}

function inputOf(facts: DeploymentFacts, edge: JobEdge, target: SubtaskId): InputGateDeployment {
  const sources = vertexOf(facts.graph, edge.source).parallelism;
  const targets = vertexOf(facts.graph, edge.target).parallelism;
  const range = upstreamSubtasks(edge.partitioner, target.subtask, sources, targets);
  const channels = subtasksIn(edge.source, range).map((source) =>
    channelOf(facts, edge, source, target, source),
  );
  return { edgeId: edge.id, input: edge.input, partitioner: edge.partitioner.kind, channels };
}

function outputOf(facts: DeploymentFacts, edge: JobEdge, source: SubtaskId): OutputDeployment {
  const sources = vertexOf(facts.graph, edge.source).parallelism;
  const target = vertexOf(facts.graph, edge.target);
  const range = downstreamSubtasks(edge.partitioner, source.subtask, sources, target.parallelism);
  return {
    edgeId: edge.id,
    from: edge.from,
    sideOutput: edge.sideOutput,
    partitioner: edge.partitioner.kind,
    bufferTimeoutMs: edge.bufferTimeoutMs,
    maxParallelism: target.maxParallelism,
    fields: edge.fields,
    channels: subtasksIn(edge.target, range).map((to) => channelOf(facts, edge, source, to, to)),
  };
}

/** Named by its producer's attempt, so that nothing of an earlier attempt is ever read. */
function channelOf(
  facts: DeploymentFacts,
  edge: JobEdge,
  source: SubtaskId,
  target: SubtaskId,
  peer: SubtaskId,
): ChannelDeployment {
  const producer = facts.graph.subtask(source).current.attemptId;
  const consumer = facts.graph.subtask(target).current.attemptId;
  const { taskManager, allocationId } = facts.slotOf(peer);
  return {
    channelId: `${edge.id}:${producer}:${consumer}`,
    peer: {
      taskManager: taskManager.resourceId,
      dataAddress: taskManager.dataAddress,
      allocationId,
      attemptId: facts.graph.subtask(peer).current.attemptId,
    },
  };
}

function restoreOf(
  { restored, isRestoredGiven: isGiven }: DeploymentFacts,
  vertex: JobVertex,
  subtask: number,
): TaskRestore | undefined {
  if (restored === undefined) return undefined;
  const operators = vertex.operators.flatMap(({ node }) =>
    operatorRestore(restored, node.operatorId, vertex.parallelism, subtask),
  );
  const isFinished = isFinishedIn(restored, vertex, subtask);
  return { checkpointId: restored.checkpointId, isGiven, operators, isFinished };
}

/** The subtask has nothing left to do: its predecessor had ended, or, after a rescale, all of them had. */
export function isFinishedIn(
  { vertices }: CompletedCheckpoint,
  { operators, parallelism }: JobVertex,
  subtask: number,
): boolean {
  const old = vertices.filter(({ operators: ids }) =>
    operators.some(({ node }) => ids.includes(node.operatorId)),
  );
  const hasEnded = ({ subtasks }: VertexCheckpoint): boolean =>
    subtasks.length === parallelism
      ? subtasks[subtask]?.isFinished === true
      : subtasks.every(({ isFinished }) => isFinished);
  return old.length > 0 && old.every(hasEnded);
}

function operatorRestore(
  restored: CompletedCheckpoint,
  operatorId: OperatorId,
  parallelism: number,
  subtask: number,
): OperatorRestore[] {
  const old = restored.vertices.find(({ operators }) => operators.includes(operatorId));
  if (old === undefined) return [];
  const isNeeded = neededSubtasks(old, parallelism, subtask);
  const subtasks = old.subtasks.map(({ handle }, i) => (isNeeded(i) ? handle : undefined));
  const finished = old.subtasks.map(({ isFinished }) => isFinished);
  return [{ operatorId, oldParallelism: old.parallelism, subtasks, finished }];
}

/** Its own predecessor's state, unless the parallelism has changed or some of it is for everybody. */
function neededSubtasks(
  old: VertexCheckpoint,
  parallelism: number,
  subtask: number,
): (old: number) => boolean {
  const isRescaled = old.parallelism !== parallelism;
  const isShared = old.subtasks.some(({ hasSharedLists }) => hasSharedLists);
  return isRescaled || isShared ? () => true : (i) => i === subtask;
}

const vertexOf = (graph: ExecutionGraph, id: SubtaskId['vertex']): JobVertex =>
  must(
    graph.job.vertices.find((vertex) => vertex.id === id),
    `vertex ${id}`,
  );

const subtasksIn = (
  vertex: SubtaskId['vertex'],
  { start, end }: { start: number; end: number },
): SubtaskId[] =>
  Array.from({ length: end - start + 1 }, (_, i) => ({ vertex, subtask: start + i }));
