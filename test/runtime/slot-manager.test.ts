// Which slot goes to which job: no slot to two, none idle while a job waits for it (INV-22).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AllocationId, JobId, ResourceId } from '../../engine/core/ids.ts';
import type { SlotReport } from '../../engine/runtime/resourcemanager/resource-manager-gateway.ts';
import {
  SlotManager,
  type SlotManagerEffect,
  type SlotManagerSettings,
} from '../../engine/runtime/resourcemanager/slot-manager.ts';
import type { JobMasterAddress } from '../../engine/runtime/taskexecutor/task-executor-gateway.ts';

const address = {} as JobMasterAddress;
const job = (n: number): JobId => `job-${n}` as JobId;
const worker = (n: number): ResourceId => `tm-${n}` as ResourceId;

const SETTINGS: SlotManagerSettings = {
  slotsMax: 6,
  slotsPerWorker: 2,
  canStart: false,
  workersMax: 3,
  mayShare: true,
};

type SlotRequest = SlotManagerEffect & { kind: 'request-slot' };

/** A SlotManager and TaskExecutors that have what they were asked for. */
class Slots {
  readonly manager: SlotManager;
  readonly #has = new Map<ResourceId, Map<number, { allocationId: AllocationId; jobId: JobId }>>();
  shortages: JobId[] = [];
  started = 0;
  #next = 1;

  constructor(settings: Partial<SlotManagerSettings> = {}) {
    this.manager = new SlotManager(
      { ...SETTINGS, ...settings },
      () => `slot-${this.#next++}` as AllocationId,
    );
  }

  register(n: number, isElastic = false): this {
    this.#has.set(worker(n), new Map());
    const facts = { slotsMax: 2, isElastic, wasStarted: false };
    return this.apply(this.manager.onWorkerRegistered(worker(n), facts, [], 0));
  }

  lose(n: number): this {
    this.#has.delete(worker(n));
    return this.apply(this.manager.onWorkerLost(worker(n)));
  }

  require(n: number, slots: number): this {
    return this.apply(this.manager.onRequirements(job(n), address, slots));
  }

  /** All slots of that job are given back. */
  free(n: number): this {
    for (const [resourceId, slots] of this.#has) {
      for (const [slot, { allocationId, jobId }] of slots) {
        if (jobId !== job(n)) continue;
        slots.delete(slot);
        this.apply(this.manager.onSlotFree(resourceId, slot, allocationId, 0));
      }
    }
    return this;
  }

  report(n: number): this {
    return this.apply(this.manager.onReport(worker(n), this.#reportsOf(worker(n)), 0));
  }

  /** Its slots, without a word to the SlotManager. */
  forget(n: number): void {
    this.#has.get(worker(n))?.clear();
  }

  apply(effects: readonly SlotManagerEffect[]): this {
    for (const effect of effects) {
      if (effect.kind === 'not-enough') this.shortages.push(effect.jobId);
      else if (effect.kind === 'start-workers') this.started += effect.count;
      else this.#request(effect);
    }
    return this;
  }

  of(n: number): number {
    return [...this.#has.values()]
      .flatMap((slots) => [...slots.values()])
      .filter(({ jobId }) => jobId === job(n)).length;
  }

  /** The workers that serve a job. */
  places(n: number): readonly ResourceId[] {
    return [...this.#has].flatMap(([resourceId, slots]) =>
      [...slots.values()].some(({ jobId }) => jobId === job(n)) ? [resourceId] : [],
    );
  }

  get unused(): number {
    return [...this.#has.keys()].reduce((sum, id) => sum + this.manager.slotsOf(id).free, 0);
  }

  #request({ resourceId, slot, allocationId, jobId }: SlotRequest): void {
    const slots = this.#has.get(resourceId);
    const isFree = slots !== undefined && !slots.has(slot);
    if (isFree) slots.set(slot, { allocationId, jobId });
    expect(isFree).toBe(true);
    this.apply(this.manager.onSlotRequested(resourceId, slot, allocationId, true, 0));
  }

  #reportsOf(resourceId: ResourceId): SlotReport[] {
    return [...(this.#has.get(resourceId) ?? [])].map(([slot, allocation]) => ({
      slot,
      allocation,
    }));
  }
}

type Event = readonly ['register' | 'lose' | 'require' | 'end' | 'report', number, number];

/** Random events in their order; those that make no sense now are left out. */
class History {
  readonly #slots = new Slots();
  readonly #wanted = new Map<number, number>();
  readonly #there = new Set<number>();

  happen([kind, n, count]: Event): void {
    switch (kind) {
      case 'register':
        if (!this.#there.has(n)) this.#slots.register(n);
        this.#there.add(n);
        return;
      case 'lose':
        if (this.#there.delete(n)) this.#slots.lose(n);
        return;
      case 'report':
        if (this.#there.has(n)) this.#slots.report(n);
        return;
      case 'require':
        if ((this.#wanted.get(n) ?? 0) > count) return;
        this.#wanted.set(n, count);
        this.#slots.require(n, count);
        return;
      case 'end':
        this.#wanted.delete(n);
        this.#slots.require(n, 0).free(n);
    }
  }

  check(): void {
    let missing = 0;
    for (const [n, count] of this.#wanted) {
      expect(this.#slots.of(n)).toBeLessThanOrEqual(count);
      missing += count - this.#slots.of(n);
    }
    expect(Math.min(missing, this.#slots.unused)).toBe(0);
  }
}

test('no slot is given twice, and none is idle while a job waits for it', () => {
  const events = fc.array(
    fc.tuple(
      fc.constantFrom<Event[0]>('register', 'lose', 'require', 'end', 'report'),
      fc.nat(2),
      fc.nat(4),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(events, (all) => {
      const history = new History();
      for (const event of all) {
        history.happen(event);
        history.check();
      }
    }),
  );
});

describe('placement', () => {
  test('is local first: where the job is already, then where nobody is', () => {
    const slots = new Slots().register(0).register(1).register(2).require(0, 1).require(1, 2);
    expect([slots.places(0), slots.places(1)]).toEqual([[worker(0)], [worker(1)]]);
    slots.require(0, 2);
    expect(slots.places(0)).toEqual([worker(0)]);
  });

  test('shares a worker with another job only when there is no other', () => {
    const slots = new Slots().register(0).register(1).require(0, 1).require(1, 3);
    expect(slots.places(1)).toEqual([worker(0), worker(1)]);
  });

  test('never shares one where that is not allowed, and says that slots are missing', () => {
    const slots = new Slots({ mayShare: false }).register(0).require(0, 1).require(1, 1);
    expect([slots.of(1), slots.shortages]).toEqual([0, [job(1)]]);
  });
});

describe('workers', () => {
  test('are started for what is missing, and no more than that', () => {
    const slots = new Slots({ canStart: true }).require(0, 3).require(0, 3);
    expect(slots.started).toBe(2);
  });

  test('are not started beyond what is allowed: that is a shortage', () => {
    const slots = new Slots({ canStart: true }).require(0, 7);
    expect([slots.started, slots.shortages]).toEqual([0, [job(0)]]);
  });

  test('that were started before any job count', () => {
    const slots = new Slots({ canStart: true });
    expect(slots.manager.startSpares(2)).toBe(2);
    expect(slots.require(0, 4).started).toBe(0);
  });
});

test('a slot that two reports in a row do not know is free; one may have crossed with the request', () => {
  const slots = new Slots().register(0).require(0, 2);
  slots.require(0, 0).forget(0);
  slots.report(0);
  expect(slots.manager.slotsOf(worker(0)).free).toBe(0);
  slots.report(0);
  expect(slots.manager.slotsOf(worker(0)).free).toBe(2);
});
