// Operator state: snapshots, and who gets what after a rescaling.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { keyGroupOf } from '../../engine/core/key-groups.ts';
import { HeapOperatorState } from '../../engine/state/heap-operator-state.ts';
import {
  decodeOperatorState,
  encodeOperatorState,
  type OperatorStateSnapshot,
  type Redistribution,
} from '../../engine/state/operator-snapshot.ts';
import { keyGroupsOf, redistribute } from '../../engine/state/rescaling.ts';

const PARALLELISMS = [1, 2, 3, 4, 5, 6, 7, 8];
const PAIRS = PARALLELISMS.flatMap((from) => PARALLELISMS.map((to) => [from, to] as const));

function subtasks(redistribution: Redistribution, values: readonly (readonly unknown[])[]) {
  return values.map((own) => {
    const state = new HeapOperatorState();
    state.list<unknown>('items', redistribution).update(own);
    return decodeOperatorState(encodeOperatorState(state.snapshot()));
  });
}

const itemsOf = (redistribution: Redistribution, snapshots: readonly OperatorStateSnapshot[]) =>
  snapshots.map((one) => [
    ...new HeapOperatorState(one).list<unknown>('items', redistribution).get(),
  ]);

/** What the subtasks of a job of that size hold: 0 to 4 items each. */
const unevenly = (parallelism: number) =>
  Array.from({ length: parallelism }, (_, subtask) =>
    Array.from({ length: (subtask * 3) % 5 }, (_item, i) => `${subtask}.${i}`),
  );

test('split items are dealt out so that each goes to one subtask and shares differ by one at most', () => {
  for (const [from, to] of PAIRS) {
    const old = unevenly(from);
    const dealt = itemsOf('split', redistribute(subtasks('split', old), to));
    expect(dealt).toHaveLength(to);
    expect(dealt.flat().toSorted()).toEqual(old.flat().toSorted());
    if (from === to) expect(dealt).toEqual(old);
    else {
      const sizes = dealt.map((items) => items.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  }
});

test('union items go to every subtask, all of them, in the order of the old subtasks', () => {
  for (const [from, to] of PAIRS) {
    const old = unevenly(from);
    const dealt = itemsOf('union', redistribute(subtasks('union', old), to));
    expect(dealt).toEqual(Array.from({ length: to }, () => old.flat()));
  }
});

test('broadcast items reach every subtask whole, also where an old one had none', () => {
  for (const [from, to] of PAIRS) {
    const whole = ['x', 'y'];
    const old = Array.from({ length: from }, (_, i) => (i === 0 && from > 1 ? [] : whole));
    const dealt = itemsOf('broadcast', redistribute(subtasks('broadcast', old), to));
    expect(dealt).toEqual(Array.from({ length: to }, () => whole));
  }
});

test('a subtask that had finished takes part with nothing', () => {
  const whole = ['a', 'b'];
  const [split = []] = subtasks('split', [whole]);
  const [union = []] = subtasks('union', [whole]);
  expect(itemsOf('split', redistribute([split, []], 2))).toEqual([whole, []]);
  expect(itemsOf('union', redistribute([[], union], 3))).toEqual([whole, whole, whole]);
});

test('every key group goes to the subtask that owns it, and to no other', () => {
  const blocks = Array.from({ length: 128 }, (_, keyGroup) => ({
    keyGroup,
    bytes: Uint8Array.of(keyGroup),
  }));
  for (const to of PARALLELISMS) {
    const dealt = PARALLELISMS.slice(0, to).map((_, subtask) =>
      keyGroupsOf(blocks, subtask, to, 128),
    );
    expect(dealt.flat()).toEqual(blocks);
    const group = keyGroupOf('some key', 128);
    expect(dealt.filter((own) => own.some(({ keyGroup }) => keyGroup === group))).toHaveLength(1);
  }
});

test('any values come back as they were, from bytes too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.anything({ withDate: true, withMap: true, withBigInt: true })),
      (values) => {
        expect(itemsOf('split', subtasks('split', [values]))).toStrictEqual([[...values]]);
      },
    ),
  );
});

test('an object without fields and one whose field has no name stay apart', () => {
  const values = [{ '': {} }, {}, { '': 1 }];
  expect(itemsOf('split', subtasks('split', [[values]]))).toStrictEqual([[values]]);
});

test('a list that nobody asked for is kept from snapshot to snapshot', () => {
  const [old] = subtasks('union', [['a', 'b']]);
  const without = new HeapOperatorState(old);
  without.list<number>('new', 'split').update([1]);
  const back = new HeapOperatorState(without.snapshot());
  expect(back.list('items', 'union').get()).toEqual(['a', 'b']);
  expect(back.list('new', 'split').get()).toEqual([1]);
});

test('a list asked for with another redistribution is an error that names both', () => {
  const [old] = subtasks('union', [['a']]);
  const message = 'operator state "items" is redistributed by union and is asked for with split';
  expect(() => new HeapOperatorState(old).list('items', 'split')).toThrow(message);
  const state = new HeapOperatorState();
  state.list('items', 'union');
  expect(() => state.list('items', 'split')).toThrow(message);
  expect(() =>
    redistribute([...subtasks('union', [['a']]), ...subtasks('split', [['b']])], 3),
  ).toThrow('written as union and split');
});

test('a value that cannot be stored fails the snapshot, naming the list', () => {
  const state = new HeapOperatorState();
  state.list<unknown>('items', 'split').update([() => 0]);
  expect(() => state.snapshot()).toThrow('a value of operator state "items" cannot be stored');
});

test('bytes of another version, or with something behind them, are refused', () => {
  const [old] = subtasks('split', [['a']]);
  const bytes = encodeOperatorState(old ?? []);
  expect(Buffer.from(bytes).toString('hex')).toBe('01010a6974656d73000103070261');
  expect(() => decodeOperatorState(Uint8Array.of(9, ...bytes.slice(1)))).toThrow('version 9');
  expect(() => decodeOperatorState(Uint8Array.of(...bytes, 0))).toThrow(CorruptData);
  expect(() => decodeOperatorState(bytes.slice(0, -1))).toThrow(CorruptData);
});
