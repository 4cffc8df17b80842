// Contents of windows by slice and key, on the heap and on disk.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { type KeyGroupBlock, wholeSnapshot } from '../../engine/state/keyed-snapshot.ts';
import type { SlicedJoinState, SlicedState, TimerQueue } from '../../engine/state/keyed-state.ts';
import { LmdbStateBackend } from '../../engine/state/lmdb-keyed-state.ts';
import { keyGroupsOf } from '../../engine/state/rescaling.ts';
import { slicedJoinContract } from '../contract/sliced-join-contract.ts';
import { type SlicedSubject, slicedStateContract } from '../contract/sliced-state-contract.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const opened: LmdbStateBackend[] = [];
let names = 0;

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const clock = { now: () => 0 };

function snapshot(backend: HeapStateBackend, meanwhile: () => void): readonly KeyGroupBlock[] {
  const taken = backend.snapshot();
  meanwhile();
  return wholeSnapshot(taken);
}

const onHeap: SlicedSubject<HeapStateBackend, readonly KeyGroupBlock[]> = {
  create({ subtask, parallelism, maxParallelism }, snapshots) {
    const keyGroups = keyGroupRange(subtask, parallelism, maxParallelism);
    const backend = new HeapStateBackend({ maxParallelism, keyGroups, clock, objectReuse: false });
    backend.restore(keyGroupsOf(snapshots.flat(), subtask, parallelism, maxParallelism));
    return backend;
  },
  snapshot,
};

const onDisk: SlicedSubject<LmdbStateBackend, readonly KeyGroupBlock[]> = {
  create({ subtask, parallelism, maxParallelism }, snapshots) {
    const keyGroups = keyGroupRange(subtask, parallelism, maxParallelism);
    const name = `test-${names++}`;
    const options = { maxParallelism, keyGroups, clock, objectReuse: false };
    const backend = new LmdbStateBackend({ ...options, directory, name, cacheBytesMax: 0 });
    opened.push(backend);
    backend.restore(keyGroupsOf(snapshots.flat(), subtask, parallelism, maxParallelism));
    return backend;
  },
  snapshot,
};

slicedStateContract('heap', onHeap);
slicedJoinContract('heap', onHeap);
slicedStateContract('lmdb', onDisk, 3);
slicedJoinContract('lmdb', onDisk, 3);

test('rows of keys that are gone are given to others, and the keys that stay keep theirs', () => {
  const keyGroups = { start: 0, end: 127 };
  const backend = new HeapStateBackend({
    maxParallelism: 128,
    keyGroups,
    clock,
    objectReuse: true,
  });
  const state = backend.sliced({ name: 'slices' });
  const put = (key: number | string, slice: number, value: number): void => {
    backend.setCurrentKey(key);
    state.put(slice, value);
  };
  for (let slice = 0; slice < 20; slice++) {
    put('always', slice, slice);
    for (let i = 0; i < 2_000; i++) put(`${slice} ${i}`, slice, i);
    if (slice > 1) state.clear(slice - 2);
    const keys = [...backend.keys()];
    expect(keys).toHaveLength(slice === 0 ? 2_001 : 4_001);
    backend.setCurrentKey('always');
    expect(state.get(slice)).toBe(slice);
    expect(state.get(slice - 1)).toBe(slice === 0 ? undefined : slice - 1);
  }
});

test('sums of many keys are those of their slices, whole at first, then with halves, and -0 is no 0', () => {
  const backend = onHeap.create({ subtask: 0, parallelism: 1, maxParallelism: 16 }, []);
  const state = backend.sliced({ name: 'slices' });
  const add = (a: unknown, b: unknown): unknown => (a === undefined ? b : Number(a) + Number(b));
  const sums = (slices: readonly number[]): ReadonlyMap<unknown, unknown> => {
    const found = new Map<unknown, unknown>();
    const cursor = state.cursor(slices, add, true);
    while (cursor.next()) found.set(cursor.key, cursor.contents);
    return found;
  };
  const expected = new Map<number, number>();
  const put = (key: number, slice: number, value: number): void => {
    backend.setCurrentKey(key);
    state.update(slice, value, add);
    expected.set(key, (expected.get(key) ?? -0) + value);
  };
  const slices = [1, 2, 3, 4, 5, 6];
  for (const slice of slices)
    for (let key = slice; key < 10_000; key += slice) put(key, slice, key * slice);
  expect(sums(slices)).toEqual(expected);
  put(5_000, 3, 0.5);
  put(7, 2, 2 ** 31);
  put(20_000, 6, -0);
  put(20_001, 6, 2 ** 40);
  put(20_001, 5, -(2 ** 40));
  expect(sums(slices)).toEqual(expected);
  expect(sums([6]).get(20_000)).toBe(-0);
});

test('what slices leave behind is no place for contents of another kind', () => {
  const backend = onHeap.create({ subtask: 0, parallelism: 1, maxParallelism: 16 }, []);
  const state = backend.sliced({ name: 'slices' });
  backend.setCurrentKey('key');
  for (const slice of [1, 2, 3]) state.put(slice, slice);
  for (const slice of [1, 2, 3]) state.clear(slice);
  state.put(4, ['a list']);
  state.put(5, ['another']);
  expect([state.get(4), state.get(5)]).toEqual([['a list'], ['another']]);
});

test('contents that are changed in place to what no cells hold stay with their key', () => {
  const backend = onHeap.create({ subtask: 0, parallelism: 1, maxParallelism: 16 }, []);
  const state = backend.sliced({ name: 'slices' });
  const at = (key: number): unknown => {
    backend.setCurrentKey(key);
    return state.get(1);
  };
  for (const key of [1, 2]) {
    backend.setCurrentKey(key);
    state.put(1, { n: key, last: 0 });
  }
  state.update(1, 'text', (kept, last) => Object.assign(kept as object, { last }));
  expect([at(1), at(2)]).toEqual([
    { n: 1, last: 0 },
    { n: 2, last: 'text' },
  ]);
});

test('elements of a join stay with their keys when slices with many others are over', () => {
  const backend = onHeap.create({ subtask: 0, parallelism: 1, maxParallelism: 16 }, []);
  const state = backend.slicedJoin({ name: 'slices' });
  const add = (key: number | string, slice: number, value: number): void => {
    backend.setCurrentKey(key);
    state.add(slice, 0, value);
  };
  for (let i = 0; i < 20_000; i++) add(`gone ${i}`, 1, i);
  for (let i = 0; i < 100; i++) add(`kept ${i}`, 2, i);
  state.clear(1);
  for (let i = 0; i < 10; i++) add(`new ${i}`, 3, i);
  state.clear(3);
  const cursor = state.cursor(2, false);
  const found = new Map<unknown, unknown>();
  while (cursor.next()) found.set(cursor.key, cursor.sides().lefts);
  expect(found).toEqual(new Map(Array.from({ length: 100 }, (_, i) => [`kept ${i}`, [i]])));
  expect([...backend.keys()]).toHaveLength(100);
});

const SUBJECTS = { heap: onHeap, lmdb: onDisk };
const PAIRS = (['heap', 'lmdb'] as const).flatMap((from) =>
  (['heap', 'lmdb'] as const).map((to) => [from, to] as const),
);
/** With so many key groups that some have one key. */
const ALONE = { subtask: 0, parallelism: 1, maxParallelism: 128 };

test.each(PAIRS)('a base of %s and the changes behind it are read by %s', (from, to) => {
  const backend = SUBJECTS[from].create(ALONE, []);
  const sums = backend.sliced({ name: 'sums' });
  const joins = backend.slicedJoin({ name: 'joins' });
  const add = (key: number, slice: number, value: number): void => {
    backend.setCurrentKey(key);
    sums.put(slice, value);
    joins.add(slice, value % 2 === 0 ? 0 : 1, { value });
  };
  // Some keys have nothing but what is cleared: of their groups nothing is left.
  for (let key = 0; key < 50; key++)
    for (const slice of key < 40 ? [1, 2, 3] : [1]) add(key, slice, key + slice);
  const base = wholeSnapshot(backend.snapshot('base'));
  for (const slice of [1, 3]) {
    sums.clear(slice);
    joins.clear(slice);
  }
  for (let key = 0; key < 50; key += 7) for (const slice of [2, 3, 4]) add(key, slice, -key);
  const changes = wholeSnapshot(backend.snapshot('changes'));
  const restored = SUBJECTS[to].create(ALONE, [base, changes]);
  const again = restored.sliced({ name: 'sums' });
  expect(contentsOf(restored, again)).toEqual(contentsOf(backend, sums));
  expect(contentsOf(restored, again).size).toBe(58);
  const rejoined = restored.slicedJoin({ name: 'joins' });
  expect(sidesOf(restored, rejoined)).toEqual(sidesOf(backend, joins));
});

type Step =
  | { readonly add: number; readonly slice: number; readonly value: number }
  | { readonly timer: number; readonly key: number }
  | { readonly move: number; readonly key: number }
  | { readonly clear: number }
  | { readonly fire: number }
  | { readonly checkpoint: 'base' | 'changes' | 'whole' };

const time = fc.integer({ min: 0, max: 12 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ add: time, slice: time, value: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 5, arbitrary: fc.record({ timer: time, key: time }) },
  { weight: 3, arbitrary: fc.record({ move: time, key: time }) },
  { weight: 2, arbitrary: fc.record({ clear: time }) },
  { weight: 2, arbitrary: fc.record({ fire: time }) },
  {
    weight: 4,
    arbitrary: fc.record({
      checkpoint: fc.constantFrom('changes', 'changes', 'changes', 'base', 'whole'),
    }),
  },
);

/** So that it pays to tell of each time. */
const FEW_GROUPS = { ...ALONE, maxParallelism: 4 };

/** A window's operator at work: contents by slice, and a timer for each key. */
class Work {
  readonly backend: HeapStateBackend;
  readonly sums: SlicedState;
  readonly joins: SlicedJoinState;
  readonly timers: TimerQueue;

  constructor(backend: HeapStateBackend) {
    this.backend = backend;
    this.sums = backend.sliced({ name: 'sums' });
    this.joins = backend.slicedJoin({ name: 'joins' });
    this.timers = backend.timers('timers');
  }

  do(step: Step): void {
    if ('add' in step) {
      this.backend.setCurrentKey(step.add);
      this.sums.put(step.slice, step.value);
      this.joins.add(step.slice, step.value % 2 === 0 ? 0 : 1, { value: step.value });
    } else if ('timer' in step) {
      this.backend.setCurrentKey(step.key);
      this.timers.register(step.timer, step.key);
    } else if ('move' in step) {
      this.backend.setCurrentKey(step.key);
      this.timers.remove(step.move, step.key);
    } else if ('clear' in step) {
      this.sums.clear(step.clear);
      this.joins.clear(step.clear);
    } else if ('fire' in step) while (this.timers.poll(step.fire) !== undefined);
  }

  /** The timers go with it. */
  holds(endMs = 99): unknown {
    const fired: unknown[] = [];
    for (let timer = this.timers.poll(endMs); timer !== undefined; timer = this.timers.poll(endMs))
      fired.push([timer.timeMs, timer.namespace, this.backend.currentKey()]);
    return {
      fired,
      contents: contentsOf(this.backend, this.sums),
      sides: sidesOf(this.backend, this.joins),
    };
  }
}

test.each(PAIRS)(
  'any changes behind a base of %s are read by %s',
  {
    timeout: 90_000,
  },
  (from, to) => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60, size: 'max' }), (steps) => {
        const work = new Work(SUBJECTS[from].create(FEW_GROUPS, []));
        let chain: (readonly KeyGroupBlock[])[] = [];
        const take = (extent: 'base' | 'changes' | 'whole'): void => {
          const snapshot = wholeSnapshot(work.backend.snapshot(extent));
          if (extent === 'base') chain = [snapshot];
          if (extent === 'changes') chain.push(snapshot);
        };
        take('base');
        for (const step of steps) {
          if ('checkpoint' in step) take(step.checkpoint);
          else work.do(step);
        }
        take('changes');
        expect(new Work(SUBJECTS[to].create(FEW_GROUPS, chain)).holds()).toEqual(work.holds());
      }),
      { numRuns: from === 'heap' && to === 'heap' ? 60 : 12 },
    );
  },
);

/** Changed while a snapshot is between two of its steps, which then tells nothing of it. */
test('changes are those until the snapshot was taken, whatever comes while it is written', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40, size: 'max' }),
      fc.array(anyStep, { maxLength: 40, size: 'max' }),
      (before, during) => {
        const work = new Work(onHeap.create(FEW_GROUPS, []));
        const base = wholeSnapshot(work.backend.snapshot('base'));
        const like = new Work(onHeap.create(FEW_GROUPS, []));
        for (const step of before) for (const one of [work, like]) one.do(step);
        const frozen = work.backend.snapshot('changes');
        const changes: KeyGroupBlock[] = [];
        const some = (): void => {
          for (const { keyGroup, bytes } of frozen.next(64) ?? [])
            changes.push({ keyGroup, bytes: Uint8Array.from(bytes) });
        };
        for (const step of during) {
          some();
          work.do(step);
        }
        for (let left = frozen.next(64); left !== undefined; left = frozen.next(64))
          for (const { keyGroup, bytes } of left)
            changes.push({ keyGroup, bytes: Uint8Array.from(bytes) });
        frozen.release();
        expect(new Work(onHeap.create(FEW_GROUPS, [base, changes])).holds()).toEqual(like.holds());
      },
    ),
    { numRuns: 100 },
  );
});

test('times whose timers have all gone are told, swept or not, also while the snapshot is written', () => {
  const [work, like] = [0, 1].map(() => new Work(onHeap.create(FEW_GROUPS, []))) as [Work, Work];
  const both = (step: Step): void => {
    for (const one of [work, like]) one.do(step);
  };
  both({ timer: 0, key: 0 }); // the earliest, which stays
  for (let key = 0; key < 1_000; key++) both({ timer: 5_000, key });
  for (let i = 0; i < 200; i++) both({ timer: 1_000 + i, key: i });
  const base = wholeSnapshot(work.backend.snapshot('base'));
  for (let i = 0; i < 150; i++) both({ move: 1_000 + i, key: i });
  const frozen = work.backend.snapshot('changes');
  for (let i = 150; i < 200; i++) work.do({ move: 1_000 + i, key: i });
  const changes = wholeSnapshot(frozen);
  // Else all was written anew, and it would prove nothing.
  const sizeOf = (blocks: readonly KeyGroupBlock[]): number =>
    blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(sizeOf(changes)).toBeLessThan(sizeOf(base) / 2);
  const restored = new Work(onHeap.create(FEW_GROUPS, [base, changes]));
  expect(restored.holds(9_999)).toEqual(like.holds(9_999));
});

test('of slices and timers that have not changed nothing is written', () => {
  const work = new Work(onHeap.create(ALONE, []));
  for (let slice = 0; slice < 20; slice++)
    for (let key = 0; key < 500; key++) {
      work.do({ add: key, slice, value: 1 });
      work.do({ timer: slice, key });
    }
  const sizeOf = (extent: 'base' | 'changes'): number =>
    wholeSnapshot(work.backend.snapshot(extent)).reduce((sum, { bytes }) => sum + bytes.length, 0);
  const base = sizeOf('base');
  for (let key = 0; key < 500; key++) {
    work.do({ add: key, slice: 20, value: 1 });
    work.do({ timer: 20, key });
  }
  for (const slice of [0, 1, 2]) work.do({ clear: slice });
  work.do({ fire: 2 });
  // One slice of twenty, and what each key group says.
  expect(sizeOf('changes')).toBeLessThan(base / 8);
  expect(sizeOf('changes')).toBeLessThan(base / 20);
});

function contentsOf(backend: HeapStateBackend, state: SlicedState): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const slice of state.slices()) {
    const cursor = state.cursor([slice], (a) => a);
    while (cursor.next()) {
      backend.setStoredKey(cursor.key);
      found.set(`${slice} ${String(backend.currentKey())}`, cursor.contents);
    }
  }
  return found;
}

function sidesOf(backend: HeapStateBackend, state: SlicedJoinState): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const slice of state.slices()) {
    const cursor = state.cursor(slice, false);
    while (cursor.next()) {
      backend.setStoredKey(cursor.key);
      found.set(`${slice} ${String(backend.currentKey())}`, structuredClone(cursor.sides()));
    }
  }
  return found;
}
