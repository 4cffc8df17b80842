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

test('a join and a co-group have the elements that a window of both sides has, early and late', () => {
  fc.assert(
    fc.property(
      twoStreams,
      fc.constantFrom<Kind>('join', 'co-group'),
      fc.constantFrom('tumbling', 'sliding', 'session'),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 3, max: 20 }),
      fc.constantFrom(0, 0, 5, 30),
      (input, kind, windows, size, slide, lateness) => {
        const assigners = {
          tumbling: { kind: 'tumbling', time: 'event', sizeMs: size, offsetMs: 3 },
          sliding: { kind: 'sliding', time: 'event', sizeMs: size, slideMs: slide, offsetMs: 3 },
          session: { kind: 'session', time: 'event', gapMs: size },
        } as const;
        const windowsOf = slidingBy(size, windows === 'tumbling' ? size : slide, 3);
        const fired =
          windows === 'session'
            ? naiveSessions(() => size, lateness, input)
            : naiveWindows({ windowsOf, lateness }, input);
        const definition = operator(kind, assigners[windows], lateness);
        const expected = naiveJoin(kind, input, fired);
        verifyGroups(definition, input, expected);
        const harness = new OperatorHarness(definition);
        harness.push(...structuredClone(input));
        const late = expected
          .flat()
          .filter((item) => item.kind === 'record' && item.tag === 'late');
        expect(harness.counts.late).toBe(late.length);
        expect(harness.keys()).toEqual([]);
      },
    ),
    { numRuns: 30 },
  );
});
