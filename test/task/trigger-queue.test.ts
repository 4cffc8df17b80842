// What an enumerator sends stays on its side of every barrier.

import { expect, test } from 'vitest';
import type { Barrier } from '../../engine/core/barrier.ts';
import { TriggerQueue } from '../../engine/task/trigger-queue.ts';

const barrier = (checkpointId: number): Barrier => ({
  checkpointId,
  timestampMs: 0,
  kind: 'checkpoint',
  isCancelled: false,
});

function queueOf(...items: readonly (number | string)[]): { queue: TriggerQueue; done: string[] } {
  const queue = new TriggerQueue();
  const done: string[] = [];
  for (const item of items)
    if (typeof item === 'number') queue.add(barrier(item));
    else queue.addWork(() => done.push(item));
  return { queue, done };
}

test('what comes while no barrier waits is done at once', () => {
  expect(queueOf('a', 'b').done).toEqual(['a', 'b']);
});

test('what comes behind a barrier is done when that has been taken, and before the next', () => {
  const { queue, done } = queueOf('a', 1, 'b', 'c', 2, 'd');
  expect([queue.first?.checkpointId, done]).toEqual([1, ['a']]);
  queue.shift();
  expect([queue.first, done]).toEqual([undefined, ['a']]);
  queue.flush();
  expect([queue.first?.checkpointId, done]).toEqual([2, ['a', 'b', 'c']]);
  queue.shift();
  queue.addWork(() => done.push('e'));
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('a barrier that was given up holds nothing back', () => {
  const { queue, done } = queueOf(1, 'a', 2, 'b');
  queue.remove(1);
  expect([queue.first?.checkpointId, done]).toEqual([2, ['a']]);
  expect(queue.clear()).toEqual([2]);
  expect(queue.first).toBeUndefined();
});
