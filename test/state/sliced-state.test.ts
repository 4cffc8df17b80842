// Contents of windows by slice and key, on the heap and on disk.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { type KeyGroupBlock, wholeSnapshot } from '../../engine/state/keyed-snapshot.ts';
import type { SlicedJoinState, SlicedState } from '../../engine/state/keyed-state.ts';
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

test('elements of a join stay with their keys when the rows of others are given away', () => {
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
  state.clear(3); // few rows are used now: the others go
  const cursor = state.cursor(2);
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
    const cursor = state.cursor(slice);
    while (cursor.next()) {
      backend.setStoredKey(cursor.key);
      found.set(`${slice} ${String(backend.currentKey())}`, structuredClone(cursor.sides()));
    }
  }
  return found;
}
