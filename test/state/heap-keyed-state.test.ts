// The heap backend: the contract of all backends, and what is its own: blocks, formats, refusals.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { keyGroupRange } from '../../engine/core/key-groups.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import {
  type KeyedSnapshot,
  type KeyGroupBlock,
  type SnapshotExtent,
  wholeSnapshot,
} from '../../engine/state/keyed-snapshot.ts';
import { keyGroupsOf } from '../../engine/state/rescaling.ts';
import { keyedStateContract } from '../contract/keyed-state-contract.ts';
import type { KeyedStateSubject } from '../contract/keyed-state-model.ts';
import { ttlStateContract } from '../contract/ttl-state-contract.ts';

const blocksOf = (backend: HeapStateBackend, extent?: SnapshotExtent): readonly KeyGroupBlock[] =>
  wholeSnapshot(backend.snapshot(extent));

const subject: KeyedStateSubject<HeapStateBackend, readonly KeyGroupBlock[]> = {
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
};

keyedStateContract('heap', subject);
ttlStateContract('heap', subject);

const backendWith = (
  blocks: readonly KeyGroupBlock[] = [],
  keyGroups = { start: 0, end: 127 },
  objectReuse = false,
) => {
  const backend = new HeapStateBackend({
    maxParallelism: 128,
    keyGroups,
    clock: { now: () => 1_000 },
    objectReuse,
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

test('with object reuse objects are stored as they are', () => {
  const backend = backendWith([], { start: 0, end: 127 }, true);
  backend.setCurrentKey('a');
  const state = backend.list<object>({ name: 'state' });
  const value = { n: 1 };
  state.add(value);
  expect(state.get()[0]).toBe(value);
});

/** What a snapshot gives is valid until it is asked for more. */
const kept = ({ keyGroup, bytes }: KeyGroupBlock): KeyGroupBlock => ({
  keyGroup,
  bytes: Uint8Array.from(bytes),
});

test('a snapshot comes in blocks by ascending key group, a little at a time, and is of its moment', () => {
  const backend = backendWith();
  const state = backend.value<number>({ name: 'state' }, 0);
  for (let key = 0; key < 300; key++) {
    backend.setCurrentKey(key);
    state.update(key);
  }
  const snapshot = backend.snapshot();
  const blocks: KeyGroupBlock[] = [];
  for (let key = 0, some = snapshot.next(1); some !== undefined; some = snapshot.next(1), key++) {
    expect(some.length).toBeLessThan(2);
    blocks.push(...some.map(kept));
    // What happens to the state meanwhile is not in it.
    backend.setCurrentKey(key);
    state.update(-1);
    backend.setCurrentKey(299 - key);
    state.clear();
  }
  expect(snapshot.next(1)).toBeUndefined();
  const groups = blocks.map(({ keyGroup }) => keyGroup);
  expect(groups).toEqual(groups.toSorted((a, b) => a - b));
  const restored = backendWith(blocks);
  const again = restored.value<number>({ name: 'state' }, 0);
  for (let key = 0; key < 300; key++) {
    restored.setCurrentKey(key);
    expect(again.value()).toBe(key);
  }
});

interface Held {
  readonly value: Map<unknown, unknown>;
  readonly list: Map<unknown, unknown[]>;
  readonly windows: Map<unknown, unknown>;
  readonly timers: Map<unknown, number>;
}

const change = fc.record({
  what: fc.constantFrom(
    'update',
    'change in place',
    'clear',
    'add',
    'put',
    'drop',
    'timer',
    'poll',
  ),
  key: fc.oneof({ weight: 5, arbitrary: fc.nat(30) }, fc.constantFrom('a', 'b')),
  value: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ count: fc.nat(9), sum: fc.double() }, { noNullPrototype: true }),
    },
    { weight: 1, arbitrary: fc.constantFrom({ count: 1, sum: 'x' }, { count: 1 }) },
  ),
  blocks: fc.nat(400),
});

test('snapshots that overlap, with changes between their blocks, are each of their own moment', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120, size: 'max' }), fc.nat(20), (changes, every) => {
      const backend = backendWith();
      const states = openHeld(backend);
      const model: Held = {
        value: new Map(),
        list: new Map(),
        windows: new Map(),
        timers: new Map(),
      };
      const running: { snapshot: KeyedSnapshot; was: Held; blocks: KeyGroupBlock[] }[] = [];
      changes.forEach((step, i) => {
        applyChange(backend, states, model, step);
        if (i % (every + 1) === every)
          running.push({ snapshot: backend.snapshot(), was: structuredClone(model), blocks: [] });
        for (const one of running)
          one.blocks.push(...(one.snapshot.next(step.blocks) ?? []).map(kept));
      });
      for (const { snapshot, was, blocks } of running) {
        const rest = [...blocks, ...wholeSnapshot(snapshot)];
        const restored = backendWith(rest);
        expect(readHeld(restored, was)).toEqual(was);
      }
    }),
  );
});

test('one snapshot of all and those of what changed behind it are the state, while it changes between their blocks', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 120, size: 'max' }), fc.nat(20), (changes, every) => {
      const backend = backendWith();
      const states = openHeld(backend);
      const model: Held = {
        value: new Map(),
        list: new Map(),
        windows: new Map(),
        timers: new Map(),
      };
      const chain: KeyGroupBlock[] = [];
      let running: { readonly snapshot: KeyedSnapshot; readonly was: Held } | undefined;
      const end = (): void => {
        if (running === undefined) return;
        chain.push(...wholeSnapshot(running.snapshot).map(kept));
        const restored = backendWith(chain);
        expect(readHeld(restored, running.was)).toEqual(running.was);
      };
      changes.forEach((step, i) => {
        applyChange(backend, states, model, step);
        chain.push(...(running?.snapshot.next(step.blocks) ?? []).map(kept));
        if (i % (every + 1) !== every) return;
        end();
        const extent = running === undefined ? 'base' : 'changes';
        running = { snapshot: backend.snapshot(extent), was: structuredClone(model) };
      });
      end();
    }),
  );
});

const openHeld = (backend: HeapStateBackend) => ({
  value: backend.value<object>({ name: 'value' }, {}),
  list: backend.list<unknown>({ name: 'list' }),
  windows: backend.namespaced<number, unknown>({ name: 'windows' }),
  timers: backend.timers('timers'),
});

function applyChange(
  backend: HeapStateBackend,
  { value, list, windows, timers }: ReturnType<typeof openHeld>,
  model: Held,
  { what, key, value: given }: typeof change extends fc.Arbitrary<infer C> ? C : never,
): void {
  backend.setCurrentKey(key);
  switch (what) {
    case 'update':
      value.update(given);
      return void model.value.set(key, structuredClone(given));
    case 'change in place': {
      const held = model.value.get(key) as { count: number } | undefined;
      if (held === undefined) return;
      (value.value() as { count: number }).count = held.count += 1;
      return;
    }
    case 'clear':
      value.clear();
      return void model.value.delete(key);
    case 'add':
      list.add(given);
      return void model.list.set(key, [...(model.list.get(key) ?? []), given]);
    case 'put':
      windows.put(7, structuredClone(given));
      return void model.windows.set(key, given);
    case 'drop':
      windows.remove(7);
      return void model.windows.delete(key);
    case 'timer':
      timers.register(model.timers.get(key) ?? 5, 0);
      return void model.timers.set(key, 5);
    case 'poll':
      if (timers.poll(5) !== undefined) model.timers.delete(backend.currentKey());
  }
}

function readHeld(backend: HeapStateBackend, like: Held): Held {
  const { value, list, windows, timers } = openHeld(backend);
  const at = <T>(keys: Iterable<unknown>, read: () => T): Map<unknown, T> =>
    new Map(
      [...keys].map((key) => {
        backend.setCurrentKey(key);
        return [key, read()];
      }),
    );
  expect([...backend.keys('value')]).toHaveLength(like.value.size);
  expect([...backend.keys('windows')]).toHaveLength(like.windows.size);
  const held = {
    value: at(like.value.keys(), () => value.value()),
    list: at(like.list.keys(), () => [...list.get()]),
    windows: at(like.windows.keys(), () => windows.get(7)),
    timers: new Map<unknown, number>(),
  };
  for (let fired = timers.poll(9); fired !== undefined; fired = timers.poll(9))
    held.timers.set(backend.currentKey(), fired.timeMs);
  expect([...held.timers.keys()]).toEqual([...like.timers.keys()]);
  return held;
}

/** `holds`: of value, list, map and reducing state. */
const golden = (flags: string, holds: readonly string[]): string =>
  [
    '0106',
    // name, kind, flags, what it holds, count, length, payload
    `0276 00 ${flags}0 ${holds[0]} 01 0e000000 0b0207026104010d0001026e0401`,
    `026c 01 ${flags}1 ${holds[1]} 01 1a000000 0b0207026104010b010d00020a76616c7565046174040704e807`,
    `026d 02 ${flags}0 ${holds[2]} 01 14000000 0b020702610401010a000000000000f03f070278`,
    `0272 03 ${flags}0 ${holds[3]} 01 10000000 0b020702610401060000000000000440`,
    '026e 05 00 01 0d000000 0702770b0207026104010801 03',
    '0274 06 00 01 13000000 0702770b020702610401000000000000224000',
  ]
    .join('')
    .replaceAll(' ', '');

const GOLDEN = golden('1', [
  '0c6f626a656374',
  '0c6e756d626572',
  '0c737472696e67',
  '0c6e756d626572',
]);
/** As it was written where nothing is said of what the states hold. */
const UNTYPED = golden('0', ['', '', '', '']);

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

test.each([GOLDEN, UNTYPED])(
  'the same state gives the same bytes, and those of all versions are read',
  (golden) => {
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
    restored.restore([{ keyGroup: 0, bytes: Buffer.from(golden, 'hex') }], true);
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
  },
);

test('blocks of another version, cut short or with something behind them are refused', () => {
  const backend = backendWith();
  backend.setCurrentKey('a');
  backend.value<string>({ name: 'state' }, '').update('x');
  const [block] = blocksOf(backend);
  if (block === undefined) throw new Error('no block');
  const changed = (bytes: Uint8Array) => () => backendWith([{ ...block, bytes }]);
  expect(changed(Uint8Array.of(9, ...block.bytes.slice(1)))).toThrow(
    /format version 9, this sluice reads versions 1 to 4/,
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
  expect(() => astray.value<number>({ name: 'state' }, 0).update(1)).toThrow('key group');
});

test('a value that was made unstorable in place fails the snapshot, naming the state', () => {
  const backend = backendWith();
  backend.setCurrentKey('a');
  const state = backend.value<{ f: unknown }>({ name: 'state' }, { f: 0 });
  state.update({ f: 1 });
  state.value().f = () => 0;
  const snapshot = backend.snapshot();
  expect(() => snapshot.next(1_000_000)).toThrow('a value of state "state" cannot be stored');
});
