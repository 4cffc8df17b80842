// Where what an operator emits goes: the operators behind it in the chain, and record writers.

import type { RecordWriter } from '../network/record-writer.ts';
import type { StreamOperator, TimeCell } from '../operators/stream-operator.ts';

export interface ChainedOperator {
  readonly operator: StreamOperator;
  /** Index of the one before; -1 for the head. */
  readonly after: number;
  readonly sideOutput: string | undefined;
}

export interface ChainOutput {
  readonly writer: RecordWriter;
  /** Index of the operator whose output leaves here. */
  readonly from: number;
  readonly sideOutput: string | undefined;
}

export type Receiver = (value: unknown) => void;

export interface OperatorWiring {
  readonly main: Receiver;
  /** By tag. */
  readonly side: ReadonlyMap<string, Receiver>;
}

export interface WiringParts {
  readonly operators: readonly ChainedOperator[];
  readonly outputs: readonly ChainOutput[];
  readonly time: TimeCell;
  /** Feeds the operator at that index. */
  readonly chained: (index: number) => Receiver;
  /** Counts a record that was emitted. */
  readonly count: () => void;
  /** Makes receivers independent of one another; undefined: they promise to be. */
  readonly copy: ((value: unknown) => unknown) | undefined;
}

export function wireOperator(index: number, parts: WiringParts): OperatorWiring {
  const byTag = new Map<string | undefined, Receiver[]>();
  const add = (tag: string | undefined, receiver: Receiver): void => {
    byTag.set(tag, [...(byTag.get(tag) ?? []), receiver]);
  };
  for (const [i, { after, sideOutput }] of parts.operators.entries()) {
    if (after === index) add(sideOutput, parts.chained(i));
  }
  for (const { writer, from, sideOutput } of parts.outputs) {
    if (from === index) add(sideOutput, (value) => writer.emit(value, parts.time[0] as number));
  }
  const main = fanOut(byTag.get(undefined) ?? [], parts);
  byTag.delete(undefined);
  const side = new Map([...byTag].map(([tag, list]) => [tag as string, fanOut(list, parts)]));
  return { main, side };
}

/**
 * Every receiver but the last gets a copy, and each the event time that was emitted, so that none sees what
 * another does to the record.
 */
function fanOut(receivers: readonly Receiver[], { time, count, copy }: WiringParts): Receiver {
  const last = receivers.at(-1);
  if (last === undefined) return count;
  const others = receivers.slice(0, -1);
  if (others.length === 0) {
    return (value) => {
      count();
      last(value);
    };
  }
  return (value) => {
    count();
    const timeMs = time[0] as number;
    for (const receive of others) {
      receive(copy === undefined ? value : copy(value));
      time[0] = timeMs;
    }
    last(value);
  };
}
