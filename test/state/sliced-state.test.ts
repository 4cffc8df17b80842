// Contents of windows by slice and key, on the heap and on disk.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { type KeyGroupBlock, wholeSnapshot } from '../../engine/state/keyed-snapshot.ts';
import { LmdbStateBackend } from '../../engine/state/lmdb-keyed-state.ts';
import { keyGroupsOf } from '../../engine/state/rescaling.ts';
import { slicedStateContract } from '../contract/sliced-state-contract.ts';

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

slicedStateContract<HeapStateBackend, readonly KeyGroupBlock[]>('heap', {
  create({ subtask, parallelism, maxParallelism }, snapshots) {
    const keyGroups = keyGroupRange(subtask, parallelism, maxParallelism);
    const backend = new HeapStateBackend({ maxParallelism, keyGroups, clock, objectReuse: false });
    backend.restore(keyGroupsOf(snapshots.flat(), subtask, parallelism, maxParallelism));
    return backend;
  },
  snapshot,
});

slicedStateContract<LmdbStateBackend, readonly KeyGroupBlock[]>(
  'lmdb',
  {
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
  },
  3,
);

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
