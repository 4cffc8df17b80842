// Reads what a task continues from: for each of its operators the share of this subtask in what the old
// subtasks left, whatever their number was.

import type { FileSystem } from '../core/file-system.ts';
import type { OperatorId } from '../core/ids.ts';
import { NO_WATERMARK } from '../core/time.ts';
import type { KeyGroupBlock } from '../state/keyed-snapshot.ts';
import type { OperatorStateSnapshot } from '../state/operator-snapshot.ts';
import { readState, type StateCopies } from '../state/read-state.ts';
import { keyGroupsOf, redistribute } from '../state/rescaling.ts';
import { filesOf, type StateHandle } from '../state/state-handle.ts';
import type { InFlightSnapshot, OperatorSnapshot, TaskSnapshot } from '../state/task-snapshot.ts';
import type { TaskDeployment, TaskRestore } from './task-deployment.ts';

export interface RestoredOperator {
  readonly watermarks: readonly [given: number, passed: number];
  readonly lists: OperatorStateSnapshot;
  readonly keyed: readonly KeyGroupBlock[];
  /** Records that were on their way to it, as the head of a task. */
  readonly inFlight: readonly InFlightSnapshot[];
  /** They are those of all old subtasks: each takes its own. */
  readonly isRescaled: boolean;
  /** Another program may have written it. */
  readonly isGiven: boolean;
}

interface OwnSnapshot extends OperatorSnapshot {
  readonly inFlight: readonly InFlightSnapshot[];
}

export type RestoredState = ReadonlyMap<OperatorId, RestoredOperator>;

/** @throws SluiceError naming the file that cannot be read or has changed. */
export async function readRestoredState(
  deployment: TaskDeployment,
  files: FileSystem,
  copies: StateCopies | undefined,
): Promise<RestoredState> {
  const { restore } = deployment;
  if (restore === undefined) return new Map();
  const snapshots = await readSnapshots(restore, (handle) => readState(handle, files, copies));
  return new Map(
    restore.operators.map(({ operatorId, subtasks, finished }) => {
      const old = subtasks.map((handle) => ownSnapshot(handle, operatorId, snapshots));
      return [operatorId, shareOf(deployment, old, finished)] as const;
    }),
  );
}

/** Every file is read once, however many operators find their state in it. */
async function readSnapshots(
  restore: TaskRestore,
  readOne: (handle: StateHandle) => Promise<TaskSnapshot>,
): Promise<ReadonlyMap<StateHandle, TaskSnapshot>> {
  const handles = new Set(
    restore.operators.flatMap(({ subtasks }) => subtasks.filter((handle) => handle !== undefined)),
  );
  const byPath = new Map<string, Promise<TaskSnapshot>>();
  const read = (handle: StateHandle): Promise<TaskSnapshot> => {
    const path = filesOf(handle).at(-1)?.path;
    if (path === undefined) return readOne(handle);
    const known = byPath.get(path) ?? readOne(handle);
    byPath.set(path, known);
    return known;
  };
  return new Map(
    await Promise.all([...handles].map(async (handle) => [handle, await read(handle)] as const)),
  );
}

function ownSnapshot(
  handle: StateHandle | undefined,
  operatorId: OperatorId,
  snapshots: ReadonlyMap<StateHandle, TaskSnapshot>,
): OwnSnapshot | undefined {
  const found = handle === undefined ? undefined : snapshots.get(handle);
  const own = found?.operators.find((snapshot) => snapshot.operatorId === operatorId);
  if (found === undefined || own === undefined) return undefined;
  const isHead = found.operators[0]?.operatorId === operatorId;
  return { ...own, inFlight: isHead ? found.inFlight : [] };
}

function shareOf(
  { subtask, parallelism, maxParallelism, restore }: TaskDeployment,
  old: readonly (OwnSnapshot | undefined)[],
  finished: readonly boolean[],
): RestoredOperator {
  const present = old.filter((snapshot) => snapshot !== undefined);
  const isRescaled = old.length !== parallelism;
  const own = isRescaled ? undefined : old[subtask];
  return {
    watermarks: isRescaled ? lowest(old, finished) : (own?.watermarks ?? NO_WATERMARKS),
    lists:
      redistribute(
        old.map((snapshot) => snapshot?.lists ?? []),
        parallelism,
      )[subtask] ?? [],
    keyed: keyGroupsOf(
      present.flatMap(({ keyed }) => keyed),
      subtask,
      parallelism,
      maxParallelism,
    ),
    inFlight: isRescaled ? present.flatMap(({ inFlight }) => inFlight) : (own?.inFlight ?? []),
    isRescaled,
    isGiven: restore?.isGiven === true,
  };
}

const NO_WATERMARKS: readonly [given: number, passed: number] = [NO_WATERMARK, NO_WATERMARK];

/**
 * On rescale a window is closed only if it was closed for every old subtask. One without a snapshot had no
 * watermark yet, unless it had ended.
 */
function lowest(
  old: readonly (OperatorSnapshot | undefined)[],
  finished: readonly boolean[],
): readonly [given: number, passed: number] {
  const left = old.flatMap((snapshot, i) =>
    snapshot === undefined && finished[i] === true ? [] : [snapshot?.watermarks ?? NO_WATERMARKS],
  );
  if (left.length === 0) return NO_WATERMARKS;
  return [Math.min(...left.map(([given]) => given)), Math.min(...left.map(([, passed]) => passed))];
}
