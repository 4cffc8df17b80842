// What every keyed state backend promises of states with a time to live: whatever is written, read, stored by
// changes behind changes and restored at any parallelism while time passes, a value is there for its time and not
// a millisecond longer.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyGroupOf, subtaskOfKeyGroup } from '../../engine/core/key-groups.ts';
import type { KeyedStateBackend } from '../../engine/state/keyed-state.ts';
import type { KeyedStateSubject } from './keyed-state-model.ts';

const MAX_PARALLELISM = 128;

type Operation = 'update' | 'append' | 'put' | 'remove' | 'reduce' | 'add' | 'replace' | 'clear';

type Step =
  | { readonly key: string; readonly operation: Operation; readonly n: number }
  | { readonly key: string; readonly read: true }
  | { readonly passes: number }
  | { readonly rescaleTo: number }
  | { readonly checkpoint: 'base' | 'changes' };

const key = fc.constantFrom('a', 'b', 'c');
const operation = fc.constantFrom<Operation>(
  'update',
  'append',
  'put',
  'remove',
  'reduce',
  'add',
  'replace',
  'clear',
);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ key, operation, n: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.record({ key, read: fc.constant<true>(true) }) },
  { weight: 3, arbitrary: fc.record({ passes: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ rescaleTo: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ checkpoint: fc.constantFrom('base', 'changes', 'changes') }),
  },
);

interface Timed<T> {
  readonly value: T;
  readonly at: number;
}

/** All that a key has, as plain data, with the times at which it was written. */
interface Model {
  value: Timed<number> | undefined;
  list: Timed<number>[];
  map: Map<number, Timed<number>>;
  reduced: Timed<number> | undefined;
  added: Timed<readonly number[]> | undefined;
}

const emptyModel = (): Model => ({
  value: undefined,
  list: [],
  map: new Map(),
  reduced: undefined,
  added: undefined,
});

function aliveOf(model: Model, now: number, ttlMs: number) {
  const isAlive = (one: Timed<unknown>): boolean => now - one.at < ttlMs;
  const alive = <T>(one: Timed<T> | undefined): T | undefined =>
    one !== undefined && isAlive(one) ? one.value : undefined;
  return {
    value: alive(model.value) ?? -1,
    list: model.list.filter(isAlive).map(({ value }) => value),
    map: new Map([...model.map].flatMap(([n, one]) => (isAlive(one) ? [[n, one.value]] : []))),
    reduced: alive(model.reduced),
    added: alive(model.added),
  };
}

function applyToModel(
  model: Model,
  { operation, n }: { readonly operation: Operation; readonly n: number },
  at: number,
  ttlMs: number,
): void {
  const before = aliveOf(model, at, ttlMs);
  switch (operation) {
    case 'update':
      model.value = { value: n, at };
      break;
    case 'append':
      model.list.push({ value: n, at });
      break;
    case 'replace':
      model.list = [...before.list, n].map((value) => ({ value, at }));
      break;
    case 'put':
      model.map.set(n, { value: n * 2, at });
      break;
    case 'remove':
      model.map.delete(n);
      break;
    case 'reduce':
      model.reduced = { value: (before.reduced ?? 0) + n, at };
      break;
    case 'add':
      model.added = { value: [...(before.added ?? []), n], at };
      break;
    case 'clear':
      Object.assign(model, emptyModel());
      break;
  }
}

function statesOf(backend: KeyedStateBackend, ttlMs: number) {
  return {
    value: backend.value<number>({ name: 'value', ttlMs }, -1),
    list: backend.list<number>({ name: 'list', ttlMs }),
    map: backend.map<number, number>({ name: 'map', ttlMs }),
    reducing: backend.reducing<number>({ name: 'reducing', ttlMs }, (a, b) => a + b),
    aggregating: backend.aggregating<number, number[], number[]>(
      { name: 'aggregating', ttlMs },
      {
        create: () => [],
        add: (all, n) => [...all, n],
        result: (all) => all,
      },
    ),
  };
}

type States = ReturnType<typeof statesOf>;

function applyToStates(
  states: States,
  { operation, n }: { readonly operation: Operation; readonly n: number },
): void {
  switch (operation) {
    case 'update':
      return states.value.update(n);
    case 'append':
      return states.list.add(n);
    case 'replace':
      return states.list.update([...states.list.get(), n]);
    case 'put':
      return states.map.put(n, n * 2);
    case 'remove':
      return states.map.remove(n);
    case 'reduce':
      return states.reducing.add(n);
    case 'add':
      return states.aggregating.add(n);
    case 'clear':
      for (const state of Object.values(states)) state.clear();
  }
}

function read({ value, list, map, reducing, aggregating }: States) {
  const found = {
    value: value.value(),
    list: [...list.get()],
    map: new Map(map.entries()),
    reduced: reducing.get(),
    added: aggregating.get(),
  };
  expect(map.isEmpty()).toBe(found.map.size === 0);
  for (const n of [0, 1, 2, 3, 4]) expect(map.get(n)).toBe(found.map.get(n));
  return found;
}

/** A job with such states, which is rescaled, beside plain data. */
class Run<Backend extends KeyedStateBackend, Snapshot> {
  readonly #subject: KeyedStateSubject<Backend, Snapshot>;
  readonly #ttlMs: number;
  readonly #models = new Map<string, Model>();
  #now = 1_000;
  #subtasks: { backend: Backend; states: States; chain: Snapshot[] }[];

  constructor(subject: KeyedStateSubject<Backend, Snapshot>, ttlMs: number) {
    this.#subject = subject;
    this.#ttlMs = ttlMs;
    this.#subtasks = this.#start(1, []);
  }

  take(step: Step): void {
    if ('passes' in step) this.#now += step.passes;
    else if ('rescaleTo' in step) this.#rescale(step.rescaleTo);
    else if ('checkpoint' in step) this.#checkpoint(step.checkpoint);
    else this.#touch(step);
  }

  finish(): void {
    for (const key of this.#models.keys()) this.#check(key);
    this.#rescale(2);
    for (const key of this.#models.keys()) this.#check(key);
    // All that has expired is in no snapshot.
    this.#now += this.#ttlMs;
    this.#rescale(1);
    expect(this.#subtasks.flatMap(({ backend }) => [...backend.keys()])).toEqual([]);
  }

  #touch(step: Extract<Step, { readonly key: string }>): void {
    const model = this.#models.get(step.key) ?? emptyModel();
    this.#models.set(step.key, model);
    if ('read' in step) return this.#check(step.key);
    applyToModel(model, step, this.#now, this.#ttlMs);
    applyToStates(this.#statesOf(step.key), step);
  }

  #check(key: string): void {
    const model = this.#models.get(key) ?? emptyModel();
    expect(read(this.#statesOf(key))).toEqual(aliveOf(model, this.#now, this.#ttlMs));
  }

  #statesOf(key: string): States {
    const group = keyGroupOf(key, MAX_PARALLELISM);
    const owner = this.#subtasks[subtaskOfKeyGroup(group, this.#subtasks.length, MAX_PARALLELISM)];
    if (owner === undefined) throw new Error('no owner');
    owner.backend.setCurrentKey(key);
    return owner.states;
  }

  #checkpoint(extent: 'base' | 'changes'): void {
    for (const { backend, chain } of this.#subtasks) {
      const isBase = extent === 'base' || chain.length === 0;
      if (isBase) chain.length = 0;
      chain.push(this.#subject.snapshot(backend, isBase ? 'base' : 'changes'));
    }
  }

  #rescale(parallelism: number): void {
    this.#checkpoint('changes');
    const chains = this.#subtasks.flatMap(({ chain }) => chain);
    this.#subtasks = this.#start(parallelism, chains);
  }

  #start(parallelism: number, snapshots: readonly Snapshot[]) {
    return Array.from({ length: parallelism }, (_, subtask) => {
      const backend = this.#subject.create(
        {
          subtask,
          parallelism,
          maxParallelism: MAX_PARALLELISM,
          now: () => this.#now,
          objectReuse: false,
        },
        snapshots,
      );
      return { backend, states: statesOf(backend, this.#ttlMs), chain: [] };
    });
  }
}

export function ttlStateContract<Backend extends KeyedStateBackend, Snapshot>(
  name: string,
  subject: KeyedStateSubject<Backend, Snapshot>,
): void {
  test(`${name}: what is written is there for its time to live and no longer`, () => {
    fc.assert(
      fc.property(
        fc.array(anyStep, { maxLength: 40, size: 'medium' }),
        fc.integer({ min: 1, max: 8 }),
        (steps, ttlMs) => {
          const run = new Run(subject, ttlMs);
          for (const step of steps) run.take(step);
          run.finish();
        },
      ),
      { numRuns: subject.stories ?? 300 },
    );
  });
}
