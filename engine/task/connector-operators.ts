// Sources and sinks as operators: finds the connector by its name in the plan and wires it to the task.

import { OrderedReader } from '../connectors/ordered-reader.ts';
import { sinkConnector, sourceConnector } from '../connectors/registry.ts';
import type { SinkContext } from '../connectors/sink.ts';
import type { ReaderContext } from '../connectors/source.ts';
import type { BlobKey } from '../core/ids.ts';
import { options } from '../core/options.ts';
import type { SinkParams, SourceParams } from '../graph/operator-params.ts';
import type { StreamNode } from '../graph/stream-graph.ts';
import { CollectSink } from '../operators/collect-sink.ts';
import { SinkOperator } from '../operators/sink-operator.ts';
import { type SourceChain, SourceOperator } from '../operators/source-operator.ts';
import type { StreamOperator } from '../operators/stream-operator.ts';
import type { TaskSurroundings } from './build-task.ts';
import type { LatencyTracking } from './latency-tracking.ts';
import type { TaskOperatorContext } from './operator-context.ts';
import type { TaskDeployment } from './task-deployment.ts';
import { metricsColumns, TASK } from './task-metrics.ts';

export function createSource(
  node: StreamNode,
  context: TaskOperatorContext,
  deployment: TaskDeployment,
  around: TaskSurroundings,
  chain: () => SourceChain,
  latency: LatencyTracking | undefined,
): SourceOperator {
  const params = node.params as unknown as SourceParams;
  const connector = sourceConnector(params.connector.name);
  const metrics = metricsColumns(around.metrics);
  const atWork = (): void => {
    metrics[TASK.operator] = 0;
  };
  const readerContext = readerContextOf(context, deployment, around, (error) => {
    atWork();
    around.fail(error);
  });
  const ordered = params.ordered === true;
  return new SourceOperator(context, {
    watermarks: params.watermarks,
    boundedness: connector.boundedness(params.connector.options),
    createReader() {
      const reader = connector.createReader(params.connector.options, readerContext);
      return ordered ? new OrderedReader(reader, context.function('orderBy')) : reader;
    },
    send: (event) => around.sendToEnumerator(node.operatorId, event),
    chain,
    atWork,
    latency,
  });
}

export function createSink(
  node: StreamNode,
  context: TaskOperatorContext,
  deployment: TaskDeployment,
  around: TaskSurroundings,
): StreamOperator {
  const { connector: spec } = node.params as unknown as SinkParams;
  const isCheckpointed = context.configuration.get(options.checkpointInterval) !== undefined;
  const isForClient =
    deployment.program.attached && (spec.name === 'print' || spec.name === 'collect');
  if (isForClient) return new CollectSink(context, around.clock, isCheckpointed);
  // What is collected for a client that is not there goes nowhere.
  const connector = sinkConnector(spec.name === 'collect' ? 'discard' : spec.name);
  const sinkContext = sinkContextOf(context, deployment, around);
  return new SinkOperator(
    context,
    () => connector.createWriter(spec.options, sinkContext),
    connector.createCommitter?.(spec.options, sinkContext),
    isCheckpointed,
  );
}

function readerContextOf(
  context: TaskOperatorContext,
  deployment: TaskDeployment,
  around: TaskSurroundings,
  fail: (error: unknown) => void,
): ReaderContext {
  return {
    subtask: deployment.subtask,
    parallelism: deployment.parallelism,
    clock: around.clock,
    log: context.log,
    configuration: context.configuration,
    baseDirectory: deployment.program.baseDirectory,
    blob: (key) => around.blob(key as BlobKey),
    function: (slot) => context.function(slot),
    requestSplit: () => around.sendToEnumerator(context.operatorId, { kind: 'request-split' }),
    wake: around.wake,
    fail,
    countSkipped: (records) => context.addToTask(TASK.skippedRecords, records),
  };
}

function sinkContextOf(
  context: TaskOperatorContext,
  deployment: TaskDeployment,
  around: TaskSurroundings,
): SinkContext {
  const metrics = metricsColumns(around.metrics);
  const index = deployment.operators.findIndex(
    ({ node }) => node.operatorId === context.operatorId,
  );
  return {
    jobId: deployment.jobId,
    subtask: deployment.subtask,
    parallelism: deployment.parallelism,
    attempt: deployment.attempt,
    restoredCheckpointId: deployment.restore?.checkpointId,
    uid: context.uid,
    clock: around.clock,
    log: context.log,
    configuration: context.configuration,
    baseDirectory: deployment.program.baseDirectory,
    function: (slot) => context.function(slot),
    stdout: around.stdout,
    outputFiles: around.outputFiles,
    wake: around.wake,
    fail: (error) => {
      metrics[TASK.operator] = index;
      around.fail(error);
    },
  };
}
