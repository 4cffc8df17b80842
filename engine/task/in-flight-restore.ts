// Records that barriers have overtaken, back in front of the task that they were on their way to: at the same
// parallelism on the channels where they were, with their watermarks; else each subtask looks through those of all
// and takes the rows that are its own now, by key where the edge is keyed. They are processed before anything new.

import { must } from '../core/assert.ts';
import { SluiceError } from '../core/errors.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../core/key-groups.ts';
import type { UserFunction } from '../core/user-function.ts';
import { decodeFrame } from '../network/frame-codec.ts';
import { RecordBatch } from '../network/record-batch.ts';
import type { InFlightSnapshot } from '../state/task-snapshot.ts';
import type { ChannelFrames } from './in-flight.ts';
import type { InputGate } from './input-gate.ts';
import type { InputGateDeployment, TaskDeployment } from './task-deployment.ts';
import type { RestoredState } from './task-restore.ts';

/** Which edge the channels of a gate belong to, and where in it they are. */
export function nameInFlight(
  { inputs }: TaskDeployment,
  channels: readonly ChannelFrames[],
): readonly InFlightSnapshot[] {
  const names = inputs.flatMap(({ edgeId, channels: all }) =>
    all.map((_, channel) => ({ edgeId, channel, channels: all.length })),
  );
  return channels.map(({ channel, frames }) => ({
    ...must(names[channel], `channel ${channel}`),
    frames,
  }));
}

/** `functionsOf`: of an edge, by slot. */
export function restoreInFlight(
  gate: InputGate,
  deployment: TaskDeployment,
  restored: RestoredState,
  functionsOf: (edgeId: number) => ReadonlyMap<string, UserFunction>,
): void {
  for (const [i, { node }] of deployment.operators.entries()) {
    const { inFlight = [], isRescaled = false } = restored.get(node.operatorId) ?? {};
    const inputs = i === 0 ? deployment.inputs : []; // records come to the head
    for (const [edgeId, channels] of Map.groupBy(inFlight, (one) => one.edgeId)) {
      const edge = inputs.find((input) => input.edgeId === edgeId);
      if (edge === undefined) throw noSuchEdge(node.name);
      const own = isRescaled ? ownRows(deployment, edge, functionsOf(edgeId)) : () => true;
      for (const one of channels) restoreChannel(gate, deployment, edge, one, isRescaled, own);
    }
  }
}

function restoreChannel(
  gate: InputGate,
  { inputs }: TaskDeployment,
  edge: InputGateDeployment,
  { channel, channels, frames }: InFlightSnapshot,
  isRescaled: boolean,
  isOwn: (value: unknown) => boolean,
): void {
  const first = inputs
    .slice(0, inputs.indexOf(edge))
    .reduce((sum, input) => sum + input.channels.length, 0);
  // Of a channel that is no more the watermarks mean nothing: those of its successors follow.
  const isSame = !isRescaled && channels === edge.channels.length;
  const at = first + (channel % edge.channels.length);
  for (const frame of frames) {
    const batch = decodeFrame(frame);
    batch.barrier = undefined;
    batch.end = undefined; // whoever sent it has ended, and says so again
    const own = isSame ? batch : rowsOf(batch, isOwn);
    if (!own.isEmpty) gate.restore(at, own, frame.length);
  }
}

function rowsOf(batch: RecordBatch, isOwn: (value: unknown) => boolean): RecordBatch {
  const own = new RecordBatch();
  for (let i = 0; i < batch.count; i++)
    if (isOwn(batch.values[i])) own.add(batch.values[i], batch.times[i] as number);
  return own;
}

/** Asked for every row of all old subtasks, in the same order in each of the new ones. */
function ownRows(
  { subtask, parallelism, maxParallelism }: TaskDeployment,
  { partitioner }: InputGateDeployment,
  functions: ReadonlyMap<string, UserFunction>,
): (value: unknown) => boolean {
  const functionOf = (slot: string): UserFunction => must(functions.get(slot), `function ${slot}`);
  switch (partitioner) {
    case 'hash': {
      const key = functionOf('key');
      return (value) =>
        subtaskOfKeyGroup(keyGroupOf(key(value), maxParallelism), parallelism, maxParallelism) ===
        subtask;
    }
    case 'custom': {
      const [key, partition] = [functionOf('key'), functionOf('partition')];
      return (value) => partition(key(value), parallelism) === subtask;
    }
    case 'global':
      return () => subtask === 0;
    case 'rebalance':
    case 'shuffle':
    case 'forward':
    case 'rescale':
    case 'broadcast': {
      let row = 0;
      return () => row++ % parallelism === subtask;
    }
  }
}

const noSuchEdge = (operator: string): SluiceError =>
  new SluiceError(
    'in-flight',
    `the checkpoint holds records on their way to ${JSON.stringify(operator)}, whose input was another one then: continue from a savepoint, which holds none`,
  );
