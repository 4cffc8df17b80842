// The slots that a job has been given, and which of its shared slots each one is. Pure. Beyond those that it
// needs now it may hold some for the parallelism that it is about to have; they stand in for one that is lost.

import type { AllocationId, ResourceId } from '../../core/ids.ts';
import type { TaskManagerLocation } from './job-master-gateway.ts';

export interface PooledSlot {
  readonly allocationId: AllocationId;
  readonly taskManager: TaskManagerLocation;
  readonly slot: number;
}

export class SlotPool {
  #needed: number;
  #wanted: number;
  /** By shared slot; those that are held beyond are behind them. */
  #slots: (PooledSlot | undefined)[];

  /** `needed`: shared slots of the job. */
  constructor(needed: number) {
    this.#needed = needed;
    this.#wanted = needed;
    this.#slots = [];
  }

  get isComplete(): boolean {
    return this.missing === 0;
  }

  get missing(): number {
    return this.#needed - this.#slots.slice(0, this.#needed).filter(isThere).length;
  }

  get needed(): number {
    return this.#needed;
  }

  /** How many the job asks for, all in all. */
  get wanted(): number {
    return this.#wanted;
  }

  /** False when no slot is wanted. Offering one again is taking it again. */
  offer(offered: PooledSlot): boolean {
    const all = this.all();
    if (all.some(({ allocationId }) => allocationId === offered.allocationId)) return true;
    if (all.length >= this.#wanted) return false;
    this.#put(offered);
    return true;
  }

  at(sharedSlot: number): PooledSlot | undefined {
    return sharedSlot < this.#needed ? this.#slots[sharedSlot] : undefined;
  }

  remove(allocationId: AllocationId): void {
    this.#lose((slot) => slot.allocationId === allocationId);
  }

  removeTaskManager(resourceId: ResourceId): void {
    this.#lose(({ taskManager }) => taskManager.resourceId === resourceId);
  }

  all(): readonly PooledSlot[] {
    return this.#slots.filter(isThere);
  }

  /** The job asks for so many, at least for those that it needs. Answers those that it has too many. */
  want(slots: number): readonly PooledSlot[] {
    this.#wanted = Math.max(slots, this.#needed);
    const spares = this.#slots.splice(this.#needed).filter(isThere);
    const kept = Math.max(0, this.#wanted - this.all().length);
    this.#slots.push(...spares.slice(0, kept));
    return spares.slice(kept);
  }

  /** From now on it needs so many. Which shared slot each one is may change: none is in use. */
  need(slots: number): void {
    this.#slots = [...this.all()];
    this.#needed = slots;
    this.#wanted = Math.max(this.#wanted, slots);
  }

  #lose(isLost: (slot: PooledSlot) => boolean): void {
    for (const [i, slot] of this.#slots.entries())
      if (slot !== undefined && isLost(slot)) this.#slots[i] = undefined;
    for (const spare of this.#slots.splice(this.#needed).filter(isThere)) this.#put(spare);
  }

  #put(slot: PooledSlot): void {
    for (let i = 0; i < this.#needed; i++) {
      if (this.#slots[i] !== undefined) continue;
      this.#slots[i] = slot;
      return;
    }
    this.#slots.push(slot);
  }
}

const isThere = (slot: PooledSlot | undefined): slot is PooledSlot => slot !== undefined;
