// The screen as a function: what a key, a paste or the mouse makes of the state, and what follows from it.

import { titleAt } from '../chrome/frame.ts';
import { bindingOf } from '../keys.ts';
import { contentRect, layoutOf, PANES, type PaneId } from '../layout.ts';
import { vertexAt } from '../plan/plan.ts';
import type { MouseEvent } from '../terminal/stdin-tee.ts';
import type { Rect } from '../text/grid.ts';
import { cellAt } from '../views/cells.ts';
import { jobAt } from '../views/jobs.ts';
import { outputRowAt } from '../views/output.ts';
import { perform, type Result, same } from './actions.ts';
import { dialogKey, dialogPaste } from './dialogs.ts';
import { move, scrollBy } from './movement.ts';
import {
  type Context,
  currentDetails,
  selectedCell,
  selectedJobId,
  shownOutput,
} from './selection.ts';
import { focusOf, focusOn, type UiState } from './ui-state.ts';

const WHEEL_ROWS = 3;

export function onKey(context: Context, key: string): Result {
  const { ui } = context;
  if (ui.dialog !== undefined) return dialogKey(context, ui.dialog, key);
  const binding = bindingOf(key, focusOf(ui));
  if (binding !== undefined) return perform(context, binding.action);
  const pane = /^[1-9]$/.test(key) ? PANES[ui.page][Number(key) - 1] : undefined;
  return same(pane === undefined ? ui : focusOn(ui, pane));
}

export function onPaste(context: Context, text: string): Result {
  const { dialog } = context.ui;
  return dialog === undefined ? same(context.ui) : dialogPaste(context, dialog, text);
}

export function onResize({ ui }: Context, columns: number, rows: number): Result {
  return same({ ...ui, columns, rows });
}

export function onMouse(context: Context, event: MouseEvent): Result {
  const { ui } = context;
  if (ui.dialog !== undefined) return same(ui);
  const layout = layoutOf(ui);
  const area = layout.areas.find(({ rect }) => contains(rect, event));
  if (area === undefined) return same(ui);
  switch (event.kind) {
    case 'press': {
      const title = event.y === area.rect.y ? titleAt(area, ui.page, event.x) : undefined;
      return same(click(context, title ?? area.active, event));
    }
    case 'wheel-up':
      return same(wheel(context, area.active, -WHEEL_ROWS));
    case 'wheel-down':
      return same(wheel(context, area.active, WHEEL_ROWS));
    case 'release':
    case 'drag':
      return same(ui);
  }
}

function wheel(context: Context, pane: PaneId, rows: number): UiState {
  if (pane === 'logs') return scrollBy(context, pane, -rows);
  if (pane !== 'output' && pane !== 'jobs' && pane !== 'plan') return scrollBy(context, pane, rows);
  if (pane === 'plan') return context.ui;
  let ui = context.ui;
  for (let i = 0; i < Math.abs(rows); i++) {
    ui = move({ ...context, ui }, rows < 0 ? 'up' : 'down', pane);
  }
  return ui;
}

function click(context: Context, pane: PaneId, event: MouseEvent): UiState {
  const ui = focusOn(context.ui, pane);
  const rect = contentRect(layoutOf(ui), pane);
  if (rect === undefined || !contains(rect, event)) return ui;
  return select({ ...context, ui }, pane, rect, event.x - rect.x, event.y - rect.y);
}

function select(context: Context, pane: PaneId, rect: Rect, x: number, y: number): UiState {
  const { ui, model, nowMs, glyphs } = context;
  const { width, height } = rect;
  switch (pane) {
    case 'cells': {
      const scroll = ui.scroll.cells ?? 0;
      const cell = selectedCell(context)?.index ?? 0;
      const input = { notebook: model.notebook, cluster: model.cluster, cell, scroll, nowMs };
      return { ...ui, cell: cellAt(input, width, height, glyphs, y) ?? cell };
    }
    case 'jobs': {
      const job = selectedJobId(context);
      const input = { cluster: model.cluster, job, filter: ui.filters.jobs ?? '', nowMs };
      return { ...ui, job: jobAt(input, height, y) ?? job };
    }
    case 'output': {
      const filter = ui.filters.output ?? '';
      const output = shownOutput(context);
      const input = { output, row: ui.outputRow, isFrozen: false, missed: 0, filter };
      return { ...ui, outputRow: outputRowAt(input, height, y) };
    }
    case 'plan': {
      const input = { job: currentDetails(context), vertex: ui.vertex, nowMs, empty: '' };
      return { ...ui, vertex: vertexAt(input, width, height, glyphs, x, y) };
    }
    case 'slots':
    case 'checkpoints':
    case 'exceptions':
    case 'subtasks':
    case 'logs':
      return ui;
  }
}

function contains({ x, y, width, height }: Rect, at: { x: number; y: number }): boolean {
  return at.x >= x && at.x < x + width && at.y >= y && at.y < y + height;
}
