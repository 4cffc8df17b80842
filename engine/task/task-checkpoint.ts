// A task's part of a checkpoint: the state of its operators as bytes, with the records that its barrier has
// overtaken, and those durable before they are acknowledged: small ones inside the acknowledgement, others in a
// file of their own.

import { crc32 } from 'node:zlib';
import type { TaskAcknowledgement } from '../checkpoint/acknowledgement.ts';
import { type Barrier, isLastOfJob } from '../core/barrier.ts';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import type { StateHandle } from '../state/state-handle.ts';
import {
  type InFlightSnapshot,
  isEmptySnapshot,
  type OperatorSnapshot,
  TaskSnapshotWriter,
} from '../state/task-snapshot.ts';
import type { ChannelFrames } from './in-flight.ts';
import type { OperatorChain } from './operator-chain.ts';
import type { TaskOperatorContext } from './operator-context.ts';
import type { SnapshotFacts } from './task-parts.ts';

export interface CheckpointTarget {
  readonly files: FileSystem;
  readonly clock: Clock;
  /** Of the job's checkpoints. */
  readonly directory: string;
  /** Unique for this attempt of this subtask. */
  readonly fileName: string;
  readonly inlineBytesMax: number;
  /** Where in the job the channels of the gate are. */
  readonly nameInFlight: (channels: readonly ChannelFrames[]) => readonly InFlightSnapshot[];
}

/** Synchronous: between elements. Every operator adds what it holds; then all state is read. */
function takeSnapshot(
  chain: OperatorChain,
  contexts: readonly TaskOperatorContext[],
  { checkpointId, kind }: Barrier,
): OperatorSnapshot[] {
  const watermarks = chain.snapshotWatermarks();
  for (const { operator } of chain.operators) operator.snapshot?.(checkpointId, isLastOfJob(kind));
  return contexts.map((context, i) => ({
    operatorId: context.operatorId,
    watermarks: watermarks[i] ?? [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    lists: context.operatorState.snapshot(),
    keyed: context.hasKeyedState
      ? context.keyedState.snapshot().next(Number.POSITIVE_INFINITY)
      : [],
  }));
}

/**
 * Takes the snapshot at once, and makes it durable when what the barrier has overtaken is there. Undefined when
 * the checkpoint was given up meanwhile. @throws what the file system or the codec says.
 */
export async function checkpointTask(
  chain: OperatorChain,
  contexts: readonly TaskOperatorContext[],
  barrier: Barrier,
  { alignmentStartMs, alignedBytes, isFinished, overtaken }: SnapshotFacts,
  target: CheckpointTarget,
): Promise<TaskAcknowledgement | undefined> {
  const { clock } = target;
  const started = clock.monotonic();
  const alignmentMs = clock.now() - alignmentStartMs;
  const snapshot = takeSnapshot(chain, contexts, barrier);
  const writer = new TaskSnapshotWriter(snapshot);
  const synced = clock.monotonic();
  const frames = overtaken === undefined ? [] : await overtaken.whole;
  if (frames === undefined) return undefined;
  const persistedBytes = bytesOf(frames);
  const isEmpty = isEmptySnapshot(snapshot) && frames.length === 0;
  const bytes = isEmpty ? undefined : writer.finish(target.nameInFlight(frames));
  const handle = bytes === undefined ? undefined : await store(bytes, barrier, target);
  return {
    checkpointId: barrier.checkpointId,
    handle,
    isFinished,
    hasSharedLists: snapshot.some(({ lists }) =>
      lists.some(({ redistribution }) => redistribution !== 'split'),
    ),
    timing: {
      startDelayMs: Math.max(0, alignmentStartMs - barrier.timestampMs),
      alignmentMs: Math.max(0, alignmentMs),
      syncMs: synced - started,
      asyncMs: clock.monotonic() - synced,
      stateBytes: bytes?.length ?? 0,
      processedBytes: alignedBytes,
      persistedBytes,
      isUnaligned: overtaken !== undefined,
    },
  };
}

const bytesOf = (channels: readonly ChannelFrames[]): number =>
  channels.flatMap(({ frames }) => frames).reduce((sum, { length }) => sum + length, 0);

async function store(
  bytes: Uint8Array,
  barrier: Barrier,
  target: CheckpointTarget,
): Promise<StateHandle> {
  if (bytes.length <= target.inlineBytesMax) return { kind: 'inline', bytes };
  const directory = barrier.directory ?? `${target.directory}/chk-${barrier.checkpointId}`;
  const path = `${directory}/${target.fileName}`;
  await target.files.writeFile(path, bytes);
  await target.files.syncDirectory(directory);
  return { kind: 'file', path, sizeBytes: bytes.length, crc: crc32(bytes) };
}
