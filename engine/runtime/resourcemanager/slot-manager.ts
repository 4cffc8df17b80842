// Which slot goes to which job, and how many TaskManagers there should be. Pure: what happened goes in,
// what is to be done comes out. A slot is free, requested (its TaskExecutor has been asked to give it to a
// job) or allocated (the TaskExecutor says so):
//
//   free ──request──▶ requested ──reported──▶ allocated ──freed──▶ free
//                         └──────refused────────────────────────▶ free
//
// Slots are given local first: TaskManagers that serve the job already, then idle ones; those of other
// jobs only where sharing is allowed and no other can be had.

import type { AllocationId, JobId, ResourceId } from '../../core/ids.ts';
import type { JobMasterAddress } from '../taskexecutor/task-executor-gateway.ts';
import type { SlotReport } from './resource-manager-gateway.ts';

export interface SlotManagerSettings {
  /** Slots that may be in use at once, over all TaskManagers. */
  readonly slotsMax: number;
  /** Slots of a TaskManager that the driver starts. */
  readonly slotsPerWorker: number;
  /** Whether the driver may be asked for more workers. */
  readonly canStart: boolean;
  readonly workersMax: number;
  readonly mayShare: boolean;
}

export type SlotManagerEffect =
  | {
      readonly kind: 'request-slot';
      readonly resourceId: ResourceId;
      readonly slot: number;
      readonly allocationId: AllocationId;
      readonly jobId: JobId;
      readonly jobMaster: JobMasterAddress;
    }
  | { readonly kind: 'start-workers'; readonly count: number }
  | {
      readonly kind: 'not-enough';
      readonly jobId: JobId;
      readonly jobMaster: JobMasterAddress;
      readonly required: number;
      readonly available: number;
      readonly inUseByOthers: number;
    };

type Slot =
  | { readonly status: 'free' }
  | {
      readonly status: 'requested' | 'allocated';
      readonly allocationId: AllocationId;
      readonly jobId: JobId;
    };

interface Worker {
  readonly resourceId: ResourceId;
  readonly slotsMax: number;
  readonly isElastic: boolean;
  readonly slots: Slot[];
  /** Slots in use here that its last report did not know. */
  unknown: ReadonlySet<AllocationId>;
  /** Monotonic ms since when it has served no job; undefined while it does. */
  idleSinceMs: number | undefined;
}

interface Requirement {
  readonly jobMaster: JobMasterAddress;
  readonly slots: number;
}

const FREE: Slot = { status: 'free' };

export class SlotManager {
  readonly #settings: SlotManagerSettings;
  readonly #newAllocationId: () => AllocationId;
  readonly #workers = new Map<ResourceId, Worker>();
  readonly #requirements = new Map<JobId, Requirement>();
  #starting = 0;

  constructor(settings: SlotManagerSettings, newAllocationId: () => AllocationId) {
    this.#settings = settings;
    this.#newAllocationId = newAllocationId;
  }

  onWorkerRegistered(
    resourceId: ResourceId,
    worker: {
      readonly slotsMax: number;
      readonly isElastic: boolean;
      readonly wasStarted: boolean;
    },
    reports: readonly SlotReport[],
    nowMs: number,
  ): SlotManagerEffect[] {
    if (worker.wasStarted) this.onStarted();
    const count = worker.isElastic ? 0 : worker.slotsMax;
    const slots: Slot[] = Array.from({ length: count }, () => FREE);
    for (const { slot, allocation } of reports) {
      if (allocation !== undefined) slots[slot] = { status: 'allocated', ...allocation };
    }
    for (let i = 0; i < slots.length; i++) slots[i] ??= FREE;
    this.#workers.set(resourceId, {
      resourceId,
      slotsMax: worker.slotsMax,
      isElastic: worker.isElastic,
      slots,
      unknown: new Set(),
      idleSinceMs: slots.some((slot) => slot.status !== 'free') ? undefined : nowMs,
    });
    return this.#assign();
  }

  onWorkerLost(resourceId: ResourceId): SlotManagerEffect[] {
    this.#workers.delete(resourceId);
    return this.#assign();
  }

  /** A worker that was asked for is among those that have registered. */
  onStarted(): void {
    this.#starting = Math.max(0, this.#starting - 1);
  }

  /** A worker that was asked for will not come. */
  onStartFailed(): SlotManagerEffect[] {
    this.onStarted();
    return this.#assign();
  }

  onRequirements(jobId: JobId, jobMaster: JobMasterAddress, slots: number): SlotManagerEffect[] {
    if (slots === 0) this.#requirements.delete(jobId);
    else this.#requirements.set(jobId, { jobMaster, slots });
    return this.#assign();
  }

  /**
   * What a TaskExecutor says of its slots repairs what messages may have lost. One report may have crossed with
   * a request: a slot that two in a row do not know is asked for again, or free.
   */
  onReport(
    resourceId: ResourceId,
    reports: readonly SlotReport[],
    nowMs: number,
  ): SlotManagerEffect[] {
    const worker = this.#workers.get(resourceId);
    if (worker === undefined) return [];
    const reported = new Set<AllocationId>();
    for (const { slot, allocation } of reports) {
      if (allocation === undefined) continue;
      reported.add(allocation.allocationId);
      worker.slots[slot] = { status: 'allocated', ...allocation };
    }
    const unknown = worker.slots.flatMap((slot, i) =>
      slot.status === 'free' || reported.has(slot.allocationId) ? [] : [{ ...slot, index: i }],
    );
    const again = unknown.filter(({ allocationId }) => worker.unknown.has(allocationId));
    worker.unknown = new Set(unknown.map(({ allocationId }) => allocationId));
    return again.flatMap(({ status, index, allocationId, jobId }) => {
      const jobMaster = this.#requirements.get(jobId)?.jobMaster;
      return status === 'requested' && jobMaster !== undefined
        ? [{ kind: 'request-slot', resourceId, slot: index, allocationId, jobId, jobMaster }]
        : this.onSlotFree(resourceId, index, allocationId, nowMs);
    });
  }

  /** The TaskExecutor took the request, or could not. */
  onSlotRequested(
    resourceId: ResourceId,
    slot: number,
    allocationId: AllocationId,
    taken: boolean,
    nowMs: number,
  ): SlotManagerEffect[] {
    const worker = this.#workers.get(resourceId);
    const current = worker?.slots[slot];
    if (
      worker === undefined ||
      current?.status !== 'requested' ||
      current.allocationId !== allocationId
    )
      return [];
    if (taken) {
      worker.slots[slot] = { ...current, status: 'allocated' };
      return [];
    }
    return this.onSlotFree(resourceId, slot, allocationId, nowMs);
  }

  onSlotFree(
    resourceId: ResourceId,
    slot: number,
    allocationId: AllocationId,
    nowMs: number,
  ): SlotManagerEffect[] {
    const worker = this.#workers.get(resourceId);
    const current = worker?.slots[slot];
    if (worker === undefined || current === undefined || current.status === 'free') return [];
    if (current.allocationId !== allocationId) return []; // late: it has been given away again
    worker.slots[slot] = FREE;
    if (worker.slots.every(({ status }) => status === 'free')) {
      worker.idleSinceMs = nowMs;
      if (worker.isElastic) worker.slots.length = 0;
    }
    return this.#assign();
  }

  /** Workers that have served no job for that long, oldest first, keeping `spares` of them. */
  idleWorkers(nowMs: number, timeoutMs: number, spares: number): ResourceId[] {
    const idle = [...this.#workers.values()]
      .filter(({ idleSinceMs }) => idleSinceMs !== undefined)
      .sort((a, b) => (a.idleSinceMs ?? 0) - (b.idleSinceMs ?? 0));
    return idle
      .slice(0, Math.max(0, idle.length - spares))
      .filter(({ idleSinceMs }) => nowMs - (idleSinceMs ?? nowMs) >= timeoutMs)
      .map(({ resourceId }) => resourceId);
  }

  /** How many workers to start so that `spares` stand idle. Counted as started from now on. */
  startSpares(spares: number): number {
    const idle = [...this.#workers.values()].filter(
      ({ idleSinceMs }) => idleSinceMs !== undefined,
    ).length;
    const room = this.#settings.workersMax - this.#workers.size - this.#starting;
    const count = this.#settings.canStart
      ? Math.max(0, Math.min(spares - idle - this.#starting, room))
      : 0;
    this.#starting += count;
    return count;
  }

  slotsOf(resourceId: ResourceId): { readonly total: number; readonly free: number } {
    const worker = this.#workers.get(resourceId);
    if (worker === undefined) return { total: 0, free: 0 };
    // An elastic TaskManager shows one slot when it has none in use: it is there to be taken.
    const total = Math.max(worker.slots.length, worker.isElastic ? 1 : worker.slotsMax);
    const used = worker.slots.filter(({ status }) => status !== 'free').length;
    return { total, free: total - used };
  }

  jobsOf(resourceId: ResourceId): readonly { readonly slot: number; readonly jobId: JobId }[] {
    const worker = this.#workers.get(resourceId);
    return (worker?.slots ?? []).flatMap((slot, i) =>
      slot.status === 'free' ? [] : [{ slot: i, jobId: slot.jobId }],
    );
  }

  #assign(): SlotManagerEffect[] {
    const effects: SlotManagerEffect[] = [];
    for (const [jobId, requirement] of this.#requirements) {
      effects.push(...this.#assignJob(jobId, requirement));
    }
    return effects;
  }

  #assignJob(jobId: JobId, { jobMaster, slots: required }: Requirement): SlotManagerEffect[] {
    const effects: SlotManagerEffect[] = [];
    let missing = required - this.#usedBy(jobId);
    let room = this.#settings.slotsMax - this.#used();
    while (missing > 0 && room > 0) {
      const place = this.#freeSlotFor(jobId);
      if (place === undefined) break;
      const allocationId = this.#newAllocationId();
      place.worker.slots[place.slot] = { status: 'requested', allocationId, jobId };
      place.worker.idleSinceMs = undefined;
      effects.push({
        kind: 'request-slot',
        resourceId: place.worker.resourceId,
        slot: place.slot,
        allocationId,
        jobId,
        jobMaster,
      });
      missing--;
      room--;
    }
    if (missing > 0) effects.push(...this.#more(jobId, jobMaster, required, missing, room));
    return effects;
  }

  /** Slots are missing: start workers for them, or say that there never will be enough. */
  #more(
    jobId: JobId,
    jobMaster: JobMasterAddress,
    required: number,
    missing: number,
    room: number,
  ): SlotManagerEffect[] {
    const { canStart, workersMax, slotsPerWorker } = this.#settings;
    const startable = canStart ? Math.max(0, workersMax - this.#workers.size - this.#starting) : 0;
    const coming = this.#starting * slotsPerWorker;
    const possible = Math.min(room, coming + startable * slotsPerWorker);
    if (missing > possible) {
      const inUseByOthers = this.#used() - this.#usedBy(jobId);
      return [
        {
          kind: 'not-enough',
          jobId,
          jobMaster,
          required,
          available: required - missing + possible,
          inUseByOthers,
        },
      ];
    }
    const count = Math.min(startable, Math.ceil(Math.max(0, missing - coming) / slotsPerWorker));
    this.#starting += count;
    return count === 0 ? [] : [{ kind: 'start-workers', count }];
  }

  #freeSlotFor(jobId: JobId): { readonly worker: Worker; readonly slot: number } | undefined {
    const workers = [...this.#workers.values()];
    const serving = workers.filter((worker) => holds(worker, jobId));
    const idle = workers.filter(({ idleSinceMs }) => idleSinceMs !== undefined);
    for (const worker of [...serving, ...idle]) {
      const slot = freeSlot(worker);
      if (slot !== undefined) return { worker, slot };
    }
    return this.#mustShare() ? firstFree(workers) : undefined;
  }

  /** Another job's TaskManager is taken only when no TaskManager is on its way and none can be started. */
  #mustShare(): boolean {
    const { mayShare, canStart, workersMax } = this.#settings;
    if (!mayShare || this.#starting > 0) return false;
    return !(canStart && this.#workers.size < workersMax);
  }

  #usedBy(jobId: JobId): number {
    return this.#count((slot) => slot.status !== 'free' && slot.jobId === jobId);
  }

  #used(): number {
    return this.#count((slot) => slot.status !== 'free');
  }

  #count(matches: (slot: Slot) => boolean): number {
    let count = 0;
    for (const { slots } of this.#workers.values()) count += slots.filter(matches).length;
    return count;
  }
}

function holds(worker: Worker, jobId: JobId): boolean {
  return worker.slots.some((slot) => slot.status !== 'free' && slot.jobId === jobId);
}

function freeSlot(worker: Worker): number | undefined {
  const found = worker.slots.findIndex(({ status }) => status === 'free');
  if (found >= 0) return found;
  return worker.isElastic && worker.slots.length < worker.slotsMax
    ? worker.slots.length
    : undefined;
}

function firstFree(
  workers: readonly Worker[],
): { readonly worker: Worker; readonly slot: number } | undefined {
  for (const worker of workers) {
    const slot = freeSlot(worker);
    if (slot !== undefined) return { worker, slot };
  }
  return undefined;
}
