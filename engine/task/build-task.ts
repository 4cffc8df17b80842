// From a deployment to a task that can run: channels, writers, the gate, the operators with their contexts.

import type { OutputFiles } from '../connectors/file-sink/output-files.ts';
import type { TextStream } from '../connectors/sink.ts';
import type { FromReader } from '../connectors/source-events.ts';
import { must } from '../core/assert.ts';
import { checkKey } from '../core/bad-key.ts';
import type { Clock } from '../core/clock.ts';
import { Configuration } from '../core/configuration.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { BlobKey, OperatorId } from '../core/ids.ts';
import type { Logger } from '../core/logger.ts';
import { options } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { UserFunction } from '../core/user-function.ts';
import { carriesPartials } from '../graph/pre-aggregation.ts';
import { edgeFunction, type StreamNode } from '../graph/stream-graph.ts';
import { channelSelector, isRedistributable } from '../network/partitioner.ts';
import { RecordWriter } from '../network/record-writer.ts';
import { keyOfPartial } from '../operators/aggregates/partial-aggregates.ts';
import { CollectSink } from '../operators/collect-sink.ts';
import { createOperator } from '../operators/create-operator.ts';
import { type SourceChain, SourceOperator } from '../operators/source-operator.ts';
import type { StreamOperator } from '../operators/stream-operator.ts';
import { passingCopierFor } from '../state/value-copier.ts';
import type { ChainEntry } from './chain-entries.ts';
import { createSink, createSource } from './connector-operators.ts';
import { restoreInFlight } from './in-flight-restore.ts';
import { type GateChannel, InputGate } from './input-gate.ts';
import { isKeyedOperator } from './keyed-operators.ts';
import { LatencyTracking } from './latency-tracking.ts';
import { type ChainEmitter, OperatorChain } from './operator-chain.ts';
import {
  type ProgramFunctions,
  type TaskContext,
  TaskOperatorContext,
} from './operator-context.ts';
import type { SlotChannels } from './task-channels.ts';
import type {
  Carriers,
  InputGateDeployment,
  OutputDeployment,
  TaskDeployment,
} from './task-deployment.ts';
import type { MetricsMemory } from './task-metrics.ts';
import { metricsColumns } from './task-metrics.ts';
import type { TaskParts } from './task-parts.ts';
import type { RestoredState } from './task-restore.ts';
import type { UserObservations } from './user-observations.ts';

export interface TaskSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly files: FileSystem;
  readonly outputFiles: OutputFiles;
  readonly channels: SlotChannels;
  readonly carriers: Carriers;
  readonly metrics: MetricsMemory;
  readonly functions: ProgramFunctions;
  readonly observations: UserObservations;
  readonly restored: RestoredState;
  blob(key: BlobKey): Uint8Array;
  wake(): void;
  fail(error: unknown): void;
  sendToEnumerator(operatorId: OperatorId, event: FromReader): void;
  readonly stdout: TextStream;
}

export interface BuiltTask {
  readonly parts: TaskParts;
  readonly contexts: readonly TaskOperatorContext[];
  readonly source: SourceOperator | undefined;
  readonly collectSinks: ReadonlyMap<OperatorId, CollectSink>;
  readonly configuration: Configuration;
}

/** The cause is what the program, or its state, is to blame for. */
export class OperatorNotMade extends Error {
  /** In the chain. */
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super('an operator could not be made', { cause });
    this.index = index;
  }
}

export function buildTask(deployment: TaskDeployment, around: TaskSurroundings): BuiltTask {
  const configuration = new Configuration(deployment.program.configuration);
  const metrics = metricsColumns(around.metrics);
  // What a record's further receivers get goes on its way at once; who keeps it copies it.
  const copier = passingCopierFor(configuration.get(options.objectReuse));
  const copy = (value: unknown): unknown => copier.copy(value);
  const writers = deployment.outputs.map((output) =>
    writerOf(output, deployment, configuration, around, copy),
  );
  const contexts: TaskOperatorContext[] = [];
  const task = taskContext(deployment, configuration, metrics, around);
  const latency = latencyOf(deployment, configuration, writers, around);
  const make = (index: number, emitter: ChainEmitter): StreamOperator => {
    const { node } = must(deployment.operators[index], `operator ${index}`);
    const restored = around.restored.get(node.operatorId);
    const context = new TaskOperatorContext(node, task, emitter, isKeyedOperator(node), restored);
    contexts.push(context);
    try {
      return operatorOf(node, context, deployment, around, () => chain, latency);
    } catch (error) {
      throw new OperatorNotMade(index, error);
    }
  };
  const chain: OperatorChain = new OperatorChain(
    deployment.operators.length,
    (index, emitter) => ({
      operator: make(index, emitter),
      ...must(deployment.operators[index], 'an operator'),
      connect(emit) {
        must(contexts[index], 'a context').emit = emit;
      },
    }),
    deployment.outputs.map(({ from, sideOutput }, i) => ({
      writer: must(writers[i], 'a writer'),
      from,
      sideOutput,
    })),
    task.time,
    metrics,
    configuration.get(options.objectReuse) ? undefined : copy,
    () =>
      deployment.inputs.map((input) =>
        entryOf(input, must(contexts[0], 'the head'), around.functions),
      ),
  );
  if (deployment.restore !== undefined) {
    chain.restoreWatermarks(
      contexts.map(({ operatorId }) => around.restored.get(operatorId)?.watermarks),
    );
  }
  const operators = chain.operators.map(({ operator }) => operator);
  const source = operators.find((operator) => operator instanceof SourceOperator);
  const input =
    source === undefined ? inputOf(deployment, chain, configuration, around) : undefined;
  return {
    parts: {
      chain,
      input,
      source,
      writers,
      metrics,
      latency,
      mayOvertake: configuration.get(options.unalignedCheckpoints),
      isCheckpointed: configuration.get(options.checkpointInterval) !== undefined,
      isRestoredFinished: deployment.restore?.isFinished === true,
    },
    contexts,
    source,
    configuration,
    collectSinks: collectSinksOf(contexts, operators),
  };
}

const collectSinksOf = (
  contexts: readonly TaskOperatorContext[],
  operators: readonly StreamOperator[],
): BuiltTask['collectSinks'] =>
  new Map(
    contexts.flatMap(({ operatorId }, i) => {
      const operator = operators[i];
      return operator instanceof CollectSink ? [[operatorId, operator] as const] : [];
    }),
  );

/** Undefined when no markers are sent. */
function latencyOf(
  { operators, subtask }: TaskDeployment,
  configuration: Configuration,
  writers: readonly RecordWriter[],
  { clock, observations }: TaskSurroundings,
): LatencyTracking | undefined {
  if (configuration.get(options.latencyInterval) === 0) return undefined;
  const tracking = new LatencyTracking(configuration, {
    operatorIds: operators.map(({ node }) => node.operatorId),
    subtask,
    writers,
    clock,
    onFirst: () => observations.track(() => tracking.read()),
  });
  return tracking;
}

function taskContext(
  deployment: TaskDeployment,
  configuration: Configuration,
  metrics: Float64Array,
  around: TaskSurroundings,
): TaskContext {
  const { jobId, jobName, vertexName, subtask, parallelism, maxParallelism, attemptId, attempt } =
    deployment;
  return {
    subtask: {
      jobId,
      jobName,
      vertexName,
      index: subtask,
      parallelism,
      maxParallelism,
      attemptId,
      attempt,
    },
    isInputBounded: deployment.isInputBounded,
    configuration,
    clock: around.clock,
    log: around.log,
    time: new Float64Array([Number.NaN]),
    metrics,
    functions: around.functions,
    observations: around.observations,
    wake: around.wake,
    fail: around.fail,
  };
}

function operatorOf(
  node: StreamNode,
  context: TaskOperatorContext,
  deployment: TaskDeployment,
  around: TaskSurroundings,
  chain: () => SourceChain,
  latency: LatencyTracking | undefined,
): StreamOperator {
  if (node.kind === 'source')
    return createSource(node, context, deployment, around, chain, latency);
  if (node.kind === 'sink') return createSink(node, context, deployment, around);
  return createOperator({ kind: node.kind, params: node.params }, context);
}

function writerOf(
  output: OutputDeployment,
  deployment: TaskDeployment,
  configuration: Configuration,
  around: TaskSurroundings,
  copy: (value: unknown) => unknown,
): RecordWriter {
  const overdraftMax = configuration.get(options.overdraftRecordsMax);
  const functions = edgeFunctions(output.edgeId, around.functions);
  const rules = {
    bytesMax: configuration.get(options.recordBytesMax),
    keyOf: functions.get('key'),
    fields: output.fields,
  };
  const channels = output.channels.map(({ channelId }) => {
    const channel = around.channels.output(channelId, around.carriers);
    channel.setOverdraftMax(overdraftMax);
    channel.setRecordRules(rules);
    return channel;
  });
  const selector = channelSelector({
    kind: output.partitioner,
    channels: channels.length,
    subtask: deployment.subtask,
    maxParallelism: output.maxParallelism,
    functions,
    random: around.random,
  });
  const timeoutMs = output.bufferTimeoutMs ?? configuration.get(options.bufferTimeout);
  return new RecordWriter(
    channels,
    selector,
    timeoutMs < 0 ? Number.POSITIVE_INFINITY : timeoutMs,
    copy,
    isRedistributable(output.partitioner),
  );
}

function inputOf(
  deployment: TaskDeployment,
  chain: OperatorChain,
  configuration: Configuration,
  around: TaskSurroundings,
): InputGate {
  const channels: GateChannel[] = deployment.inputs.flatMap((input, edge) =>
    input.channels.map(({ channelId }) => ({
      channel: around.channels.input(channelId, around.carriers),
      edge,
      isOrdered: !isRedistributable(input.partitioner),
    })),
  );
  const mode =
    configuration.get(options.checkpointMode) === 'AT_LEAST_ONCE' ? 'at-least-once' : 'aligned';
  const gate = new InputGate(channels, mode);
  gate.valve.restore(chain.inputWatermark);
  restoreInFlight(gate, deployment, around.restored, (edgeId) =>
    edgeFunctions(edgeId, around.functions),
  );
  return gate;
}

/** The key first, where the head keeps state by it. */
function entryOf(
  { input, partitioner, edgeId }: InputGateDeployment,
  head: TaskOperatorContext,
  functions: ProgramFunctions,
): ChainEntry {
  const side = input === 0 ? 0 : 1;
  if (!head.hasKeyedState || partitioner !== 'hash') return { input: side };
  const key = must(edgeFunctions(edgeId, functions).get('key'), `the key of edge ${edgeId}`);
  return { input: side, keyed: { key, state: head.keyedState, check: checkKey } };
}

function edgeFunctions(edgeId: number, functions: ProgramFunctions): Map<string, UserFunction> {
  const found = new Map<string, UserFunction>();
  if (carriesPartials(edgeId)) return found.set('key', keyOfPartial);
  for (const slot of ['key', 'partition']) {
    const f = functions.get(edgeFunction(edgeId, slot));
    if (typeof f === 'function') found.set(slot, f as UserFunction);
  }
  return found;
}
