import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Page } from '../../cli/ui/commands.ts';
import { bindingOf, KEYS } from '../../cli/ui/keys.ts';
import { inner, type LayoutInput, layoutOf, PANES, type PaneId } from '../../cli/ui/layout.ts';
import type { Rect } from '../../cli/ui/text/grid.ts';

const anyPage = fc.constantFrom<Page>('notebook', 'jobs', 'job');
const anyInput: fc.Arbitrary<LayoutInput> = fc.record({
  columns: fc.integer({ min: 1, max: 260 }),
  rows: fc.integer({ min: 1, max: 90 }),
  page: anyPage,
  isZoomed: fc.boolean(),
  recent: anyPage.chain((page) => fc.shuffledSubarray([...PANES[page]], { minLength: 1 })),
});

test('areas cover the screen between header and key bar, and overlap in their borders only', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { kind, areas } = layoutOf(input);
      const cells = areas.flatMap(({ rect }) => cellsOf(rect));
      const contents = areas.flatMap(({ rect }) => cellsOf(inner(rect)));
      const all = kind === 'line' ? 0 : input.columns * (input.rows - 2);
      expect(new Set(cells).size).toBe(all);
      expect(new Set(contents).size).toBe(contents.length);
    }),
    { numRuns: 60 },
  );
});

function cellsOf({ x, y, width, height }: Rect): readonly number[] {
  return Array.from(
    { length: width * height },
    (_, i) => (y + Math.floor(i / width)) * 1_000 + x + (i % width),
  );
}

test('the focused pane is always shown', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { kind, areas } = layoutOf(input);
      const focus = input.recent.find((pane) => PANES[input.page].includes(pane));
      if (kind === 'line' || focus === undefined || focus !== input.recent[0]) return;
      expect(areas.map(({ active }) => active)).toContain(focus);
    }),
  );
});

test('every pane of a page has one place', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { kind, areas } = layoutOf(input);
      if (kind === 'line') return;
      const places = areas.flatMap(({ panes }) => panes);
      expect(places).toHaveLength(PANES[input.page].length);
      expect(new Set(places)).toEqual(new Set(PANES[input.page]));
    }),
  );
});

test('grows from one line over one pane and two columns to the full screen', () => {
  const kindAt = (columns: number, rows: number): string =>
    layoutOf({ columns, rows, page: 'notebook', isZoomed: false, recent: ['cells'] }).kind;
  expect(kindAt(59, 40)).toBe('line');
  expect(kindAt(80, 14)).toBe('line');
  expect(kindAt(80, 24)).toBe('single');
  expect(kindAt(99, 60)).toBe('single');
  expect(kindAt(100, 24)).toBe('double');
  expect(kindAt(139, 60)).toBe('double');
  expect(kindAt(140, 39)).toBe('double');
  expect(kindAt(140, 40)).toBe('full');
});

describe('keys', () => {
  const panes: readonly PaneId[] = [...new Set(Object.values(PANES).flat())];

  test.each(panes)('mean one thing in %s', (pane) => {
    const valid = KEYS.filter(({ panes: only }) => only === undefined || only.includes(pane));
    const uses = valid.flatMap((binding) => binding.keys.map((key) => ({ key, binding })));
    for (const { key, binding } of uses) {
      const found = bindingOf(key, pane);
      // Another may win only because it is for this pane.
      if (found?.action !== binding.action)
        expect(found?.panes, `${key} in ${pane}`).toContain(pane);
    }
  });

  test('arrive in every terminal: no Alt, no control letter that is another key', () => {
    const names = KEYS.flatMap(({ keys }) => keys);
    for (const name of names) expect(name).not.toMatch(/^(alt|meta)|^ctrl\+[mi[sqh]$/);
  });
});
