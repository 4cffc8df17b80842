// Windows in two steps against windows in one: what is joined in front of an exchange changes neither results nor
// the number of late records.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type {
  AggregateSpec,
  AssignerSpec,
  WindowSpec,
} from '../../engine/graph/operator-params.ts';
import type { PartialRow } from '../../engine/operators/aggregates/partial-aggregates.ts';
import { PARTIALS_MAX } from '../../engine/operators/windows/partial-table.ts';
import {
  type HarnessOptions,
  type OperatorDefinition,
  OperatorHarness,
} from '../harness/operator-harness.ts';
import {
  endOfInput,
  type InputItem,
  type OutputItem,
  record,
  watermark,
} from '../harness/operator-items.ts';
import { keyed, sale, tumbling } from './window-definitions.ts';

type Key = string | number;
interface Element {
  readonly key: Key;
  readonly n: number;
}

const windowSpec = (assigner: AssignerSpec): WindowSpec => ({
  assigner,
  trigger: assigner.kind === 'global' ? { kind: 'event-time' } : null,
  evictor: null,
  allowedLatenessMs: 0,
  lateTag: null,
});

const functions = {
  of: ({ n }: Element) => n,
  reduce: (a: Element, b: Element): Element => ({ ...a, n: Math.max(a.n, b.n) }),
  create: () => ({ count: 0, least: Number.POSITIVE_INFINITY }),
  add(all: { count: number; least: number }, { n }: Element) {
    all.count++;
    all.least = Math.min(all.least, n);
    return all;
  },
  merge: (a: { count: number; least: number }, b: { count: number; least: number }) => ({
    count: a.count + b.count,
    least: Math.min(a.least, b.least),
  }),
  window: keyed,
};

const local = (assigner: AssignerSpec, aggregate: AggregateSpec): OperatorDefinition => ({
  kind: 'local-window',
  params: { window: windowSpec(assigner), aggregate, edge: 1, of: 'Window' } as never,
  functions: () => ({ ...functions, key: ({ key }: Element) => key }),
});

const window = (
  assigner: AssignerSpec,
  aggregate: AggregateSpec,
  takesPartials: boolean,
): OperatorDefinition => ({
  kind: 'window',
  params: { window: windowSpec(assigner), aggregate, keyed: true, takesPartials } as never,
  functions: () => functions,
  key: ({ key }: Element) => key,
});

const inputOf = (item: OutputItem): InputItem =>
  item.kind === 'record' ? record(item.value, item.timeMs) : item;

interface Outcome {
  readonly output: readonly unknown[];
  readonly late: number;
}

/** What a window gives, unordered between two watermarks. */
function outcomeOf(definition: OperatorDefinition, input: readonly InputItem[]): Outcome {
  const harness = new OperatorHarness(definition);
  const output = input.map((item) => {
    const emitted = harness.push(structuredClone(item)).filter(({ kind }) => kind === 'record');
    return emitted.map((one) => JSON.stringify(one)).toSorted(byText);
  });
  // Several rows may come where one element came: what fires when is said by the watermarks.
  return { output: output.filter((group) => group.length > 0), late: harness.counts.late };
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** `isRestored`: with a barrier in front of each element. */
function sentBy(
  definition: OperatorDefinition,
  input: readonly InputItem[],
  options: HarnessOptions & { readonly isRestored?: boolean } = {},
): InputItem[] {
  let harness = new OperatorHarness(definition, options);
  const sent: OutputItem[] = [];
  for (const item of input) {
    if (options.isRestored === true && !harness.isPending) {
      const before = harness.output.length;
      const restored = harness.snapshot();
      sent.push(...harness.output.slice(before));
      harness = new OperatorHarness(definition, { ...options, restored });
    }
    sent.push(...harness.push(structuredClone(item)));
  }
  return sent.map(inputOf);
}

const time = fc.integer({ min: -60, max: 100 });
const key = fc.constantFrom<Key>('a', 'b', 1, 2, 2.5);
const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constantFrom(0, -0, 2 ** 40, Number.NaN),
);
const stream: fc.Arbitrary<InputItem[]> = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ key, n: number, time }) },
      { weight: 1, arbitrary: time },
    ),
    { maxLength: 60 },
  )
  .map((steps) => {
    let now = Number.NEGATIVE_INFINITY;
    const items = steps.map((step): InputItem => {
      if (typeof step === 'object') return record({ key: step.key, n: step.n }, step.time);
      now = Math.max(now, step);
      return watermark(now);
    });
    return [...items, endOfInput];
  });

const assigner: fc.Arbitrary<AssignerSpec> = fc
  .record({
    kind: fc.constantFrom('tumbling', 'sliding', 'cumulative'),
    stepMs: fc.integer({ min: 1, max: 20 }),
    steps: fc.integer({ min: 2, max: 5 }),
    offsetMs: fc.integer({ min: -10, max: 10 }),
  })
  .map(({ kind, stepMs, steps, offsetMs }): AssignerSpec => {
    const sizeMs = stepMs * steps;
    const common = { time: 'event', sizeMs, offsetMs } as const;
    if (kind === 'tumbling') return { kind, ...common };
    return kind === 'sliding'
      ? { kind, ...common, slideMs: stepMs }
      : { kind: 'cumulative', ...common, stepMs };
  });

const SLICED = ['count', 'sum', 'mean', 'min', 'max', 'own'] as const;
const WHOLE = ['min-by', 'max-by', 'reduce', 'top'] as const;

test('windows over partial aggregates give what windows over elements give, and count the same as late', () => {
  fc.assert(
    fc.property(
      stream,
      assigner,
      fc.constantFrom(...SLICED, ...WHOLE),
      fc.constantFrom<AssignerSpec>(tumbling(20), { kind: 'global' }),
      fc.constantFrom({}, { isRestored: true }, { hasCredit: everyOther() }),
      (input, sliced, kind, undivided, options) => {
        const windows = WHOLE.some((one) => one === kind) ? undivided : sliced;
        const aggregate = kind === 'top' ? { kind, n: 2 } : { kind };
        const sent = sentBy(local(windows, aggregate), input, options);
        expect(outcomeOf(window(windows, aggregate, true), sent)).toEqual(
          outcomeOf(window(windows, aggregate, false), input),
        );
      },
    ),
    { numRuns: 300 },
  );
});

function everyOther(): () => boolean {
  let calls = 0;
  return () => calls++ % 2 === 1;
}

const counted = local(tumbling(10), { kind: 'count' });
const element = (k: Key, timeMs: number): InputItem => record({ key: k, n: 1 }, timeMs);
const rowsOf = (output: readonly OutputItem[]): readonly unknown[] =>
  output.flatMap((item) => (item.kind === 'record' ? [[item.value, item.timeMs]] : []));
const row = (k: unknown, count: number, partial?: unknown): PartialRow => ({
  key: k,
  count,
  partial,
});

test('what a key has in a slice travels as one row when a window ends, in front of its watermark', () => {
  const h = new OperatorHarness(counted);
  h.push(element('a', 1), element('b', 12), element('a', 9), element('b', 13));
  expect(h.push(watermark(8))).toEqual([watermark(8)]);
  const sent = h.push(watermark(9));
  expect(rowsOf(sent)).toEqual([
    [row('a', 2), 9],
    [row('b', 2), 19],
  ]);
  expect(sent.at(-1)).toEqual(watermark(9));
});

test('a barrier finds nothing held', () => {
  const h = new OperatorHarness(counted);
  h.push(element('a', 1), element('a', 2));
  h.snapshot();
  expect(rowsOf(h.output)).toEqual([[row('a', 2), 9]]);
});

test('nothing is held of a stream that is called idle', () => {
  const h = new OperatorHarness(counted);
  h.push(element('a', 1), element('a', 2));
  h.idle();
  expect(rowsOf(h.output)).toEqual([[row('a', 2), 9]]);
});

test('a late element travels alone, with its own time', () => {
  const h = new OperatorHarness(counted);
  expect(rowsOf(h.push(watermark(9), element('a', 3)))).toEqual([[row('a', 1), 3]]);
});

test.each([
  ['a fraction', 0.5],
  ['a sum that is no safe number any more', Number.MAX_SAFE_INTEGER],
])('%s is summed behind the exchange, and all that follows it', (_, n) => {
  const h = new OperatorHarness(local(tumbling(10), { kind: 'sum' }));
  h.push(record({ key: 'a', n: 1 }, 1), record({ key: 'a', n: 2 }, 1), record({ key: 'a', n }, 1));
  h.push(record({ key: 'a', n: 4 }, 1));
  expect(rowsOf(h.output)).toEqual([
    [row('a', 2, 3), 9],
    [row('a', 1, n), 1],
    [row('a', 1, 4), 1],
  ]);
});

test('more keys than it holds are sent at once', () => {
  const h = new OperatorHarness(counted);
  for (let i = 0; i < PARTIALS_MAX; i++) h.push(element(i, 1));
  expect(h.output).toHaveLength(PARTIALS_MAX);
});

test('without credit it stops between two rows, and an element in the middle of that is not lost', () => {
  let credit = 2;
  const h = new OperatorHarness(counted, { hasCredit: () => credit-- > 0 });
  for (let i = 0; i < PARTIALS_MAX - 1; i++) h.push(element(i, 1));
  h.pushAnyway({ key: 'last', n: 1 }, 1);
  expect(h.isPending).toBe(true);
  expect(h.output).toHaveLength(512);
  h.pushAnyway({ key: 'last', n: 1 }, 1);
  expect(h.output).toHaveLength(PARTIALS_MAX);
  h.snapshot();
  expect(rowsOf(h.output.slice(-2))).toEqual([
    [row('last', 1), 9],
    [row('last', 1), 9],
  ]);
});

test('where keys hardly repeat elements travel alone, until it is tried again', () => {
  const h = new OperatorHarness(counted);
  let keys = 0;
  const isHeld = (): boolean => h.push(element(keys++, 1)).length === 0;
  while (isHeld() || h.output.length !== 4 * PARTIALS_MAX);
  expect(isHeld()).toBe(false);
  let alone = 1;
  while (!isHeld()) alone++;
  expect(alone).toBe(64 * PARTIALS_MAX);
});

test('an element without event time is refused as its window would refuse it', () => {
  const h = new OperatorHarness(counted);
  expect(() => h.push(record({ key: 'a', n: 1 }, Number.NaN))).toThrow(
    'an element with event time NaN at operator "Window", whose windows need one',
  );
});

test('in one window that fires at the end elements need no event time, and are held until then', () => {
  const h = new OperatorHarness(local({ kind: 'global' }, { kind: 'count' }));
  h.push(record({ key: 'a', n: 1 }, Number.NaN), element('a', 5), watermark(1e9));
  expect(rowsOf(h.output)).toEqual([]);
  h.push(endOfInput);
  expect(rowsOf(h.output)).toEqual([[row('a', 2), Number.NaN]]);
});

test('of several rows the largest few are the largest of all, of equal ones the first', () => {
  const sale = (n: number, id: number): unknown => ({ key: 'a', n, id });
  const best = (...sales: readonly (readonly [n: number, id: number])[]): InputItem => {
    const records = sales.map(([n, id]) => sale(n, id));
    return record(row('a', sales.length, { ranks: sales.map(([n]) => n), records }), Number.NaN);
  };
  const h = new OperatorHarness(window({ kind: 'global' }, { kind: 'top', n: 3 }, true));
  h.push(best([5, 1], [3, 2]), best([5, 3], [4, 4], [3, 5]), best([4, 6], [1, 7]), endOfInput);
  const [[fired] = []] = rowsOf(h.output) as [unknown[]][];
  expect(fired?.at(-1)).toEqual([sale(5, 1), sale(5, 3), sale(4, 4)]);
});

test('a key that can be none is refused with the record', () => {
  const h = new OperatorHarness(counted);
  expect(() => h.push(record({ key: null, n: 7 }, 1))).toThrow(
    'keyBy gave null for the record {"key":null,"n":7}',
  );
});

test.each([
  ['dates', new Date(5)],
  ['tuples', [1, 'a']],
  ['pairs', [3, 4]],
  ['booleans', false],
  ['bigints', 7n],
])('%s as keys arrive as they were', (_, k) => {
  const h = new OperatorHarness(counted);
  h.push(element(k as never, 1), element(structuredClone(k) as never, 1), endOfInput);
  expect(rowsOf(h.output)).toEqual([[row(k, 2), 9]]);
});

test('windows over all elements have one key', () => {
  const h = new OperatorHarness({ ...counted, functions: () => ({}) });
  h.push(sale('a', 1, 1), sale('b', 1, 1), endOfInput);
  expect(rowsOf(h.output)).toEqual([[row(0, 2), 9]]);
});
