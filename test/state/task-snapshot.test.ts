// The state of a subtask as bytes: it comes back whole, or not at all.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CorruptData } from '../../engine/core/byte-buffer.ts';
import { SluiceError } from '../../engine/core/errors.ts';
import { type OperatorId, operatorIdOf } from '../../engine/core/ids.ts';
import { NO_WATERMARK } from '../../engine/core/time.ts';
import type { KeyedSnapshot, KeyGroupBlock } from '../../engine/state/keyed-snapshot.ts';
import {
  type OperatorSnapshot,
  type OperatorStateInProgress,
  readTaskSnapshot,
  writeTaskSnapshot,
} from '../../engine/state/task-snapshot.ts';

/** In pieces of any size. */
function encodeTaskSnapshot(
  operators: readonly OperatorSnapshot[],
  budgetBytes = 1_000,
  pieceBytes = 1_000,
): Uint8Array {
  const inProgress = operators.map((operator) => ({ ...operator, keyed: inTurn(operator.keyed) }));
  return joined(writeTaskSnapshot(inProgress, [], { budgetBytes, pieceBytes }));
}

const SMALL = { budgetBytes: 100, pieceBytes: 100 };

/** A piece is valid until the one after the next is asked for. */
function joined(pieces: Iterable<Uint8Array>): Uint8Array {
  let all = Buffer.alloc(0);
  let last: Uint8Array = new Uint8Array();
  for (const piece of pieces) {
    all = Buffer.concat([all, last]);
    last = piece;
  }
  return Buffer.concat([all, last]);
}

function inTurn(blocks: readonly KeyGroupBlock[]): KeyedSnapshot {
  let at = 0;
  return {
    next: () => (at < blocks.length ? blocks.slice(at, ++at) : undefined),
    release: () => undefined,
  };
}

const bytes = fc.uint8Array({ maxLength: 40 });
const plain = { noNullPrototype: true };
const list = fc.record(
  {
    name: fc.string(),
    redistribution: fc.constantFrom('split', 'union', 'broadcast'),
    items: fc.array(bytes),
  },
  plain,
);
const operator: fc.Arbitrary<OperatorSnapshot> = fc.record(
  {
    operatorId: fc.string().map((uid) => operatorIdOf(uid)),
    watermarks: fc.tuple(fc.double(), fc.double()),
    lists: fc.array(list, { maxLength: 3 }),
    keyed: fc.array(fc.record({ keyGroup: fc.nat(32_767), bytes }, plain), { maxLength: 4 }),
  },
  plain,
);

const example: OperatorSnapshot[] = [
  {
    operatorId: operatorIdOf('a'),
    watermarks: [5, NO_WATERMARK],
    lists: [{ name: 'splits', redistribution: 'union', items: [Uint8Array.of(1, 2)] }],
    keyed: [{ keyGroup: 7, bytes: Uint8Array.of(3) }],
  },
  { operatorId: operatorIdOf('b'), watermarks: [1, 2], lists: [], keyed: [] },
];

test('what was written comes back', () => {
  fc.assert(
    fc.property(
      fc.array(operator, { maxLength: 4 }),
      fc.integer({ min: 1, max: 300 }),
      (operators, pieceBytes) => {
        const bytes = encodeTaskSnapshot(operators, 100, pieceBytes);
        expect(readTaskSnapshot(bytes).operators).toStrictEqual(operators);
      },
    ),
  );
});

test('records in flight come back with it', () => {
  const frames = [Uint8Array.of(1), new Uint8Array()];
  const inFlight = [{ edgeId: 3, channel: 1, channels: 2, frames }];
  const inProgress = example.map((operator) => ({ ...operator, keyed: inTurn(operator.keyed) }));
  const bytes = joined(writeTaskSnapshot(inProgress, inFlight, SMALL));
  expect(readTaskSnapshot(bytes)).toEqual({ operators: example, inFlight });
});

test('every flipped bit and every cut is found', () => {
  const whole = encodeTaskSnapshot(example);
  for (let i = 0; i < whole.length; i++) {
    for (let bit = 1; bit < 0x100; bit *= 2) {
      const damaged = Uint8Array.from(whole);
      damaged[i] = (damaged[i] ?? 0) ^ bit;
      expect(() => readTaskSnapshot(damaged), `bit ${bit} of byte ${i}`).toThrow(
        i === 4 ? SluiceError : CorruptData,
      );
    }
    expect(() => readTaskSnapshot(whole.subarray(0, i))).toThrow(CorruptData);
  }
  expect(() => readTaskSnapshot(Buffer.concat([whole, Buffer.of(0)]))).toThrow(CorruptData);
});

test('noise is CorruptData', () => {
  const head = encodeTaskSnapshot([]).subarray(0, 5);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 2, maxLength: 80 }), (noise) => {
      expect(() => readTaskSnapshot(noise)).toThrow(CorruptData);
      expect(() => readTaskSnapshot(Buffer.concat([head, noise]))).toThrow(CorruptData);
    }),
  );
});

test('another version is refused with both numbers', () => {
  const other = encodeTaskSnapshot(example);
  other[4] = 9;
  expect(() => readTaskSnapshot(other)).toThrow(
    /task state of format version 9, this sluice reads version 2/,
  );
});

test('a task that has seen no element, and holds nothing, has no snapshot', () => {
  const isEmpty = (changes: Partial<OperatorStateInProgress> = {}): boolean => {
    const work = writeTaskSnapshot(
      [
        {
          operatorId: 'a' as OperatorId,
          watermarks: [NO_WATERMARK, NO_WATERMARK],
          lists: [{ name: 'splits', redistribution: 'split', items: [] }],
          keyed: undefined,
          ...changes,
        },
      ],
      [],
      SMALL,
    );
    for (;;) {
      const step = work.next();
      if (step.done === true) return step.value.isEmpty;
    }
  };
  expect(isEmpty()).toBe(true);
  expect(isEmpty({ keyed: inTurn([]) })).toBe(true);
  expect(isEmpty({ watermarks: [NO_WATERMARK, 7] })).toBe(false);
  expect(isEmpty({ watermarks: [7, NO_WATERMARK] })).toBe(false);
  expect(isEmpty({ watermarks: [Infinity, Infinity] })).toBe(false);
  expect(isEmpty({ keyed: inTurn([{ keyGroup: 1, bytes: new Uint8Array() }]) })).toBe(false);
});

test('what is frozen is released, also when a state cannot be stored', () => {
  let released = 0;
  const [operator] = example;
  const failing: KeyedSnapshot = {
    next: () => {
      throw new Error('a function');
    },
    release: () => released++,
  };
  const work = writeTaskSnapshot(operator ? [{ ...operator, keyed: failing }] : [], [], SMALL);
  expect(() => [...work]).toThrow('a function');
  expect(released).toBe(1);
});
