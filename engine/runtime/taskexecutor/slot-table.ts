// The slots of a TaskManager: which job has which, the threads they run in, and the tasks in those. A slot
// is one thread, or with `taskmanager.threads: chain` one thread per task. Threads are never used again for
// another job.

import { assert } from '../../core/assert.ts';
import type { AllocationId, AttemptId, JobId } from '../../core/ids.ts';
import type { SlotReport } from '../resourcemanager/resource-manager-gateway.ts';
import type { SlotWorker } from './slot-worker.ts';

export interface AllocatedSlot {
  readonly slot: number;
  readonly allocationId: AllocationId;
  readonly jobId: JobId;
  /** One thread under the allocation, or one per attempt. */
  readonly workers: Map<AllocationId | AttemptId, SlotWorker>;
}

export class SlotTable {
  readonly #slotsMax: number;
  readonly #threads: 'slot' | 'chain';
  readonly #startWorker: (slot: AllocatedSlot) => SlotWorker;
  readonly #byAllocation = new Map<AllocationId, AllocatedSlot>();

  constructor(
    slotsMax: number,
    threads: 'slot' | 'chain',
    startWorker: (slot: AllocatedSlot) => SlotWorker,
  ) {
    this.#slotsMax = slotsMax;
    this.#threads = threads;
    this.#startWorker = startWorker;
  }

  /** Undefined when the slot is another allocation's already. */
  allocate(slot: number, allocationId: AllocationId, jobId: JobId): AllocatedSlot | undefined {
    assert(slot >= 0 && slot < this.#slotsMax, `slot ${slot} of ${this.#slotsMax}`);
    const holder = this.all().find((other) => other.slot === slot);
    if (holder !== undefined) return holder.allocationId === allocationId ? holder : undefined;
    const allocated: AllocatedSlot = { slot, allocationId, jobId, workers: new Map() };
    this.#byAllocation.set(allocationId, allocated);
    return allocated;
  }

  get(allocationId: AllocationId): AllocatedSlot | undefined {
    return this.#byAllocation.get(allocationId);
  }

  free(allocationId: AllocationId): void {
    this.#byAllocation.delete(allocationId);
  }

  /** The thread for an attempt in a slot, started if there is none. */
  workerFor(slot: AllocatedSlot, attemptId: AttemptId): SlotWorker {
    const key = this.#threads === 'slot' ? slot.allocationId : attemptId;
    const current = slot.workers.get(key);
    if (current !== undefined && !current.isGone) return current;
    const worker = this.#startWorker(slot);
    slot.workers.set(key, worker);
    return worker;
  }

  forgetWorker(slot: AllocatedSlot, worker: SlotWorker): void {
    for (const [key, held] of slot.workers) if (held === worker) slot.workers.delete(key);
  }

  all(): readonly AllocatedSlot[] {
    return [...this.#byAllocation.values()];
  }

  ofJob(jobId: JobId): readonly AllocatedSlot[] {
    return this.all().filter((slot) => slot.jobId === jobId);
  }

  report(): readonly SlotReport[] {
    return this.all().map(({ slot, allocationId, jobId }) => ({
      slot,
      allocation: { allocationId, jobId },
    }));
  }
}
