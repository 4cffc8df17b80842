// keyed-reduce and keyed-fold: one output per record.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyElements } from '../harness/any-elements.ts';
import {
  NAIVE_AGGREGATES,
  REDUCES,
  type Row,
  reduced,
  valuesFor,
} from '../harness/naive-aggregates.ts';
import type { NaiveElement } from '../harness/naive-windows.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import { emitted, type InputItem, record } from '../harness/operator-items.ts';
import { type Expectation, verifyGroups, verifyOperator } from '../harness/verify-operator.ts';

interface Item {
  readonly key: string;
  readonly n: number;
}

const item = (key: string, n: number, timeMs?: number) => record({ key, n }, timeMs);
const byKey = ({ key }: Item) => key;

/** Called, and as part of a chain's own code. */
function verifyBoth(definition: OperatorDefinition, expectation: Expectation): void {
  verifyOperator(definition, expectation);
  verifyOperator({ ...definition, isWrittenOut: true }, expectation);
}

test('a running reduction emits the reduced value with the time of each record', () => {
  const reduce = (a: Item, b: Item) => ({ key: a.key, n: a.n + b.n });
  verifyOperator(
    { kind: 'keyed-reduce', key: byKey, functions: () => ({ reduce }) },
    {
      input: [item('a', 1, 1), item('b', 5, 2), item('a', 2, 3), item('a', 4, 0)],
      output: [
        emitted({ key: 'a', n: 1 }, 1),
        emitted({ key: 'b', n: 5 }, 2),
        emitted({ key: 'a', n: 3 }, 3),
        emitted({ key: 'a', n: 7 }, 0),
      ],
    },
  );
});

test('a reduction that changes its first argument in place changes nothing that was emitted', () => {
  const reduce = (a: { n: number }, b: { n: number }) => {
    a.n += b.n;
    return a;
  };
  verifyOperator(
    { kind: 'keyed-reduce', key: () => 'k', functions: () => ({ reduce }) },
    {
      input: [record({ n: 1 }), record({ n: 2 }), record({ n: 3 })],
      output: [emitted({ n: 1 }), emitted({ n: 3 }), emitted({ n: 6 })],
    },
  );
});

test('with object reuse the state is the very object that was emitted, unless it is all numbers', () => {
  interface Row {
    readonly n: number;
    readonly text: string;
  }
  const reduce = (a: Row, b: Row) => ({ n: a.n + b.n, text: '' });
  const harness = new OperatorHarness(
    {
      kind: 'keyed-reduce',
      key: () => 'k',
      functions: () => ({ reduce }),
      configuration: { 'pipeline.object-reuse': 'true' },
    },
    { isVandal: true },
  );
  harness.push(record({ n: 1, text: '' }));
  expect(harness.push(record({ n: 2, text: '' }))).toEqual([
    emitted({ n: 'vandalised2', text: '' }),
  ]);
});

test('a running fold emits the result of its aggregate for every record', () => {
  const of = ({ n }: Item) => n;
  const fold = (aggregate: object, functions = {}): OperatorDefinition => ({
    kind: 'keyed-fold',
    params: { aggregate } as never,
    key: byKey,
    functions: () => ({ of, ...functions }),
  });
  const input = [item('a', 4), item('b', 1), item('a', 2), item('a', 9)];
  const emits = (aggregate: object, values: readonly unknown[], functions = {}) =>
    verifyBoth(fold(aggregate, functions), {
      input,
      output: values.map((one) => emitted(one)),
    });
  const [a4, b1, a2, a9] = input.map((one) => one.value);
  emits({ kind: 'count' }, [1, 1, 2, 3]);
  emits({ kind: 'sum' }, [4, 1, 6, 15]);
  emits({ kind: 'mean' }, [4, 1, 3, 5]);
  emits({ kind: 'min' }, [4, 1, 2, 2]);
  emits({ kind: 'max-by' }, [a4, b1, a4, a9]);
  emits({ kind: 'top', n: 2 }, [[a4], [b1], [a4, a2], [a9, a4]]);
  emits({ kind: 'list' }, [[a4], [b1], [a4, a2], [a4, a2, a9]]);
  emits({ kind: 'sum' }, ['a: 4', 'b: 1', 'a: 6', 'a: 15'], {
    output: (key: string, sum: number) => `${key}: ${sum}`,
  });
  const own = {
    create: () => [] as number[],
    add: (acc: number[], { n }: Item) => [...acc, n],
    result: (acc: number[]) => acc.join(),
  };
  emits({ kind: 'own' }, ['4', '1', '4,2', '4,2,9'], own);
});

/** What a function makes of all elements of a key so far, for each. */
function running(
  input: readonly InputItem[],
  make: (elements: readonly NaiveElement[]) => unknown,
): readonly unknown[] {
  const seen = new Map<string, NaiveElement[]>();
  return input.map((item) => {
    if (item.kind !== 'record') return [item];
    const element = item.value as NaiveElement;
    const elements = [...(seen.get(element.key) ?? []), element];
    seen.set(element.key, elements);
    return [emitted(make(elements), item.timeMs)];
  });
}

const anyInput = anyElements({ min: 0, max: 9 }, 1);

test('every ready aggregate gives what all elements of the key so far give, whatever their values', () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom(...NAIVE_AGGREGATES), fc.nat(), (input, naive, pick) => {
      const rankOf = valuesFor(naive, pick);
      const expected = running(input, (elements) =>
        naive.of(
          elements.map(({ id }) => id),
          rankOf,
          (id) => elements.find((one) => one.id === id),
        ),
      );
      const definition: OperatorDefinition = {
        kind: 'keyed-fold',
        params: { aggregate: naive.spec } as never,
        key: ({ key }: NaiveElement) => key,
        functions: () => ({ of: ({ id }: NaiveElement) => rankOf(id) }),
      };
      verifyGroups(definition, input, expected as never);
    }),
    { numRuns: 40 },
  );
});

/** Keys are numbers or texts, as a table of rows begins with the one or the other. */
const rowOf = ({ key, id }: NaiveElement, hasNumbers: boolean): Row => ({
  key: hasNumbers ? key.charCodeAt(0) : key,
  n: id % 7,
});

test.each(Object.entries(REDUCES))(
  'a running reduction is what a plain loop is: %s',
  (_, reduce) => {
    fc.assert(
      fc.property(
        anyInput,
        fc.boolean(),
        fc.constantFrom('keyed-reduce', 'keyed-fold'),
        (some, hasNumbers, kind) => {
          const input = some.map((item) =>
            item.kind === 'record'
              ? { ...item, value: rowOf(item.value as NaiveElement, hasNumbers) }
              : item,
          );
          const expected = running(some, (elements) =>
            reduced(
              reduce,
              elements.map((element) => rowOf(element, hasNumbers)),
            ),
          );
          const definition: OperatorDefinition = {
            kind,
            params: { aggregate: { kind: 'reduce' } },
            key: ({ key }: Row) => key,
            functions: () => ({ reduce }),
          };
          verifyGroups(definition, input, expected as never);
        },
      ),
      { numRuns: 20 },
    );
  },
);

test('of records of equal rank minBy and maxBy keep the first', () => {
  const definition = (kind: string): OperatorDefinition => ({
    kind: 'keyed-fold',
    params: { aggregate: { kind } } as never,
    key: () => 'k',
    functions: () => ({ of: ({ n }: { n: number }) => n }),
  });
  for (const kind of ['min-by', 'max-by']) {
    verifyBoth(definition(kind), {
      input: [record({ n: 1, id: 'first' }), record({ n: 1, id: 'second' })],
      output: [emitted({ n: 1, id: 'first' }), emitted({ n: 1, id: 'first' })],
    });
  }
});

test('a sum of what is no number is refused', () => {
  const harness = new OperatorHarness({
    kind: 'keyed-fold',
    params: { aggregate: { kind: 'sum' } },
    key: () => 'k',
    functions: () => ({ of: ({ n }: Item) => String(n) }),
  });
  expect(() => harness.push(item('a', 1))).toThrow('sum needs numbers');
});
