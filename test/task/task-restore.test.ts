// What a task goes on from when there are more or fewer subtasks than before.

import { expect, test } from 'vitest';
import { operatorIdOf } from '../../engine/core/ids.ts';
import { END_OF_TIME, NO_WATERMARK } from '../../engine/core/time.ts';
import type { StateHandle } from '../../engine/state/state-handle.ts';
import { writeTaskSnapshot } from '../../engine/state/task-snapshot.ts';
import type { TaskDeployment } from '../../engine/task/task-deployment.ts';
import { readRestoredState } from '../../engine/task/task-restore.ts';
import { MemoryFiles } from '../harness/memory-files.ts';

const operatorId = operatorIdOf('source');

function leftAt(watermark: number): StateHandle {
  const state = {
    operatorId,
    watermarks: [watermark, watermark],
    lists: [],
    keyed: undefined,
  } as const;
  const pieces = writeTaskSnapshot([state], [], { budgetBytes: 1_000, pieceBytes: 1_000 });
  return {
    kind: 'inline',
    bytes: Buffer.concat([...pieces].map((piece) => Uint8Array.from(piece))),
  };
}

/** By old subtask: the watermark that it left, or why it left nothing. */
async function watermarksOf(old: readonly (number | 'ended' | 'had nothing')[]) {
  const operator = {
    operatorId,
    oldParallelism: old.length,
    subtasks: old.map((left) => (typeof left === 'number' ? leftAt(left) : undefined)),
    finished: old.map((left) => left === 'ended'),
  };
  const restore = { checkpointId: 1, isGiven: false, isFinished: false, operators: [operator] };
  const place = { subtask: 0, parallelism: old.length + 1, maxParallelism: 128 };
  const deployment = { ...place, restore } as unknown as TaskDeployment;
  const restored = await readRestoredState(deployment, new MemoryFiles(), undefined);
  return restored.get(operatorId)?.watermarks;
}

test('of a rescaled operator the lowest watermark counts, and none of those that had ended', async () => {
  expect(await watermarksOf([174, 90])).toEqual([90, 90]);
  expect(await watermarksOf([174, 'ended'])).toEqual([174, 174]);
  expect(await watermarksOf([174, END_OF_TIME])).toEqual([174, 174]);
});

test('a subtask that had nothing yet was at the beginning of time', async () => {
  const none = [NO_WATERMARK, NO_WATERMARK];
  expect(await watermarksOf([174, 'had nothing'])).toEqual(none);
  expect(await watermarksOf(['had nothing', 'ended'])).toEqual(none);
  expect(await watermarksOf(['ended', 'ended'])).toEqual(none);
});
