// Values of a state in cells, changed where they stand: the state's handle sees the change, and a snapshot does not.

import { expect, test } from 'vitest';
import { must } from '../../engine/core/assert.ts';
import { NOT_IN_CELLS } from '../../engine/state/heap/cell-rows.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import type { KeyedSnapshot, KeyGroupBlock } from '../../engine/state/keyed-snapshot.ts';

const backendOf = (restored: readonly KeyGroupBlock[] = []): HeapStateBackend => {
  const keyGroups = { start: 0, end: 127 };
  const settings = { maxParallelism: 128, keyGroups, clock: { now: () => 0 }, objectReuse: true };
  const backend = new HeapStateBackend(settings);
  backend.restore(restored);
  return backend;
};

const totals = (backend: HeapStateBackend) =>
  backend.namespaced<number, unknown>({ name: 'totals' });

function put(backend: HeapStateBackend, key: unknown, value: unknown): void {
  backend.setCurrentKey(key);
  totals(backend).put(0, value);
}

function totalOf(backend: HeapStateBackend, key: unknown): unknown {
  backend.setCurrentKey(key);
  return totals(backend).get(0);
}

function blocksOf(snapshot: KeyedSnapshot): KeyGroupBlock[] {
  const all: KeyGroupBlock[] = [];
  for (let blocks = snapshot.next(100); blocks !== undefined; blocks = snapshot.next(100))
    for (const { keyGroup, bytes } of blocks) all.push({ keyGroup, bytes: Uint8Array.from(bytes) });
  return all;
}

test('a value that is changed in its cells is another from then on', () => {
  const backend = backendOf();
  const rows = must(totals(backend).cellRows(0), 'rows');
  expect(rows.find(5)).toBe(-1);
  put(backend, 5, { count: 1, sum: 2 });
  const row = rows.find(5);
  rows.cells(row)[rows.at(row) + 1] = 7;
  expect(totalOf(backend, 5)).toEqual({ count: 1, sum: 7 });
  expect(rows.find(6)).toBe(-1);
});

test('what is changed in its cells while a snapshot is written is in the snapshot as it was', () => {
  const backend = backendOf();
  const rows = must(totals(backend).cellRows(0), 'rows');
  put(backend, 5, { count: 1, sum: 2 });
  const snapshot = backend.snapshot();
  const row = rows.find(5);
  rows.cells(row)[rows.at(row)] = 9;
  const restored = backendOf(blocksOf(snapshot));
  expect(totalOf(restored, 5)).toEqual({ count: 1, sum: 2 });
  expect(totalOf(backend, 5)).toEqual({ count: 9, sum: 2 });
});

test('what was restored is in cells as well, and changes of it are in the next changes', () => {
  const backend = backendOf();
  put(backend, 5, { count: 1, sum: 2 });
  const base = blocksOf(backend.snapshot('base'));
  const rows = must(totals(backend).cellRows(0), 'rows');
  const row = rows.find(5);
  rows.cells(row)[rows.at(row)] = 9;
  const changes = blocksOf(backend.snapshot('changes'));
  const restored = backendOf([...base, ...changes]);
  const restoredRows = must(totals(restored).cellRows(0), 'rows');
  expect(restoredRows.find(5)).toBeGreaterThanOrEqual(0);
  expect(totalOf(restored, 5)).toEqual({ count: 9, sum: 2 });
});

test('values that no cells hold are found by way of the handle alone', () => {
  const backend = backendOf();
  const rows = must(totals(backend).cellRows(0), 'rows');
  put(backend, 5, { count: 1 });
  expect(rows.find(5)).toBeGreaterThanOrEqual(0);
  put(backend, 6, { count: 'many' });
  expect(rows.find(5)).toBe(NOT_IN_CELLS);
  expect(rows.find(7)).toBe(NOT_IN_CELLS);
});
