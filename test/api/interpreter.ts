// Runs a program in one thread, each operator to the end of its input before the next: what its job must
// give, whatever the parallelism. The operators are the engine's own; only what joins them is simple.

import { ByteReader } from '../../engine/core/byte-buffer.ts';
import type { BlobKey } from '../../engine/core/ids.ts';
import { NO_TIME } from '../../engine/core/time.ts';
import type { UserFunction } from '../../engine/core/user-function.ts';
import { ValueReader } from '../../engine/core/value-reader.ts';
import type { SourceParams } from '../../engine/graph/operator-params.ts';
import {
  edgeFunction,
  nodeFunction,
  type StreamEdge,
  type StreamNode,
} from '../../engine/graph/stream-graph.ts';
import type { Program } from '../../engine/program/program.ts';
import { OperatorHarness } from '../harness/operator-harness.ts';
import { endOfInput, type OutputItem } from '../harness/operator-items.ts';
import { type Api, build } from './program.ts';

/** What each sink of the program is given, by its name. Sources are collections and bounded generators. */
export function run(program: (api: Api) => void): Readonly<Record<string, readonly unknown[]>> {
  const built = build(program);
  const outputs = new Map<number, readonly OutputItem[]>();
  const sinks: Record<string, readonly unknown[]> = {};
  for (const node of built.graph.nodes) {
    const inputs = built.graph.edges.filter(({ target }) => target === node.id);
    if (node.kind === 'source') outputs.set(node.id, readSource(built, node));
    else if (node.kind === 'sink')
      sinks[node.name] = recordsOf(inputs, outputs).map((r) => r.value);
    else outputs.set(node.id, runOperator(built, { ...node, kind: node.kind }, inputs, outputs));
  }
  return sinks;
}

type OutputRecord = Extract<OutputItem, { readonly kind: 'record' }>;

function recordsOf(
  edges: readonly StreamEdge[],
  outputs: ReadonlyMap<number, readonly OutputItem[]>,
): readonly OutputRecord[] {
  return edges.flatMap(({ source, sideOutput }) =>
    (outputs.get(source) ?? []).filter(
      (item): item is OutputRecord => item.kind === 'record' && item.tag === sideOutput,
    ),
  );
}

function readSource({ blobs, functions }: Program, node: StreamNode): readonly OutputItem[] {
  const { connector } = node.params as unknown as SourceParams;
  const { key, count } = connector.options as { readonly key: BlobKey; readonly count: number };
  const reader = new ValueReader(new ByteReader(blobs.get(key) ?? new Uint8Array()));
  const functionOf = (slot: string): UserFunction | undefined =>
    functions.get(nodeFunction(node.id, slot)) as UserFunction | undefined;
  const generate = functionOf('generate') ?? ((): unknown => reader.read());
  const timestamp = functionOf('timestamp');
  return Array.from({ length: count }, (_, i) => {
    const value = generate(i);
    const timeMs = timestamp === undefined ? NO_TIME : (timestamp(value) as number);
    return { kind: 'record', value, timeMs };
  });
}

type OperatorNode = StreamNode & { readonly kind: Exclude<StreamNode['kind'], 'source' | 'sink'> };

function runOperator(
  { functions }: Program,
  node: OperatorNode,
  inputs: readonly StreamEdge[],
  outputs: ReadonlyMap<number, readonly OutputItem[]>,
): readonly OutputItem[] {
  const slots = node.functions.map((slot) => [slot, functions.get(nodeFunction(node.id, slot))]);
  const keyOf = (edge: StreamEdge): UserFunction | undefined =>
    functions.get(edgeFunction(edge.id, 'key')) as UserFunction | undefined;
  const keyed = inputs.filter((edge) => keyOf(edge) !== undefined);
  const harness = new OperatorHarness({
    kind: node.kind,
    params: node.params,
    functions: () => Object.fromEntries(slots),
    ...(keyed.length === 0
      ? {}
      : {
          key: (value: never, input: 0 | 1) =>
            keyed
              .map((edge) => (edge.input === input ? keyOf(edge)?.(value) : undefined))
              .find((k) => k !== undefined),
          keyedInputs: keyed.map(({ input }) => input),
        }),
  });
  // Broadcast records come first, so that what they say is known to all others.
  for (const input of [1, 0] as const) {
    const edges = inputs.filter((edge) => edge.input === input);
    for (const { value, timeMs } of recordsOf(edges, outputs))
      harness.push({ kind: 'record', input, value, timeMs });
  }
  harness.push(endOfInput);
  return harness.output;
}
