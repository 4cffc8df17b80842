// What a stream is made of, behind the classes that users see: the outputs of which operators, how their
// records travel to whoever reads the stream, and whether they have event time. Making a stream records
// nothing; only an operator that reads it does.

import type { Json } from '../../core/json.ts';
import type { UserFunction } from '../../core/user-function.ts';
import type { NodeId, OperatorKind, Partitioner } from '../../graph/stream-graph.ts';
import { Check, shown } from '../program-error.ts';
import type { Recorder } from '../recorder.ts';
import type { StreamFactory } from './stream-factory.ts';

export interface Flow {
  readonly recorder: Recorder;
  readonly streams: StreamFactory;
  /** Several for a union. */
  readonly outputs: readonly Output[];
  readonly hasEventTime: boolean;
}

/** Functions of a partitioner: `key`, `partition`. */
export type PartitionFunctions = Readonly<Record<string, UserFunction>>;

interface Output {
  readonly node: NodeId;
  readonly partitioner?: Partitioner;
  readonly functions?: PartitionFunctions;
  readonly sideOutput?: string;
}

/** The key under which a stream's object holds its flow. */
export const flowOf: unique symbol = Symbol('flow');

/** The key under which a stream that is an operator's output holds what was recorded of it. */
export const operatorOf: unique symbol = Symbol('operator');

/** Anything that has a flow: streams of every kind. */
export interface Flowing {
  readonly [flowOf]: Flow;
}

export interface NewOperator {
  /** The call that makes it, as the user writes it. */
  readonly call: string;
  readonly kind: OperatorKind;
  readonly name: string;
  readonly params?: object;
  readonly functions?: Readonly<Record<string, UserFunction | object>>;
  readonly description?: string;
  /** It runs in one subtask, whatever is set, and why. */
  readonly single?: string;
  /** Of its output; absent: when all inputs have. */
  readonly hasEventTime?: boolean;
}

/** An operator that was recorded, and its output. */
export interface Recorded {
  readonly flow: Flow;
  readonly node: NodeId;
  readonly kind: OperatorKind;
  readonly single: string | undefined;
}

/** Records an operator that reads these flows: one, or one for each of its two inputs. */
export function record(
  inputs: readonly [Flow] | readonly [Flow, Flow],
  operator: NewOperator,
): Recorded {
  const [{ recorder, streams }] = inputs;
  const check = new Check(operator.call, recorder);
  for (const [slot, given] of Object.entries(operator.functions ?? {})) {
    const isObject = typeof given === 'object' && given !== null;
    // A sink's function may return a promise.
    if (!isObject && operator.kind !== 'sink') check.syncFunction(slot, given);
  }
  if (inputs.some((input) => input.recorder !== recorder)) failForeign(check);
  const recorded = recordSource(recorder, streams, {
    hasEventTime: inputs.every((input) => input.hasEventTime),
    ...operator,
  });
  for (const [input, { outputs }] of inputs.entries()) {
    for (const { node: source, ...how } of outputs)
      recorder.addEdge({ source, target: recorded.node, input: input === 0 ? 0 : 1, ...how });
  }
  return recorded;
}

/** Records an operator without input. */
export function recordSource(
  recorder: Recorder,
  streams: StreamFactory,
  operator: NewOperator,
): Recorded {
  const { kind, name, params = {}, functions = {}, description, single } = operator;
  const node = recorder.addNode({
    kind,
    name,
    params: params as Json,
    functions,
    ...(single === undefined ? {} : { parallelism: 1, maxParallelism: 1 }),
  });
  if (description !== undefined) recorder.change(node, { description });
  const { hasEventTime = false } = operator;
  const flow = { recorder, streams, outputs: [{ node }], hasEventTime };
  return { flow, node, kind, single };
}

/** The same records, partitioned so; what partitioned them before is forgotten. */
export const partitioned = (
  flow: Flow,
  partitioner: Partitioner,
  functions: PartitionFunctions = {},
): Flow => ({
  ...flow,
  outputs: flow.outputs.map((output) => ({ ...output, partitioner, functions })),
});

/** What the operators emit under this tag, in place of their main output. */
export const sideOutput = (flow: Flow, tag: string): Flow => ({
  ...flow,
  outputs: flow.outputs.map(({ node }) => ({ node, sideOutput: tag })),
});

/** The records of all flows, each partitioned as it was. */
export function unionOf(flow: Flow, others: readonly Flow[]): Flow {
  if (others.some(({ recorder }) => recorder !== flow.recorder))
    failForeign(new Check('union', flow.recorder));
  const all = [flow, ...others];
  return {
    ...flow,
    outputs: all.flatMap(({ outputs }) => outputs),
    hasEventTime: all.every(({ hasEventTime }) => hasEventTime),
  };
}

/** @throws ProgramError when what was given is not a stream. */
export function flowOfArgument(check: Check, what: string, given: Flowing): Flow {
  const flow: Flow | undefined = (given as Partial<Flowing> | null | undefined)?.[flowOf];
  return flow ?? check.fail(`${what} is ${shown(given)}; give a stream`);
}

const failForeign = (check: Check): never =>
  check.fail(
    'this stream belongs to another evaluation of the program, and so to another job; ' +
      'make it anew in this one instead of keeping it in globalThis or a module',
    'foreign-stream',
  );
