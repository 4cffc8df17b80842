// Many entries of one key group: they are written in columns, run by run, and come back exactly.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { HeapStateBackend } from '../../engine/state/heap-keyed-state.ts';
import { type KeyGroupBlock, readBlock, wholeSnapshot } from '../../engine/state/keyed-snapshot.ts';

/** All keys are of one group. */
function backendWith(blocks: readonly KeyGroupBlock[] = []): HeapStateBackend {
  const backend = new HeapStateBackend({
    maxParallelism: 1,
    keyGroups: { start: 0, end: 0 },
    clock: { now: () => 1_000 },
    objectReuse: false,
  });
  backend.restore(blocks);
  return backend;
}

const open = (backend: HeapStateBackend) => ({
  value: backend.value<unknown>({ name: 'value' }, undefined),
  list: backend.list<unknown>({ name: 'list' }),
  timed: backend.value<unknown>({ name: 'timed', ttlMs: 5 }, undefined),
  windows: backend.namespaced<string | number, unknown>({ name: 'windows' }),
});

const bid = fc.record(
  {
    auction: fc.nat(),
    price: fc.double(),
    channel: fc.string({ maxLength: 20 }),
    url: fc.string({ unit: 'binary', maxLength: 40 }),
  },
  { noNullPrototype: true },
);
const stored = fc.oneof(
  { weight: 20, arbitrary: bid as fc.Arbitrary<unknown> },
  {
    weight: 1,
    arbitrary: fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true }),
  },
);
const isSomething = (value: unknown): boolean => value !== undefined;
const key = fc.oneof(
  { weight: 8, arbitrary: fc.nat() },
  fc.tuple(fc.nat(99), fc.nat(99)),
  fc.string({ maxLength: 5 }),
  fc.bigInt(),
);
const entries = fc.uniqueArray(
  fc.record({
    key,
    value: stored.filter(isSomething),
    list: fc.array(stored.filter(isSomething), { minLength: 1, maxLength: 5 }),
    namespace: fc.constantFrom<string | number>(7, 7, 7, 'w'),
  }),
  { minLength: 16, maxLength: 80, selector: ({ key }) => `${typeof key} ${key}` },
);

test('what many keys hold comes back, whatever it is', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const backend = backendWith();
      const states = open(backend);
      for (const { key, value, list, namespace } of all) {
        backend.setCurrentKey(key);
        states.value.update(value);
        states.list.update(list);
        states.timed.update(value);
        states.windows.put(namespace, structuredClone(value));
      }
      const restored = backendWith(wholeSnapshot(backend.snapshot()));
      const read = open(restored);
      for (const { key, value, list, namespace } of all) {
        restored.setCurrentKey(key);
        expect(read.value.value()).toStrictEqual(value);
        expect(read.list.get()).toStrictEqual(list);
        expect(read.timed.value()).toStrictEqual(value);
        expect(read.windows.get(namespace)).toStrictEqual(value);
      }
    }),
    { numRuns: 100 },
  );
});

function filled(count: number, text: (key: number) => string): HeapStateBackend {
  const backend = backendWith();
  const state = backend.value<unknown>({ name: 'v' }, undefined);
  for (let key = 0; key < count; key++) {
    backend.setCurrentKey(key);
    state.update({ n: key, text: text(key) });
  }
  return backend;
}

const blocksOf = (backend: HeapStateBackend): readonly KeyGroupBlock[] =>
  wholeSnapshot(backend.snapshot());

// Version and number of sections; name, kind, flags, entries, length of the payload; its runs: how many
// entries, a column of keys, and one of objects with the names of their fields and a column for each.
const NAMES = '0c 6e00 74657874';
const GOLDEN = [
  '0401 0276 00 50 0c6f626a656374 10 b0000000',
  `04 01 00000000 01000000 02000000 03000000 06 ${NAMES} 02 01 00000000 01000000 02000000 03000000 00 070278`,
  `08 01 04000000 05000000 06000000 07000000 08000000 09000000 0a000000 0b000000 06 ${NAMES} 02`,
  '01 04000000 05000000 06000000 07000000 08000000 09000000 0a000000 0b000000 00 070278',
  `04 01 0c000000 0d000000 0e000000 0f000000 06 ${NAMES} 02 01 0c000000 0d000000 0e000000 0f000000 00 070278`,
].join('');

test('the same entries give the same bytes', () => {
  const [block] = blocksOf(filled(16, () => 'x'));
  expect(Buffer.from(block?.bytes ?? []).toString('hex')).toBe(GOLDEN.replaceAll(' ', ''));
});

test('larger entries stand in shorter runs, so that others may pass between them', () => {
  const backend = filled(64, (key) => `${key}`.repeat(50_000));
  const snapshot = backend.snapshot();
  const sizes: number[] = [];
  let some = snapshot.next(1);
  for (; some !== undefined; some = snapshot.next(1)) sizes.push(some.length);
  expect(sizes.length).toBeGreaterThan(60);
});

test('a run without entries, or with more than there are, is damage', () => {
  const [block] = blocksOf(filled(16, () => 'x'));
  if (block === undefined) throw new Error('no block');
  const [section] = readBlock(block);
  if (section === undefined) throw new Error('no section');
  for (const length of [0, 17]) {
    section.payload[0] = length;
    const restored = backendWith([block]);
    expect(() => restored.value<unknown>({ name: 'v' }, undefined)).toThrow(CorruptData);
  }
});

describe('a value that cannot be stored fails the snapshot, saying what it is', () => {
  test.each(['before', 'after'])('changed before, and looked at %s it began', (when) => {
    const backend = filled(40, () => 'x');
    backend.setCurrentKey(30);
    const state = backend.value<{ n: unknown }>({ name: 'v' }, { n: 0 });
    state.value().n = () => 0;
    const snapshot = backend.snapshot();
    if (when === 'after') state.value();
    expect(() => snapshot.next(1_000_000)).toThrow(
      expect.objectContaining({
        message: 'a value of state "v" cannot be stored',
        cause: expect.objectContaining({ message: expect.stringMatching(/a function/) }),
      }),
    );
  });
});
