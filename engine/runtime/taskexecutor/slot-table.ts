// The slots of a TaskManager: which job has which, the threads they run in, and the tasks in those. A slot
// is one thread, or with `taskmanager.threads: chain` one thread per task. Threads are never used again for
// another job.

import { assert } from '../../core/assert.ts';
import type { AllocationId, AttemptId, JobId } from '../../core/ids.ts';
import type { TaskDeployment } from '../../task/task-deployment.ts';
import type { SlotReport } from '../resourcemanager/resource-manager-gateway.ts';
import type { SlotWorker } from './slot-worker.ts';

export interface AllocatedSlot {
  readonly slot: number;
  readonly allocationId: AllocationId;
  readonly jobId: JobId;
  /** One thread under the allocation, or one per attempt. */
  readonly workers: Map<AllocationId | AttemptId, SlotWorker>;
}

interface PeerThread {
  readonly thread: object;
  readonly bell: Awaited<SlotWorker['ready']>;
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

  /** Starts its thread before the first task comes, where all of its tasks share one. */
  prepare(slot: AllocatedSlot): void {
    if (this.#threads === 'slot') this.#worker(slot, slot.allocationId);
  }

  /** The thread for an attempt in a slot, started if there is none. */
  workerFor(slot: AllocatedSlot, attemptId: AttemptId): SlotWorker {
    return this.#worker(slot, this.#threads === 'slot' ? slot.allocationId : attemptId);
  }

  /** Those of this process that the task exchanges records with, by attempt, and how to wake them. */
  async threadsOf({ inputs, outputs }: TaskDeployment): Promise<Map<AttemptId, PeerThread>> {
    const threads = new Map<AttemptId, PeerThread>();
    for (const { peer } of [...inputs, ...outputs].flatMap(({ channels }) => channels)) {
      const slot = this.get(peer.allocationId);
      if (slot === undefined || threads.has(peer.attemptId)) continue;
      const worker = this.workerFor(slot, peer.attemptId);
      threads.set(peer.attemptId, { thread: worker, bell: await worker.ready });
    }
    return threads;
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

  #worker(slot: AllocatedSlot, key: AllocationId | AttemptId): SlotWorker {
    const current = slot.workers.get(key);
    if (current !== undefined && !current.isGone) return current;
    const worker = this.#startWorker(slot);
    slot.workers.set(key, worker);
    return worker;
  }
}
