// The slots that a job has been given, and which of its shared slots each one is. Pure.

import type { AllocationId, ResourceId } from '../../core/ids.ts';
import type { TaskManagerLocation } from './job-master-gateway.ts';

export interface PooledSlot {
  readonly allocationId: AllocationId;
  readonly taskManager: TaskManagerLocation;
  readonly slot: number;
}

export class SlotPool {
  readonly #size: number;
  /** By shared slot. */
  readonly #slots: (PooledSlot | undefined)[];

  /** `size`: shared slots of the job. */
  constructor(size: number) {
    this.#size = size;
    this.#slots = Array.from({ length: size }, () => undefined);
  }

  get isComplete(): boolean {
    return this.#slots.every((slot) => slot !== undefined);
  }

  get missing(): number {
    return this.#slots.filter((slot) => slot === undefined).length;
  }

  get size(): number {
    return this.#size;
  }

  /** False when no slot is wanted. Offering one again is taking it again. */
  offer(offered: PooledSlot): boolean {
    if (this.all().some(({ allocationId }) => allocationId === offered.allocationId)) return true;
    const free = this.#slots.indexOf(undefined);
    if (free < 0) return false;
    this.#slots[free] = offered;
    return true;
  }

  at(sharedSlot: number): PooledSlot | undefined {
    return this.#slots[sharedSlot];
  }

  removeTaskManager(resourceId: ResourceId): void {
    for (const [i, slot] of this.#slots.entries()) {
      if (slot?.taskManager.resourceId === resourceId) this.#slots[i] = undefined;
    }
  }

  remove(allocationId: AllocationId): void {
    for (const [i, slot] of this.#slots.entries()) {
      if (slot?.allocationId === allocationId) this.#slots[i] = undefined;
    }
  }

  all(): readonly PooledSlot[] {
    return this.#slots.filter((slot) => slot !== undefined);
  }
}
