// The heap backend: the contract of all backends, and what is its own: blocks, formats, refusals.

import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import type { KeyGroupBlock } from '../../engine/state/keyed-snapshot.ts';
import { keyGroupsOf } from '../../engine/state/rescaling.ts';
import { keyedStateContract } from '../contract/keyed-state-contract.ts';

const blocksOf = (backend: HeapStateBackend): KeyGroupBlock[] => [
  ...backend.snapshot().next(Number.POSITIVE_INFINITY),
];

keyedStateContract<HeapStateBackend, KeyGroupBlock[]>('heap', {
  create({ subtask, parallelism, maxParallelism, now, objectReuse }, snapshots) {
    const backend = new HeapStateBackend({
      maxParallelism,
      keyGroups: keyGroupRange(subtask, parallelism, maxParallelism),
      clock: { now },
      objectReuse,
    });
    backend.restore(keyGroupsOf(snapshots.flat(), subtask, parallelism, maxParallelism));
    return backend;
  },
  snapshot: blocksOf,
});

const backendWith = (blocks: readonly KeyGroupBlock[] = [], keyGroups = { start: 0, end: 127 }) => {
  const backend = new HeapStateBackend({
    maxParallelism: 128,
    keyGroups,
    clock: { now: () => 1_000 },
    objectReuse: false,
  });
  backend.restore(blocks);
  return backend;
};

test('what a handle returns may be changed in place, and the change is in the state', () => {
  const backend = backendWith();
  const state = backend.value<{ n: number }>({ name: 'state' }, { n: 0 });
  backend.setCurrentKey('a');
  state.update({ n: 1 });
  state.value().n = 2;
  expect(state.value()).toEqual({ n: 2 });
  const restored = backendWith(blocksOf(backend));
  const again = restored.value<{ n: number }>({ name: 'state' }, { n: 0 });
  restored.setCurrentKey('a');
  expect(again.value()).toEqual({ n: 2 });
});

test('a snapshot comes in blocks by ascending key group, as many at a time as the budget allows', () => {
  const backend = backendWith();
  const state = backend.value<number>({ name: 'state' }, 0);
  for (let key = 0; key < 300; key++) {
    backend.setCurrentKey(key);
    state.update(key);
  }
  const snapshot = backend.snapshot();
  // What happens to the state meanwhile is not in it.
  backend.setCurrentKey(1);
  state.update(-1);
  const one = snapshot.next(1);
  expect(one).toHaveLength(1);
  const some = snapshot.next(200);
  expect(some.length).toBeGreaterThan(1);
  const rest = snapshot.next(Number.POSITIVE_INFINITY);
  expect(snapshot.next(1)).toEqual([]);
  const groups = [...one, ...some, ...rest].map(({ keyGroup }) => keyGroup);
  expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  const restored = backendWith([...one, ...some, ...rest]);
  const again = restored.value<number>({ name: 'state' }, 0);
  restored.setCurrentKey(1);
  expect(again.value()).toBe(1);
});

const GOLDEN = [
  '0106',
  // name, kind, flags, count, length, payload
  '0276 00 00 01 0e000000 0b0207026104010d0001026e0401',
  '026c 01 01 01 1a000000 0b0207026104010b010d00020a76616c7565046174040704e807',
  '026d 02 00 01 14000000 0b020702610401010a000000000000f03f070278',
  '0272 03 00 01 10000000 0b020702610401060000000000000440',
  '026e 05 00 01 0d000000 0702770b0207026104010801 03',
  '0274 06 00 01 13000000 0702770b020702610401000000000000224000',
]
  .join('')
  .replaceAll(' ', '');

const openGolden = (backend: HeapStateBackend) => ({
  value: backend.value<unknown>({ name: 'v' }, undefined),
  list: backend.list<number>({ name: 'l', ttlMs: 5 }),
  map: backend.map<Date, string>({ name: 'm' }),
  reducing: backend.reducing<number>({ name: 'r' }, Math.max),
  namespaced: backend.namespaced<string, bigint>({ name: 'n' }),
  timers: backend.timers('t'),
});

const oneGroup = () =>
  new HeapStateBackend({
    maxParallelism: 1,
    keyGroups: { start: 0, end: 0 },
    clock: { now: () => 1_000 },
    objectReuse: false,
  });

test('the same state gives the same bytes in every version, and they are read', () => {
  const backend = oneGroup();
  const states = openGolden(backend);
  backend.setCurrentKey(['a', 1]);
  states.value.update({ n: 1 });
  states.list.add(7);
  states.map.put(new Date(1), 'x');
  states.reducing.add(2.5);
  states.namespaced.put('w', 3n);
  states.timers.register(9, 'w');
  expect(blocksOf(backend).map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual([
    GOLDEN,
  ]);
  const restored = oneGroup();
  restored.restore([{ keyGroup: 0, bytes: Buffer.from(GOLDEN, 'hex') }]);
  const read = openGolden(restored);
  restored.setCurrentKey(['a', 1]);
  expect([
    read.value.value(),
    read.list.get(),
    [...read.map.entries()],
    read.reducing.get(),
    read.namespaced.get('w'),
    read.timers.poll(9),
  ]).toEqual([{ n: 1 }, [7], [[new Date(1), 'x']], 2.5, 3n, { timeMs: 9, namespace: 'w' }]);
});

test('blocks of another version, cut short or with something behind them are refused', () => {
  const backend = backendWith();
  backend.setCurrentKey('a');
  backend.value<string>({ name: 'state' }, '').update('x');
  const [block] = blocksOf(backend);
  if (block === undefined) throw new Error('no block');
  const changed = (bytes: Uint8Array) => () => backendWith([{ ...block, bytes }]);
  expect(changed(Uint8Array.of(9, ...block.bytes.slice(1)))).toThrow(
    /format version 9, this sluice reads version 1/,
  );
  expect(changed(block.bytes.slice(0, -1))).toThrow(CorruptData);
  expect(changed(Uint8Array.of(...block.bytes, 0))).toThrow(CorruptData);
});

test('key groups of another subtask are a broken assumption', () => {
  const backend = backendWith();
  backend.setCurrentKey('a');
  backend.value<string>({ name: 'state' }, '').update('x');
  const blocks = blocksOf(backend);
  expect(() => backendWith(blocks, { start: 127, end: 127 })).toThrow('key group');
  const astray = backendWith([], { start: 127, end: 127 });
  astray.setCurrentKey('a');
  astray.value<number>({ name: 'state' }, 0).update(1);
  expect(() => astray.snapshot()).toThrow('key group');
});

test('a value that was made unstorable in place fails the snapshot, naming the state', () => {
  const backend = backendWith();
  backend.setCurrentKey('a');
  const state = backend.value<{ f: unknown }>({ name: 'state' }, { f: 0 });
  state.update({ f: 1 });
  state.value().f = () => 0;
  expect(() => backend.snapshot()).toThrow('a value of state "state" cannot be stored');
});
