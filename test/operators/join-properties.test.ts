// Window joins and co-groups of late elements, with and without lateness, over all kinds of windows, against
// windows by definition over the elements of both sides.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AssignerSpec } from '../../engine/graph/operator-params.ts';
import { anyElements } from '../harness/any-elements.ts';
import {
  type NaiveElement,
  naiveSessions,
  naiveWindows,
  slidingBy,
} from '../harness/naive-windows.ts';
import { type OperatorDefinition, OperatorHarness } from '../harness/operator-harness.ts';
import type { InputItem, OutputItem } from '../harness/operator-items.ts';
import { verifyGroups } from '../harness/verify-operator.ts';

const twoStreams = anyElements({ min: -20, max: 60 }, 2);

type Kind = 'join' | 'co-group';

const sorted = (ids: readonly number[]): number[] => ids.toSorted((a, b) => a - b);
const idsOf = (elements: readonly NaiveElement[]): number[] => sorted(elements.map(({ id }) => id));

/** Elements of which all, some or none are numbers alone, which state keeps in another way. */
const recoded = (input: readonly InputItem[], isNumeric: (id: number) => boolean): InputItem[] =>
  input.map((item) => {
    if (item.kind !== 'record') return item;
    const value = item.value as NaiveElement;
    return isNumeric(value.id)
      ? { ...item, value: { ...value, key: value.key.charCodeAt(0) } }
      : item;
  });

const NUMERIC = {
  none: () => false,
  some: (id: number) => id % 5 !== 3,
  all: () => true,
} as const;

const operator = (kind: Kind, assigner: AssignerSpec, lateness: number): OperatorDefinition => ({
  kind: 'window-join',
  params: {
    window: {
      assigner,
      trigger: null,
      evictor: null,
      allowedLatenessMs: lateness,
      lateTag: 'late',
    },
    kind,
  },
  key: ({ key }: NaiveElement) => key,
  functions: () => ({
    join: (left: NaiveElement, right: NaiveElement) => [left.id, right.id],
    coGroup: (lefts: readonly NaiveElement[], rights: readonly NaiveElement[]) => [
      [idsOf(lefts), idsOf(rights)],
    ],
  }),
});

/** What a window of these elements gives. */
function joined(kind: Kind, ids: readonly number[], isLeft: (id: number) => boolean): unknown[] {
  const [lefts, rights] = [ids.filter(isLeft), ids.filter((id) => !isLeft(id))];
  if (kind === 'co-group') return [[lefts, rights]];
  return lefts.flatMap((left) => rights.map((right) => [left, right]));
}

function naiveJoin(
  kind: Kind,
  input: readonly InputItem[],
  windows: readonly (readonly OutputItem[])[],
): OutputItem[][] {
  const lefts = new Set(
    input.flatMap((item) =>
      item.kind === 'record' && item.input === 0 ? [(item.value as NaiveElement).id] : [],
    ),
  );
  return windows.map((group) =>
    group.flatMap((item) => {
      if (item.kind === 'watermark' || item.tag !== undefined) return [item];
      const { ids } = item.value as { readonly ids: readonly number[] };
      return joined(kind, ids, (id) => lefts.has(id)).map((value) => ({ ...item, value }));
    }),
  );
}

interface Windows {
  readonly kind: 'tumbling' | 'sliding' | 'session';
  readonly size: number;
  readonly slide: number;
  readonly lateness: number;
}

function verifyJoin(
  input: readonly InputItem[],
  kind: Kind,
  windows: Windows,
  isWrittenOut: boolean,
): void {
  const { size, slide, lateness } = windows;
  const assigners = {
    tumbling: { kind: 'tumbling', time: 'event', sizeMs: size, offsetMs: 3 },
    sliding: { kind: 'sliding', time: 'event', sizeMs: size, slideMs: slide, offsetMs: 3 },
    session: { kind: 'session', time: 'event', gapMs: size },
  } as const;
  const windowsOf = slidingBy(size, windows.kind === 'tumbling' ? size : slide, 3);
  const fired =
    windows.kind === 'session'
      ? naiveSessions(() => size, lateness, input)
      : naiveWindows({ windowsOf, lateness }, input);
  const definition = { ...operator(kind, assigners[windows.kind], lateness), isWrittenOut };
  const expected = naiveJoin(kind, input, fired);
  verifyGroups(definition, input, expected);
  const harness = new OperatorHarness(definition);
  harness.push(...structuredClone(input));
  const late = expected.flat().filter((item) => item.kind === 'record' && item.tag === 'late');
  expect(harness.counts.late).toBe(late.length);
  expect(harness.keys()).toEqual([]);
}

const kinds = fc.constantFrom<Kind>('join', 'co-group');

test('a join and a co-group have the elements that a window of both sides has, early and late', () => {
  const windows = fc.record({
    kind: fc.constantFrom('tumbling', 'sliding', 'session'),
    size: fc.integer({ min: 1, max: 20 }),
    slide: fc.integer({ min: 3, max: 20 }),
    lateness: fc.constantFrom(0, 0, 5, 30),
  });
  fc.assert(
    fc.property(twoStreams, kinds, windows, (input, kind, of) =>
      verifyJoin(input, kind, of, false),
    ),
    { numRuns: 30 },
  );
});

test('elements that the code of the chain adds are in their windows, too', () => {
  const windows = fc.record({
    kind: fc.constant('tumbling' as const),
    size: fc.integer({ min: 10, max: 60 }),
    slide: fc.constant(0),
    lateness: fc.constant(0),
  });
  const numeric = fc.constantFrom(...Object.values(NUMERIC));
  fc.assert(
    fc.property(twoStreams, kinds, windows, numeric, (input, kind, of, isNumeric) =>
      verifyJoin(recoded(input, isNumeric), kind, of, true),
    ),
    { numRuns: 60 },
  );
});
