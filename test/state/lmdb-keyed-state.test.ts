// State on disk: the contract of all backends, with so small a cache that nothing stays in it, and what is its
// own: state larger than its memory, files that go, and snapshots that either backend reads.

import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { type KeyGroupBlock, wholeSnapshot } from '../../engine/state/keyed-snapshot.ts';
import { LmdbStateBackend } from '../../engine/state/lmdb-keyed-state.ts';
import { keyGroupsOf } from '../../engine/state/rescaling.ts';
import { keyedStateContract } from '../contract/keyed-state-contract.ts';
import type { KeyedStateSubject } from '../contract/keyed-state-model.ts';
import { ttlStateContract } from '../contract/ttl-state-contract.ts';
import { temporaryDirectory } from '../harness/temporary-directory.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-test-'));
const opened: LmdbStateBackend[] = [];
let names = 0;

afterEach(async () => {
  for (const backend of opened.splice(0)) await backend.close();
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const ALL = { maxParallelism: 128, keyGroups: { start: 0, end: 127 }, objectReuse: false };

function open(
  settings: Partial<ConstructorParameters<typeof LmdbStateBackend>[0]> = {},
): LmdbStateBackend {
  const backend = new LmdbStateBackend({
    ...ALL,
    clock: { now: () => 0 },
    directory,
    name: `test-${names++}`,
    cacheBytesMax: 0,
    ...settings,
  });
  opened.push(backend);
  return backend;
}

for (const cacheBytesMax of [0, 1_000, 1_000_000]) {
  const subject: KeyedStateSubject<LmdbStateBackend, readonly KeyGroupBlock[]> = {
    create({ subtask, parallelism, maxParallelism, now, objectReuse }, snapshots) {
      const backend = open({
        maxParallelism,
        keyGroups: keyGroupRange(subtask, parallelism, maxParallelism),
        clock: { now },
        objectReuse,
        cacheBytesMax,
      });
      backend.restore(keyGroupsOf(snapshots.flat(), subtask, parallelism, maxParallelism));
      return backend;
    },
    snapshot: (backend, extent) => wholeSnapshot(backend.snapshot(extent)),
    stories: 20,
  };
  keyedStateContract(`lmdb behind ${cacheBytesMax} bytes`, subject);
  ttlStateContract(`lmdb behind ${cacheBytesMax} bytes`, subject);
}

test('state of which a small part fits into the cache is all there, before and after a restore', () => {
  const fill = (backend: LmdbStateBackend) => {
    const state = backend.value<{ text: string }>({ name: 'state' }, { text: '' });
    return (key: number, text: string): void => {
      backend.setCurrentKey(key);
      state.update({ text });
    };
  };
  const backend = open({ cacheBytesMax: 20_000 });
  const put = fill(backend);
  for (let key = 0; key < 5_000; key++) put(key, 'x'.repeat(100));
  const snapshot = backend.snapshot();
  for (let key = 0; key < 5_000; key += 2) put(key, 'later');
  const restored = open({ cacheBytesMax: 20_000 });
  restored.restore(wholeSnapshot(snapshot));
  const [now, then] = [backend, restored].map((one) =>
    one.value<{ text: string }>({ name: 'state' }, { text: 'none' }),
  );
  for (let key = 0; key < 5_000; key++) {
    backend.setCurrentKey(key);
    restored.setCurrentKey(key);
    expect(now?.value().text).toBe(key % 2 === 0 ? 'later' : 'x'.repeat(100));
    expect(then?.value().text).toBe('x'.repeat(100));
  }
});

test('a namespace tells what it holds, and goes as a whole', () => {
  const backend = open();
  const state = backend.namespaced<number, number>({ name: 'state' });
  for (let key = 0; key < 50; key++) {
    backend.setCurrentKey(key);
    for (const namespace of [1, 2]) state.put(namespace, key * namespace);
  }
  expect(new Set(state.namespaces())).toEqual(new Set([1, 2]));
  expect(new Map(state.entries(2)).get(7)).toBe(14);
  state.clear(1);
  expect([...state.namespaces()]).toEqual([2]);
  backend.setCurrentKey(7);
  expect([state.get(1), state.get(2)]).toEqual([undefined, 14]);
});

test('a key too long for the store is kept by its hash, and comes back whole', () => {
  const backend = open();
  const keys = [1, 2].map((n) => `${'k'.repeat(5_000)}${n}`);
  const state = backend.namespaced<string, string>({ name: 'state' });
  for (const key of keys) {
    backend.setCurrentKey(key);
    state.put('window', key.slice(-1));
  }
  const restored = open();
  restored.restore(wholeSnapshot(backend.snapshot()));
  expect([...restored.keys()]).toEqual([]);
  const again = restored.namespaced<string, string>({ name: 'state' });
  expect(new Set(restored.keys())).toEqual(new Set(keys));
  for (const key of keys) {
    restored.setCurrentKey(key);
    expect(again.get('window')).toBe(key.slice(-1));
  }
});

test('a job may go from one backend to the other', () => {
  const heap = () => new HeapStateBackend({ ...ALL, clock: { now: () => 0 } });
  const begun = heap();
  begun.setCurrentKey(1);
  begun.namespaced<number, object>({ name: 'state' }).put(5, { count: 1, sum: 2 });
  begun.timers('timers').register(9, 0);
  const spilled = open();
  spilled.restore(wholeSnapshot(begun.snapshot()));
  spilled.namespaced({ name: 'state' });
  spilled.timers('timers');
  const back = heap();
  back.restore(wholeSnapshot(spilled.snapshot()));
  const state = back.namespaced<number, object>({ name: 'state' });
  back.setCurrentKey(1);
  expect(state.get(5)).toEqual({ count: 1, sum: 2 });
  expect(back.timers('timers').poll(9)).toBeDefined();
});

test('its files are gone when it is closed, and those of a process that was killed when another opens', async () => {
  const root = temporaryDirectory();
  // No process has that number: it is above what Linux and macOS give.
  mkdirSync(join(root, 'sluice-state-99999999-left'));
  mkdirSync(join(root, 'something else'));
  const backend = open({ directory: root, name: 'mine' });
  expect(readdirSync(root)).toEqual([`sluice-state-${process.pid}-mine`, 'something else']);
  backend.setCurrentKey(1);
  backend.value<number>({ name: 'state' }, 0).update(1);
  const snapshot = backend.snapshot();
  await backend.close();
  expect(readdirSync(root)).toEqual(['something else']);
  // A snapshot under way still has what it reads.
  expect(wholeSnapshot(snapshot)).toHaveLength(1);
});
