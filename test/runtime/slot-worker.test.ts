// A slot's thread, and those who wait until it is up.

import { expect, test } from 'vitest';
import { SlotWorker } from '../../engine/runtime/taskexecutor/slot-worker.ts';

test('a thread that is ended before it is up leaves nobody waiting for it', async () => {
  const thread = {
    post: () => undefined,
    terminate: () => Promise.resolve(),
    stack: () => Promise.resolve(undefined),
    profile: () => Promise.resolve(undefined),
  };
  const worker = new SlotWorker({ start: () => thread }, 'slot-0', 1);
  const isUp = worker.ready;
  await worker.terminate();
  await expect(isUp).rejects.toThrow('the thread was ended before it was up');
});
