// The slots of one TaskManager, drawn in two ways: boxes side by side with a line per subtask, or chips such
// as `[A▅▂]`: the sharing group's letter and the load of each subtask that sits there.

import { percent } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import { Grid } from '../text/grid.ts';
import { alignLeft, type Row, type Span, span } from '../text/spans.ts';
import type { StyleName } from '../text/theme.ts';
import { displayWidth } from '../text/width.ts';
import { loadStyle } from './load-bar.ts';
import { taskMark } from './marks.ts';
import type { Group, Seat, Slot, SlotBlock } from './slot-model.ts';

const BOX_LEAST = 18;
const BOX_MOST = 26;
/** More subtasks of one slot than this are counted, not listed. */
const SEATS_MAX = 6;
const GROUP_STYLES: readonly StyleName[] = ['group0', 'group1', 'group2', 'group3'];

export function groupStyle({ index }: Group): StyleName {
  return GROUP_STYLES[index % GROUP_STYLES.length] ?? 'text';
}

/** Borders in the groups' colours only where there are several to tell apart. */
export function boxRows(
  { slots }: SlotBlock,
  hasColors: boolean,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  if (slots.length === 0) return [];
  const room = width - 2;
  const most = Math.max(1, Math.floor((room + 1) / (BOX_LEAST + 1)));
  // As many in each line as in the others.
  const perRow = Math.ceil(slots.length / Math.ceil(slots.length / most));
  const boxWidth = Math.min(BOX_MOST, Math.floor((room + 1) / perRow) - 1);
  const seats = Math.min(SEATS_MAX, Math.max(1, ...slots.map((slot) => slot.seats.length)));
  const height = seats + 2;
  const lines = Math.ceil(slots.length / perRow);
  const grid = new Grid(width, lines * height, glyphs);
  slots.forEach((slot, i) => {
    const x = 1 + (i % perRow) * (boxWidth + 1);
    const y = Math.floor(i / perRow) * height;
    const style = borderStyle(slot, hasColors);
    drawSlot(grid, { x, y, width: boxWidth, height }, slot, style, glyphs);
  });
  return grid.rows();
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function borderStyle({ group }: Slot, hasColors: boolean): StyleName {
  if (group === undefined) return 'faint';
  return hasColors ? groupStyle(group) : 'dim';
}

function drawSlot(grid: Grid, area: Area, slot: Slot, style: StyleName, glyphs: Glyphs): void {
  const { x, y, width, height } = area;
  grid.box(area, style);
  const title = slot.group === undefined ? `${slot.index}` : `${slot.index} ${slot.group.letter}`;
  grid.put(x + 2, y, style, ` ${title} `);
  const inner = width - 4;
  if (slot.seats.length === 0) {
    grid.put(x + 2, y + 1, 'faint', alignLeft(slot.status === 'other' ? 'taken' : 'free', inner));
    return;
  }
  const shown = slot.seats.slice(0, height - 2);
  shown.forEach((seat, i) => void grid.putSpans(x + 2, y + 1 + i, seatSpans(seat, inner, glyphs)));
  if (slot.seats.length > shown.length) {
    grid.put(x + width - 6, y + height - 1, 'dim', ` +${slot.seats.length - shown.length} `);
  }
}

function seatSpans({ name, parallelism, subtask }: Seat, width: number, glyphs: Glyphs): Span[] {
  const number = ` ${subtask.index + 1}/${parallelism}`;
  const load = width >= 22 ? ` ${percent(subtask.busy)}` : '';
  const room = width - 2 - displayWidth(number) - load.length;
  return [
    taskMark(subtask.state, glyphs),
    span('text', ` ${alignLeft(name, room, glyphs.ellipsis)}`),
    span('dim', number),
    span(loadStyle(subtask), load),
  ];
}

/** `seats` in each chip, the same for all TaskManagers. */
export function chipRows(
  { slots }: SlotBlock,
  seats: number,
  width: number,
  glyphs: Glyphs,
): readonly Row[] {
  const chip = seats + 4;
  const perRow = Math.max(1, Math.floor((width - 2) / chip));
  const rows: Row[] = [];
  for (let i = 0; i < slots.length; i += perRow) {
    const line = slots.slice(i, i + perRow).flatMap((slot) => chipSpans(slot, seats, glyphs));
    rows.push({ spans: [span('text', '  '), ...line] });
  }
  return rows;
}

function chipSpans(slot: Slot, width: number, glyphs: Glyphs): readonly Span[] {
  if (slot.group === undefined) {
    const text = (slot.status === 'other' ? '?' : glyphs.separator).padEnd(width + 1);
    return [span('faint', `[${text}] `)];
  }
  const loads = slot.seats.slice(0, width).map((seat) => loadStep(seat, glyphs));
  return [
    span('faint', '['),
    span(groupStyle(slot.group), slot.group.letter),
    span(slot.status === 'starting' ? 'warn' : 'accent', loads.join('').padEnd(width)),
    span('faint', '] '),
  ];
}

function loadStep({ subtask }: Seat, glyphs: Glyphs): string {
  const steps = [...glyphs.spark];
  if (subtask.busy === undefined) return glyphs.starting;
  const step = Math.floor(Math.min(1, Math.max(0, subtask.busy)) * (steps.length - 0.001));
  return steps[step] ?? ' ';
}
