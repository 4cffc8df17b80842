// Waits for something that the operating system does (files, sockets): looks again in every turn of the
// event loop, for a bounded time. Not for time itself, which tests advance (fake-clock.ts).

import { systemClock } from '../../engine/core/system-clock.ts';

const PATIENCE_MS = 10_000;

/** Resolves once `isTrue` holds. @throws Error naming `what` when it does not come true. */
export async function until(isTrue: () => boolean, what: string): Promise<void> {
  const giveUpAt = systemClock.monotonic() + PATIENCE_MS;
  while (!isTrue()) {
    if (systemClock.monotonic() > giveUpAt) throw new Error(`waited in vain: ${what}`);
    await turn();
  }
}

/** The event loop has turned once. */
export const turn = (): Promise<void> => new Promise((resolve) => systemClock.soon(resolve));

/** Enough turns for what is under way in the thread pool to have come back, where nothing tells. */
export async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}
