// Windows that have fired before a restore: for each key by the subtask that had it, also when that was ahead of
// the others.

import { expect, test } from 'vitest';
import { keyGroupOf, keyGroupRange } from '../../engine/core/key-groups.ts';
import { FiredWindows } from '../../engine/operators/windows/fired-windows.ts';
import { HeapOperatorState } from '../../engine/state/heap-operator-state.ts';
import { redistribute } from '../../engine/state/rescaling.ts';

const MAX_PARALLELISM = 128;

type Stored = ConstructorParameters<typeof HeapOperatorState>[0];

function subtask(index: number, parallelism: number, restored?: Stored) {
  const operatorState = new HeapOperatorState(restored);
  const info = { index, parallelism, maxParallelism: MAX_PARALLELISM };
  const fired = new FiredWindows({ subtask: info, operatorState }, true);
  return { fired, operatorState };
}

/** The first number whose key group belongs to this one of two subtasks. */
function keyOf(owner: number): number {
  const { start, end } = keyGroupRange(owner, 2, MAX_PARALLELISM);
  for (let key = 0; ; key++) {
    const group = keyGroupOf(key, MAX_PARALLELISM);
    if (start <= group && group <= end) return key;
  }
}

function snapshotAt(upToMs: number, index: number): Stored {
  const { fired, operatorState } = subtask(index, 2);
  fired.upToMs = upToMs;
  fired.snapshot();
  return operatorState.snapshot();
}

const restoredInOne = (...snapshots: readonly Stored[]) =>
  subtask(
    0,
    1,
    redistribute(
      snapshots.map((one) => one ?? []),
      1,
    )[0],
  );

test('at a first start nothing has fired', () => {
  const { fired } = subtask(0, 1);
  expect([fired.isRestored, fired.upToMs, fired.hasFired(100, 1)]).toEqual([
    false,
    Number.NEGATIVE_INFINITY,
    false,
  ]);
});

test('a subtask that gets keys of two goes on from the one behind, and leaves out keys of the other', () => {
  const { fired } = restoredInOne(snapshotAt(99, 0), snapshotAt(199, 1));
  expect([fired.isRestored, fired.upToMs]).toEqual([true, 99]);
  const [behind, ahead] = [keyOf(0), keyOf(1)];
  expect([150, 200, 201].map((end) => fired.hasFired(end, behind))).toEqual([false, false, false]);
  expect([150, 200, 201].map((end) => fired.hasFired(end, ahead))).toEqual([true, true, false]);
});

test('what one was ahead is in its next snapshot too, until it is behind it', () => {
  const { fired, operatorState } = restoredInOne(snapshotAt(99, 0), snapshotAt(199, 1));
  fired.snapshot();
  const again = restoredInOne(operatorState.snapshot());
  expect(again.fired.hasFired(150, keyOf(1))).toBe(true);
  again.fired.upToMs = 199;
  again.fired.snapshot();
  const later = restoredInOne(again.operatorState.snapshot());
  expect([later.fired.upToMs, later.fired.hasFired(150, keyOf(1))]).toEqual([199, false]);
});
