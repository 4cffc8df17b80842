// Which panes are on the screen, and where: a function of its size, the page, the focus and the zoom. Areas
// that touch share their border, so that the frame around them is one drawing. An area with several panes
// shows the one that had the focus last, under a tab bar.

import type { Page } from './commands.ts';
import type { Rect } from './text/grid.ts';

export type PaneId =
  | 'cells'
  | 'jobs'
  | 'plan'
  | 'slots'
  | 'checkpoints'
  | 'output'
  | 'exceptions'
  | 'subtasks'
  | 'logs';

export interface Area {
  /** With its border. */
  readonly rect: Rect;
  /** In the order of the tab bar. */
  readonly panes: readonly PaneId[];
  readonly active: PaneId;
}

export interface Layout {
  readonly kind: 'line' | 'single' | 'double' | 'full';
  readonly areas: readonly Area[];
}

export interface LayoutInput {
  readonly columns: number;
  readonly rows: number;
  readonly page: Page;
  readonly isZoomed: boolean;
  /** Latest first; the first has the focus. */
  readonly recent: readonly PaneId[];
}

/** In the order of the digit keys. */
export const PANES: Readonly<Record<Page, readonly PaneId[]>> = {
  notebook: ['cells', 'plan', 'slots', 'checkpoints', 'output', 'exceptions'],
  jobs: ['jobs', 'plan', 'slots', 'checkpoints', 'exceptions', 'logs'],
  job: ['plan', 'slots', 'checkpoints', 'subtasks', 'output', 'exceptions', 'logs'],
};

const LINE = { columns: 60, rows: 15 };
const DOUBLE_COLUMNS = 100;
const FULL = { columns: 140, rows: 40 };

export function layoutOf(input: LayoutInput): Layout {
  const { columns, rows, page, isZoomed } = input;
  if (columns < LINE.columns || rows < LINE.rows) return { kind: 'line', areas: [] };
  const body = { x: 0, y: 1, width: columns, height: rows - 2 };
  if (isZoomed || columns < DOUBLE_COLUMNS) {
    return { kind: 'single', areas: [area(body, PANES[page], input)] };
  }
  const isFull = columns >= FULL.columns && rows >= FULL.rows;
  return isFull
    ? { kind: 'full', areas: fullAreas(body, input) }
    : { kind: 'double', areas: doubleAreas(body, input) };
}

/** Where a pane's content goes; undefined while it is not shown. */
export function contentRect(layout: Layout, pane: PaneId): Rect | undefined {
  const found = layout.areas.find(({ active }) => active === pane);
  return found === undefined ? undefined : inner(found.rect);
}

export function inner({ x, y, width, height }: Rect): Rect {
  return { x: x + 1, y: y + 1, width: Math.max(0, width - 2), height: Math.max(0, height - 2) };
}

/** Cells over output on the left; plan over slots and checkpoints on the right. */
function fullAreas(body: Rect, input: LayoutInput): readonly Area[] {
  const { page } = input;
  const [left, right] = splitColumns(body, page === 'job' ? 0.58 : 0.46);
  const [leftTop, leftBottom] = splitRows(left, 0.62);
  const [rightTop, rightBottom] = splitRows(right, 0.55);
  const bottom = BOTTOM[page];
  if (page === 'job') {
    return [
      area(leftTop, ['plan'], input),
      area(leftBottom, bottom, input),
      area(rightTop, ['slots'], input),
      area(rightBottom, ['checkpoints'], input),
    ];
  }
  const [slots, checkpoints] = splitColumns(rightBottom, 0.5);
  return [
    area(leftTop, [page === 'jobs' ? 'jobs' : 'cells'], input),
    area(leftBottom, bottom, input),
    area(rightTop, ['plan'], input),
    area(slots, ['slots'], input),
    area(checkpoints, ['checkpoints'], input),
  ];
}

/** Of the left column; the first is shown until another has had the focus. */
const BOTTOM: Readonly<Record<Page, readonly PaneId[]>> = {
  notebook: ['output', 'exceptions'],
  jobs: ['exceptions', 'logs'],
  job: ['subtasks', 'output', 'exceptions', 'logs'],
};

/** Two columns, the right one with tabs, and the output below both where the page has one. */
function doubleAreas(body: Rect, input: LayoutInput): readonly Area[] {
  const { page } = input;
  const main = PANES[page][0] ?? 'cells';
  const side = PANES[page].filter((pane) => pane !== main && pane !== 'output');
  const [top, bottom] = page === 'jobs' ? [body] : splitRows(body, 0.68);
  const [left, right] = splitColumns(top, 0.5);
  const areas = [area(left, [main], input), area(right, side, input)];
  return bottom === undefined ? areas : [...areas, area(bottom, ['output'], input)];
}

function area(rect: Rect, panes: readonly PaneId[], { recent }: LayoutInput): Area {
  const active = recent.find((pane) => panes.includes(pane)) ?? panes[0] ?? 'plan';
  return { rect, panes, active };
}

function splitColumns({ x, y, width, height }: Rect, share: number): readonly [Rect, Rect] {
  const left = Math.round(width * share);
  return [
    { x, y, width: left + 1, height },
    { x: x + left, y, width: width - left, height },
  ];
}

function splitRows({ x, y, width, height }: Rect, share: number): readonly [Rect, Rect] {
  const top = Math.round(height * share);
  return [
    { x, y, width, height: top + 1 },
    { x, y: y + top, width, height: height - top },
  ];
}
