// The thread in which a slot's tasks run: a seam, a worker thread in real processes (entrypoint) and an
// object in the simulation.

import type { CpuProfile } from '../../core/cpu-profile.ts';
import type { FromSlot, ToSlot } from '../../task/slot-messages.ts';

export interface SlotThread {
  post(message: ToSlot): void;
  /** Ends it whatever it does; resolves when it is gone. `onExit` is not called then. */
  terminate(): Promise<void>;
  /** Where it is right now, also inside an endless loop; undefined when that cannot be told. */
  stack(): Promise<string | undefined>;
  /** What it does for so long, looked at so often; undefined when that cannot be told. */
  profile(durationMs: number, intervalMs: number): Promise<CpuProfile | undefined>;
}

export interface SlotThreadEvents {
  onMessage(message: FromSlot): void;
  /** The thread is gone without having been asked: why, for people. */
  onExit(reason: string): void;
}

export interface SlotSpawner {
  start(name: string, heapMaxBytes: number, events: SlotThreadEvents): SlotThread;
}
