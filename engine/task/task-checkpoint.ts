// A task's part of a checkpoint: the state of its operators as bytes, with the records that its barrier has
// overtaken, and those durable before they are acknowledged: small ones inside the acknowledgement, others in a
// file of their own.

import type { TaskAcknowledgement } from '../checkpoint/acknowledgement.ts';
import { SHARED, sharedFileName } from '../checkpoint/shared-files.ts';
import { type Barrier, isLastOfJob } from '../core/barrier.ts';
import type { Clock } from '../core/clock.ts';
import type { FileSystem } from '../core/file-system.ts';
import { limits } from '../core/limits.ts';
import type { SnapshotExtent } from '../state/keyed-snapshot.ts';
import { type StateHandle, sizeOf } from '../state/state-handle.ts';
import {
  type InFlightSnapshot,
  type OperatorStateInProgress,
  releaseState,
  type WrittenSnapshot,
  writeTaskSnapshot,
} from '../state/task-snapshot.ts';
import type { ChannelFrames, InFlightRecord } from './in-flight.ts';
import type { OperatorChain } from './operator-chain.ts';
import type { TaskOperatorContext } from './operator-context.ts';
import type { ChainedCheckpoint, SnapshotChain } from './snapshot-chain.ts';
import type { SnapshotFacts } from './task-parts.ts';

export interface CheckpointTarget {
  readonly files: FileSystem;
  readonly clock: Clock;
  /** Of the job's checkpoints. */
  readonly directory: string;
  /** Unique for this attempt of this subtask. */
  readonly fileName: string;
  readonly inlineBytesMax: number;
  /** Of this attempt, when checkpoints are incremental. */
  readonly chain: SnapshotChain | undefined;
  /** Where in the job the channels of the gate are. */
  readonly nameInFlight: (channels: readonly ChannelFrames[]) => readonly InFlightSnapshot[];
}

/** Synchronous: between elements. Every operator adds what it holds; then all state is frozen. */
function takeSnapshot(
  chain: OperatorChain,
  contexts: readonly TaskOperatorContext[],
  { checkpointId, kind }: Barrier,
  extent: SnapshotExtent,
): OperatorStateInProgress[] {
  const watermarks = chain.snapshotWatermarks();
  for (const { operator } of chain.operators) operator.snapshot?.(checkpointId, isLastOfJob(kind));
  return contexts.map((context, i) => ({
    operatorId: context.operatorId,
    watermarks: watermarks[i] ?? [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    lists: context.operatorState.snapshot(),
    keyed: context.hasKeyedState ? context.keyedState.snapshot(extent) : undefined,
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
  facts: SnapshotFacts,
  target: CheckpointTarget,
): Promise<TaskAcknowledgement | undefined> {
  const { chain: files } = target;
  const chained = files?.begin(barrier);
  try {
    return await write(chain, contexts, barrier, facts, target, chained);
  } finally {
    if (chained !== undefined) files?.failed(chained); // nothing, when it was written
  }
}

async function write(
  chain: OperatorChain,
  contexts: readonly TaskOperatorContext[],
  barrier: Barrier,
  { alignmentStartMs, alignedBytes, isFinished, overtaken }: SnapshotFacts,
  target: CheckpointTarget,
  chained: ChainedCheckpoint | undefined,
): Promise<TaskAcknowledgement | undefined> {
  const { clock } = target;
  const started = clock.monotonic();
  const alignmentMs = clock.now() - alignmentStartMs;
  const snapshot = takeSnapshot(chain, contexts, barrier, chained?.extent ?? 'whole');
  const synced = clock.monotonic();
  const frames = overtaken === undefined ? [] : await framesOf(overtaken, snapshot);
  if (frames === undefined) return undefined;
  const work = writeTaskSnapshot(snapshot, target.nameInFlight(frames), {
    budgetBytes: limits.snapshotStepBytes,
    pieceBytes: limits.snapshotPieceBytes,
  });
  const written = await store(work, barrier, target, chained?.extent ?? 'whole');
  const handle = chained === undefined ? written : chained.written(written);
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
      stateBytes: sizeOf(handle),
      checkpointedBytes: sizeOf(written),
      processedBytes: alignedBytes,
      persistedBytes: bytesOf(frames),
      isUnaligned: overtaken !== undefined,
    },
  };
}

/** What is frozen meanwhile is released when nobody is to write it. */
async function framesOf(
  { whole }: InFlightRecord,
  snapshot: readonly OperatorStateInProgress[],
): Promise<readonly ChannelFrames[] | undefined> {
  let frames: readonly ChannelFrames[] | undefined;
  try {
    frames = await whole;
    return frames;
  } finally {
    if (frames === undefined) releaseState(snapshot);
  }
}

const bytesOf = (channels: readonly ChannelFrames[]): number =>
  channels.flatMap(({ frames }) => frames).reduce((sum, { length }) => sum + length, 0);

/** Undefined when there is nothing to restore from it. */
async function store(
  work: Generator<Uint8Array, WrittenSnapshot>,
  barrier: Barrier,
  target: CheckpointTarget,
  extent: SnapshotExtent,
): Promise<StateHandle | undefined> {
  const turns = new Turns(target.clock);
  const pieces: Uint8Array[] = [];
  // Changes mean nothing without the files before them: they are one more.
  const inlineBytesMax = extent === 'changes' ? -1 : target.inlineBytesMax;
  for (let bytes = 0; bytes <= inlineBytesMax; ) {
    const step = work.next();
    if (step.done === true)
      return step.value.isEmpty ? undefined : { kind: 'inline', bytes: Buffer.concat(pieces) };
    bytes += step.value.length;
    if (step.value.length > 0) pieces.push(Uint8Array.from(step.value));
    else if (turns.isOver()) await turns.next();
  }
  return storeFile(pieces, work, turns, placeOf(barrier, target, extent), target.files);
}

/** Piece after piece: while one is on its way to the disk the next is made, and elements pass in between. */
async function storeFile(
  begun: readonly Uint8Array[],
  work: Generator<Uint8Array, WrittenSnapshot>,
  turns: Turns,
  [directory, path]: readonly [directory: string, path: string],
  files: FileSystem,
): Promise<StateHandle> {
  let sizeBytes = 0;
  let crc = 0;
  await files.writeFile(path, counted());
  await files.syncDirectory(directory);
  return { kind: 'file', path, sizeBytes, crc };

  async function* counted(): AsyncGenerator<Uint8Array> {
    for (const piece of begun) yield count(piece);
    let step = work.next();
    for (; step.done !== true; step = work.next()) {
      if (turns.isOver()) await turns.next();
      if (step.value.length > 0) yield count(step.value);
    }
    ({ crc } = step.value);
  }

  function count(piece: Uint8Array): Uint8Array {
    sizeBytes += piece.length;
    return piece;
  }
}

/** What several checkpoints may hold lies beside their directories, named after the first of them. */
function placeOf(
  { checkpointId, directory: given }: Barrier,
  { directory: ofJob, fileName }: CheckpointTarget,
  extent: SnapshotExtent,
): readonly [directory: string, path: string] {
  const directory = given ?? `${ofJob}/${extent === 'whole' ? `chk-${checkpointId}` : SHARED}`;
  const name = extent === 'whole' ? fileName : sharedFileName(checkpointId, fileName);
  return [directory, `${directory}/${name}`];
}

/** When a snapshot has worked for long enough, and elements may pass. */
class Turns {
  readonly #clock: Clock;
  #begunMs: number;
  #steps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begunMs = clock.monotonic();
  }

  isOver(): boolean {
    this.#steps++;
    const tookMs = this.#clock.monotonic() - this.#begunMs;
    return tookMs >= limits.snapshotTurnMs || this.#steps >= limits.snapshotTurnSteps;
  }

  async next(): Promise<void> {
    await new Promise<void>((done) => this.#clock.soon(done));
    this.#begunMs = this.#clock.monotonic();
    this.#steps = 0;
  }
}
