// Keyed state by definition: a plain object per key. Random operations, snapshots and rescalings must leave
// a backend with the same.

import fc from 'fast-check';
import { expect } from 'vitest';
import { keyGroupOf, subtaskOfKeyGroup } from '../../engine/core/key-groups.ts';
import type { Key } from '../../engine/core/key-hash.ts';
import type { SnapshotExtent } from '../../engine/state/keyed-snapshot.ts';
import type { KeyedStateBackend } from '../../engine/state/keyed-state.ts';

export interface BackendSettings {
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly now: () => number;
  readonly objectReuse: boolean;
}

/** `Snapshot`: whatever the backend gives. */
export interface KeyedStateSubject<Backend extends KeyedStateBackend, Snapshot> {
  /** With what the old subtasks' snapshots hold of this one's key groups. */
  create(settings: BackendSettings, snapshots: readonly Snapshot[]): Backend;
  snapshot(backend: Backend, extent?: SnapshotExtent): Snapshot;
  /** Random stories that the suite tells; a backend that is slow to open takes fewer. */
  readonly stories?: number;
}

type Operation =
  | 'update'
  | 'clear'
  | 'append'
  | 'put'
  | 'remove'
  | 'reduce'
  | 'set namespaced'
  | 'remove namespaced'
  | 'set timer'
  | 'remove timer';

type Step =
  | { readonly key: Key; readonly operation: Operation; readonly n: number }
  | { readonly rescaleTo: number }
  /** Begins anew, or only what has changed since the last. */
  | { readonly checkpoint: 'base' | 'changes' };

/** `firstValue`: values are taken from there on. */
export interface Story {
  readonly steps: readonly Step[];
  readonly firstValue: number;
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      key: fc.constantFrom<Key>('a', 'b', 1, 2, 1n, ['a', 1], ['a', 2], new Date(7), true),
      operation: fc.constantFrom<Operation>(
        'update',
        'clear',
        'append',
        'put',
        'remove',
        'reduce',
        'set namespaced',
        'remove namespaced',
        'set timer',
        'remove timer',
      ),
      n: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ rescaleTo: fc.integer({ min: 1, max: 8 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ checkpoint: fc.constantFrom('base', 'changes', 'changes') }),
  },
);

export const anyStory: fc.Arbitrary<Story> = fc.record({
  steps: fc.array(anyStep, { maxLength: 30, size: 'medium' }),
  firstValue: fc.nat(9),
});

/** A change that === does not see, among values that are no numbers all. */
export const ANOTHER_ZERO: Story = {
  steps: [
    { key: 'a', operation: 'update', n: 1 },
    { key: 'b', operation: 'update', n: 8 },
    { checkpoint: 'base' },
    { key: 'a', operation: 'update', n: 0 },
    { rescaleTo: 1 },
  ],
  firstValue: 0,
};

/** Those that fit into typed rows, and those that make a table give them up. */
const VALUES: readonly unknown[] = [
  0,
  -0,
  Number.NaN,
  { count: 1, sum: 2.5 },
  { count: -0, sum: Number.NaN },
  { sum: 2.5, count: 1 },
  { count: 1, sum: 'text' },
  { count: 1 },
  'text',
  [1, { a: 1n }],
];

/** The first that a table sees decides how it begins. */
const valueAt = (n: number): unknown => VALUES[n % VALUES.length];

/** Numbers mostly. */
const namespaceOf = (n: number): number | string => (n % 5 === 4 ? 'four' : n % 5);

/** All that a key has, as plain data. */
interface Model {
  value: unknown;
  list: number[];
  map: Map<number, number>;
  reduced: number | undefined;
  namespaced: Map<number | string, unknown>;
  timers: Set<number>;
}

/** Runs the steps on a job that is rescaled between them, and on plain Maps, and compares. */
export function runAgainstMaps<Backend extends KeyedStateBackend, Snapshot>(
  subject: KeyedStateSubject<Backend, Snapshot>,
  { steps, firstValue }: Story,
): void {
  const models = new Map<string, { readonly key: Key; readonly model: Model }>();
  let subtasks = start(subject, 1, []);
  for (const step of steps) {
    if ('rescaleTo' in step) {
      for (const subtask of subtasks) checkpoint(subject, subtask);
      const chains = subtasks.flatMap(({ chain }) => chain);
      subtasks = start(subject, step.rescaleTo, chains);
      continue;
    }
    if ('checkpoint' in step) {
      for (const subtask of subtasks) checkpoint(subject, subtask, step.checkpoint);
      continue;
    }
    const { key, operation, n } = step;
    const name = nameOf(key);
    const { model } = models.get(name) ?? { model: emptyModel() };
    models.set(name, { key, model });
    applyToModel(model, operation, n, firstValue);
    const owner = ownerOf(key, subtasks);
    owner.backend.setCurrentKey(key);
    applyToStates(owner, operation, n, firstValue);
    expect(read(owner)).toEqual({ ...model, timers: undefined });
  }
  for (const { key, model } of models.values()) {
    const owner = ownerOf(key, subtasks);
    owner.backend.setCurrentKey(key);
    expect(read(owner)).toEqual({ ...model, timers: undefined });
  }
  expect(firedBy(subtasks)).toEqual(
    [...models.values()]
      .flatMap(({ key, model }) => [...model.timers].map((timeMs) => `${nameOf(key)} at ${timeMs}`))
      .toSorted(byText),
  );
}

/** Behind those that it needs to be read; without `extent` one more of these, or one alone. */
function checkpoint<Backend extends KeyedStateBackend, Snapshot>(
  subject: KeyedStateSubject<Backend, Snapshot>,
  { backend, chain }: { readonly backend: Backend; readonly chain: Snapshot[] },
  extent: SnapshotExtent = chain.length > 0 ? 'changes' : 'whole',
): void {
  const isChange = extent === 'changes' && chain.length > 0;
  if (!isChange) chain.length = 0;
  chain.push(subject.snapshot(backend, extent === 'whole' || isChange ? extent : 'base'));
}

function start<Backend extends KeyedStateBackend, Snapshot>(
  subject: KeyedStateSubject<Backend, Snapshot>,
  parallelism: number,
  snapshots: readonly Snapshot[],
) {
  return Array.from({ length: parallelism }, (_, subtask) => {
    const backend = subject.create(
      { subtask, parallelism, maxParallelism: 128, now: () => 0, objectReuse: false },
      snapshots,
    );
    return {
      backend,
      chain: [] as Snapshot[],
      value: backend.value<unknown>({ name: 'value' }, undefined),
      list: backend.list<number>({ name: 'list' }),
      map: backend.map<number, number>({ name: 'map' }),
      reducing: backend.reducing<number>({ name: 'reducing' }, (a, b) => a + b),
      namespaced: backend.namespaced<number | string, unknown>({ name: 'namespaced' }),
      timers: backend.timers('timers'),
    };
  });
}

type Subtask = ReturnType<typeof start>[number];

const ownerOf = <S extends Subtask>(key: Key, subtasks: readonly S[]): S => {
  const owner = subtasks[subtaskOfKeyGroup(keyGroupOf(key, 128), subtasks.length, 128)];
  if (owner === undefined) throw new Error('no owner');
  return owner;
};

const nameOf = (key: unknown): string =>
  Array.isArray(key)
    ? `[${key.map(nameOf).join()}]`
    : `${typeof key} ${key instanceof Date ? key.getTime() : String(key)}`;

const emptyModel = (): Model => ({
  value: undefined,
  list: [],
  map: new Map(),
  reduced: undefined,
  namespaced: new Map(),
  timers: new Set(),
});

function applyToModel(model: Model, operation: Operation, n: number, first: number): void {
  switch (operation) {
    case 'update':
      model.value = valueAt(first + n);
      break;
    case 'clear':
      Object.assign(model, { value: undefined, list: [], map: new Map(), reduced: undefined });
      break;
    case 'append':
      model.list.push(n);
      break;
    case 'put':
      model.map.set(n, n * 2);
      break;
    case 'remove':
      model.map.delete(n);
      break;
    case 'reduce':
      model.reduced = (model.reduced ?? 0) + n;
      break;
    case 'set namespaced':
      model.namespaced.set(namespaceOf(n), valueAt(first + n));
      break;
    case 'remove namespaced':
      model.namespaced.delete(namespaceOf(n));
      break;
    case 'set timer':
      model.timers.add(n);
      break;
    case 'remove timer':
      model.timers.delete(n);
      break;
  }
}

function applyToStates(subtask: Subtask, operation: Operation, n: number, first: number): void {
  switch (operation) {
    case 'update':
      return subtask.value.update(valueAt(first + n));
    case 'clear':
      subtask.value.clear();
      subtask.list.clear();
      subtask.map.clear();
      return subtask.reducing.clear();
    case 'append':
      return subtask.list.add(n);
    case 'put':
      return subtask.map.put(n, n * 2);
    case 'remove':
      return subtask.map.remove(n);
    case 'reduce':
      return subtask.reducing.add(n);
    case 'set namespaced':
      return subtask.namespaced.put(namespaceOf(n), structuredClone(valueAt(first + n)));
    case 'remove namespaced':
      return subtask.namespaced.remove(namespaceOf(n));
    case 'set timer':
      return subtask.timers.register(n, 0);
    case 'remove timer':
      return subtask.timers.remove(n, 0);
  }
}

/** Timers can only be polled away: they are compared at the end. */
const read = ({ value, list, map, reducing, namespaced }: Subtask) => ({
  value: value.value(),
  list: [...list.get()],
  map: new Map(map.entries()),
  reduced: reducing.get(),
  namespaced: new Map(
    [0, 1, 2, 3, 4].flatMap((n) => {
      const stored = namespaced.get(namespaceOf(n));
      return stored === undefined ? [] : [[namespaceOf(n), stored] as const];
    }),
  ),
  timers: undefined,
});

function firedBy(subtasks: readonly Subtask[]): string[] {
  const fired: string[] = [];
  for (const { backend, timers } of subtasks) {
    let before = Number.NEGATIVE_INFINITY;
    for (;;) {
      const timer = timers.poll(Number.POSITIVE_INFINITY);
      if (timer === undefined) break;
      expect(timer.timeMs).toBeGreaterThanOrEqual(before);
      before = timer.timeMs;
      fired.push(`${nameOf(backend.currentKey())} at ${timer.timeMs}`);
    }
  }
  return fired.toSorted(byText);
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
