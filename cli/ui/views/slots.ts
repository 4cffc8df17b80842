// TaskManagers with their slots, and in each slot the subtasks that share it: as boxes where there is room,
// else as chips of one letter for the sharing group and one step of load per subtask.

import type { ClusterModel } from '../../model/cluster-model.ts';
import { age, bytes, percent } from '../text/figures.ts';
import type { Glyphs } from '../text/glyphs.ts';
import type { Look } from '../text/look.ts';
import { alignLeft, compose, type Row, row, type Span, span, spansWidth } from '../text/spans.ts';
import { emptyRows } from './marks.ts';
import { type Group, type SlotBlock, type SlotMap, slotMap } from './slot-model.ts';
import { boxRows, chipRows, groupStyle } from './slot-rows.ts';

export interface SlotsInput {
  readonly cluster: ClusterModel | undefined;
  /** Rows above the pane. */
  readonly scroll: number;
}

/** Above this a TaskManager's silence is shown; heartbeats are far more frequent. */
const SILENT_MS = 2_000;

export function slotsView(
  { cluster, scroll }: SlotsInput,
  width: number,
  height: number,
  look: Look,
): readonly string[] {
  if (cluster === undefined) return compose(look, width, height, emptyRows('connecting…'));
  const map = slotMap(cluster);
  if (map.blocks.length === 0 && map.waiting.length === 0) {
    const hint = 'a job brings its own in an embedded cluster';
    return compose(look, width, height, emptyRows('no TaskManagers yet', hint));
  }
  const rows = slotRows(map, width, height, scroll, look.glyphs);
  return compose(look, width, height, rows.slice(Math.min(scroll, Math.max(0, rows.length - 1))));
}

/** Boxes if all of them fit, else chips; of a large cluster no more rows than are scrolled to. */
function slotRows(
  map: SlotMap,
  width: number,
  height: number,
  scroll: number,
  glyphs: Glyphs,
): readonly Row[] {
  const top = [...waitingRows(map, glyphs), ...legendRows(map, glyphs)];
  const seats = seatsPerChip(map);
  const boxes = (block: SlotBlock): readonly Row[] => [
    blockRow(block, width, glyphs),
    ...boxRows(block, map.groups.length > 1, width, glyphs),
  ];
  const chips = (block: SlotBlock): readonly Row[] => [
    blockRow(block, width, glyphs),
    ...chipRows(block, seats, width, glyphs),
  ];
  // Then the TaskManager's own figures give way.
  const lines = (block: SlotBlock): readonly Row[] => lineRows(block, seats, width, glyphs);
  for (const draw of width >= 20 ? [boxes, chips] : [chips]) {
    const rows = rowsUpTo(map.blocks, height + 1, draw);
    if (top.length + rows.length <= height) return [...top, ...rows];
  }
  return [...top, ...rowsUpTo(map.blocks, scroll + height, lines)];
}

/** Of the first blocks: all of them, or enough for `most` rows. */
function rowsUpTo(
  blocks: readonly SlotBlock[],
  most: number,
  draw: (block: SlotBlock) => readonly Row[],
): readonly Row[] {
  const rows: Row[] = [];
  for (const block of blocks) {
    if (rows.length >= most) break;
    rows.push(...draw(block));
  }
  return rows;
}

const SEATS_MAX = 4;

function seatsPerChip({ blocks }: SlotMap): number {
  const counts = blocks.flatMap(({ slots }) => slots.map(({ seats }) => seats.length));
  return counts.reduce((most, seats) => Math.min(SEATS_MAX, Math.max(most, seats)), 1);
}

/** Name and chips in one row, as far as one row reaches. */
function lineRows(block: SlotBlock, seats: number, width: number, glyphs: Glyphs): readonly Row[] {
  const name = alignLeft(block.id, Math.min(16, width >> 2), glyphs.ellipsis);
  const mark =
    block.taskManager === undefined ? span('bad', glyphs.failed) : span('good', glyphs.live);
  return chipRows(block, seats, width - name.length - 3, glyphs).map(({ spans }, i) =>
    row(
      span('text', ' '),
      i === 0 ? mark : span('text', ' '),
      span('strong', i === 0 ? ` ${name}` : ' '.repeat(name.length + 1)),
      ...spans,
    ),
  );
}

function blockRow({ id, taskManager, slots }: SlotBlock, width: number, glyphs: Glyphs): Row {
  if (taskManager === undefined) {
    return row(span('bad', ` ${glyphs.failed} `), span('strong', id), span('bad', ' lost'));
  }
  const isSilent = taskManager.silentMs > SILENT_MS;
  const spans: Span[] = [
    isSilent ? span('warn', ` ${glyphs.stale} `) : span('good', ` ${glyphs.live} `),
    span('strong', taskManager.id),
  ];
  if (isSilent) spans.push(span('warn', ` silent for ${age(taskManager.silentMs)}`));
  const used = slots.filter(({ status }) => status !== 'free').length;
  // Most important first: what has no room is left out.
  const facts = [`${used}/${slots.length} used`];
  if (taskManager.pid !== undefined) facts.push(`pid ${taskManager.pid}`);
  if (taskManager.cpu !== undefined) facts.push(`cpu ${percent(taskManager.cpu)}`);
  if (taskManager.residentBytes !== undefined)
    facts.push(`mem ${bytes(taskManager.residentBytes)}`);
  let room = width - spansWidth(spans) - 1;
  const kept = facts.filter((fact) => {
    room -= fact.length + 2;
    return room >= 0;
  });
  return { spans, right: [span('dim', `${kept.reverse().join('  ')} `)] };
}

/** Only where a letter needs its name: with one sharing group there is nothing to tell apart. */
function legendRows({ groups }: SlotMap, glyphs: Glyphs): readonly Row[] {
  if (groups.length < 2) return [];
  const spans = groups
    .slice(0, 8)
    .flatMap((group: Group) => [
      span(groupStyle(group), ` ${glyphs.stopped} ${group.letter}`),
      span('dim', ` ${group.name} `),
    ]);
  return [row(...spans)];
}

function waitingRows({ waiting }: SlotMap, glyphs: Glyphs): readonly Row[] {
  if (waiting.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { name } of waiting) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => `${name} ×${count}`).join(', ');
  const noun = waiting.length === 1 ? 'subtask waits' : 'subtasks wait';
  return [
    row(
      span('warn', ` ${glyphs.starting} ${waiting.length} ${noun} for a slot: `),
      span('dim', names),
    ),
  ];
}
