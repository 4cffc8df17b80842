// The slots of a job: how many it needs, which it has, which subtask goes to which, and what happens when
// they do not come. For another parallelism they are collected first, while the job goes on.

import { must } from '../../core/assert.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Configuration } from '../../core/configuration.ts';
import type { AllocationId, ResourceId } from '../../core/ids.ts';
import { options } from '../../core/options.ts';
import type { JobGraph } from '../../graph/job-graph.ts';
import type { SubtaskId } from '../../graph/pipelined-regions.ts';
import { type PooledSlot, SlotPool } from './slot-pool.ts';
import { type SharedSlot, sharedSlots } from './slot-sharing.ts';

interface SlotTimeouts {
  readonly requestMs: number;
  /** Once it is known that there are not enough. */
  readonly shortageMs: number;
}

export interface SlotPlace {
  readonly taskManager: ResourceId;
  readonly address: string;
  readonly slot: number;
}

export interface JobSlotsEvents {
  readonly clock: Clock;
  /** To the ResourceManager: so many are needed, all in all. */
  readonly declare: (slots: number) => void;
  /** Resolves when nothing runs in it any more, or it cannot be reached. */
  readonly free: (slot: PooledSlot) => Promise<void>;
  /** Every shared slot is there. */
  readonly onComplete: () => void;
  /** One has come that is held for another parallelism. */
  readonly onSpare: () => void;
  readonly onTimeout: (message: string) => void;
}

export function slotTimeouts(configuration: Configuration): SlotTimeouts {
  const requestMs = configuration.get(options.slotRequestTimeout);
  return { requestMs, shortageMs: configuration.get(options.slotShortageTimeout) ?? requestMs };
}

export class JobSlots {
  #shared: readonly SharedSlot[];
  readonly #pool: SlotPool;
  readonly #timeoutMs: number;
  readonly #shortageTimeoutMs: number;
  readonly #events: JobSlotsEvents;
  readonly #sharedOf = new Map<string, number>();
  #timer: Timer | undefined;
  #shortage: string | undefined;
  #isReleased = false;

  constructor(job: JobGraph, timeouts: SlotTimeouts, events: JobSlotsEvents) {
    this.#shared = sharedSlots(job);
    this.#pool = new SlotPool(this.#shared.length);
    this.#timeoutMs = timeouts.requestMs;
    this.#shortageTimeoutMs = timeouts.shortageMs;
    this.#events = events;
    this.#deal();
  }

  get shared(): readonly SharedSlot[] {
    return this.#shared;
  }

  /** Those that are here. */
  get count(): number {
    return this.#pool.all().length;
  }

  /** What the job waits for; undefined when it has all. */
  get shortage(): string | undefined {
    return this.#shortage;
  }

  /** Tasks are to be deployed: calls `onComplete` when every slot is there, at once if they are. */
  require(): void {
    if (this.#pool.isComplete) {
      // In a turn of its own, as when slots come.
      this.#events.clock.soon(() => this.#completeIfAll());
      return;
    }
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#events.clock.after(this.#timeoutMs, () => this.#onTimeout());
    this.#events.declare(this.#pool.wanted);
  }

  /** Asks for so many, beyond those that the job needs now; gives back what is more than that. */
  want(slots: number): void {
    if (this.#isReleased) return;
    const surplus = this.#pool.want(slots);
    // First what is needed, so that none of these is given back at once.
    this.#events.declare(this.#pool.wanted);
    for (const slot of surplus) void this.#events.free(slot);
  }

  /** The job is to go on like this: no subtask of it runs. */
  rescale(job: JobGraph): void {
    this.#shared = sharedSlots(job);
    this.#pool.need(this.#shared.length);
    this.#deal();
  }

  /** False when the slot is not wanted. */
  offer(slot: PooledSlot): boolean {
    const isSpare = this.#pool.isComplete;
    if (this.#isReleased || !this.#pool.offer(slot)) return false;
    const { clock, onSpare } = this.#events;
    if (isSpare) clock.soon(onSpare);
    else if (this.#pool.isComplete) clock.soon(() => this.#completeIfAll());
    return true;
  }

  /**
   * There are not enough, but for those `available`. `isFinal`: nor ever will be; otherwise others may let go of
   * theirs. True: it is news.
   */
  onShortage(message: string, available: number, isFinal: boolean): boolean {
    const isEnough = this.#pool.isComplete || available >= this.#pool.needed;
    if (this.#isReleased || isEnough) return false;
    const isNews = this.#shortage === undefined;
    this.#shortage = message;
    if (isNews && isFinal && this.#shortageTimeoutMs < this.#timeoutMs) {
      this.#timer?.[Symbol.dispose]();
      this.#timer = this.#events.clock.after(this.#shortageTimeoutMs, () => this.#onTimeout());
    }
    return isNews;
  }

  has(allocationId: AllocationId): boolean {
    return this.#pool.all().some((slot) => slot.allocationId === allocationId);
  }

  onTaskManagerLost(resourceId: ResourceId): void {
    this.#pool.removeTaskManager(resourceId);
  }

  /** Its TaskManager has taken it back, and what it said of that was lost. */
  onSlotGone(allocationId: AllocationId | undefined): void {
    if (allocationId !== undefined) this.#pool.remove(allocationId);
  }

  slotOf(id: SubtaskId): PooledSlot {
    const shared = must(this.#sharedOf.get(keyOf(id)), `the shared slot of subtask ${keyOf(id)}`);
    return must(this.#pool.at(shared), `slot ${shared} of the job`);
  }

  /** Where an attempt runs, for as long as its slot is ours; after that, where it ran last is not told. */
  placeOf(id: SubtaskId, allocationId: AllocationId | undefined): SlotPlace | undefined {
    const slot = this.#pool.at(this.#sharedOf.get(keyOf(id)) ?? -1);
    if (slot === undefined || slot.allocationId !== allocationId) return undefined;
    const { taskManager } = slot;
    return {
      taskManager: taskManager.resourceId,
      address: taskManager.dataAddress,
      slot: slot.slot,
    };
  }

  /** Resolves when nothing of the job runs any more, as far as that can be known. */
  async releaseAll(): Promise<void> {
    this.#isReleased = true;
    this.#timer?.[Symbol.dispose]();
    await Promise.all(this.#pool.all().map((slot) => this.#events.free(slot)));
  }

  #deal(): void {
    this.#sharedOf.clear();
    for (const { index, subtasks } of this.#shared)
      for (const id of subtasks) this.#sharedOf.set(keyOf(id), index);
  }

  #completeIfAll(): void {
    if (this.#isReleased || !this.#pool.isComplete) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#shortage = undefined;
    this.#events.onComplete();
  }

  #onTimeout(): void {
    const { missing, needed } = this.#pool;
    const message =
      this.#shortage ??
      `the job needs ${needed} slots, and ${missing} of them did not come within ${this.#timeoutMs} ms (slot.request.timeout)`;
    this.#events.onTimeout(message);
  }
}

const keyOf = ({ vertex, subtask }: SubtaskId): string => `${vertex}.${subtask}`;
