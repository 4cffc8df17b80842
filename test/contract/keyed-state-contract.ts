// What every keyed state backend promises. A backend's test hands in how to make one, and how to move its
// state to others; the suite runs the stories and a comparison with plain Maps under random operations,
// snapshots and rescalings.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Key } from '../../engine/core/key-hash.ts';
import type { Aggregator, KeyedStateBackend } from '../../engine/state/keyed-state.ts';
import {
  ANOTHER_ZERO,
  anyStory,
  type BackendSettings,
  type KeyedStateSubject,
  runAgainstMaps,
} from './keyed-state-model.ts';

const alone = (now = () => 0): BackendSettings => ({
  subtask: 0,
  parallelism: 1,
  maxParallelism: 128,
  now,
  objectReuse: false,
});

const KEYS: readonly Key[] = [
  1,
  '1',
  1n,
  true,
  'true',
  '',
  0,
  NaN,
  '__proto__',
  'constructor',
  '\0d0',
  '\0s',
  '\0tn1:1',
  '\ud800',
  '\udc00',
  new Date(0),
  [1],
  ['1'],
  [1, 'a'],
  ['1', 'a'],
  ['a,', 'b'],
  ['a', ',b'],
  [new Date(0)],
  [true],
  ['true'],
  [1n],
  'a string that is long enough to be a slice of a frame',
];

export function keyedStateContract<Backend extends KeyedStateBackend, Snapshot>(
  name: string,
  subject: KeyedStateSubject<Backend, Snapshot>,
): void {
  const fresh = (settings = alone()): Backend => subject.create(settings, []);
  const moved = (backend: Backend, settings = alone()): Backend =>
    subject.create(settings, [subject.snapshot(backend)]);

  test(`${name}: what looks alike are different keys, and equal keys are one`, () => {
    const backend = fresh();
    const state = backend.value<number>({ name: 'state' }, -1);
    for (const [i, key] of KEYS.entries()) {
      backend.setCurrentKey(key);
      expect(state.value()).toBe(-1);
      state.update(i);
    }
    const again = moved(backend);
    const stored = again.value<number>({ name: 'state' }, -1);
    for (const [i, key] of KEYS.entries()) {
      again.setCurrentKey(structuredClone(key));
      expect(stored.value()).toBe(i);
    }
    expect([...again.keys()]).toHaveLength(KEYS.length);
    again.setCurrentKey(-0);
    expect(stored.value()).toBe(KEYS.indexOf(0));
    again.setCurrentKey([-0]);
    stored.update(77);
    again.setCurrentKey([0]);
    expect(stored.value()).toBe(77);
  });

  test(`${name}: pairs of numbers are keys beside numbers, and come back as they were`, () => {
    const keys: readonly Key[] = [
      [1, 2],
      [2, 1],
      [0, 0],
      [0.5, 1],
      [-1, 1],
      1,
      2 ** 1023,
      Infinity,
    ];
    const backend = fresh();
    const state = backend.value<number>({ name: 'state' }, -1);
    for (const [i, key] of keys.entries()) {
      backend.setCurrentKey(key);
      expect(state.value()).toBe(-1);
      state.update(i);
    }
    const again = moved(moved(backend));
    const stored = again.value<number>({ name: 'state' }, -1);
    for (const [i, key] of keys.entries()) {
      again.setCurrentKey(key);
      expect(stored.value()).toBe(i);
    }
    expect(new Set(again.keys())).toEqual(new Set(keys));
  });

  test(`${name}: pairs of numbers alone come back as they were`, () => {
    const backend = fresh();
    const state = backend.value<number>({ name: 'state' }, -1);
    for (let n = 0; n < 100; n++) {
      backend.setCurrentKey([n, 2 ** 26 - 1 - n]);
      state.update(n);
    }
    const again = moved(backend);
    const stored = again.value<number>({ name: 'state' }, -1);
    for (let n = 0; n < 100; n++) {
      again.setCurrentKey([n, 2 ** 26 - 1 - n]);
      expect(stored.value()).toBe(n);
    }
    expect([...again.keys()]).toContainEqual([0, 2 ** 26 - 1]);
  });

  test(`${name}: an object of numbers is changed where it stands, and stays so; others are not`, () => {
    const backend = fresh();
    const state = backend.namespaced<number, object>({ name: 'state' });
    backend.setCurrentKey('a');
    expect(state.cells(1)).toBeUndefined();
    state.put(1, { a: 1, b: 2 });
    const before = subject.snapshot(backend);
    const cells = state.cells(1);
    if (cells !== undefined) cells[state.cellsAt + 1] = 7;
    const expected = { a: 1, b: cells === undefined ? 2 : 7 };
    expect(state.get(1)).toEqual(expected);
    const [again, earlier] = [moved(backend), subject.create(alone(), [before])];
    for (const [one, value] of [
      [again, expected],
      [earlier, { a: 1, b: 2 }],
    ] as const) {
      one.setCurrentKey('a');
      expect(one.namespaced<number, object>({ name: 'state' }).get(1)).toEqual(value);
    }
    state.put(1, { a: 'text' });
    expect(state.cells(1)).toBeUndefined();
    expect(state.get(1)).toEqual({ a: 'text' });
  });

  test(`${name}: what cannot be a key is refused`, () => {
    const backend = fresh();
    for (const key of [null, undefined, {}, [], [[1]], new Date(NaN), Symbol('x'), () => 0]) {
      expect(() => backend.setCurrentKey(key)).toThrow(TypeError);
    }
  });

  test(`${name}: a value has a default of its own per key, and clearing brings it back`, () => {
    const backend = fresh();
    const state = backend.value<{ n: number }>({ name: 'state' }, { n: 1 });
    backend.setCurrentKey('a');
    state.value().n = 5;
    backend.setCurrentKey('b');
    expect(state.value()).toEqual({ n: 1 });
    state.update({ n: 2 });
    expect(state.value()).toEqual({ n: 2 });
    state.clear();
    expect(state.value()).toEqual({ n: 1 });
  });

  test(`${name}: what goes in is copied, whatever its kind`, () => {
    const backend = fresh();
    backend.setCurrentKey('a');
    const value = { nested: [1] };
    const states = {
      value: backend.value<unknown>({ name: 'value' }, undefined),
      list: backend.list<unknown>({ name: 'list' }),
      map: backend.map<string, unknown>({ name: 'map' }),
      reducing: backend.reducing<unknown>({ name: 'reducing' }, (_a, b) => b),
    };
    states.value.update(value);
    states.list.add(value);
    states.list.update([...states.list.get(), value]);
    states.map.put('k', value);
    states.reducing.add(value);
    states.reducing.add(value);
    value.nested.push(2);
    expect(states.value.value()).toEqual({ nested: [1] });
    expect(states.list.get()).toEqual([{ nested: [1] }, { nested: [1] }]);
    expect(states.map.get('k')).toEqual({ nested: [1] });
    expect(states.reducing.get()).toEqual({ nested: [1] });
  });

  test(`${name}: what cannot be stored is refused where it is put, with the path to it`, () => {
    const backend = fresh();
    backend.setCurrentKey('a');
    const state = backend.value<unknown>({ name: 'value' }, undefined);
    class Mine {}
    expect(() => state.update({ a: { b: [new Mine()] } })).toThrow(
      /instance of Mine at \.a\.b\[0\]/,
    );
    expect(() => state.update({ f: () => 0 })).toThrow('a function (f) at .f');
  });

  test(`${name}: handles of every kind do what their names say, before and after a restore`, () => {
    let backend = fresh();
    const sum = (a: number, b: number): number => a + b;
    const mean = {
      create: () => ({ sum: 0, count: 0 }),
      add: (acc: { sum: number; count: number }, n: number) => ({
        sum: acc.sum + n,
        count: acc.count + 1,
      }),
      result: (acc: { sum: number; count: number }) => acc.sum / acc.count,
    };
    const open = () => ({
      list: backend.list<number>({ name: 'list' }),
      map: backend.map<Key, number>({ name: 'map' }),
      reducing: backend.reducing({ name: 'reducing' }, sum),
      aggregating: backend.aggregating({ name: 'aggregating' }, mean),
      namespaced: backend.namespaced<string | number, number>({ name: 'namespaced' }),
    });
    let states = open();
    backend.setCurrentKey('a');
    expect(states.list.get()).toEqual([]);
    expect(states.map.isEmpty()).toBe(true);
    expect(states.reducing.get()).toBeUndefined();
    expect(states.aggregating.get()).toBeUndefined();
    for (const n of [1, 2, 6]) {
      states.list.add(n);
      states.map.put([n, new Date(n)], n);
      states.map.put(n, n);
      states.reducing.add(n);
      states.aggregating.add(n);
      states.namespaced.put(n, n);
      states.namespaced.put(String(n), -n);
    }
    states.map.remove(2);
    states.namespaced.remove(2);
    backend = moved(backend);
    states = open();
    backend.setCurrentKey('b');
    states.list.update([9]);
    backend.setCurrentKey('a');
    expect(states.list.get()).toEqual([1, 2, 6]);
    expect(states.map.get([6, new Date(6)])).toBe(6);
    expect(states.map.has(2)).toBe(false);
    expect(new Map(states.map.entries())).toEqual(
      new Map<unknown, number>([
        [[1, new Date(1)], 1],
        [1, 1],
        [[2, new Date(2)], 2],
        [[6, new Date(6)], 6],
        [6, 6],
      ]),
    );
    expect([...states.map.keys()]).toHaveLength(5);
    expect([...states.map.values()]).toEqual([1, 1, 2, 6, 6]);
    expect(states.reducing.get()).toBe(9);
    expect(states.aggregating.get()).toBe(3);
    expect([1, 2, 6, '2'].map((n) => states.namespaced.get(n))).toEqual([1, undefined, 6, -2]);
    for (const one of [states.list, states.map, states.reducing, states.aggregating]) one.clear();
    for (const n of [1, 6, '1', '2', '6']) states.namespaced.remove(n);
    expect([...backend.keys()]).toEqual(['b']);
    expect([...backend.keys('map')]).toEqual([]);
  });

  test(`${name}: expired values are never seen and never stored; each element has its own time`, () => {
    let now = 0;
    const settings = alone(() => now);
    let backend = fresh(settings);
    const open = () => ({
      value: backend.value<number>({ name: 'value', ttlMs: 10 }, -1),
      list: backend.list<number>({ name: 'list', ttlMs: 10 }),
      map: backend.map<string, number>({ name: 'map', ttlMs: 10 }),
      reducing: backend.reducing<number>({ name: 'reducing', ttlMs: 10 }, (a, b) => a + b),
      aggregating: backend.aggregating<number, number, number>(
        { name: 'aggregating', ttlMs: 10 },
        { create: () => 0, add: (acc, n) => acc + n, result: (acc) => acc },
      ),
    });
    let states = open();
    backend.setCurrentKey('a');
    const write = (n: number): void => {
      states.value.update(n);
      states.list.add(n);
      states.map.put(`k${n}`, n);
      states.reducing.add(n);
      states.aggregating.add(n);
    };
    const look = () => [
      states.value.value(),
      [...states.list.get()],
      [...states.map.entries()],
      states.map.has('k1'),
      states.map.isEmpty(),
      states.reducing.get() ?? 'none',
      states.aggregating.get() ?? 'none',
    ];
    write(1);
    now = 6;
    write(2);
    now = 10;
    const second = [2, [2], [['k2', 2]], false, false, 3, 3];
    expect(look()).toEqual(second);
    now = 15;
    backend = moved(backend, settings);
    states = open();
    backend.setCurrentKey('a');
    expect(look()).toEqual(second);
    now = 16;
    expect(look()).toEqual([-1, [], [], false, true, 'none', 'none']);
    write(5);
    expect(states.reducing.get()).toBe(5);
    now = 26;
    backend = moved(backend, settings);
    open();
    expect([...backend.keys()]).toEqual([]);
  });

  test(`${name}: a time to live may be added to a state and taken from it`, () => {
    let now = 0;
    const settings = alone(() => now);
    let backend = fresh(settings);
    backend.setCurrentKey('a');
    backend.list<number>({ name: 'list' }).update([1, 2]);
    backend.map<string, number>({ name: 'map' }).put('k', 3);
    now = 5;
    backend = moved(backend, settings);
    let list = backend.list<number>({ name: 'list', ttlMs: 10 });
    const map = backend.map<string, number>({ name: 'map', ttlMs: 10 });
    backend.setCurrentKey('a');
    now = 14;
    expect([list.get(), map.get('k')]).toEqual([[1, 2], 3]);
    const plain = moved(backend, settings);
    list = plain.list<number>({ name: 'list' });
    plain.setCurrentKey('a');
    now = 1_000;
    expect(list.get()).toEqual([1, 2]);
    expect(map.get('k')).toBeUndefined();
  });

  test(`${name}: a state that nobody asked for is kept from snapshot to snapshot`, () => {
    const backend = fresh();
    const old = backend.map<string, number>({ name: 'old' });
    const timers = backend.timers('old timers');
    for (let i = 0; i < 50; i++) {
      backend.setCurrentKey(i);
      old.put('k', i);
      timers.register(i, 0);
    }
    const without = moved(backend);
    without.value<number>({ name: 'new' }, 0);
    const back = moved(moved(without));
    const found = back.map<string, number>({ name: 'old' });
    for (let i = 0; i < 50; i++) {
      back.setCurrentKey(i);
      expect(found.get('k')).toBe(i);
    }
    expect(back.timers('old timers').poll(100)?.timeMs).toBe(0);
  });

  test(`${name}: a state asked for as another kind is an error that names it and both kinds`, () => {
    const backend = fresh();
    backend.setCurrentKey('a');
    backend.list<number>({ name: 'clicks' }).add(1);
    const message = /state "clicks" is a list state and is asked for as a map state/;
    expect(() => backend.map({ name: 'clicks' })).toThrow(message);
    const restored = moved(backend);
    expect(() => restored.map({ name: 'clicks' })).toThrow(message);
    expect(restored.list<number>({ name: 'clicks' })).toBeDefined();
  });

  test(`${name}: a state whose values have another type now is an error that names it and both types`, () => {
    const backend = fresh();
    backend.setCurrentKey('a');
    const accumulating = (empty: unknown): Aggregator<unknown, unknown, unknown> => ({
      create: () => empty,
      add: (_, value) => value,
      result: (all) => all,
    });
    backend.value<unknown>({ name: 'sum' }, 0).update(7);
    backend.aggregating({ name: 'all' }, accumulating([])).add(['x']);
    const message = (name: string, old: string, now: string): RegExp =>
      new RegExp(
        `state "${name}" was written with values of type ${old} and has .* type ${now} now`,
      );
    // Not asked for, it is carried on.
    const restored = moved(moved(backend));
    expect(() => restored.value<unknown>({ name: 'sum' }, {})).toThrow(
      message('sum', 'number', 'object'),
    );
    expect(() => restored.aggregating({ name: 'all' }, accumulating(new Map()))).toThrow(
      message('all', 'Array', 'Map'),
    );
    restored.setCurrentKey('a');
    expect(restored.value<unknown>({ name: 'sum' }, 1).value()).toBe(7);
    const unknown = moved(backend);
    unknown.setCurrentKey('a');
    expect(unknown.value<unknown>({ name: 'sum' }, undefined).value()).toBe(7);
    expect(unknown.aggregating({ name: 'all' }, accumulating(null)).get()).toEqual(['x']);
  });

  test(`${name}: timers of one time fire in the order in which they were set, after a restore too`, () => {
    const backend = fresh();
    const timers = backend.timers('timers');
    const set: string[] = [];
    for (let i = 0; i < 40; i++) {
      const key = `key ${(i * 7) % 40}`;
      backend.setCurrentKey(key);
      timers.register(5, i % 3 === 0 ? 'x' : i % 2);
      set.push(key);
    }
    const restored = moved(backend);
    const queue = restored.timers('timers');
    const fired: unknown[] = [];
    while (queue.poll(5) !== undefined) fired.push(restored.currentKey());
    expect(fired).toEqual(set);
  });

  test(`${name}: a timer of a key makes that key the current one`, () => {
    const backend = fresh();
    const timers = backend.timers('timers');
    const key = ['a', new Date(5), 2n];
    backend.setCurrentKey(key);
    timers.register(5, 'ns');
    backend.setCurrentKey('other');
    expect(timers.nextTimeMs()).toBe(5);
    expect(timers.poll(4)).toBeUndefined();
    expect(timers.poll(5)).toEqual({ timeMs: 5, namespace: 'ns' });
    expect(backend.currentKey()).toEqual(key);
    expect(timers.nextTimeMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test(`${name}: random operations, snapshots and rescalings agree with plain Maps`, () => {
    fc.assert(
      fc.property(anyStory, (story) => runAgainstMaps(subject, story)),
      { numRuns: subject.stories ?? 300, examples: [[ANOTHER_ZERO]] },
    );
  });
}
