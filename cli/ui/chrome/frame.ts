// The frame around the panes: one drawing in which all borders join, the focused pane's in the accent, each
// pane's title or tab bar set into its upper border.

import type { Page } from '../commands.ts';
import { type Area, type Layout, PANES, type PaneId } from '../layout.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { Grid, type Rect } from '../text/grid.ts';
import type { Look } from '../text/look.ts';
import { compose, paintRow, SEE_THROUGH, type Span, span, spansWidth } from '../text/spans.ts';
import { displayWidth } from '../text/width.ts';

/** Whole screen high: header and key bar stay empty. */
export function frameView(
  layout: Layout,
  page: Page,
  focus: PaneId,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  const grid = new Grid(width, height, look.glyphs);
  for (const { rect } of layout.areas) grid.box(rect, 'faint');
  const focused = layout.areas.find(({ active }) => active === focus);
  if (focused !== undefined) grid.box(focused.rect, 'accent');
  for (const area of layout.areas) {
    grid.putSpans(area.rect.x + 1, area.rect.y, titleSpans(area, page, focus, look.glyphs));
  }
  return compose(look, width, height, grid.rows());
}

/** The part of the upper border that the title leaves to a caption. */
export function captionRect(area: Area, page: Page): Rect {
  const { rect } = area;
  const title = titlesWidth(area.panes, page, namesOf(area, page));
  const width = Math.max(0, Math.min(44, rect.width - title - 4));
  return { x: rect.x + rect.width - 2 - width, y: rect.y, width, height: 1 };
}

/** The pane whose title stands at a column of the screen, for the mouse. */
export function titleAt(area: Area, page: Page, x: number): PaneId | undefined {
  const names = namesOf(area, page);
  let end = area.rect.x + 1;
  return area.panes.find((pane) => {
    const start = end;
    end += titlesWidth([pane], page, names) + 1;
    return x >= start && x < end;
  });
}

/** A caption at the right end of its border: figures that change without the frame. */
export function captionView(
  caption: readonly Span[],
  width: number,
  look: Look,
): readonly string[] {
  const text = caption.length === 0 ? 0 : spansWidth(caption) + 2;
  // Before the caption, and at the corner, the border below shows.
  if (text === 0 || text > width) return [SEE_THROUGH.repeat(width)];
  const row = { spans: [span('text', ' '), ...caption, span('text', ' ')] };
  return [SEE_THROUGH.repeat(width - text) + paintRow(look, text, row)];
}

function titleSpans(area: Area, page: Page, focus: PaneId, glyphs: Glyphs): readonly Span[] {
  const names = namesOf(area, page);
  return area.panes.flatMap((pane, i) => {
    const isActive = pane === area.active;
    const style = isActive && pane === focus ? 'title' : isActive ? 'strong' : 'dim';
    return [
      span('faint', i === 0 ? ' ' : `${glyphs.lines[5]} `),
      span('faint', `${PANES[page].indexOf(pane) + 1} `),
      span(style, names[pane]),
      span('text', ' '),
    ];
  });
}

type Names = Readonly<Record<PaneId, string>>;

const FULL: Names = {
  cells: 'cells',
  jobs: 'jobs',
  plan: 'plan',
  slots: 'slots',
  checkpoints: 'checkpoints',
  output: 'output',
  exceptions: 'exceptions',
  subtasks: 'subtasks',
  logs: 'logs',
};
const SHORT: Names = { ...FULL, checkpoints: 'chkpts', output: 'out', exceptions: 'errors' };

/** Shorter ones where the tab bar would be longer than its border. */
function namesOf({ panes, rect }: Area, page: Page): Names {
  return titlesWidth(panes, page, FULL) <= rect.width - 2 ? FULL : SHORT;
}

/** ` 1 cells │ 2 plan `. */
function titlesWidth(panes: readonly PaneId[], page: Page, names: Names): number {
  const texts = panes.map((pane) => ` ${PANES[page].indexOf(pane) + 1} ${names[pane]} `);
  return displayWidth(texts.join('|'));
}
